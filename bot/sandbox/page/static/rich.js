// Rich text: sections, lists, quotations and code, made of styled parts.

import { filled } from "./dates.js";
import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { channel, mention } from "./text.js";

const STYLES = [
  ["bold", "strong"],
  ["italic", "em"],
  ["strike", "s"],
  ["code", "code"],
  ["underline", "u"],
];

/** The elements of a rich text block. */
export function rich(elements = []) {
  return elements.map((each) => WHOLE[each.type]?.(each) ?? h("p", {}, `(${each.type})`));
}

const parts = (given) => (given.elements ?? []).map(part);

const WHOLE = {
  rich_text_section: (given) => h("p", {}, ...parts(given)),
  rich_text_preformatted: (given) => h("pre", {}, ...parts(given)),
  rich_text_quote: (given) => h("blockquote", {}, ...parts(given)),
  rich_text_list: (given) =>
    h(
      given.style === "ordered" ? "ol" : "ul",
      { class: `indent-${given.indent ?? 0}`, start: given.offset ? given.offset + 1 : null },
      (given.elements ?? []).map((each) => h("li", {}, ...parts(each))),
    ),
};

function part(given) {
  const draw = PARTS[given.type];
  const node = draw ? draw(given) : `(${given.type})`;
  return STYLES.reduce(
    (inside, [style, name]) => (given.style?.[style] ? h(name, {}, inside) : inside),
    node,
  );
}

const PARTS = {
  text: (given) => given.text,
  link: (given) => link(given.url, given.text ?? given.url),
  emoji: (given) => emoji(given.name) ?? `:${given.name}:`,
  user: (given) => mention(given.user_id),
  usergroup: (given) => h("span", { class: "mention" }, `@${given.usergroup_id}`),
  channel: (given) => channel(given.channel_id),
  broadcast: (given) => h("span", { class: "mention own" }, `@${given.range}`),
  color: (given) => h("code", {}, given.value),
  date: (given) => h("time", {}, filled(given.timestamp, given.format)),
};
