// The elements of Block Kit that people press, choose from or type into.
//
// A `site` is where an element stands: `site.value(block, element)` is what stands in it, `site.change(block,
// element, value)` keeps a new value, `site.act(block, element, value)` tells the app and gives the answer.

import { confirmed } from "./confirm.js";
import { h, isSafe, newId } from "./dom.js";
import { icon } from "./icons.js";
import { openList } from "./list.js";
import { picker } from "./pickers.js";
import { text, words } from "./text.js";
import { field } from "./typing.js";
import { fileInput } from "./uploads.js";
import { asList, optionsOf } from "./values.js";
import { now } from "./world.js";

const TROUBLE = "We had some trouble connecting. Try again?";

/** One element, with the id of its label when it stands in an input block. */
export function element(block, given, site, label = "") {
  const draw = DRAWINGS[given.type];
  if (!draw) return h("span", { class: "unknown" }, `(${given.type} is not part of this Slack)`);
  return h("span", { class: "element", "data-kind": given.type }, draw(block, given, site, label));
}

const key = (block, given) => `${block.block_id}/${given.action_id}`;

/** Keeps a value, asks first where the element asks, tells the app where it wants to hear, and shows trouble. */
async function use(node, block, given, site, value, heard = true) {
  site.change(block, given, value);
  if (block.type === "input" && !(block.dispatch_action && heard)) return;
  if (!(await confirmed(given.confirm))) return;
  node.classList.add("busy");
  node.parentElement?.querySelector(".trouble")?.remove();
  const answer = await site.act(block, given, value);
  node.classList.remove("busy");
  if (answer?.error) node.after(h("span", { class: "trouble", role: "alert", title: answer.error }, icon("warning"), TROUBLE));
}

function button(block, given, site) {
  const open = given.url && isSafe(given.url);
  const node = h(open ? "a" : "button", {
    class: `button ${given.style ?? ""}`, type: open ? null : "button", href: open ? given.url : null,
    target: open ? "_blank" : null, rel: open ? "noopener noreferrer" : null,
    "aria-label": given.accessibility_label, "data-key": key(block, given),
    onclick: () => !node.classList.contains("busy") && use(node, block, given, site, null),
  }, ...text(given.text));
  return node;
}

function overflow(block, given, site) {
  const options = optionsOf(given).map((each) => ({ value: each.value, text: words(each.text), description: words(each.description) }));
  const choose = (value) => {
    const address = optionsOf(given).find((each) => each.value === value)?.url;
    if (address && isSafe(address)) window.open(address, "_blank", "noopener,noreferrer");
    use(node, block, given, site, value);
  };
  const node = h("button", {
    type: "button", class: "button square", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-label": "More actions",
    "data-key": key(block, given), onclick: () => openList(node, { label: "More actions", options, onchoose: choose }),
  }, icon("dots"));
  return node;
}

function select(block, given, site, label) {
  return menu(block, given, site, label, optionsOf(given).map((each) => ({
    value: each.value, text: words(each.text), description: words(each.description), group: each.group,
  })));
}

function people(block, given, site, label) {
  const there = now.screen.people.filter((each) => !each.deleted);
  return menu(block, given, site, label, there.map((each) => ({ value: each.id, text: each.real_name, description: each.title })));
}

function places(block, given, site, label) {
  const there = now.screen.places.filter((each) => each.kind !== "im" && !each.archived);
  return menu(block, given, site, label, there.map((each) => ({ value: each.id, text: `#${each.name}` })));
}

function menu(block, given, site, label, options) {
  const many = given.type.startsWith("multi_");
  const chosen = new Set(asList(site.value(block, given)));
  const shown = newId("value");
  const node = h("button", {
    type: "button", class: "menu", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false",
    "aria-labelledby": label ? `${label} ${shown}` : shown, "data-key": key(block, given), onclick: () => open(),
    onkeydown: (event) => event.key === "ArrowDown" && (event.preventDefault(), open()),
  });
  const draw = () => {
    const names = options.filter((each) => chosen.has(each.value)).map((each) => each.text);
    const empty = words(given.placeholder) || (many ? "Choose options" : "Choose an option");
    node.replaceChildren(h("span", { id: shown, class: names.length ? "chosen" : "placeholder" },
      ...(many && names.length ? names.map((each) => h("span", { class: "chip" }, each)) : [names[0] ?? empty])), icon("down"));
  };
  const value = () => (many ? [...chosen] : [...chosen][0] ?? null);
  const choose = (one, on) => {
    if (!many) chosen.clear();
    if (many && !on) chosen.delete(one);
    else if (!many || chosen.size < (given.max_selected_items ?? Infinity)) chosen.add(one);
    draw();
    if (many) site.change(block, given, value());
    else use(node, block, given, site, value());
    return chosen.has(one);
  };
  const open = () => {
    const before = JSON.stringify(value());
    openList(node, {
      label: words(given.placeholder) || "Options", many, onchoose: choose,
      options: options.map((each) => ({ ...each, chosen: chosen.has(each.value) })),
      onclose: () => many && JSON.stringify(value()) !== before && use(node, block, given, site, value()),
    });
  };
  draw();
  return node;
}

function choices(block, given, site, label) {
  const many = given.type === "checkboxes";
  const chosen = new Set(asList(site.value(block, given)));
  const name = newId("choice");
  const change = (value, on) => {
    if (!many) chosen.clear();
    if (on) chosen.add(value);
    else chosen.delete(value);
    use(node, block, given, site, many ? [...chosen] : [...chosen][0] ?? null);
  };
  const node = h("span", { class: "choices", role: many ? "group" : "radiogroup", "aria-labelledby": label || null },
    optionsOf(given).map((each) => h("label", { class: "choice" },
      h("input", {
        type: many ? "checkbox" : "radio", name, checked: chosen.has(each.value), "data-key": `${key(block, given)}/${each.value}`,
        onchange: (event) => change(each.value, event.target.checked),
      }),
      h("span", { class: "mrkdwn" }, ...text(each.text), each.description && h("small", {}, ...text(each.description))))));
  return node;
}

function typed(block, given, site, label) {
  const use_ = (node, value, heard) => use(node, block, given, site, value, heard);
  return field({ block, given, value: site.value(block, given), label, key: key(block, given), use: use_ });
}

function picked(block, given, site, label) {
  const node = picker({ given, value: site.value(block, given), label, key: key(block, given) }, (value) =>
    use(node, block, given, site, value));
  return node;
}

function files(block, given, site, label) {
  return fileInput({ given, value: site.files(block, given), label, key: key(block, given) }, (value) =>
    site.change(block, given, value));
}

const all = (names, draw) => Object.fromEntries(names.map((each) => [each, draw]));
const DRAWINGS = {
  ...all(["button", "workflow_button"], button),
  ...all(["static_select", "multi_static_select"], select),
  ...all(["users_select", "multi_users_select"], people),
  ...all(["conversations_select", "multi_conversations_select", "channels_select", "multi_channels_select"], places),
  ...all(["radio_buttons", "checkboxes"], choices),
  ...all(["plain_text_input", "email_text_input", "url_text_input", "number_input"], typed),
  ...all(["datepicker", "timepicker", "datetimepicker"], picked),
  overflow,
  file_input: files,
};
