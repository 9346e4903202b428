// Quick replies: the agent's own phrases and the team's, found by shortcut, by pinyin or by words.

import { h } from "../widget/dom.js";

const SHOWN = 8;
// So many letters say where in the pinyin of a title a search is.
const SYLLABLE = 3;

export class Phrases {
  #known = { own: [], team: [] };

  /** `calls` has quickReplies(team). */
  constructor(calls) {
    this.calls = calls;
  }

  /** All phrases, the agent's own first, each {title, shortcut, initials, pinyin, text, instead_of}; what can't be read now, as it was last. */
  async read() {
    await Promise.all([["own", false], ["team", true]].map(async ([whose, team]) => {
      const answer = await this.calls.quickReplies(team).catch(() => null);
      if (answer) this.#known[whose] = answer.quick_replies;
    }));
    return [...this.#known.own, ...this.#known.team];
  }
}

export class QuickReplies {
  /** `more` has phrases(), and fill(text), which puts values for variables. */
  constructor(words, take, more) {
    this.words = words;
    this.take = take;
    this.more = more;
    this.reading = null;
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
    // Once for each time that the list opens: a colleague may have changed the team's.
    if (!this.isOpen) this.reading = this.more.phrases();
    this.isOpen = true;
    this.search = search;
    const all = await this.reading;
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
    h("span", { class: "title" }, phrase.title), h("kbd", {}, phrase.shortcut), h("span", { class: "text" }, this.more.fill(phrase.text))))
      : [h("li", { class: "none", role: "option", "aria-disabled": "true" }, this.words.quickNone)]));
    this.element.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }
}

/** Phrases for a search: shortcut or pinyin from the beginning first, then those whose words have it. */
export function matching(all, search) {
  const wanted = search.trim().toLowerCase();
  if (!wanted) return all;
  const rank = ({ title, text, shortcut, initials, pinyin }) => ([shortcut, initials, pinyin].some((key) => key.startsWith(wanted)) ? 0
    : title.toLowerCase().includes(wanted) ? 1 : [shortcut, initials, wanted.length < SYLLABLE ? "" : pinyin].some((key) => key.includes(wanted)) ? 2
      : text.toLowerCase().includes(wanted) ? 3 : 4);
  return all.map((phrase, index) => ({ phrase, index, rank: rank(phrase) })).filter(({ rank: found }) => found < 4)
    .sort((one, other) => one.rank - other.rank || one.index - other.index).map(({ phrase }) => phrase);
}
