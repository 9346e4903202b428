// The numbers that rules set, as a list; what waits for a verdict first.

import { h } from "../widget/dom.js";

const FILTERS = ["", "open", "soon", "pending"];
const SOON = 30 * 86_400_000;

export class RuleList {
  /** `go(change)` changes the address; `read()` gives {facts, sources, changes}. */
  constructor(words, read, { go }) {
    Object.assign(this, { words, read, go, filter: "" });
    this.search = h("input", { type: "search", maxlength: "100", "aria-label": words.rule.search, placeholder: words.rule.search, on: { input: () => this.#draw(),
      keydown: (event) => { if (event.key === "ArrowDown") this.#step(event, 1); } } });
    this.chips = FILTERS.map((name) => h("button", { type: "button", "aria-pressed": String(!name), on: { click: () => this.#choose(name) } }, words.rule.filters[name || "all"]));
    this.line = h("p", { class: "meta count-of", role: "status" });
    this.rows = h("ol", { class: "rows", on: { keydown: (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) this.#step(event, step);
    } } });
    this.element = h("nav", { class: "list", "aria-label": words.rule.list },
      h("div", { class: "filters" }, this.search, h("div", { class: "choice", role: "group", "aria-label": words.state }, this.chips)), this.line, this.rows);
  }

  /** What the address says. */
  show({ fact }) {
    this.chosen = fact;
    this.#mark();
    if (!this.found) this.refresh();
  }

  async refresh() {
    const { words } = this;
    if (!this.found) {
      this.rows.replaceChildren(...Array.from({ length: 6 }, () => h("li", { class: "skeleton" })));
      this.line.textContent = words.loading;
    }
    try {
      this.found = await this.read();
      this.#draw();
    } catch {
      if (this.found) return;
      this.rows.replaceChildren();
      this.line.replaceChildren(words.loadFailed, " ", h("button", { type: "button", class: "second", on: { click: () => this.refresh() } }, words.retry));
    }
  }

  #choose(name) {
    this.filter = name;
    this.chips.forEach((chip, place) => chip.setAttribute("aria-pressed", String(FILTERS[place] === name)));
    this.#draw();
  }

  #draw() {
    if (!this.found) return;
    const { words } = this;
    const { facts, changes } = this.found;
    const open = new Map(changes.filter(({ state }) => ["proposed", "approved"].includes(state)).map((change) => [change.fact, change]));
    const wanted = this.search.value.trim().toLowerCase();
    const shown = facts.filter((fact) => [fact.title, fact.name, fact.value ?? ""].some((text) => text.toLowerCase().includes(wanted)) && this.#fits(fact, open));
    const order = (fact) => (open.get(fact.name)?.state === "proposed" ? 0 : open.has(fact.name) ? 1 : 2);
    shown.sort((one, other) => order(one) - order(other));
    this.rows.replaceChildren(...shown.map((fact) => this.#row(fact, open.get(fact.name))));
    this.line.textContent = shown.length ? words.rule.found(shown.length) : facts.length ? words.rule.foundNone : words.rule.none;
    this.#mark();
  }

  #fits(fact, open) {
    if (this.filter === "open") return open.has(fact.name);
    if (this.filter === "soon") return Boolean(coming(fact));
    return this.filter !== "pending" || fact.certainty === "pending";
  }

  #row(fact, change) {
    const { words } = this;
    const next = coming(fact);
    return h("li", {}, h("button", { type: "button", class: "line", data: { fact: fact.name }, on: { click: () => this.go({ fact: fact.name }) } },
      h("span", { class: "top" }, h("span", { class: "who", title: fact.title }, fact.title),
        change ? h("span", { class: `state-chip ${change.state === "proposed" ? "in_review" : "approved"}` }, words.rule.states[change.state]) : null),
      h("span", { class: "bottom" }, h("span", { class: "words" }, h("b", {}, fact.value ?? words.rule.noValue), next ? ` → ${next.value} ${words.since(next.start)}` : ""),
        h("span", { class: "meta" }, words.quotedBy(fact.quoted_by.length)))));
  }

  #mark() {
    for (const row of this.rows.querySelectorAll(".line")) {
      if (row.dataset.fact === this.chosen) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  #step(event, step) {
    event.preventDefault();
    const stops = Array.from(this.rows.querySelectorAll(".line"));
    (stops[stops.indexOf(document.activeElement) + step] ?? (step < 0 ? this.search : null))?.focus();
  }
}

/** The value that comes next, within a month. */
function coming({ values }) {
  const now = Date.now();
  return values.findLast(({ start }) => Date.parse(start) > now && Date.parse(start) < now + SOON);
}
