// The bar, the views and what they show of which days. The address has it all, so that a reload or a link shows the same.

import { h } from "../widget/dom.js";
import { bar, markCurrent, skipLink } from "../agent/bar.js";
import { keysDialog } from "../agent/dialogs.js";
import { Board } from "./board.js";
import { Own } from "./own.js";
import { Quality } from "./quality.js";
import { RANGES, dayBefore, today } from "./days.js";
import { Trouble } from "./trouble.js";

const VIEWS = [
  { name: "now", needs: "dashboard.see", make: Board },
  { name: "quality", needs: "dashboard.see", make: Quality, ranged: true },
  { name: "trouble", needs: "dashboard.see", make: Trouble, ranged: true },
  { name: "own", needs: "dashboard.own", make: Own, ranged: true },
];

export class Frame {
  /** `act` has language(), signOut(). */
  constructor(words, calls, session, act) {
    Object.assign(this, { words, calls, session, act });
    this.views = VIEWS.filter(({ needs }) => session.permissions.includes(needs));
    this.view = null;
    this.#build();
  }

  start() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    addEventListener("hashchange", () => this.#show(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#show();
  }

  stop() {
    this.view?.stop?.();
    this.leaving?.abort();
  }

  /** What the address says, with what it leaves out. */
  get state() {
    const given = new URLSearchParams(location.hash.slice(1));
    const view = this.views.find(({ name }) => name === given.get("view")) ?? this.views[0];
    const day = (name) => (/^2\d{3}-\d\d-\d\d$/.test(given.get(name) ?? "") ? given.get(name) : null);
    const range = RANGES.includes(given.get("range")) ? given.get("range") : "7";
    const to = range === "own" && day("to") ? day("to") : today();
    const from = range === "own" && day("from") ? day("from") : dayBefore(to, range === "own" ? 6 : Number(range) - 1);
    return { view: view.name, range, from, to, by: given.get("by"), measure: given.get("measure"), team: given.get("team") };
  }

  go(change) {
    const { state } = this;
    const next = Object.entries({ ...state, ...change }).filter(([name, value]) => value && (name !== "from" && name !== "to" || (change.range ?? state.range) === "own"));
    location.hash = new URLSearchParams(next).toString();
  }

  #build() {
    const { words, act } = this;
    this.tabs = this.views.map(({ name }) => h("a", { href: `#view=${name}`, on: { click: (event) => {
      event.preventDefault();
      this.go({ view: name });
    } } }, words.views[name]));
    this.ranges = RANGES.map((range) => h("button", { type: "button", on: { click: () => this.go({ range, ...(range === "own" && { from: this.state.from, to: this.state.to }) }) } },
      words.ranges[range]));
    const date = (name) => h("input", { type: "date", "aria-label": words.dates[name], required: true, on: { change: ({ target }) => {
      if (target.value) this.go({ range: "own", from: this.state.from, to: this.state.to, [name]: target.value });
    } } });
    this.dates = { from: date("from"), to: date("to") };
    this.span = h("span", { class: "span" }, this.dates.from, "–", this.dates.to);
    this.range = h("div", { class: "range" }, h("div", { class: "choice", role: "group", "aria-label": words.rangeName }, this.ranges), this.span);
    this.main = h("main", { id: "main", tabindex: "-1" });
    this.element = h("div", { class: "dashboard" },
      skipLink("main", words.skipMain, () => this.main),
      bar(words, this.session, "dashboard", { mark: "chat", act }),
      h("div", { class: "under" }, h("nav", { class: "tabs", "aria-label": words.viewsName }, this.tabs), this.range),
      this.main);
  }

  #show() {
    const { state } = this;
    const { name, make, ranged } = this.views.find((view) => view.name === state.view);
    markCurrent(this.tabs, this.views.findIndex((view) => view.name === name));
    this.ranges.forEach((button, place) => button.setAttribute("aria-pressed", String(RANGES[place] === state.range)));
    this.range.hidden = !ranged;
    this.span.hidden = state.range !== "own";
    Object.assign(this.dates.from, { value: state.from, max: state.to });
    Object.assign(this.dates.to, { value: state.to, min: state.from, max: today() });
    if (this.name !== name) {
      this.view?.stop?.();
      this.name = name;
      this.view = new make(this.words, this.calls, this.session, (change) => this.go(change));
      this.main.replaceChildren(this.view.element);
    }
    this.view.show(state);
  }

  #key(event) {
    if (event.isComposing || event.defaultPrevented || event.target.matches?.("input, select, textarea")) return;
    const place = /^Digit([1-4])$/.exec(event.code)?.[1];
    if (event.key === "?") {
      event.preventDefault();
      keysDialog(this.words);
    } else if (place && event.altKey && !event.ctrlKey && !event.metaKey && this.views[place - 1] && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      this.go({ view: this.views[place - 1].name });
      this.main.focus();
    }
  }
}
