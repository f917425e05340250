// Elements are built from words alone: text becomes text, never HTML, and an address is checked before it is a link.

const SAFE = /^(https?:|mailto:)/i;
const AS_PROPERTY = new Set([
  "value",
  "checked",
  "disabled",
  "hidden",
  "htmlFor",
  "multiple",
  "indeterminate",
]);

/** An element with attributes, listeners (`onclick` and the like take functions) and children. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) set(element, key, value);
  element.append(
    ...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false),
  );
  return element;
}

function set(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "class") element.className = value;
  else if (AS_PROPERTY.has(key)) element[key] = value;
  else if (key === "href") setAddress(element, value);
  else element.setAttribute(key, value === true ? "" : String(value));
}

function setAddress(element, address) {
  if (isSafe(address) || address.startsWith("/page/") || address.startsWith("#"))
    element.setAttribute("href", address);
}

/** Whether an address may be opened: the web or mail, never a script. */
export function isSafe(address) {
  return SAFE.test(String(address).trim());
}

/** A link to elsewhere; an address that may not be opened is shown as text. */
export function link(address, ...children) {
  const words = children.length ? children : [address];
  if (!isSafe(address)) return h("span", {}, ...words);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...words);
}

/** Draws a list into `parent`, and again only those items that are new or different; the others keep their element. */
export function keyed(parent, items, keyOf, draw) {
  const before = parent.drawn ?? new Map();
  const now = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const content = JSON.stringify(item);
    const old = before.get(key);
    now.set(key, old?.content === content ? old : { content, node: replaced(old?.node, draw(item)) });
  }
  for (const [key, { node }] of before) if (!now.has(key)) node.remove();
  let place = parent.firstChild;
  for (const { node } of now.values()) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  parent.drawn = now;
}

function replaced(old, node) {
  if (old?.isConnected) keepFocus(old, () => old.replaceWith(node));
  return node;
}

/** Does `work`, which draws something anew, and gives the focus back to the element with the same `data-key`. */
export function keepFocus(root, work) {
  const active = document.activeElement;
  const inside = active && root.contains(active);
  const key = inside ? active.dataset.key : undefined;
  const [start, end] =
    inside && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : [null, null];
  work();
  const again = key && document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!again || again === document.activeElement) return;
  again.focus({ preventScroll: true });
  if (start !== null && "setSelectionRange" in again) again.setSelectionRange(start, end);
}

let lastId = 0;

/** An id that no other element has. */
export function newId(prefix = "e") {
  lastId += 1;
  return `${prefix}${lastId}`;
}
