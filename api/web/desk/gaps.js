// What clients asked in vain, in groups, and one click from a group to a draft.

import { h } from "../widget/dom.js";
import { dialog } from "../agent/dialogs.js";
import { Part } from "../dashboard/part.js";

export class Gaps {
  /** `act` has go(change), failed(error), said(text, undo). */
  constructor(words, calls, session, act) {
    Object.assign(this, { words, calls, act });
    this.may = session.permissions.includes("knowledge.edit");
    this.part = new Part(words, "page gaps", ({ gaps }) => [h("header", { class: "page-head" }, h("h2", {}, words.gapsTitle)), gaps.length ? h("ol", {}, gaps.map((gap) => this.#gap(gap)))
      : h("p", { class: "meta" }, words.noGaps)]);
    this.element = this.part.element;
  }

  show() {
    this.part.load(() => this.calls.get("knowledge/gaps"));
  }

  #gap(gap) {
    const { words } = this;
    const trend = gap.this_week - gap.last_week;
    return h("li", { class: "card gap" }, h("h3", {}, gap.question),
      h("p", { class: "meta" }, [words.asked(gap.size), words.trend(gap.this_week, gap.last_week), ...Object.entries(gap.misses).filter(([, count]) => count).map(([name, count]) => `${words.misses[name] ?? name} ${count}`)].join(" · "),
        trend > 0 ? h("span", { class: "rising" }, ` ▲ ${trend}`) : null),
      h("ul", { class: "examples" }, gap.examples.map(({ question, asked }) => h("li", {}, question, asked > 1 ? h("span", { class: "meta" }, ` ${words.times(asked)}`) : null))),
      this.may ? h("div", { class: "row-of" }, h("button", { type: "button", class: "main", on: { click: () => this.#new(gap) } }, words.startDraft),
        gap.nearest.slice(0, 2).map(({ article_id: id, title }) => h("button", { type: "button", class: "second add", title, on: { click: () => this.#draft(gap, id) } }, words.addTo(title))),
        h("button", { type: "button", class: "plain", on: { click: () => this.#dismiss(gap) } }, words.dismiss)) : null);
  }

  #new(gap) {
    newArticle(this.words, gap.question, ({ id }) => this.#draft(gap, id));
  }

  async #draft(gap, id) {
    try {
      await this.calls.post(`knowledge/gaps/${gap.id}/draft`, { article_id: id });
      this.act.go({ view: "articles", article: id });
    } catch (error) {
      this.act.failed(error);
    }
  }

  async #dismiss(gap) {
    try {
      await this.calls.post(`knowledge/gaps/${gap.id}/dismiss`);
      this.act.said(this.words.dismissed, () => this.#restore(gap));
      this.show();
    } catch (error) {
      this.act.failed(error);
    }
  }

  async #restore(gap) {
    try {
      await this.calls.post(`knowledge/gaps/${gap.id}/restore`);
      this.show();
    } catch (error) {
      this.act.failed(error);
    }
  }
}

/** Asks for the id of a new article, and for its question where that is not given; `chosen({id, question})`. */
export function newArticle(words, question, chosen) {
  const asked = h("input", { type: "text", maxlength: "400", id: "new-question", value: question ?? "", required: true, readonly: question !== null });
  const id = h("input", { type: "text", maxlength: "80", id: "new-id", pattern: "[a-z0-9]+(-[a-z0-9]+)*", required: true, spellcheck: "false", autocapitalize: "none", placeholder: "stamp-duty-rate" });
  const shown = dialog(words, words.newArticle, h("form", { on: { submit: (event) => {
    event.preventDefault();
    shown.close();
    chosen({ id: id.value, question: asked.value.trim() });
  } } }, h("label", { for: "new-question" }, words.fields.question), asked, h("label", { for: "new-id" }, words.newId), id,
  h("div", { class: "row" }, h("button", { type: "submit", class: "main" }, words.startDraft))));
  shown.classList.add("form-dialog");
  (question === null ? asked : id).focus();
}
