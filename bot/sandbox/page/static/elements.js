// The elements of Block Kit that people press, choose from or type into; see `using.js` for the place they stand at.

import { h, isSafe, newId } from "./dom.js";
import { icon } from "./icons.js";
import { openList } from "./list.js";
import { menu } from "./menu.js";
import { picker } from "./pickers.js";
import { text, words } from "./text.js";
import { field } from "./typing.js";
import { fileInput } from "./uploads.js";
import { keyOf, use } from "./using.js";
import { asList, optionsOf } from "./values.js";
import { now } from "./world.js";

/** One element, with the id of its label when it stands in an input block. */
export function element(block, given, site, label = "") {
  const draw = DRAWINGS[given.type];
  if (!draw) return h("span", { class: "unknown" }, `(${given.type} is not part of this Slack)`);
  return h("span", { class: "element", "data-kind": given.type }, draw({ block, given, site, label }));
}

function button(at) {
  const { given } = at;
  const open = given.url && isSafe(given.url);
  const where = open ? { href: given.url, target: "_blank", rel: "noopener noreferrer" } : { type: "button" };
  const node = h(
    open ? "a" : "button",
    {
      ...where,
      class: `button ${given.style ?? ""}`,
      "aria-label": given.accessibility_label,
      "data-key": keyOf(at),
      onclick: () => !node.classList.contains("busy") && use(node, at, null),
    },
    ...text(given.text),
  );
  return node;
}

function overflow(at) {
  const choose = (value) => {
    const address = at.given.options.find((each) => each.value === value)?.url;
    if (address && isSafe(address)) window.open(address, "_blank", "noopener,noreferrer");
    use(node, at, value);
  };
  const list = { label: "More actions", options: offered(at.given), onchoose: choose };
  const node = h(
    "button",
    {
      type: "button",
      class: "button square",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-label": "More actions",
      "data-key": keyOf(at),
      onclick: () => openList(node, list),
    },
    icon("dots"),
  );
  return node;
}

/** The options of an element as words. */
function offered(given) {
  return optionsOf(given).map((each) => ({
    value: each.value,
    text: words(each.text),
    description: words(each.description),
    group: each.group,
  }));
}

function people(at) {
  const there = now.screen.people.filter((each) => !each.deleted);
  return menu(
    at,
    there.map((each) => ({ value: each.id, text: each.real_name, description: each.title })),
  );
}

function places(at) {
  const there = now.screen.places.filter((each) => each.kind !== "im" && !each.archived);
  return menu(
    at,
    there.map((each) => ({ value: each.id, text: `#${each.name}` })),
  );
}

/** A menu that the app fills while somebody types; what it offered before is known by its words. */
function filled(at) {
  const { block, given, site } = at;
  const first = [given.initial_option, ...(given.initial_options ?? [])].filter(Boolean);
  const known = FILLED.get(keyOf(at)) ?? [];
  const options = [...offered({ options: first }), ...known];
  FILLED.set(keyOf(at), options);
  return menu(at, options, async (typed) => {
    const found = offered({ options: await site.suggest(block, given, typed) });
    options.push(...found.filter((each) => !options.some((other) => other.value === each.value)));
    return found;
  });
}

function choices(at) {
  const many = at.given.type === "checkboxes";
  const chosen = new Set(asList(at.site.value(at.block, at.given)));
  const change = (value, on) => {
    if (!many) chosen.clear();
    if (on) chosen.add(value);
    else chosen.delete(value);
    use(node, at, many ? [...chosen] : ([...chosen][0] ?? null));
  };
  const name = newId("choice");
  const node = h(
    "span",
    { class: "choices", role: many ? "group" : "radiogroup", "aria-labelledby": at.label || null },
    optionsOf(at.given).map((each) =>
      choice(each, {
        type: many ? "checkbox" : "radio",
        name,
        checked: chosen.has(each.value),
        "data-key": `${keyOf(at)}/${each.value}`,
        onchange: (event) => change(each.value, event.target.checked),
      }),
    ),
  );
  return node;
}

function choice(option, input) {
  const about = option.description && h("small", {}, ...text(option.description));
  return h(
    "label",
    { class: "choice" },
    h("input", input),
    h("span", { class: "mrkdwn" }, ...text(option.text), about),
  );
}

/** What the simpler fields need to know of the place they stand at. */
function told(at, value) {
  return { given: at.given, value, label: at.label, key: keyOf(at) };
}

function typed(at) {
  const tell = (node, value, heard) => use(node, at, value, heard);
  return field({ ...told(at, at.site.value(at.block, at.given)), use: tell });
}

function picked(at) {
  const node = picker(told(at, at.site.value(at.block, at.given)), (value) => use(node, at, value));
  return node;
}

function files({ block, given, site, label }) {
  const shown = told({ block, given, label }, site.files(block, given));
  return fileInput(shown, (value) => site.change(block, given, value));
}

const FILLED = new Map();
const all = (names, draw) => Object.fromEntries(names.map((each) => [each, draw]));
const DRAWINGS = {
  ...all(["button", "workflow_button"], button),
  ...all(["static_select", "multi_static_select"], (at) => menu(at, offered(at.given))),
  ...all(["external_select", "multi_external_select"], filled),
  ...all(["users_select", "multi_users_select"], people),
  ...all(["conversations_select", "multi_conversations_select"], places),
  ...all(["channels_select", "multi_channels_select"], places),
  ...all(["radio_buttons", "checkboxes"], choices),
  ...all(["plain_text_input", "email_text_input", "url_text_input", "number_input"], typed),
  ...all(["datepicker", "timepicker", "datetimepicker"], picked),
  overflow,
  file_input: files,
};
