// A message and the replies to it.

import { composer } from "./composer.js";
import { names } from "./conversation.js";
import { h, keyed } from "./dom.js";
import { message } from "./message.js";
import { notesIn } from "./notes.js";
import { now } from "./world.js";

export function thread(panel) {
  const root = now.look.thread;
  const all = [...(now.screen.place?.messages ?? []), ...notesIn(now.look.place)];
  const shown = all
    .filter((each) => each.ts === root || each.thread_ts === root)
    .sort((one, other) => (one.ts < other.ts ? -1 : 1));
  if (!panel.firstChild)
    panel.append(
      h("section", { class: "log", "aria-label": "Thread", tabindex: "0" }),
      composer({ thread: root }),
    );
  const rows = shown.map((each) => ({
    key: each.ts,
    shown: each,
    threaded: true,
    compact: false,
    names: names(),
  }));
  const gone = [{ key: "none", gone: true }];
  keyed(
    panel.firstChild,
    rows.length ? rows : gone,
    (row) => row.key,
    (row) => (row.gone ? h("p", { class: "empty" }, "This message is not here.") : message(row)),
  );
}
