// Menus with one choice or several: a button that shows what is chosen, and the list that it opens.

import { h, newId } from "./dom.js";
import { icon } from "./icons.js";
import { openList } from "./list.js";
import { words } from "./text.js";
import { keyOf, use } from "./using.js";
import { asList } from "./values.js";

/** A menu of `options`, `{value, text, description, group}` each; `ask(typed)` gives them where the app does. */
export function menu(at, options, ask = null) {
  return new Menu(at, options, ask).node;
}

class Menu {
  constructor(at, options, ask) {
    const { block, given, site } = at;
    Object.assign(this, { at, options, ask });
    this.many = given.type.startsWith("multi_");
    this.most = given.max_selected_items ?? Infinity;
    this.chosen = new Set(asList(site.value(block, given)));
    this.node = this.button();
    this.draw();
  }

  button() {
    this.shown = newId("value");
    const { label } = this.at;
    return h("button", {
      type: "button",
      class: "menu",
      role: "combobox",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-labelledby": label ? `${label} ${this.shown}` : this.shown,
      "data-key": keyOf(this.at),
      onclick: () => this.open(),
      onkeydown: (event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        this.open();
      },
    });
  }

  get value() {
    return this.many ? [...this.chosen] : ([...this.chosen][0] ?? null);
  }

  draw() {
    const names = this.options.filter((each) => this.chosen.has(each.value)).map((each) => each.text);
    const empty = words(this.at.given.placeholder) || (this.many ? "Choose options" : "Choose an option");
    const chips = names.map((each) => h("span", { class: "chip" }, each));
    const shown = this.many && names.length ? chips : [names[0] ?? empty];
    const kind = names.length ? "chosen" : "placeholder";
    this.node.replaceChildren(h("span", { id: this.shown, class: kind }, ...shown), icon("down"));
  }

  open() {
    const before = JSON.stringify(this.value);
    openList(this.node, {
      label: words(this.at.given.placeholder) || "Options",
      many: this.many,
      ask: this.ask && (async (typed) => this.marked(await this.ask(typed))),
      options: this.ask ? [] : this.marked(this.options),
      onchoose: (value, on) => (this.many ? this.turn(value, on) : this.choose(value)),
      // The app hears of several choices once, when the list is closed.
      onclose: () =>
        this.many && JSON.stringify(this.value) !== before && use(this.node, this.at, this.value),
    });
  }

  marked(options) {
    return options.map((each) => ({ ...each, chosen: this.chosen.has(each.value) }));
  }

  choose(value) {
    this.chosen = new Set([value]);
    this.draw();
    use(this.node, this.at, value);
  }

  /** Adds or removes one of several; gives whether it is chosen then. */
  turn(value, on) {
    const { block, given, site } = this.at;
    if (!on) this.chosen.delete(value);
    else if (this.chosen.size < this.most) this.chosen.add(value);
    this.draw();
    site.change(block, given, this.value);
    return this.chosen.has(value);
  }
}
