// What Slack's own client says to a person in a conversation, for example that a command did not work.

import { now, seconds } from "./world.js";

const notes = [];

export function note(place, text, thread = null) {
  const ts = seconds().toFixed(6);
  notes.push({
    viewer: now.screen.viewer,
    place,
    ts,
    user: "slackbot",
    text,
    ephemeral: true,
    thread_ts: thread,
    reply: Boolean(thread),
  });
}

/** The notes of the viewer in a place. */
export function notesIn(place) {
  return notes.filter((each) => each.viewer === now.screen.viewer && each.place === place);
}
