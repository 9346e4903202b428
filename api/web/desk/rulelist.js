// The numbers that rules set, as a list; what waits for a verdict first.

import { h } from "../widget/dom.js";
import { Choice } from "./choice.js";
import { Rows } from "./rows.js";

const FILTERS = ["", "open", "soon", "pending"];
const SOON = 30 * 86_400_000;

export class RuleList {
  /** `go(change)` changes the address; `read()` gives {facts, sources, changes}. */
  constructor(words, read, { go }) {
    Object.assign(this, { words, read, go, filter: "" });
    this.search = h("input", { type: "search", maxlength: "100", "aria-label": words.rule.search, placeholder: words.rule.search, on: { input: () => this.#draw() } });
    this.filters = new Choice(words.state, FILTERS, (name) => words.rule.filters[name || "all"], (name) => this.#choose(name));
    this.line = h("p", { class: "meta count-of", role: "status" });
    this.rows = new Rows(this.search, "fact");
    this.element = h("nav", { class: "list", "aria-label": words.rule.list },
      h("div", { class: "filters" }, this.search, this.filters.element), this.line, this.rows.element);
  }

  /** What the address says. */
  show({ fact }) {
    this.chosen = fact;
    this.rows.mark(fact);
    if (!this.found) this.refresh();
  }

  async refresh() {
    const { words } = this;
    if (!this.found) {
      this.rows.wait();
      this.line.textContent = words.loading;
    }
    try {
      this.found = await this.read();
      this.#draw();
    } catch {
      if (this.found) return;
      this.rows.element.replaceChildren();
      this.line.replaceChildren(words.loadFailed, " ", h("button", { type: "button", class: "second", on: { click: () => this.refresh() } }, words.retry));
    }
  }

  #choose(name) {
    this.filter = name;
    this.filters.press(name);
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
    this.rows.element.replaceChildren(...shown.map((fact) => this.#row(fact, open.get(fact.name))));
    this.line.textContent = shown.length ? words.rule.found(shown.length) : facts.length ? words.rule.foundNone : words.rule.none;
    this.rows.mark(this.chosen);
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
}

/** The value that comes next, within a month. */
function coming({ values }) {
  const now = Date.now();
  return values.findLast(({ start }) => Date.parse(start) > now && Date.parse(start) < now + SOON);
}
