// What the page knows at this moment: the last screen that the sandbox sent, and where the person looks.

/** `screen` is the last one; `look` says who looks at what: `place` an id or `app`, `tab` `messages` or `home`. */
export const now = {
  screen: null,
  look: { user: "", place: "app", tab: "messages", thread: "" },
  side: "",
};

export function viewer() {
  return person(now.screen.viewer);
}

/** A person by id; of a stranger only the id is known. */
export function person(id) {
  if (id === "slackbot") return { id, real_name: "Slackbot", name: "slackbot", bot: true };
  return now.screen.people.find((each) => each.id === id) ?? { id, real_name: id, name: id, tz: "UTC" };
}

export function placeOf(id) {
  return now.screen.places.find((each) => each.id === id);
}

/** The direct message with the app, once there is one. */
export function direct() {
  return now.screen.places.find((each) => each.kind === "im");
}

/** The address of a place in this page, behind the `#`. */
export function address({ user = now.look.user, place = now.look.place, tab = "messages", thread = "" }) {
  const last = thread || (tab === "home" ? "home" : "");
  return `#${[user, place, last].filter(Boolean).map(encodeURIComponent).join("/")}`;
}

export function go(where) {
  location.hash = address(where);
}

/** Seconds since 1970 by the sandbox's clock. */
export function seconds() {
  return Date.now() / 1000 + (now.screen?.ahead ?? 0);
}
