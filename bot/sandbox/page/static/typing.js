// Fields to type in.

import { h } from "./dom.js";
import { words } from "./text.js";

const TELL_AFTER = 300;
const NEARLY_FULL = 0.9;

/** A field; `use(node, value, heard)` hears every change, `heard` when the app wants to hear of it at once. */
export function field({ given, value, label, key, use }) {
  const wanted = given.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const most = given.max_length ?? 3000;
  const count = h("span", { class: "left", "aria-hidden": "true" });
  let timer;
  const node = h(given.multiline ? "textarea" : "input", {
    class: "field",
    "aria-labelledby": label || null,
    "data-key": key,
    autocomplete: "off",
    rows: given.multiline ? 4 : null,
    type: given.multiline ? null : "text",
    inputmode: given.type === "number_input" ? "decimal" : null,
    placeholder: words(given.placeholder) || null,
    spellcheck: "false",
    oninput: () => {
      use(node, node.value || null, false);
      drawCount(count, node.value.length, most);
      clearTimeout(timer);
      if (wanted.includes("on_character_entered"))
        timer = setTimeout(() => use(node, node.value || null, true), TELL_AFTER);
    },
    onkeydown: (event) => {
      if (event.key === "Enter" && !given.multiline && wanted.includes("on_enter_pressed"))
        use(node, node.value || null, true);
    },
  });
  node.value = value ?? "";
  drawCount(count, node.value.length, most);
  return h("span", { class: "typed" }, node, count);
}

/** How many characters are left, once there are few. */
function drawCount(count, length, most) {
  count.textContent = length > most * NEARLY_FULL ? String(most - length) : "";
  count.classList.toggle("over", length > most);
}
