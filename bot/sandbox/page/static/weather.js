// The weather: what goes wrong between Slack and the app, switched on and off, so that one can watch the app cope.

import { control } from "./control.js";
import { h, keepFocus } from "./dom.js";
import { toast } from "./toast.js";
import { now } from "./world.js";

const fault = (kind, more = {}) => ({
  is: (weather) => weather.faults.some((each) => each.kind === kind),
  on: () => control("weather", { fault: kind, ...more }),
  off: () => control("calm", { fault: kind }),
});
const member = (name, bad, fair) => ({
  is: (weather) => weather[name] !== fair,
  on: () => control("weather", { [name]: bad }),
  off: () => control("weather", { [name]: fair }),
});
const SWITCHES = [
  {
    name: "Rate limiting",
    about: "Every call is answered 429 with Retry-After: 2.",
    ...fault("ratelimited", { retry_after: 2 }),
  },
  { name: "Outage", about: "Every call is answered 503.", ...fault("server_error") },
  {
    name: "Lost answers",
    about: "Calls are done, and the connection ends before the answer.",
    ...fault("lost"),
  },
  { name: "Slow answers", about: "Every call takes a second.", ...member("latency", 1, 0) },
  {
    name: "Slow sharing of files",
    about: "An upload appears after 20 seconds.",
    ...member("sharing", 20, 0.05),
  },
  { name: "Redelivery", about: "The app gets everything three times.", ...member("redeliver", 2, 0) },
  {
    name: "No patience",
    about: "Every ack comes too late; people see that there was trouble.",
    ...member("ack", 0.0001, 3),
  },
  {
    name: "No new connections",
    about: "Socket Mode connections are refused.",
    ...member("refuse_sockets", true, false),
  },
];
const PUSHES = [
  { name: "Cut the socket", verb: "cut_sockets", done: ({ cut }) => `Connections cut: ${cut}.` },
  {
    name: "Let the socket die quietly",
    verb: "deafen_sockets",
    done: ({ deaf }) => `Connections left dead: ${deaf}.`,
  },
  {
    name: "Announce the end of the socket",
    verb: "warn_sockets",
    done: ({ warned }) => `Connections warned: ${warned}.`,
  },
];

/** Draws the panel anew when the weather, a channel or a person changed. */
export function weather(panel) {
  const { weather: present, channels, people } = now.screen;
  const key = JSON.stringify([present, channels, people]);
  if (panel.dataset.drawn === key) return;
  panel.dataset.drawn = key;
  keepFocus(panel, () =>
    panel.replaceChildren(
      group(
        "Slack",
        SWITCHES.map((each) => turn({ ...each, on_: each.is(present) })),
        fair(),
      ),
      group("Socket", [], h("div", { class: "pushes" }, PUSHES.map(push))),
      group("Channels", channels.flatMap(ofChannel)),
      group("People", people.filter((each) => !each.bot).map(ofPerson)),
    ),
  );
}

function group(title, switches, ...more) {
  return h("section", { class: "switches" }, h("h3", {}, title), ...switches, ...more);
}

function turn({ name, about, on_, on, off }) {
  const change = (event) => attempt(event.target.checked ? on : off);
  return h(
    "label",
    { class: "switch" },
    h("input", {
      type: "checkbox",
      role: "switch",
      checked: on_,
      "data-key": `weather-${name}`,
      onchange: change,
    }),
    h("span", { class: "words" }, h("strong", {}, name), about && h("small", {}, about)),
  );
}

function fair() {
  return h(
    "button",
    {
      type: "button",
      class: "button",
      "data-key": "weather-fair",
      onclick: () => attempt(() => control("clear_weather")),
    },
    "Fair weather",
  );
}

function push({ name, verb, done }) {
  return h(
    "button",
    {
      type: "button",
      class: "button",
      "data-key": `weather-${verb}`,
      onclick: () => attempt(async () => toast(done(await control(verb)))),
    },
    name,
  );
}

function ofChannel({ id: channel, name, archived, with_app: withApp }) {
  const bot = now.screen.app.bot_user;
  return [
    turn({
      name: `#${name} is archived`,
      on_: archived,
      on: () => control("archive", { channel }),
      off: () => control("unarchive", { channel }),
    }),
    turn({
      name: `#${name} is without the app`,
      on_: !withApp,
      on: () => control("remove_bot", { channel }),
      off: () => control("join", { channel, user: bot }),
    }),
  ];
}

function ofPerson({ id: user, real_name: name, deleted }) {
  return turn({
    name: `${name} is deactivated`,
    on_: deleted,
    on: () => control("deactivate", { user }),
    off: () => control("reactivate", { user }),
  });
}

async function attempt(work) {
  try {
    await work();
  } catch (refused) {
    toast(refused.message);
  }
}
