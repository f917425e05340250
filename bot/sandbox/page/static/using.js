// What happens when a person uses an element: its value is kept, it may ask first, and the app hears of it.
//
// An element stands `at` a place: `{block, given, site, label}`. `given` is the element as the app sent it, `label`
// the id of its label in an input block. `site.value(block, given)` is what stands in it, `site.change(block, given,
// value)` keeps a new value, `site.act(block, given, value)` tells the app and gives the answer.

import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

const TROUBLE = "We had some trouble connecting. Try again?";

/** The same element again after it was drawn anew. */
export const keyOf = ({ block, given }) => `${block.block_id}/${given.action_id}`;

/** Uses an element; `heard` is false for a change that the app does not want to hear of at once. */
export async function use(node, { block, given, site }, value, heard = true) {
  site.change(block, given, value);
  if (block.type === "input" && !(block.dispatch_action && heard)) return;
  if (!(await confirmed(given.confirm))) return;
  node.classList.add("busy");
  node.parentElement?.querySelector(".trouble")?.remove();
  const answer = await site.act(block, given, value);
  node.classList.remove("busy");
  if (answer?.error) node.after(trouble(answer.error));
}

function trouble(error) {
  return h("span", { class: "trouble", role: "alert", title: error }, icon("warning"), TROUBLE);
}
