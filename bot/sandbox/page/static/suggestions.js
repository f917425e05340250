// The list of commands that opens above the box while a person types one, and the hint how to go on.

import { h, newId } from "./dom.js";
import { now } from "./world.js";

export class Suggestions {
  constructor(box) {
    this.box = box;
    this.id = newId("commands");
    this.list = h("ul", {
      class: "suggestions",
      role: "listbox",
      id: this.id,
      "aria-label": "Commands",
      hidden: true,
    });
    this.hint = h("span", { class: "usage", "aria-live": "polite" });
    this.active = 0;
    box.setAttribute("aria-controls", this.id);
    box.setAttribute("aria-autocomplete", "list");
    box.addEventListener("blur", () => this.hide());
  }

  get typed() {
    return this.box.value.split(/\s/, 1)[0];
  }

  found() {
    if (!this.box.value.startsWith("/") || /\s/.test(this.box.value)) return [];
    return now.screen.app.commands.filter((each) => each.command.startsWith(this.typed));
  }

  draw() {
    const found = this.found();
    this.active = Math.min(this.active, Math.max(found.length - 1, 0));
    this.list.hidden = !found.length;
    this.list.replaceChildren(...found.map((each, index) => this.row(each, index)));
    const known = now.screen.app.commands.find((each) => each.command === this.typed);
    this.hint.textContent = known && !found.length ? known.usage_hint : "";
    this.box.setAttribute("aria-activedescendant", found.length ? `${this.id}-${this.active}` : "");
  }

  row(command, index) {
    return h(
      "li",
      {
        role: "option",
        id: `${this.id}-${index}`,
        "aria-selected": String(index === this.active),
        class: index === this.active ? "active" : null,
        onpointerdown: (event) => (event.preventDefault(), this.take(command)),
      },
      h("strong", {}, command.command),
      " ",
      h("span", { class: "usage" }, command.usage_hint),
      h("small", {}, command.description),
    );
  }

  take(command) {
    this.box.value = `${command.command} `;
    this.draw();
  }

  hide() {
    this.list.hidden = true;
    if (!this.box.value) this.hint.textContent = "";
  }

  /** Whether the key was for the list. */
  key(event) {
    const found = this.found();
    if (!found.length || this.list.hidden) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.active = (this.active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
      this.draw();
    } else if (event.key === "Tab" || (event.key === "Enter" && this.typed !== found[this.active].command))
      this.take(found[this.active]);
    else if (event.key === "Escape") this.hide();
    else return false;
    return true;
  }
}
