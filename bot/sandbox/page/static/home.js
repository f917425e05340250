// The app's Home as the viewer got it last.

import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { siteOf } from "./views.js";
import { now } from "./world.js";

/** Draws Home anew when the app published another. */
export function home(section) {
  const view = now.screen.home;
  const key = view ? `${view.id} ${view.hash}` : "none";
  if (section.dataset.drawn === key) return;
  section.dataset.drawn = key;
  section.replaceChildren(
    ...(view
      ? blocks(view.blocks, siteOf(view))
      : [h("p", { class: "empty" }, "Nothing here yet: the app has not published a Home for this person.")]),
  );
}
