// The panel at the side: a thread, the inspector or the weather.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { inspector, closeInspector } from "./inspector.js";
import { thread } from "./thread.js";
import { weather } from "./weather.js";
import { go, now } from "./world.js";

const PANELS = {
  inspector: { title: "Inspector", draw: inspector },
  thread: { title: "Thread", draw: thread },
  weather: { title: "Weather", draw: weather },
};
let drawn = "";

/** Opens a panel, or closes it when it is open. */
export function turnSide(side) {
  now.side = now.side === side ? "" : side;
  if (now.look.thread) go({ place: now.look.place, tab: now.look.tab });
  document.dispatchEvent(new Event("look"));
}

export function drawSide() {
  const side = document.getElementById("side");
  const name = now.look.thread ? "thread" : now.side;
  const key = JSON.stringify([name, now.look.thread, now.screen.viewer]);
  if (key !== drawn) {
    if (name !== "inspector") closeInspector();
    drawn = key;
    side.replaceChildren();
    side.hidden = !name;
    side.className = name;
    document.body.dataset.side = name;
    if (name) side.append(top(name), h("div", { id: "panel" }));
  }
  if (name) PANELS[name].draw(side.querySelector("#panel"));
}

function top(name) {
  const close = () => (name === "thread" ? go({ place: now.look.place, tab: now.look.tab }) : turnSide(name));
  return h(
    "header",
    {},
    h("h2", {}, PANELS[name].title),
    h(
      "button",
      { type: "button", class: "plain", "aria-label": `Close: ${PANELS[name].title}`, onclick: close },
      icon("close"),
    ),
  );
}
