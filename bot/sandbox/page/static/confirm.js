// The question that an element asks before it acts.

import { h, newId } from "./dom.js";
import { text, words } from "./text.js";

/** Asks; true when the person agrees, or when there is nothing to ask. */
export function confirmed(question) {
  if (!question) return Promise.resolve(true);
  return new Promise((resolve) => ask(question, resolve));
}

function ask(question, resolve) {
  const dialog = document.getElementById("confirm");
  const before = document.activeElement;
  const title = newId("title");
  const style = question.style === "danger" ? "danger" : "primary";
  dialog.setAttribute("aria-labelledby", title);
  dialog.replaceChildren(
    h("header", {}, h("h2", { id: title }, ...text(question.title))),
    h("div", { class: "body" }, h("p", { class: "mrkdwn" }, ...text(question.text))),
    h(
      "footer",
      {},
      h(
        "button",
        { type: "button", class: "button", onclick: () => dialog.close("no") },
        words(question.deny),
      ),
      h(
        "button",
        { type: "button", class: `button ${style}`, autofocus: true, onclick: () => dialog.close("yes") },
        words(question.confirm),
      ),
    ),
  );
  dialog.returnValue = "no";
  dialog.addEventListener(
    "close",
    () => {
      if (before?.isConnected) before.focus();
      resolve(dialog.returnValue === "yes");
    },
    { once: true },
  );
  dialog.showModal();
}
