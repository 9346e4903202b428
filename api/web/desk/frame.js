// The bar, the views, and what the address says is open.

import { h } from "../widget/dom.js";
import { bar, markCurrent, skipLink } from "../agent/bar.js";
import { keysDialog } from "../agent/dialogs.js";
import { ArticleView } from "./article.js";
import { Gaps, newArticle } from "./gaps.js";
import { ArticleList } from "./list.js";
import { Publishing } from "./publishing.js";

const VIEWS = ["articles", "review", "gaps"];
const KEPT = ["view", "article", "q", "category", "state"];
const TOAST = 6000;

export class Frame {
  /** `act` has language(), signOut(). */
  constructor(words, calls, session, act) {
    Object.assign(this, { words, calls, session, act });
    const go = (change) => this.go(change);
    const failed = (error) => this.#failed(error);
    this.toast = h("div", { class: "toast", role: "status" });
    this.lists = {
      articles: new ArticleList(words, calls, { go }),
      review: new ArticleList(words, calls, { state: "in_review", go, found: (total) => this.#waiting(total) }),
    };
    this.article = new ArticleView(words, calls, session, { go, failed, said: (text, undo) => this.#say(text, { undo }), changed: () => this.#changed() });
    this.gaps = new Gaps(words, calls, session, { go, failed, said: (text) => this.#say(text) });
    this.publishing = new Publishing(words, calls, session, { failed, published: (version) => {
      this.#say(words.published(version));
      this.article.forgetFacts();
      this.#changed();
      if (this.article.id) this.article.open(this.article.id);
    } });
    this.#build();
  }

  start() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    addEventListener("hashchange", () => this.#show(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#show();
    this.#countWaiting();
  }

  stop() {
    this.article.stop();
    this.leaving?.abort();
  }

  /** What the address says. */
  get state() {
    const given = new URLSearchParams(location.hash.slice(1));
    const state = Object.fromEntries(KEPT.map((name) => [name, given.get(name)]));
    return { ...state, view: VIEWS.includes(state.view) ? state.view : "articles" };
  }

  go(change) {
    const next = { ...this.state, ...change };
    location.hash = new URLSearchParams(KEPT.filter((name) => next[name]).map((name) => [name, next[name]])).toString();
  }

  #build() {
    const { words, act, session } = this;
    this.tabs = VIEWS.map((name) => h("a", { href: `#view=${name}` }, words.views[name], " ", name === "review" ? h("span", { class: "count", hidden: true }) : null));
    this.side = h("div", { class: "side" });
    this.main = h("main", { id: "main", tabindex: "-1" });
    const create = session.permissions.includes("knowledge.edit") ? h("button", { type: "button", class: "second", on: { click: () => this.#new() } }, words.newArticle) : null;
    this.element = h("div", { class: "desk" },
      skipLink("main", words.skipMain, () => this.main),
      bar(words, session, "desk", { mark: "file", act }),
      h("div", { class: "under" }, h("nav", { class: "tabs", "aria-label": words.viewsName }, this.tabs), create, this.publishing.element),
      this.side, this.main, this.toast);
  }

  #show() {
    const { state } = this;
    const { view } = state;
    markCurrent(this.tabs, VIEWS.indexOf(view));
    this.element.dataset.view = view;
    this.element.classList.toggle("with-article", Boolean(state.article) && view !== "gaps");
    const list = this.lists[view];
    if (this.view !== view) {
      this.view = view;
      this.side.replaceChildren(...(list ? [list.element] : []));
      this.main.replaceChildren(view === "gaps" ? this.gaps.element : this.article.element);
      if (view === "gaps") this.gaps.show();
    }
    list?.show(state);
    if (!list) return;
    if (!state.article) {
      if (this.article.id) this.article.nothing();
    } else if (state.article !== this.article.id) {
      this.article.open(state.article);
    }
  }

  #changed() {
    this.lists[this.view]?.refresh();
    this.publishing.refresh();
    if (this.view !== "review") this.#countWaiting();
  }

  async #countWaiting() {
    const page = await this.calls.get("knowledge/articles", { state: "in_review", limit: 1 }).catch(() => null);
    if (page) this.#waiting(page.total);
  }

  #waiting(total) {
    const count = this.tabs[VIEWS.indexOf("review")].querySelector(".count");
    count.textContent = String(total);
    count.hidden = !total;
  }

  #new() {
    newArticle(this.words, null, async (given) => {
      try {
        await this.calls.post("knowledge/articles", given);
        this.go({ view: "articles", article: given.id });
        this.#changed();
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  #failed(error) {
    this.#say(this.words.refusals[error.code] ?? (error.status ? error.message : this.words.unreachable), { bad: true });
  }

  #say(text, { bad = false, undo = null } = {}) {
    this.toast.replaceChildren(h("span", {}, text), undo ? h("button", { type: "button", class: "undo", on: { click: () => { this.toast.replaceChildren(); undo(); } } }, this.words.undo) : "");
    this.toast.classList.toggle("bad", bad);
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => this.toast.replaceChildren(), TOAST);
  }

  #key(event) {
    if (event.isComposing || event.defaultPrevented) return;
    const writes = event.target.matches?.("input, select, textarea");
    const place = /^Digit([1-3])$/.exec(event.code)?.[1];
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.article.save();
    } else if (event.key === "?" && !writes) {
      event.preventDefault();
      keysDialog(this.words);
    } else if (document.querySelector("dialog[open]")) {
      // The dialog has the keyboard.
    } else if (event.key === "/" && !writes && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (this.view === "gaps") this.go({ view: "articles" });
      else this.go({ article: matchMedia("(max-width: 767px)").matches ? null : this.state.article });
      requestAnimationFrame(() => this.lists[this.state.view].search.focus());
    } else if (place && event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.go({ view: VIEWS[place - 1] });
    }
  }
}
