// The page: it hears what changed, and draws what is different.

import { control } from "./control.js";
import { drawConversation, markRead } from "./conversation.js";
import { crossed } from "./inspector.js";
import { Live } from "./live.js";
import { drawModal } from "./modal.js";
import { drawSide } from "./side.js";
import { drawSidebar } from "./sidebar.js";
import { startTheme } from "./theme.js";
import { toast } from "./toast.js";
import { go, now, placeOf } from "./world.js";

let live;

function readAddress() {
  const [user = "", place = "app", last = ""] = location.hash.slice(1).split("/").map(decodeURIComponent);
  now.look = {
    user,
    place: place || "app",
    tab: last === "home" ? "home" : "messages",
    thread: last === "home" ? "" : last,
  };
}

function heard(message) {
  if (message.refused) toast(message.refused);
  if (message.traffic) crossed(message);
  if (!message.screen) return;
  now.screen = message.screen;
  // The first screen tells a page without an address whose it is.
  if (now.look.user !== now.screen.viewer && !now.look.user) go({ user: now.screen.viewer });
  else draw();
}

/** Whether a place is none of the viewer's channels: they were never in it, or it is gone. */
function isElsewhere(id) {
  return !placeOf(id) || placeOf(id).kind === "im";
}

function draw() {
  // A screen of somebody or somewhere else is still on its way to the new one.
  if (!now.screen || now.screen.viewer !== now.look.user || now.screen.looked !== now.look.place) return;
  if (now.look.place !== "app" && isElsewhere(now.look.place)) return go({ place: "app" });
  document.title = `${title()} – ${now.screen.workspace.name}`;
  drawSidebar();
  drawConversation();
  drawSide();
  drawModal();
}

function title() {
  const place = now.screen.places.find((each) => each.id === now.look.place);
  const waiting = now.screen.places.reduce((sum, each) => sum + each.mentions, 0);
  return `${waiting ? `(${waiting}) ` : ""}${place ? `#${place.name}` : now.screen.app.name}`;
}

let atHome = "";

function look() {
  const { user, place, tab, thread } = now.look;
  live.look({ user, place, inspect: now.side === "inspector" && !thread });
  const home = user && place === "app" ? `${user} ${tab}` : "";
  if (home && home !== atHome) control("open_home", { user, tab }).catch(() => undefined);
  atHome = home;
  draw();
}

function connected(is) {
  const node = document.getElementById("connection");
  node.hidden = is;
  node.textContent = "The sandbox does not answer. Waiting for it…";
}

startTheme();
readAddress();
document.body.dataset.pane = "main";
live = new Live(heard, connected);
look();
addEventListener("hashchange", () => {
  readAddress();
  look();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  // The part behind the # says who looks at what, so this link only moves the focus.
  event.preventDefault();
  document.getElementById("composer")?.focus();
});
document.addEventListener("look", look);
document.addEventListener("redraw", draw);
document.addEventListener("visibilitychange", () => now.screen && markRead());
