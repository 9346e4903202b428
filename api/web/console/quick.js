// Quick replies: the team's own phrases, found by words or by the initials of their pinyin.

import { h } from "../widget/dom.js";

const SHOWN = 8;
let loading = null;

/** The team's phrases, each {title, initials, text, instead_of?}, read once. */
export function phrases() {
  loading ??= fetch(new URL("quick-replies.json", import.meta.url)).then((response) => {
    if (!response.ok) throw new Error(response.statusText);
    return response.json();
  }).catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

export class QuickReplies {
  /** `more` has own(), phrases of the agent's own as those of the team, and fill(text), which puts values for variables. */
  constructor(words, take, more) {
    this.words = words;
    this.take = take;
    this.more = more;
    this.found = [];
    this.at = 0;
    this.isOpen = false;
    this.element = h("ul", { class: "quick", id: "quick-replies", role: "listbox", "aria-label": words.quickReplies, hidden: true });
  }

  /** The id of the option that Enter takes. */
  get active() {
    return this.isOpen && this.found.length ? `quick-${this.at}` : null;
  }

  async open(search) {
    this.isOpen = true;
    this.search = search;
    const [team, own] = await Promise.all([phrases().catch(() => []), this.more.own()]);
    const all = [...own, ...team];
    if (!this.isOpen || this.search !== search) return;
    this.found = matching(all, search).slice(0, SHOWN);
    this.at = 0;
    this.#show();
  }

  close() {
    this.isOpen = false;
    this.found = [];
    this.element.hidden = true;
  }

  /** Whether the key was for the list. */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.found.length) {
      this.at = (this.at + step + this.found.length) % this.found.length;
      this.#show();
    } else if ((event.key === "Enter" || event.key === "Tab") && this.found.length) {
      this.#take(this.found[this.at]);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return false;
    }
    return true;
  }

  #take(phrase) {
    this.close();
    this.take(this.more.fill(phrase.text));
  }

  #show() {
    this.element.hidden = false;
    this.element.replaceChildren(...(this.found.length ? this.found.map((phrase, index) => h("li", {
      id: `quick-${index}`, role: "option", "aria-selected": String(index === this.at),
      // Before the field loses its focus.
      on: { pointerdown: (event) => { event.preventDefault(); this.#take(phrase); } } },
    h("span", { class: "title" }, phrase.title), h("kbd", {}, phrase.initials), h("span", { class: "text" }, phrase.text)))
      : [h("li", { class: "none", role: "option", "aria-disabled": "true" }, this.words.quickNone)]));
    this.element.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }
}

/** Phrases for a search: initials from the beginning first, then those whose words have it. */
export function matching(all, search) {
  const wanted = search.trim().toLowerCase();
  if (!wanted) return all;
  const rank = ({ title, text, initials }) => (initials.startsWith(wanted) ? 0 : title.toLowerCase().includes(wanted) ? 1
    : initials.includes(wanted) ? 2 : text.toLowerCase().includes(wanted) ? 3 : 4);
  return all.map((phrase, index) => ({ phrase, index, rank: rank(phrase) })).filter(({ rank: found }) => found < 4)
    .sort((one, other) => one.rank - other.rank || one.index - other.index).map(({ phrase }) => phrase);
}
