// The blocks of Block Kit, as elements of the page.

import { h, link, newId } from "./dom.js";
import { element } from "./elements.js";
import { rich } from "./rich.js";
import { mrkdwn, text, words } from "./text.js";

/** Blocks at a site (see `using.js`); `site.errors` are sentences by block id. */
export function blocks(list, site) {
  return list.map((block) => {
    const draw = DRAWINGS[block.type];
    const node = draw
      ? draw(block, site)
      : h("p", { class: "unknown" }, `(${block.type} is not part of this Slack)`);
    node.dataset.block = block.block_id ?? "";
    return node;
  });
}

function section(block, site) {
  const fields =
    block.fields?.length &&
    h(
      "div",
      { class: "fields" },
      block.fields.map((each) => paragraph(each)),
    );
  const words_ = h("div", { class: "words" }, block.text && paragraph(block.text), fields);
  const beside = block.accessory && h("div", { class: "accessory" }, accessory(block, site));
  return h("div", { class: "block section" }, words_, beside);
}

function paragraph(object) {
  return h("div", { class: "mrkdwn" }, ...text(object));
}

function accessory(block, site) {
  return block.accessory.type === "image" ? picture(block.accessory) : element(block, block.accessory, site);
}

/** Nothing comes from the network here: a picture is shown by the words that stand for it. */
function picture(given) {
  const address = given.image_url ?? given.slack_file?.url ?? given.thumbnail_url ?? "";
  return h(
    "span",
    { class: "picture", role: "img", "aria-label": given.alt_text },
    link(address, given.alt_text),
  );
}

function header(block) {
  return h("h3", { class: "block header" }, ...text(block.text));
}

function context(block) {
  return h(
    "div",
    { class: "block context" },
    block.elements.map((each) =>
      each.type === "image" ? picture(each) : h("span", { class: "mrkdwn" }, ...text(each)),
    ),
  );
}

function actions(block, site) {
  return h(
    "div",
    { class: "block actions" },
    block.elements.map((each) => element(block, each, site)),
  );
}

function input(block, site) {
  const label = newId("label");
  const hint = block.hint && h("p", { class: "hint", id: `${label}-hint` }, ...text(block.hint));
  const error = site.errors?.[block.block_id];
  const wrong = error && h("p", { class: "error", id: `${label}-error`, role: "alert" }, error);
  const node = h(
    "div",
    { class: error ? "block input wrong" : "block input" },
    h(
      "label",
      { class: "label", id: label },
      ...text(block.label),
      block.optional && h("span", { class: "optional" }, " (optional)"),
    ),
    element(block, block.element, site, label),
    wrong,
    hint,
  );
  const focusable = node.querySelector("[data-key]");
  if (focusable && !["radio", "checkbox"].includes(focusable.type)) {
    focusable.id = `${label}-field`;
    node.querySelector(".label").htmlFor = focusable.id;
  }
  focusable?.setAttribute(
    "aria-describedby",
    [wrong && `${label}-error`, hint && `${label}-hint`].filter(Boolean).join(" "),
  );
  if (error) focusable?.setAttribute("aria-invalid", "true");
  if (!block.optional) focusable?.setAttribute("aria-required", "true");
  return node;
}

function image(block) {
  return h(
    "figure",
    { class: "block image" },
    block.title && h("figcaption", {}, words(block.title)),
    picture(block),
  );
}

function markdown(block) {
  return h("div", { class: "block mrkdwn" }, ...mrkdwn(block.text));
}

function table(block) {
  const [head, ...rows] = block.rows;
  const cell = (name) => (each, column) =>
    h(
      name,
      { class: block.column_settings?.[column]?.align ?? null, scope: name === "th" ? "col" : null },
      ...(each.type === "rich_text" ? rich(each.elements) : [String(each.text ?? "")]),
    );
  return h(
    "div",
    { class: "block table" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, head.map(cell("th")))),
      h(
        "tbody",
        {},
        rows.map((row) => h("tr", {}, row.map(cell("td")))),
      ),
    ),
  );
}

function video(block) {
  return h(
    "figure",
    { class: "block image" },
    h("figcaption", {}, words(block.title)),
    link(block.video_url, block.alt_text),
  );
}

const DRAWINGS = {
  actions,
  context,
  divider: () => h("hr", { class: "block" }),
  header,
  image,
  input,
  markdown,
  rich_text: (block) => h("div", { class: "block mrkdwn rich" }, ...rich(block.elements)),
  section,
  table,
  video,
};
