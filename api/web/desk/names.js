// A list of names as chips, to which more are added from what there is.

import { h, icon } from "../widget/dom.js";

let count = 0;

export class NamesField {
  /** `id` is that of the field, `known` a Map of name → what it is called, or a function that resolves to one for what was typed;
   *  `changed()` after each change. */
  constructor(words, id, { known, hint, changed = () => {} }) {
    count += 1;
    Object.assign(this, { words, known, changed, shown: new Map() });
    this.options = h("datalist", { id: `names-${count}` });
    this.field = h("input", { type: "text", id, list: this.options.id, maxlength: "120", spellcheck: "false", autocomplete: "off", placeholder: hint,
      on: { input: () => this.#offer(), change: () => this.take(), keydown: (event) => {
        if (event.key === "Enter") event.preventDefault();
        if (event.key === "Enter") this.take();
      } } });
    this.chips = h("ul", { class: "chosen" });
    this.element = h("div", { class: "names" }, this.chips, this.field, this.options);
    if (known instanceof Map) this.#options(known);
  }

  get names() {
    return Array.from(this.chips.children, ({ dataset }) => dataset.name);
  }

  set names(names) {
    this.chips.replaceChildren(...names.map((name) => this.#chip(name)));
  }

  /** What is typed and no name of what there is. */
  get unknown() {
    const typed = this.field.value.trim();
    return this.shown.has(typed) ? "" : typed;
  }

  /** What is typed joins the others, where there is such a name. */
  take() {
    const name = this.field.value.trim();
    if (!this.shown.has(name) || this.names.includes(name)) return;
    this.chips.append(this.#chip(name));
    this.field.value = "";
    this.changed();
  }

  #chip(name) {
    const shown = this.shown.get(name) ?? name;
    const chip = h("li", { class: "fact", data: { name }, title: name }, h("span", {}, shown), h("button", { type: "button", class: "bare", "aria-label": this.words.without(shown), on: { click: () => {
      chip.remove();
      this.field.focus();
      this.changed();
    } } }, icon("close")));
    return chip;
  }

  async #offer() {
    if (this.known instanceof Map) return;
    const typed = this.field.value.trim();
    const found = typed ? await this.known(typed).catch(() => new Map()) : new Map();
    if (this.field.value.trim() === typed) this.#options(found);
  }

  #options(found) {
    for (const [name, shown] of found) this.shown.set(name, shown);
    this.options.replaceChildren(...Array.from(found, ([name, shown]) => h("option", { value: name }, shown)));
  }
}
