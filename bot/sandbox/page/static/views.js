// What a person has filled in so far in the views they have open, and what becomes of it.

import { control } from "./control.js";
import { toast } from "./toast.js";
import { initialOf, valueOf } from "./values.js";
import { now } from "./world.js";

const drafts = new Map();

/** What stands in a view beyond what the sandbox knows: `values` by block and action, `errors`, `trouble`, `busy`. */
export function draftOf(view) {
  if (!drafts.has(view.id)) drafts.set(view.id, { values: {}, errors: {}, trouble: "", busy: false });
  return drafts.get(view.id);
}

/** Forgets the views that are no longer open. */
export function forget(open) {
  for (const id of drafts.keys()) if (!open.includes(id)) drafts.delete(id);
}

/** Where the elements of a view stand. */
export function siteOf(view) {
  const draft = draftOf(view);
  const entry = (block, element) => view.state.values[block.block_id]?.[element.action_id];
  const kept = (block, element) => draft.values[block.block_id]?.[element.action_id];
  return {
    errors: draft.errors,
    value: (block, element) => {
      const typed = kept(block, element);
      if (typed !== undefined) return typed;
      const known = entry(block, element);
      return known ? valueOf(known) : initialOf(element);
    },
    files: (block, element) => kept(block, element) ?? entry(block, element)?.files ?? [],
    change: (block, element, value) => {
      (draft.values[block.block_id] ??= {})[element.action_id] = value;
    },
    suggest: async (block, element, value) => {
      const target = { action_id: element.action_id, block_id: block.block_id, value };
      return (await attempt("suggest", { user: now.screen.viewer, view: view.id, ...target }))?.options ?? [];
    },
    act: (block, element, value) =>
      act(view, { action_id: element.action_id, block_id: block.block_id, value }),
  };
}

async function attempt(verb, given) {
  try {
    return await control(verb, given);
  } catch (refused) {
    toast(refused.message);
    return null;
  }
}

/** What was typed into input blocks, by block id, as the controls take it; what the view no longer has is left out. */
function filledIn(view) {
  const values = {};
  for (const block of view.blocks.filter((each) => each.type === "input")) {
    const kept = draftOf(view).values[block.block_id]?.[block.element.action_id];
    if (kept === undefined) continue;
    values[block.block_id] = block.element.type === "file_input" ? kept.map((each) => each.id) : kept;
  }
  return values;
}

function act(view, target) {
  return attempt("act", { user: now.screen.viewer, view: view.id, ...target, values: filledIn(view) });
}

/** Closes a modal; asked twice, as by two keys in a hurry, it is closed once. */
export async function closeView(view) {
  const draft = draftOf(view);
  if (draft.closing) return;
  draft.closing = true;
  draft.closing = (await attempt("close", { user: now.screen.viewer, view: view.id })) !== null;
}

/** Submits a modal; `drawn` is called whenever what it shows has changed. */
export async function submit(view, drawn) {
  const draft = draftOf(view);
  if (draft.busy) return;
  Object.assign(draft, { busy: true, errors: {}, trouble: "" });
  drawn();
  const answer = await attempt("submit", { user: now.screen.viewer, view: view.id, values: filledIn(view) });
  Object.assign(draft, { busy: false, errors: answer?.errors ?? {}, trouble: answer?.trouble ?? "" });
  drawn();
}
