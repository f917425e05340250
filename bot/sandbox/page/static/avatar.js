// The small square that stands for somebody: their initials on one of a few colors.

import { h } from "./dom.js";

const COLORS = 8;

export function avatar(person, size = "") {
  const initials = person.real_name
    .split(/\s+/)
    .map((each) => [...each][0] ?? "")
    .slice(0, 2)
    .join("")
    .toUpperCase();
  const number = [...person.id].reduce((sum, each) => (sum * 31 + each.codePointAt(0)) % 9973, 7) % COLORS;
  return h(
    "span",
    { class: `avatar ${size} ${person.bot ? "app" : `color-${number}`}`, "aria-hidden": "true" },
    initials,
  );
}
