// Articles as a list, searched as clients search.

import { h } from "../widget/dom.js";
import { Choice } from "./choice.js";
import { MomentField } from "./past.js";
import { Rows } from "./rows.js";

const AT_ONCE = 50;
const PAUSE = 250;
const STATES = ["", "draft", "in_review", "approved", "published"];

export class ArticleList {
  /** `state` is null, or the one that is always shown; `go(change)` changes the address. */
  constructor(words, calls, { state = null, go, found = () => {} }) {
    Object.assign(this, { words, calls, fixed: state, go, found });
    this.asked = 0;
    this.search = h("input", { type: "search", maxlength: "200", "aria-label": words.search, placeholder: words.search, on: { input: () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => go({ q: this.search.value.trim() || null }), PAUSE);
    } } });
    this.category = h("select", { "aria-label": words.category, on: { change: () => go({ category: this.category.value || null }) } },
      h("option", { value: "" }, words.allCategories), Object.entries(words.categories).map(([name, shown]) => h("option", { value: name }, shown)));
    this.states = state ? null : new Choice(words.state, STATES, (name) => words.states[name || "all"], (name) => go({ state: name || null }));
    // What is under review has no past.
    this.moment = state ? null : new MomentField(words, go);
    this.line = h("p", { class: "meta count-of", role: "status" });
    this.rows = new Rows(this.search, "article");
    this.more = h("button", { type: "button", class: "plain", hidden: true, on: { click: () => this.#read(this.next) } }, words.more);
    this.element = h("nav", { class: "list", "aria-label": words.list },
      h("div", { class: "filters" }, this.search, this.category, this.states?.element, this.moment?.element),
      this.line, this.rows.element, this.more);
  }

  /** What the address says. The list is read anew only if it asks for something else. */
  show({ q, category, state, article, at }) {
    const past = this.fixed ? null : at;
    const query = { q, category, state: this.fixed ?? (past ? null : state), as_of: past };
    this.moment?.show(past);
    if (this.states) this.states.element.hidden = Boolean(past);
    if (document.activeElement !== this.search) this.search.value = q ?? "";
    this.category.value = category ?? "";
    this.states?.press(state ?? "");
    this.article = article;
    this.rows.mark(article);
    if (JSON.stringify(query) === JSON.stringify(this.query)) return;
    this.query = query;
    this.#read(0);
  }

  /** Something happened to articles. */
  refresh() {
    if (this.query) this.#read(0, { quietly: true });
  }

  async #read(offset, { quietly = false } = {}) {
    const { words } = this;
    this.asked += 1;
    const { asked } = this;
    if (!offset && !quietly) {
      this.rows.wait();
      this.line.textContent = words.loading;
      this.more.hidden = true;
    }
    try {
      const page = await this.calls.get("knowledge/articles", { ...this.query, offset, limit: AT_ONCE });
      if (asked !== this.asked) return;
      if (!offset) this.rows.element.replaceChildren();
      this.rows.element.append(...page.articles.map((item) => this.#row(item)));
      this.line.textContent = page.total ? words.found(page.total) : this.#nothing();
      this.next = page.next;
      this.more.hidden = page.next === null;
      this.rows.mark(this.article);
      this.found(page.total);
    } catch {
      if (asked !== this.asked || quietly) return;
      this.rows.element.replaceChildren();
      this.line.replaceChildren(words.loadFailed, " ", h("button", { type: "button", class: "second", on: { click: () => this.#read(0) } }, words.retry));
    }
  }

  #nothing() {
    const { q, category, state } = this.query;
    return q || category ? this.words.foundNone : this.words.nothingIn[state ?? "all"];
  }

  #row(item) {
    const { words } = this;
    return h("li", {}, h("button", { type: "button", class: "line", data: { article: item.id }, on: { click: () => this.go({ article: item.id }) } },
      h("span", { class: "top" }, h("span", { class: "who", title: item.question }, item.question || item.id),
        this.query.as_of ? null : h("span", { class: `state-chip ${item.effect === "retire" ? "retiring" : item.state}` }, item.effect === "retire" ? words.retiring : words.states[item.state])),
      h("span", { class: "bottom" }, h("span", { class: "words" }, [words.categories[item.category] ?? item.category, item.id, item.author].filter(Boolean).join(" · ")),
        item.score === null ? null : h("span", { class: "meta", title: words.probability }, `${Math.round(item.score * 100)}%`))));
  }
}
