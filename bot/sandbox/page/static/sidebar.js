// The sidebar: the workspace, who the viewer is, channels, the app, and what the page itself offers.

import { avatar } from "./avatar.js";
import { h, keepFocus } from "./dom.js";
import { icon } from "./icons.js";
import { openList } from "./list.js";
import { turnSide } from "./side.js";
import { turnTheme } from "./theme.js";
import { address, direct, go, now, viewer } from "./world.js";

let drawn = "";

export function drawSidebar() {
  const { screen, look, side } = now;
  const { people, places, app, workspace } = screen;
  const key = JSON.stringify([people, places, app, workspace, look, side, screen.viewer]);
  if (key === drawn) return;
  drawn = key;
  const nav = document.getElementById("sidebar");
  keepFocus(nav, () => nav.replaceChildren(top(), lists(), bottom()));
}

function top() {
  return h("header", {}, h("h2", {}, now.screen.workspace.name), who());
}

function who() {
  const me = viewer();
  const node = h(
    "button",
    {
      type: "button",
      class: "who",
      "data-key": "who",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      onclick: () =>
        openList(node, {
          label: "You are",
          options: people(),
          onchoose: (user) => go({ user, place: now.look.place, tab: now.look.tab }),
        }),
    },
    avatar(me),
    h(
      "span",
      { class: "words" },
      h("small", {}, "You are"),
      h("strong", {}, me.real_name),
      h("small", {}, standing(me)),
    ),
    icon("down"),
  );
  return node;
}

function people() {
  const all = now.screen.people.filter((each) => !each.bot);
  return all.map((each) => ({
    value: each.id,
    text: each.real_name,
    description: standing(each),
    chosen: each.id === now.screen.viewer,
  }));
}

/** What is written under a name: the role, and whether there is something about the account. */
function standing(person) {
  const about = [
    person.guest && "guest",
    person.elsewhere && "of another workspace",
    person.deleted && "deactivated",
  ];
  return [person.title, ...about].filter(Boolean).join(" · ") || person.name;
}

function lists() {
  const channels = now.screen.places.filter((each) => each.kind !== "im");
  const app = now.screen.app;
  return h(
    "div",
    { class: "lists" },
    h("h3", {}, "Channels"),
    h("ul", {}, channels.map(row), !channels.length && h("li", { class: "none" }, "in no channel")),
    h("h3", {}, "Apps"),
    h(
      "ul",
      {},
      entry({
        place: "app",
        name: app.name,
        sign: avatar({ id: app.bot_user, real_name: app.name, bot: true }, "tiny"),
        state: direct(),
      }),
    ),
    !app.connections &&
      !app.request_url &&
      h("p", { class: "warning" }, icon("warning"), "The app is not connected."),
    !app.installed && h("p", { class: "warning" }, icon("warning"), "The app was removed."),
  );
}

function row(place) {
  return entry({
    place: place.id,
    name: place.name,
    sign: icon(place.kind === "group" ? "lock" : "hash"),
    state: place,
  });
}

function entry({ place, name, sign, state }) {
  const unread = state?.unread ?? 0;
  const count = state?.mentions ?? 0;
  return h(
    "li",
    {},
    h(
      "a",
      {
        href: address({ place }),
        class: unread ? "unread" : null,
        "aria-current": now.look.place === place ? "page" : null,
        "data-key": `place-${place}`,
        onclick: () => (document.body.dataset.pane = "main"),
      },
      sign,
      h("span", { class: "name" }, name),
      state?.archived && h("small", {}, "archived"),
      count > 0 && h("span", { class: "count", "aria-label": `${count} for you` }, String(count)),
      unread > 0 && h("span", { class: "unseen" }, ", unread"),
    ),
  );
}

function bottom() {
  const panel = (side, name, sign) =>
    h(
      "button",
      {
        type: "button",
        "data-key": `side-${side}`,
        "aria-pressed": String(now.side === side),
        onclick: () => turnSide(side),
      },
      icon(sign),
      name,
    );
  return h(
    "footer",
    {},
    panel("inspector", "Inspector", "pulse"),
    panel("weather", "Weather", "cloud"),
    h(
      "button",
      {
        type: "button",
        "data-key": "theme",
        onclick: turnTheme,
        "aria-label": "Light or dark",
        title: "Light or dark",
      },
      icon("theme"),
    ),
  );
}
