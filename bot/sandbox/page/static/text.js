// Slack's texts as elements: mrkdwn with mentions, dates, links and marks, or plain text.

import { filled } from "./dates.js";
import { h, isSafe, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { go, now, placeOf } from "./world.js";

const CODE = /```\n?([\s\S]+?)\n?```|`([^`\n]+)`/g;
const QUOTED = /^(?:&gt;|>) ?(.*)$/;
const TOKEN =
  /<([^<>]+)>|(:[a-z0-9_+-]+:)|(\bhttps?:\/\/[^\s<>|]+[^\s<>|.,;:!?)'"”])|([\w.+-]+@[\w-]+(?:\.[\w-]+)+)/g;
const MARKS = [
  ["\\*", "strong"],
  ["_", "em"],
  ["~", "s"],
].map(([m, name]) => {
  return [
    new RegExp(
      `(?<![\\p{L}\\p{N}${m}])${m}(?=[^\\s${m}])([^${m}\\n]*?[^\\s${m}])${m}(?![\\p{L}\\p{N}${m}])`,
      "u",
    ),
    name,
  ];
});
// Tokens are set aside as one character each of a private range while marks are looked for.
const ASIDE = /[\uE000-\uF8FF]/;
const FIRST = 0xe000;
const MOST = 0x1800;

/** A text object, or nothing. */
export function text(object) {
  if (!object) return [];
  return object.type === "mrkdwn"
    ? mrkdwn(object.text, object.verbatim)
    : plain(object.text, object.emoji !== false);
}

/** The words of a text object alone, for labels. */
export function words(object) {
  return text(object)
    .map((each) => (typeof each === "string" ? each : each.textContent))
    .join("");
}

/** Plain text: nothing in it has a meaning but emoji shortcodes. */
export function plain(given, withEmoji = true) {
  const said = String(given ?? "");
  return [withEmoji ? said.replace(/:([a-z0-9_+-]+):/g, (whole, code) => emoji(code) ?? whole) : said];
}

/** Slack's mrkdwn. */
export function mrkdwn(given, verbatim = false) {
  const nodes = [];
  const source = String(given ?? "");
  let end = 0;
  for (const code of source.matchAll(CODE)) {
    nodes.push(...lines(source.slice(end, code.index), verbatim));
    nodes.push(code[1] !== undefined ? h("pre", {}, unescaped(code[1])) : h("code", {}, unescaped(code[2])));
    end = code.index + code[0].length;
  }
  return [...nodes, ...lines(source.slice(end), verbatim)];
}

function lines(source, verbatim) {
  const nodes = [];
  let quoted = [];
  const flush = () => {
    if (quoted.length) nodes.push(h("blockquote", {}, ...inline(quoted.join("\n"), verbatim)));
    quoted = [];
  };
  for (const part of grouped(source)) {
    if (part.quoted) quoted.push(part.text);
    else {
      flush();
      nodes.push(...inline(part.text, verbatim));
    }
  }
  flush();
  return nodes;
}

/** Runs of lines that are quoted, one each, and runs that are not, with their line ends. */
function grouped(source) {
  const parts = [];
  for (const line of source.split("\n")) {
    const quoted = QUOTED.exec(line);
    const last = parts.at(-1);
    if (quoted) parts.push({ quoted: true, text: quoted[1] });
    else if (last && !last.quoted) last.text += `\n${line}`;
    else parts.push({ quoted: false, text: line });
  }
  return parts;
}

function inline(source, verbatim) {
  const tokens = [];
  const aside = source
    .replaceAll(new RegExp(ASIDE, "g"), "\uFFFD")
    .replace(TOKEN, (whole, angle, code, url, mail) => {
      const node = token(angle, code, url, mail, verbatim);
      if (node === null || tokens.length >= MOST) return whole;
      tokens.push(node);
      return String.fromCharCode(FIRST + tokens.length - 1);
    });
  return marked(aside, tokens);
}

function marked(source, tokens) {
  for (const [mark, name] of MARKS) {
    const found = mark.exec(source);
    if (found) {
      const rest = source.slice(found.index + found[0].length);
      return [
        ...marked(source.slice(0, found.index), tokens),
        h(name, {}, ...marked(found[1], tokens)),
        ...marked(rest, tokens),
      ];
    }
  }
  return source
    .split(/([\uE000-\uF8FF])/)
    .filter(Boolean)
    .map((part) =>
      part.length === 1 && ASIDE.test(part) ? tokens[part.charCodeAt(0) - FIRST] : unescaped(part),
    );
}

function token(angle, code, url, mail, verbatim) {
  if (angle !== undefined) return angled(angle);
  if (code) return emoji(code.slice(1, -1)) ?? null;
  if (verbatim) return null;
  return url ? link(unescaped(url)) : link(`mailto:${mail}`, mail);
}

function angled(token) {
  const [target, label] = split(token, "|");
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) return channel(target.slice(1), label);
  if (target.startsWith("!")) return command(target.slice(1), label);
  const address = unescaped(target);
  if (!isSafe(address)) return h("span", {}, unescaped(label || target));
  return link(address, unescaped(label || address.replace(/^mailto:/, "")));
}

function split(whole, mark) {
  const at = whole.indexOf(mark);
  return at < 0 ? [whole, ""] : [whole.slice(0, at), whole.slice(at + 1)];
}

/** A person by name, marked as somebody who is spoken to. */
export function mention(id, label = "") {
  const known = now.screen.people.find((each) => each.id === id);
  const own = id === now.screen.viewer ? " own" : "";
  return h("span", { class: `mention${own}` }, `@${known?.real_name ?? unescaped(label || id)}`);
}

/** A channel by name; one that the person is in can be opened. */
export function channel(id, label = "") {
  const place = placeOf(id);
  if (!place) return h("span", { class: "mention" }, elsewhere(id, label));
  return h(
    "button",
    { type: "button", class: "mention link", onclick: () => go({ place: id }) },
    `#${place.name}`,
  );
}

/** A channel that the person is not in: everybody may know the name of a public one. */
function elsewhere(id, label) {
  const known = now.screen.channels.find((each) => each.id === id && each.kind === "channel");
  const name = known?.name ?? unescaped(label);
  return name ? `#${name}` : "a private channel";
}

function command(target, label) {
  const [kind, at, form, address] = target.split("^");
  if (kind === "date" && /^\d{1,11}$/.test(at ?? "") && form)
    return shownDate(Number(at), unescaped(form), address);
  const broadcast = ["channel", "here", "everyone"].includes(kind);
  if (broadcast) return h("span", { class: "mention own" }, `@${kind}`);
  return h("span", { class: "mention" }, unescaped(label || `<!${target}>`));
}

function shownDate(at, form, address) {
  const said = filled(at, form);
  const shown = h(
    "time",
    { datetime: new Date(at * 1000).toISOString(), title: filled(at, "{date_long}, {time_secs}") },
    said,
  );
  return address ? link(unescaped(address), shown) : shown;
}

function unescaped(source) {
  return source.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** What a person typed, as Slack's client sends it. */
export function escaped(source) {
  return source.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
}
