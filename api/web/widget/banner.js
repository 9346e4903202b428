// The line above the composer: what happens next, and what is wrong with the connection.

import { h, icon } from "./dom.js";

export class Banner {
  /** `act` has resume(), again(), rate(count). */
  constructor(words, act) {
    this.words = words;
    this.act = act;
    this.trouble = h("p", { class: "trouble", role: "status", hidden: true });
    this.next = h("div", { class: "next", role: "status", hidden: true });
    this.element = h("div", { class: "banner" }, this.trouble, this.next);
    this.shown = "";
  }

  /** Words about the connection, or none. */
  say(trouble) {
    this.trouble.hidden = !trouble;
    if (this.trouble.textContent !== trouble) this.trouble.textContent = trouble;
  }

  update({ state, satisfaction }) {
    const now = `${state}/${satisfaction}`;
    if (now === this.shown) return;
    this.shown = now;
    this.next.hidden = state !== "waiting" && state !== "closed";
    const shown = { waiting: () => this.#waiting(), closed: () => this.#closed(satisfaction) }[state];
    this.next.replaceChildren(...(shown?.() ?? []));
  }

  #waiting() {
    const { words, act } = this;
    return [h("p", {}, words.next),
      h("button", { type: "button", class: "resume", on: { click: act.resume } }, words.resume)];
  }

  #closed(satisfaction) {
    const { words, act } = this;
    const stars = [1, 2, 3, 4, 5].map((count) => h("button", {
      type: "button", class: `star${count <= (satisfaction ?? 0) ? " given" : ""}`, "aria-label": words.rateStar(count),
      "aria-pressed": String(count === satisfaction), on: { click: () => act.rate(count) } }, icon("star")));
    return [h("p", {}, satisfaction ? words.rated : words.rate),
      h("div", { class: "stars", role: "group", "aria-label": words.rate }, stars),
      h("button", { type: "button", class: "resume", on: { click: act.again } }, words.again)];
  }
}
