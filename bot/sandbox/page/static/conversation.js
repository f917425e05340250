// A channel, or the app with Home and Messages: the header, what was written, the box to write in.

import { announce } from "./announce.js";
import { avatar } from "./avatar.js";
import { composer, isClosed } from "./composer.js";
import { control } from "./control.js";
import { dayName, isSameDay } from "./dates.js";
import { h, keepFocus, keyed } from "./dom.js";
import { home } from "./home.js";
import { icon } from "./icons.js";
import { message } from "./message.js";
import { notesIn } from "./notes.js";
import { address, now, person, placeOf, viewer } from "./world.js";

const TOGETHER = 300;
const NEAR_THE_END = 80;
let drawnFor = "";
let firstNew = "";

/** Draws the conversation that the viewer looks at. */
export function drawConversation() {
  const main = document.getElementById("main");
  const { look, screen } = now;
  const key = JSON.stringify([screen.viewer, look.place, look.tab, isClosed()]);
  const fresh = key !== drawnFor;
  drawnFor = key;
  if (fresh) {
    firstNew = firstUnread(screen);
    main.replaceChildren(frame(look));
  }
  keepFocus(main, () => {
    main.querySelector("#top").replaceChildren(...top());
    if (look.tab === "home") home(main.querySelector("#home"));
    else drawMessages(main.querySelector("#log"), fresh);
  });
}

/** Where the line "New" goes: the first message that was unread when the conversation was opened. */
function firstUnread({ place, viewer: user }) {
  if (!place?.mark) return "";
  return place.messages.find((each) => each.ts > place.mark && each.user !== user && !each.reply)?.ts ?? "";
}

function frame({ tab }) {
  if (tab === "home")
    return h(
      "div",
      { class: "conversation" },
      h("header", { id: "top" }),
      h("section", { id: "home", "aria-label": "Home" }),
    );
  return h(
    "div",
    { class: "conversation" },
    h("header", { id: "top" }),
    h("section", { id: "log", role: "log", "aria-label": "Messages", "aria-live": "off", tabindex: "0" }),
    composer({ id: "composer" }),
  );
}

function top() {
  const { look, screen } = now;
  const back = h(
    "button",
    {
      type: "button",
      class: "plain back",
      "aria-label": "Back to the list",
      onclick: () => (document.body.dataset.pane = "sidebar"),
    },
    icon("back"),
  );
  return look.place === "app" ? [back, ...appTop(screen.app)] : [back, ...channelTop(placeOf(look.place))];
}

function appTop(app) {
  const tabs = [app.home_tab && ["home", "Home"], app.messages_tab && ["messages", "Messages"]].filter(
    Boolean,
  );
  return [
    avatar(person(app.bot_user), "small"),
    h("h1", {}, app.name),
    h("span", { class: "badge" }, "APP"),
    h(
      "nav",
      { class: "tabs", "aria-label": `Tabs of ${app.name}` },
      tabs.map(([tab, name]) =>
        h(
          "a",
          {
            href: address({ place: "app", tab }),
            "data-key": `tab-${tab}`,
            "aria-current": now.look.tab === tab ? "page" : null,
          },
          name,
        ),
      ),
    ),
  ];
}

function channelTop(place) {
  if (!place) return [h("h1", {}, "Not here")];
  const members = now.screen.place?.members ?? [];
  const state = [
    place.archived && "archived",
    place.shared && "shared with another organization",
    !place.with_app && "the app is not in it",
  ];
  return [
    icon(place.kind === "group" ? "lock" : "hash"),
    h("h1", {}, place.name),
    h(
      "span",
      { class: "about", title: members.map((each) => person(each).real_name).join(", ") },
      `${members.length} members`,
    ),
    ...state.filter(Boolean).map((each) => h("span", { class: "badge" }, each)),
  ];
}

function drawMessages(log, fresh) {
  const atEnd = fresh || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_THE_END;
  const items = rows();
  const before = log.drawn ? new Set(log.drawn.keys()) : null;
  keyed(log, items.length ? items : [{ empty: true, words: emptiness() }], (row) => row.key ?? "empty", draw);
  if (atEnd) log.scrollTop = log.scrollHeight;
  if (before) items.filter((row) => row.shown && !before.has(row.key)).forEach((row) => announce(row.shown));
  markRead();
}

function draw(row) {
  if (row.empty) return h("p", { class: "empty" }, row.words);
  if (row.day) return h("div", { class: "day", role: "separator" }, h("span", {}, row.day));
  if (row.fresh) return h("div", { class: "fresh", role: "separator" }, h("span", {}, "New"));
  return message(row);
}

function emptiness() {
  const { look, screen } = now;
  if (look.place === "app")
    return `Nothing here yet. Write to ${screen.app.name}, or type / for its commands.`;
  return screen.place ? "Nothing was written here yet." : `${viewer().real_name} is not in this channel.`;
}

/** The messages outside of threads, each with how many replies it has, and the days that they stand under. */
function rows() {
  const all = [...(now.screen.place?.messages ?? []), ...notesIn(now.look.place)].sort((one, other) =>
    one.ts < other.ts ? -1 : 1,
  );
  const replies = Map.groupBy(
    all.filter((each) => each.reply),
    (each) => each.thread_ts,
  );
  const shown = all.filter((each) => !each.reply);
  return shown.flatMap((each, index) => {
    const above = shown[index - 1];
    const newDay = !above || !isSameDay(Number(above.ts), Number(each.ts));
    const under = replies.get(each.ts) ?? [];
    const more = { replies: under.length, lastReply: under.at(-1)?.ts };
    const row = {
      key: each.ts,
      shown: { ...each, ...more },
      compact: !newDay && isContinued(above, each),
      names: names(),
    };
    const day = newDay && { key: `day-${each.ts}`, day: dayName(Number(each.ts)) };
    return [day, each.ts === firstNew && { key: "fresh", fresh: true }, row].filter(Boolean);
  });
}

const isContinued = (above, below) =>
  above.user === below.user &&
  !above.ephemeral &&
  !below.ephemeral &&
  Number(below.ts) - Number(above.ts) < TOGETHER;

/** What the drawing of a message depends on besides itself. */
export function names() {
  return (
    now.screen.people.map((each) => each.real_name).join() + now.screen.places.map((each) => each.name).join()
  );
}

/** Everything that stands in the open conversation was seen, as far as the page is in front. */
export function markRead() {
  const { place, viewer: user } = now.screen;
  const last = place?.messages.at(-1)?.ts;
  if (!last || last <= place.mark || document.hidden || document.body.dataset.pane === "sidebar") return;
  control("mark", { user, channel: place.id, ts: last }).catch(() => undefined);
}
