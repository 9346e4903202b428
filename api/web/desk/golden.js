// The questions that guard publication: each with what it must get, and whether it gets that now.

import { h } from "../widget/dom.js";
import { dialog } from "../agent/dialogs.js";
import { Part } from "../dashboard/part.js";
import { Choice } from "./choice.js";
import { articleLink, pageHead } from "./page.js";
import { articlesFor } from "./picker.js";

const AT_ONCE = 60;
const FILTERS = ["all", "broken", "desk"];
const KINDS = ["answer", "clarify", "decline", "handover", "smalltalk", "fallback"];

export class Golden {
  /** `act` has go(change), failed(error), said(text, undo). */
  constructor(words, calls, session, act) {
    Object.assign(this, { words, calls, act, filter: "all", shown: AT_ONCE, broken: null });
    this.may = (name) => session.permissions.includes(`knowledge.${name}`);
    this.search = h("input", { type: "search", maxlength: "200", "aria-label": words.golden.search, placeholder: words.golden.search, on: { input: () => this.#draw(true) } });
    this.filters = new Choice(words.state, FILTERS, (name) => words.golden.filters[name], (name) => this.#choose(name));
    this.line = h("p", { class: "meta", role: "status" });
    this.rows = h("ol", { class: "golden-list" });
    this.more = h("button", { type: "button", class: "second", hidden: true, on: { click: () => { this.shown += AT_ONCE; this.#draw(); } } }, words.more);
    // The list is there at once; what each question gets now follows.
    this.part = new Part(words, "golden-part", (found) => {
      this.found = found.golden;
      this.#draw(true);
      return [this.line, this.rows, this.more];
    });
    const add = this.may("propose") ? h("button", { type: "button", class: "main", on: { click: () => this.#form() } }, words.golden.add) : null;
    this.element = h("section", { class: "page" }, pageHead(words.golden, add),
      h("div", { class: "tools-of" }, this.search, this.filters.element), this.part.element);
  }

  /** What the address says. */
  async show({ state } = {}) {
    if (FILTERS.includes(state)) this.#choose(state);
    await this.part.load(() => this.calls.get("knowledge/golden"));
    await this.#ask();
  }

  refresh() {
    return this.show();
  }

  async #ask() {
    this.asking = true;
    this.#draw();
    const found = await this.calls.get("knowledge/golden", { ask: true }).catch(() => null);
    this.asking = false;
    if (found) this.found = found.golden;
    this.#draw();
  }

  #choose(name) {
    this.filter = name;
    this.filters.press(name);
    this.#draw(true);
  }

  #draw(anew = false) {
    if (!this.found) return;
    const { words } = this;
    if (anew) this.shown = AT_ONCE;
    const wanted = this.search.value.trim().toLowerCase();
    const items = this.found.filter((item) => (this.filter === "all" || (this.filter === "broken" ? item.holds === false : item.origin === "desk"))
      && [item.question, item.article_id ?? "", item.title ?? ""].some((text) => text.toLowerCase().includes(wanted)));
    this.rows.replaceChildren(...items.slice(0, this.shown).map((item) => this.#row(item)));
    this.more.hidden = items.length <= this.shown;
    const broken = this.found.filter(({ holds }) => holds === false).length;
    this.line.textContent = !this.found.length ? words.golden.none : [items.length ? words.golden.count(items.length) : words.foundNone,
      this.asking ? words.golden.asking : words.golden.holding(this.found.length - broken, broken)].join(" · ");
  }

  #row(item) {
    const { words } = this;
    const wanted = item.article_id ? articleLink(item.article_id, item.title ?? item.article_id) : h("span", {}, words.kinds[item.kind] ?? item.kind);
    const state = item.holds === null ? h("span", { class: "state-chip" }, "…") : h("span", { class: `state-chip ${item.holds ? "live" : "broken"}` }, item.holds ? words.golden.holds : words.golden.fails);
    const now = item.holds === false && item.now ? h("p", { class: "meta" }, words.golden.gets(item.now.title || words.kinds[item.now.kind] || item.now.kind, Math.round(item.now.confidence * 100))) : null;
    return h("li", {}, h("div", { class: "golden-words" }, h("p", {}, h("b", {}, item.question)), h("p", { class: "meta" }, "→ ", wanted, !item.title && item.article_id ? h("span", { class: "trouble" }, ` ${words.golden.gone}`) : null,
      ` · ${item.origin === "shipped" ? words.golden.shipped : words.golden.by(item.added_by)}`), now), state,
    this.may("review") ? h("span", { class: "row-of" }, h("button", { type: "button", class: "plain", "aria-label": `${words.edit}${words.colon}${item.question}`, on: { click: () => this.#form(item) } }, words.edit),
      h("button", { type: "button", class: "plain", "aria-label": `${words.golden.remove}${words.colon}${item.question}`, on: { click: () => this.#remove(item) } }, words.golden.remove)) : null);
  }

  #form(item = null) {
    const { words } = this;
    const question = h("input", { type: "text", id: "golden-question", maxlength: "400", required: true, value: item?.question ?? "" });
    const options = h("datalist", { id: "golden-articles" });
    const find = articlesFor(this.calls);
    const field = h("input", { type: "text", id: "golden-article", list: "golden-articles", maxlength: "120", spellcheck: "false", autocomplete: "off", value: item?.article_id ?? "", on: { input: async () => {
      const found = await find(field.value.trim());
      options.replaceChildren(...Array.from(found, ([id, shown]) => h("option", { value: id }, shown)));
    } } });
    const kind = h("select", { id: "golden-kind" }, h("option", { value: "" }, words.golden.anyKind), KINDS.map((name) => h("option", { value: name }, words.kinds[name])));
    kind.value = item && !item.article_id ? item.kind : "";
    const trouble = h("p", { class: "trouble", role: "alert" });
    const send = async (event) => {
      event.preventDefault();
      const article = field.value.trim();
      if (!article && !kind.value) {
        trouble.textContent = words.golden.wantsOne;
        return field.focus();
      }
      const body = { question: question.value.trim(), ...(article ? { article_id: article } : { kind: kind.value }) };
      try {
        if (item) await this.calls.put(`knowledge/golden/${item.id}`, body);
        else await this.calls.post("knowledge/golden", body);
        shown.close();
        this.act.said(item ? words.golden.changed : words.golden.added);
        this.refresh();
      } catch (error) {
        trouble.textContent = words.refusals[error.code] ?? words.tryFailed;
      }
      return null;
    };
    const label = (name, text, control) => [h("label", { for: name }, text), control];
    const shown = dialog(words, item ? words.golden.edit : words.golden.add, h("form", { on: { submit: send } }, label("golden-question", words.golden.question, question),
      label("golden-article", words.golden.article, field), options, label("golden-kind", words.golden.orKind, kind), trouble,
      h("div", { class: "row" }, h("button", { type: "submit", class: "main" }, item ? words.golden.save : words.golden.add))));
    shown.classList.add("form-dialog");
    question.focus();
  }

  async #remove(item) {
    const { words } = this;
    try {
      await this.calls.remove(`knowledge/golden/${item.id}`);
    } catch (error) {
      return this.act.failed(error);
    }
    this.found = this.found.filter(({ id }) => id !== item.id);
    this.#draw();
    return this.act.said(words.golden.removed, async () => {
      await this.calls.post("knowledge/golden", { question: item.question, ...(item.article_id ? { article_id: item.article_id } : { kind: item.kind }) }).catch(this.act.failed);
      this.refresh();
    });
  }
}
