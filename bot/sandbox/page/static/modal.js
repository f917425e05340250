// The modal in front of the viewer: the topmost of the stack.

import { avatar } from "./avatar.js";
import { blocks } from "./blocks.js";
import { h, keepFocus } from "./dom.js";
import { icon } from "./icons.js";
import { plain, words } from "./text.js";
import { closeView, draftOf, forget, siteOf, submit } from "./views.js";
import { now, person } from "./world.js";

const dialog = document.getElementById("modal");
let drawn = "";
let drawnId = "";

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});

const front = () => now.screen.views.at(-1);

function close() {
  if (front()) closeView(front());
}

/** Draws the modal anew when it is another one, when the app changed it, or when something went wrong with it. */
export function drawModal() {
  forget([...now.screen.views, now.screen.home].filter(Boolean).map((each) => each.id));
  const view = front();
  if (!view) return vanish();
  const { errors, trouble, busy } = draftOf(view);
  const key = JSON.stringify([view.id, view.hash, errors, trouble, busy]);
  if (key === drawn) return;
  const fresh = view.id !== drawnId;
  [drawn, drawnId] = [key, view.id];
  const scrolled = dialog.querySelector(".body")?.scrollTop ?? 0;
  keepFocus(dialog, () => dialog.replaceChildren(form(view)));
  if (!dialog.open) dialog.showModal();
  dialog.querySelector(".body").scrollTop = fresh ? 0 : scrolled;
  settleFocus(view, fresh, errors);
}

function vanish() {
  [drawn, drawnId] = ["", ""];
  if (!dialog.open) return;
  dialog.close();
  dialog.replaceChildren();
}

function form(view) {
  const { trouble } = draftOf(view);
  const send = (event) => {
    event.preventDefault();
    if (view.submit) submit(view, drawModal);
  };
  dialog.setAttribute("aria-labelledby", "modal-title");
  return h(
    "form",
    { novalidate: true, onsubmit: send },
    top(view),
    h(
      "div",
      { class: "body", tabindex: "-1" },
      trouble && h("p", { class: "trouble banner", role: "alert" }, icon("warning"), trouble),
      ...blocks(view.blocks, siteOf(view)),
    ),
    h("footer", {}, closing(view), view.submit && submitting(view)),
  );
}

function top(view) {
  const cross = { type: "button", class: "plain", "aria-label": "Close this window", "data-key": "modal-x" };
  return h(
    "header",
    {},
    avatar(person(now.screen.app.bot_user), "small"),
    h("h2", { id: "modal-title" }, ...plain(view.title?.text)),
    h("button", { ...cross, onclick: close }, icon("close")),
  );
}

function closing(view) {
  const shown = { type: "button", class: "button", "data-key": "modal-close", onclick: close };
  return h("button", shown, words(view.close) || "Cancel");
}

function submitting(view) {
  const { busy } = draftOf(view);
  const shown = { class: `button primary${busy ? " busy" : ""}`, "data-key": "modal-submit" };
  return h("button", { ...shown, "aria-disabled": busy ? "true" : null }, words(view.submit));
}

function settleFocus(view, fresh, errors) {
  const wrong = Object.keys(errors).length && dialog.querySelector(".wrong [data-key]");
  const wanted = view.blocks.map((each) => each.element ?? {}).find((each) => each.focus_on_load);
  const first = wanted && dialog.querySelector(`[data-key$="/${CSS.escape(wanted.action_id)}"]`);
  if (wrong) wrong.focus();
  else if (fresh)
    (
      first ??
      dialog.querySelector(".body [data-key]") ??
      dialog.querySelector("footer button:last-child")
    ).focus();
}
