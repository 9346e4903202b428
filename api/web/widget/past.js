// What a client who is known said in earlier conversations, above this one, a page at a time.

import { bubble } from "./bubble.js";
import { told } from "./clock.js";
import { h } from "./dom.js";

export class Past {
  /** `act` has past(before) → {messages, more}, fileSource(attachment). */
  constructor(words, act) {
    this.words = words;
    this.act = act;
    this.first = null;
    this.button = h("button", { type: "button", class: "plain older", hidden: true, on: { click: () => this.#load() } }, words.older);
    this.list = h("div", { class: "past-list", role: "log", "aria-label": words.earlier });
    this.element = h("div", { class: "past" }, this.button, this.list);
  }

  /** `known`: the client may have a past. */
  update(known) {
    this.button.hidden = !known || this.done === true;
  }

  clear() {
    this.first = null;
    this.done = false;
    this.list.replaceChildren();
    this.button.textContent = this.words.older;
  }

  async #load() {
    const { words } = this;
    this.button.disabled = true;
    try {
      const { messages, more } = await this.act.past(this.first);
      this.first = messages[0]?.id ?? this.first;
      this.done = !more;
      this.list.prepend(...this.#rows(messages));
      if (!messages.length) this.list.prepend(h("p", { class: "time" }, words.noOlder));
      this.button.hidden = this.done;
    } catch {
      this.button.textContent = words.olderFailed;
    } finally {
      this.button.disabled = false;
    }
  }

  // As it was said; nothing of it can be chosen or judged any more.
  #rows(messages) {
    let conversation = null;
    return messages.flatMap((message) => {
      const at = new Date(message.at);
      const head = message.conversation_id === conversation ? []
        : [h("p", { class: "time" }, `${told(at, this.words)} · ${this.words.channels[message.channel] ?? message.channel}`)];
      conversation = message.conversation_id;
      const reply = message.reply && { ...message.reply, kind: "past", choices: [] };
      return [...head, bubble({ ...message, at, reply, name: message.name ?? null, status: null }, this.words, this.act).element];
    });
  }
}
