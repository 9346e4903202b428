// Where the client writes.

import { h, icon } from "./dom.js";
import { fileButton } from "./files.js";

export const LIMIT = 2000;
const SHOW_COUNTER = 1600;

export class Composer {
  /** `act` has send(text), typing(), human(), up() for going to the choices, keys(). */
  constructor(words, act) {
    this.words = words;
    this.act = act;
    this.field = h("textarea", { rows: "1", "aria-label": words.input, placeholder: words.placeholder,
      enterkeyhint: "send", autocomplete: "off", "aria-describedby": "counter",
      on: { keydown: (event) => this.#key(event), input: () => { this.#changed(); if (this.text.trim()) this.act.typing(); } } });
    this.button = h("button", { type: "button", class: "send", "aria-label": words.send, title: words.send,
      on: { click: () => this.#send() } }, icon("send"));
    this.counter = h("span", { class: "counter", id: "counter", role: "status" });
    this.human = h("button", { type: "button", class: "plain human", on: { click: act.human } },
      icon("person"), words.human);
    this.element = h("div", { class: "composer" },
      h("div", { class: "field" }, fileButton(words, act.attach), this.field, this.button),
      h("div", { class: "below" }, this.human, this.counter,
        h("button", { type: "button", class: "plain keys", title: words.keys, on: { click: act.keys } },
          words.keysHint)));
    this.#changed();
  }

  get text() {
    return this.field.value;
  }

  set text(value) {
    this.field.value = value;
    this.#changed();
  }

  focus() {
    this.field.focus();
  }

  /** Say who will read it. */
  update({ state, queue }) {
    const { words } = this;
    this.field.placeholder = state !== "waiting" ? words.placeholder
      : queue?.promise?.kind === "away" ? words.placeholderAway : words.placeholderHuman;
    this.human.hidden = state !== "assistant";
  }

  #key(event) {
    // While an input method composes, Enter picks a candidate; 229 is how older browsers say so.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "ArrowUp" && !this.text && this.act.up()) {
      event.preventDefault();
    }
  }

  #send() {
    const text = this.text.trim();
    if (!text || this.length > LIMIT) return;
    this.text = "";
    this.act.send(text);
    this.focus();
  }

  // As the server counts: characters, not halves of them.
  get length() {
    return Array.from(this.text.trim()).length;
  }

  #changed() {
    const { length, words } = this;
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${Math.min(this.field.scrollHeight, 120)}px`;
    this.counter.textContent = length > LIMIT ? words.tooLong(length - LIMIT)
      : length > SHOW_COUNTER ? words.counter(length, LIMIT) : "";
    this.counter.classList.toggle("over", length > LIMIT);
    this.field.setAttribute("aria-invalid", String(length > LIMIT));
    this.button.disabled = !length || length > LIMIT;
  }
}
