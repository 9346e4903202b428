// The line above the composer: what happens next, and what is wrong with the connection.

import { h, icon } from "./dom.js";

export class Banner {
  /** `act` has resume(), again(), rate(count, words). */
  constructor(words, act) {
    this.words = words;
    this.act = act;
    this.trouble = h("p", { class: "trouble", role: "status", hidden: true });
    this.promise = h("p", { class: "promise", hidden: true });
    this.next = h("div", { class: "next", role: "status", hidden: true });
    this.element = h("div", { class: "banner" }, this.trouble, this.next);
    this.shown = "";
  }

  /** Words about the connection, or none. */
  say(trouble) {
    this.trouble.hidden = !trouble;
    if (this.trouble.textContent !== trouble) this.trouble.textContent = trouble;
  }

  update({ state, satisfaction, queue }) {
    if (state === "waiting") this.#promise(queue?.promise);
    if (state !== "closed") this.explained = false;
    const now = `${state}/${satisfaction}`;
    if (now === this.shown) return;
    this.shown = now;
    this.next.hidden = state !== "waiting" && state !== "closed";
    const shown = { waiting: () => this.#waiting(), closed: () => this.#closed(satisfaction) }[state];
    this.next.replaceChildren(...(shown?.() ?? []));
  }

  // Changes in place while the client waits. Outside hours it stands in the conversation, below the words that it corrects.
  #promise(promise) {
    const text = promise && promise.kind !== "away" ? this.words.promised(promise) : "";
    if (this.promise.textContent !== text) this.promise.textContent = text;
    this.promise.hidden = !text;
  }

  #waiting() {
    const { words, act } = this;
    return [this.promise, h("p", { class: "meanwhile" }, words.next),
      h("button", { type: "button", class: "resume", on: { click: act.resume } }, words.resume)];
  }

  #closed(satisfaction) {
    const { words, act } = this;
    const stars = [1, 2, 3, 4, 5].map((count) => h("button", {
      type: "button", class: `star${count <= (satisfaction ?? 0) ? " given" : ""}`, "aria-label": words.rateStar(count),
      "aria-pressed": String(count === satisfaction), on: { click: () => act.rate(count) } }, icon("star")));
    return [h("p", {}, satisfaction ? words.rated : words.rate),
      h("div", { class: "stars", role: "group", "aria-label": words.rate }, stars), satisfaction && !this.explained ? this.#why(satisfaction) : null,
      h("p", { class: "meanwhile" }, words.goOn),
      h("button", { type: "button", class: "resume", on: { click: act.again } }, words.again)];
  }

  // One tap is enough; whoever wants to may say why.
  #why(satisfaction) {
    const { words, act } = this;
    const field = h("input", { type: "text", maxlength: "500", placeholder: words.why, "aria-label": words.why,
      on: { keydown: (event) => { if (event.key === "Enter" && !event.isComposing) send(); } } });
    const send = () => {
      const said = field.value.trim();
      if (!said) return field.focus();
      this.explained = true;
      form.replaceChildren(h("span", { role: "status" }, words.whyKept));
      return act.rate(satisfaction, said);
    };
    const form = h("div", { class: "why" }, field, h("button", { type: "button", class: "resume", on: { click: send } }, words.send));
    return form;
  }
}
