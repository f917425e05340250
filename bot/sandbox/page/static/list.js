// A list that opens at a button: for menus, for choosing a person, for shortcuts. Works by keyboard alone.

import { h, newId } from "./dom.js";

const FILTERED_FROM = 8;
const EDGE = 8;

/**
 * Opens a list at `anchor` and inside `home`, which must be the dialog that the anchor stands in, if any.
 *
 * `options` are `{value, text, description, group, chosen}`; `many` lets several be chosen before it closes.
 * `ask(typed)`, where there is one, gives the options for what is typed. `onchoose(value)` is called for each choice, `onclose()` when the list is gone.
 */
export function openList(anchor, { label, options, many = false, ask = null, onchoose, onclose }) {
  const list = new List(anchor, { label, options, many, ask, onchoose, onclose });
  list.open();
}

class List {
  constructor(anchor, wishes) {
    Object.assign(this, wishes);
    this.anchor = anchor;
    this.active = Math.max(
      this.options.findIndex((each) => each.chosen),
      0,
    );
    this.shown = this.options;
    this.id = newId("list");
    this.items = h("ul", {
      role: "listbox",
      id: this.id,
      "aria-label": this.label,
      "aria-multiselectable": this.many,
    });
    this.filter = this.ask || this.options.length >= FILTERED_FROM ? this.field() : null;
    this.popup = h(
      "div",
      { class: "popup", popover: "auto", onkeydown: (event) => this.key(event) },
      this.filter,
      this.items,
    );
    if (!this.filter) this.items.tabIndex = 0;
  }

  field() {
    return h("input", {
      type: "text",
      class: "filter",
      role: "combobox",
      "aria-label": `Filter: ${this.label}`,
      "aria-expanded": "true",
      "aria-controls": this.id,
      autocomplete: "off",
      placeholder: "Filter",
      oninput: (event) => this.narrow(event.target.value),
    });
  }

  open() {
    (this.anchor.closest("dialog") ?? document.body).append(this.popup);
    this.anchor.setAttribute("aria-expanded", "true");
    this.draw();
    this.popup.addEventListener("toggle", (event) => event.newState === "closed" && this.closed());
    this.popup.showPopover();
    this.settle();
    if (this.ask) this.fill("");
    (this.filter ?? this.items).focus();
  }

  /** Below the anchor where there is room, otherwise above it. */
  settle() {
    const box = this.anchor.getBoundingClientRect();
    const { style } = this.popup;
    style.minWidth = `${Math.min(box.width, innerWidth - 2 * EDGE)}px`;
    const below = innerHeight - box.bottom - EDGE;
    const above = box.top - EDGE;
    style.maxHeight = `${Math.min(Math.max(below, above) - EDGE, 420)}px`;
    const { width, height } = this.popup.getBoundingClientRect();
    style.left = `${Math.max(EDGE, Math.min(box.left, innerWidth - width - EDGE))}px`;
    style.top = `${below >= height || below >= above ? box.bottom + 4 : box.top - height - 4}px`;
  }

  closed() {
    this.anchor.setAttribute("aria-expanded", "false");
    const had = this.popup.contains(document.activeElement) || document.activeElement === document.body;
    this.popup.remove();
    if (had && this.anchor.isConnected) this.anchor.focus();
    this.onclose?.();
  }

  /** Shows what the app offers for what was typed; an answer that comes after a later one is left out. */
  async fill(wanted) {
    this.asked = wanted;
    const found = await this.ask(wanted);
    if (this.asked !== wanted) return;
    Object.assign(this, { options: found, shown: found, active: 0 });
    this.draw();
  }

  narrow(wanted) {
    if (this.ask) {
      this.fill(wanted);
      return;
    }
    const parts = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    this.shown = this.options.filter((each) => {
      const said = `${each.text} ${each.description ?? ""}`.toLowerCase();
      return parts.every((part) => said.includes(part));
    });
    this.active = 0;
    this.draw();
  }

  draw() {
    let group;
    const rows = this.shown.flatMap((option, index) => {
      const head =
        option.group && option.group !== group
          ? h("li", { role: "presentation", class: "group" }, option.group)
          : null;
      group = option.group;
      return [head, this.row(option, index)];
    });
    this.items.replaceChildren(
      ...(rows.length ? rows.filter(Boolean) : [h("li", { class: "group" }, "Nothing found")]),
    );
    this.point();
  }

  row(option, index) {
    return h(
      "li",
      {
        role: "option",
        id: `${this.id}-${index}`,
        "aria-selected": String(Boolean(option.chosen)),
        "data-index": index,
        onclick: () => this.choose(index),
        onpointermove: () => this.active !== index && this.move(index - this.active),
      },
      h("span", { class: "tick", "aria-hidden": "true" }, option.chosen ? "✓" : ""),
      h(
        "span",
        { class: "words" },
        h("span", {}, option.text),
        option.description && h("small", {}, option.description),
      ),
    );
  }

  point() {
    for (const row of this.items.children)
      row.classList.toggle("active", row.dataset.index === String(this.active));
    const row = this.items.querySelector(".active");
    (this.filter ?? this.items).setAttribute("aria-activedescendant", row?.id ?? "");
    row?.scrollIntoView({ block: "nearest" });
  }

  move(by) {
    if (!this.shown.length) return;
    this.active = (this.active + by + this.shown.length) % this.shown.length;
    this.point();
  }

  choose(index) {
    const option = this.shown[index];
    if (!option) return;
    if (this.many) {
      option.chosen = this.onchoose(option.value, !option.chosen);
      this.draw();
    } else {
      this.popup.hidePopover();
      this.onchoose(option.value);
    }
  }

  key(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 };
    if (event.key in moves) this.move(moves[event.key]);
    else if (event.key === "Home" && !this.filter) this.move(-this.active);
    else if (event.key === "End" && !this.filter) this.move(this.shown.length - 1 - this.active);
    else if (event.key === "Enter" || (event.key === " " && !this.filter)) this.choose(this.active);
    else if (event.key === "Tab") this.popup.hidePopover();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  }
}
