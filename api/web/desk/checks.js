// Beside a draft: what is wrong with it, and which articles are near; beside a retirement, who names what is to go. Asked anew after each save.

import { h } from "../widget/dom.js";
import { Part } from "../dashboard/part.js";
import { sentence } from "./findings.js";

export class Checks {
  /** `go(change)` leads to another article; `near`: articles near the question are shown too. */
  constructor(words, calls, go, { near = true } = {}) {
    Object.assign(this, { words, calls, go });
    this.findings = new Part(words, "card findings-of", (found) => this.#findings(found));
    this.near = near ? new Part(words, "card", (found) => this.#near(found)) : null;
    this.elements = [this.findings.element, this.near?.element].filter(Boolean);
  }

  show(revision) {
    this.findings.load(() => this.calls.get(`knowledge/revisions/${revision.id}/findings`));
    const { question } = revision.article;
    if (!this.near || question === this.asked) return;
    this.asked = question;
    this.near.load(async () => ({ revision, candidates: question.trim() ? (await this.calls.post("knowledge/try", { text: question })).candidates : [] }));
  }

  #findings({ findings, reading }) {
    const { words } = this;
    const level = reading?.sentences ? h("p", { class: "meta" }, words.reading(words.readingLevels[reading.level], reading.mean, reading.longest)) : null;
    return [h("h3", {}, words.checks), findings.length ? h("ul", { class: "finding-list" }, findings.map((item) => h("li", { class: item.severity },
      h("span", { class: "severity" }, words.severities[item.severity]), `${words.fields[item.field] ?? item.field}${words.colon}`,
      sentence(item, words), item.text ? h("q", {}, item.text) : null, " ", item.article_id ? this.#link(item.article_id, item.article_id) : null)))
      : h("p", { class: "good" }, words.checksFine), level].filter(Boolean);
  }

  #near({ revision, candidates }) {
    const others = candidates.filter(({ article_id: id }) => id !== revision.article_id);
    return [h("h3", {}, this.words.near), others.length ? h("ul", { class: "near" }, others.slice(0, 5).map((item) => h("li", {},
      this.#link(item.article_id, item.title), h("span", { class: "meta" }, ` ${Math.round(item.score * 100)}%`)))) : h("p", { class: "meta" }, this.words.nearNone)];
  }

  #link(id, shown) {
    return h("a", { href: `#view=articles&article=${id}`, on: { click: (event) => {
      event.preventDefault();
      this.go({ view: "articles", article: id });
    } } }, shown);
  }
}
