// The bar, the views, and what the address says is open.

import { h } from "../widget/dom.js";
import { bar, markCurrent, skipLink } from "../agent/bar.js";
import { keysDialog } from "../agent/dialogs.js";
import { ArticleView } from "./article.js";
import { Files } from "./files.js";
import { Gaps, newArticle } from "./gaps.js";
import { Golden } from "./golden.js";
import { ArticleList } from "./list.js";
import { Overview } from "./overview.js";
import { momentOf, PastLine } from "./past.js";
import { Publishing } from "./publishing.js";
import { RuleView } from "./rule.js";
import { RuleList } from "./rulelist.js";
import { Rules } from "./rules.js";
import { Upkeep } from "./upkeep.js";

// `opens` is what of the address is open beside the list of a view that has one.
const VIEWS = [{ name: "articles", opens: "article" }, { name: "review", opens: "article" }, { name: "facts", opens: "fact" }, { name: "golden" }, { name: "gaps" }, { name: "upkeep" },
  { name: "files" }, { name: "overview" }];
const KEPT = ["view", "article", "fact", "file", "q", "category", "state", "at"];
const TOAST = 6000;

export class Frame {
  /** `act` has language(), signOut(). */
  constructor(words, calls, session, act) {
    Object.assign(this, { words, calls, session, act });
    const go = (change) => this.go(change);
    const common = { go, failed: (error) => this.#failed(error), said: (text, undo) => this.#say(text, { undo }), changed: () => this.#changed() };
    this.toast = h("div", { class: "toast", role: "status" });
    this.rules = new Rules(calls);
    const rules = () => this.rules.read();
    this.lists = {
      articles: new ArticleList(words, calls, { go }),
      review: new ArticleList(words, calls, { state: "in_review", go, found: (total) => this.#waiting("review", total) }),
      facts: new RuleList(words, rules, { go }),
    };
    this.article = new ArticleView(words, calls, session, this.rules, common);
    this.rule = new RuleView(words, calls, session, rules, { ...common, changed: () => this.#rulesChanged() });
    this.pages = { golden: new Golden(words, calls, session, common), gaps: new Gaps(words, calls, session, common), upkeep: new Upkeep(words, calls),
      files: new Files(words, calls, session, common), overview: new Overview(words, calls) };
    this.past = new PastLine(words, go);
    this.publishing = new Publishing(words, calls, session, { failed: common.failed, published: (version) => this.#published(version) });
    this.#build();
  }

  start() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    addEventListener("hashchange", () => this.#show(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#show();
    this.#count();
  }

  stop() {
    this.article.stop();
    this.rule.stop();
    this.leaving?.abort();
  }

  /** What the address says. */
  get state() {
    const given = new URLSearchParams(location.hash.slice(1));
    const state = Object.fromEntries(KEPT.map((name) => [name, given.get(name)]));
    return { ...state, at: momentOf(state.at), view: VIEWS.some(({ name }) => name === state.view) ? state.view : "articles" };
  }

  go(change) {
    const { state } = this;
    // A state is one of what a view lists.
    const left = change.view && change.view !== state.view ? { state: null } : {};
    const next = { ...state, ...left, ...change };
    location.hash = new URLSearchParams(KEPT.filter((name) => next[name]).map((name) => [name, next[name]])).toString();
  }

  #build() {
    const { words, act, session } = this;
    const counted = ["review", "facts"];
    this.tabs = VIEWS.map(({ name }) => h("a", { href: `#view=${name}` }, words.views[name], " ", counted.includes(name) ? h("span", { class: "count", hidden: true }) : null));
    this.side = h("div", { class: "side" });
    this.main = h("main", { id: "main", tabindex: "-1" });
    const may = session.permissions.includes("knowledge.edit");
    const create = may ? h("button", { type: "button", class: "second", on: { click: () => this.#new() } }, words.newArticle) : null;
    this.element = h("div", { class: "desk" },
      skipLink("main", words.skipMain, () => this.main),
      bar(words, session, "desk", { mark: "file", act }),
      h("div", { class: "under" }, h("nav", { class: "tabs", "aria-label": words.viewsName }, this.tabs), h("div", { class: "acts-of" }, create, this.publishing.element)),
      this.past.element, this.side, this.main, this.toast);
  }

  #show() {
    const { state } = this;
    const place = VIEWS.findIndex(({ name }) => name === state.view);
    const { name, opens } = VIEWS[place];
    markCurrent(this.tabs, place);
    this.tabs[place].scrollIntoView({ block: "nearest", inline: "nearest" });
    this.element.dataset.view = name;
    this.element.classList.toggle("with-side", Boolean(opens));
    this.element.classList.toggle("with-open", Boolean(opens && state[opens]));
    this.past.show(name === "articles" ? state.at : null);
    document.querySelector("dialog[open]")?.close();
    const anew = this.view !== name;
    this.view = name;
    if (!opens) return this.#page(name, state, anew);
    const list = this.lists[name];
    const shown = opens === "fact" ? this.rule : this.article;
    if (anew) {
      this.side.replaceChildren(list.element);
      this.main.replaceChildren(shown.element);
      // Colleagues may have changed values meanwhile.
      if (name === "facts") {
        this.rules.forget();
        list.refresh();
      }
    }
    list.show(state);
    const at = name === "articles" ? state.at : null;
    if (!state[opens]) {
      if (shown.id || shown.at !== at) shown.nothing(at);
    } else if (state[opens] !== shown.id || (shown.at ?? null) !== at) {
      shown.open(state[opens], at);
    }
    return null;
  }

  #page(name, state, anew) {
    const page = this.pages[name];
    if (anew) {
      this.side.replaceChildren();
      this.main.replaceChildren(page.element);
      this.main.scrollTop = 0;
    }
    // What the page shows of the address beside its name.
    const shown = JSON.stringify([state.state, state.file]);
    if (anew || shown !== this.shown) page.show(state);
    this.shown = shown;
  }

  #changed() {
    this.lists[this.view]?.refresh();
    this.publishing.refresh();
    this.#count();
  }

  #rulesChanged() {
    this.rules.forget();
    this.#changed();
  }

  #published(version) {
    this.#say(this.words.published(version));
    this.rules.forget();
    this.#changed();
    if (this.article.id) this.article.open(this.article.id, this.article.at);
    if (this.rule.id) this.rule.open(this.rule.id);
    if (this.pages[this.view]) this.pages[this.view].show(this.state);
  }

  async #count() {
    this.rules.read().then(({ changes }) => this.#waiting("facts", changes.filter(({ state }) => state === "proposed").length), () => null);
    if (this.view === "review") return;
    const page = await this.calls.get("knowledge/articles", { state: "in_review", limit: 1 }).catch(() => null);
    if (page) this.#waiting("review", page.total);
  }

  #waiting(view, total) {
    const count = this.tabs[VIEWS.findIndex(({ name }) => name === view)].querySelector(".count");
    count.textContent = String(total);
    count.hidden = !total;
  }

  #new() {
    newArticle(this.words, null, async (given) => {
      try {
        await this.calls.post("knowledge/articles", given);
        this.go({ view: "articles", article: given.id, at: null });
        this.#changed();
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  #failed(error) {
    this.#say(this.words.refusals[error.code] ?? (error.status ? this.words.refusedOtherwise : this.words.unreachable), { bad: true });
  }

  #say(text, { bad = false, undo = null } = {}) {
    this.toast.replaceChildren(h("span", {}, text), undo ? h("button", { type: "button", class: "undo", on: { click: () => { this.toast.replaceChildren(); undo(); } } }, this.words.undo) : "");
    this.toast.classList.toggle("bad", bad);
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => this.toast.replaceChildren(), TOAST);
  }

  #key(event) {
    if (event.isComposing || event.defaultPrevented) return;
    const command = event.ctrlKey || event.metaKey;
    const writes = event.target.matches?.("input, select, textarea");
    const modal = document.querySelector("dialog[open]");
    const place = /^Digit([1-8])$/.exec(event.code)?.[1];
    if (command && event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.article.save();
    } else if (event.key === "?" && !writes) {
      event.preventDefault();
      keysDialog(this.words);
    } else if (modal) {
      // The dialog has the keyboard.
    } else if (command && event.key === "Enter" && VIEWS.find(({ name }) => name === this.view).opens === "article") {
      event.preventDefault();
      this.article.submit();
    } else if (place && event.altKey && !command) {
      event.preventDefault();
      location.hash = `view=${VIEWS[place - 1].name}`;
      this.main.focus();
    } else if (!writes && !event.altKey && !command) {
      this.#letter(event);
    }
  }

  #letter(event) {
    const mayNew = this.session.permissions.includes("knowledge.edit");
    const does = { "/": () => this.#search(), e: () => this.main.querySelector("[data-key=e]")?.click(), n: () => mayNew && this.#new(), p: () => this.publishing.open(), t: () => this.main.querySelector(".try input")?.focus(),
      Escape: () => this.#leave() }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  }

  #search() {
    const { opens } = VIEWS.find(({ name }) => name === this.view);
    if (this.pages[this.view]?.search) return this.pages[this.view].search.focus();
    const focus = () => this.lists[this.state.view].search.focus();
    const covered = Boolean(opens) && matchMedia("(max-width: 767px)").matches && Boolean(this.state[opens]);
    // At once where the field is there: whoever types on loses no letter.
    if (opens && !covered) return focus();
    this.go(opens ? { [opens]: null } : { view: "articles" });
    return requestAnimationFrame(focus);
  }

  // From what is open back to the list.
  #leave() {
    const { opens } = VIEWS.find(({ name }) => name === this.view);
    if (opens && this.state[opens]) this.go({ [opens]: null });
    else if (this.state.at) this.go({ at: null });
  }
}
