// The box to write in: messages, slash commands with suggestions, and the menu of shortcuts.

import { control } from "./control.js";
import { h, newId } from "./dom.js";
import { icon } from "./icons.js";
import { openList } from "./list.js";
import { note } from "./notes.js";
import { Suggestions } from "./suggestions.js";
import { escaped } from "./text.js";
import { toast } from "./toast.js";
import { now, placeOf, viewer } from "./world.js";

const MOST_ROWS = 8;

/** A box to write in; with `thread` it writes replies to that message. */
export function composer({ id = newId("composer"), thread = null }) {
  const box = h("textarea", {
    id,
    rows: 1,
    "aria-label": invitation(thread),
    placeholder: invitation(thread),
    "data-key": id,
    autocomplete: "off",
    disabled: isClosed(),
    oninput: () => (grow(box), suggestions.draw()),
    onkeydown: (event) => key(event),
  });
  const suggestions = new Suggestions(box);
  const send = () => {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    grow(box);
    suggestions.hide();
    if (text.startsWith("/") && !thread) type(text);
    else say(text, thread);
  };
  const key = (event) => {
    if (suggestions.key(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  };
  return h(
    "form",
    { class: "composer", onsubmit: (event) => (event.preventDefault(), send()) },
    suggestions.list,
    box,
    h("div", { class: "bar" }, !thread && shortcuts(), suggestions.hint, sender()),
  );
}

function sender() {
  const shown = { class: "button primary square send", "aria-label": "Send", disabled: isClosed() };
  return h("button", shown, icon("send"));
}

/** Whether the viewer cannot write in the place that they look at. */
export function isClosed() {
  const { look, screen } = now;
  if (viewer().deleted) return true;
  return look.place === "app" ? screen.app.read_only : !placeOf(look.place) || placeOf(look.place).archived;
}

function invitation(thread) {
  const { look, screen } = now;
  if (viewer().deleted) return "This account is deactivated";
  if (isClosed())
    return look.place === "app" ? "Messages to this app are turned off" : "Nobody can write here";
  if (thread) return "Reply…";
  return `Message ${look.place === "app" ? screen.app.name : `#${placeOf(look.place).name}`}`;
}

function grow(box) {
  box.rows = Math.min(box.value.split("\n").length, MOST_ROWS);
}

function shortcuts() {
  const { shortcuts: offered, name } = now.screen.app;
  if (!offered.length) return null;
  const options = offered.map((each) => ({
    value: each.callback_id,
    text: each.name,
    description: each.description,
  }));
  const node = h(
    "button",
    {
      type: "button",
      class: "button square",
      "aria-label": "Shortcuts",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      title: "Shortcuts",
      onclick: () =>
        openList(node, { label: `Shortcuts of ${name}`, options, onchoose: (value) => shortcut(value) }),
    },
    icon("plus"),
  );
  return node;
}

/** `channel` as the controls want it: the direct message with the app goes without one. */
const channel = () => (now.look.place === "app" ? null : now.look.place);

async function attempt(work) {
  try {
    return await work();
  } catch (refused) {
    toast(refused.message);
    return null;
  }
}

async function type(line) {
  const [name] = line.split(/\s/, 1);
  const { place } = now.look;
  if (!now.screen.app.commands.some((each) => each.command === name)) {
    note(place, `${escaped(name)} is not a valid command.`);
    document.dispatchEvent(new Event("redraw"));
    return;
  }
  const given = {
    user: now.screen.viewer,
    command: name,
    text: line.slice(name.length).trim(),
    channel: channel(),
  };
  const answer = await attempt(() => control("command", given));
  if (!answer?.error) return;
  note(place, `${escaped(name)} failed with the error “${escaped(answer.error)}”`);
  document.dispatchEvent(new Event("redraw"));
}

async function shortcut(callbackId) {
  const { place } = now.look;
  const answer = await attempt(() =>
    control("shortcut", { user: now.screen.viewer, callback_id: callbackId }),
  );
  if (!answer?.error) return;
  note(place, `The shortcut failed with the error “${escaped(answer.error)}”`);
  document.dispatchEvent(new Event("redraw"));
}

function say(text, thread) {
  const given = { user: now.screen.viewer, text: escaped(text), channel: channel() };
  return attempt(() => control("say", thread ? { ...given, thread_ts: thread } : given));
}
