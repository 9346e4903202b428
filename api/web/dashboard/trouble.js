// What knowledge sends clients to humans, and what came of follow-ups beside the complaints of the same days.

import { h } from "../widget/dom.js";
import { behind } from "./behind.js";
import { shown, verdict } from "./figures.js";
import { Part } from "./part.js";

const ENDS = ["open", "claimed", "snoozed", "reached", "interested", "done", "not_wanted", "wrong_flag", "expired", "withdrawn"];

export class Trouble {
  constructor(words, calls) {
    Object.assign(this, { words, calls });
    this.articles = new Part(words, "card", (found) => this.#articles(found));
    this.follow = new Part(words, "card", (found) => this.#follow(found));
    this.element = h("div", { class: "quality" }, this.articles.element, this.follow.element);
  }

  show(state) {
    this.state = state;
    const days = { from: state.from, to: state.to };
    this.articles.load(() => this.calls.get("dashboard/articles", days));
    this.follow.load(() => this.calls.get("dashboard/follow-ups", days));
  }

  #open(title, query) {
    behind(this.words, this.calls, { title, query: { from: this.state.from, to: this.state.to, ...query }, choices: false });
  }

  #articles({ articles }) {
    const { words } = this;
    const title = h("h2", {}, words.trouble.articles);
    if (!articles.length) return [title, h("p", { class: "empty" }, words.trouble.noArticles)];
    return [title, h("div", { class: "wide" }, h("table", {},
      h("thead", {}, h("tr", {}, words.trouble.heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, articles.map((item) => h("tr", {}, h("th", { scope: "row" }, item.title ?? item.article_id), h("td", {}, String(item.answers)),
        h("td", {}, String(item.unhelpful)),
        h("td", {}, item.handed_over ? h("button", { type: "button", class: "plain", on: { click: () => this.#open(item.title ?? item.article_id,
          { measure: "handed_over", counted: "true", article: item.article_id }) } }, String(item.handed_over)) : "0"))))))];
  }

  #follow({ families, complaints }) {
    const { words } = this;
    const ends = ENDS.filter((name) => families.some(({ outcomes }) => outcomes[name]));
    const beside = h("p", { class: "beside-it" }, h("button", { type: "button", class: "plain", on: { click: () => this.#open(words.measures.complaints, { measure: "complaints", counted: "true" }) } },
      words.trouble.complaints(complaints.count, shown(complaints, words))), " ", verdict(complaints, words));
    const title = h("h2", {}, words.trouble.follow);
    if (!families.length) return [title, beside, h("p", { class: "empty" }, words.trouble.noFollow)];
    return [title, beside, h("div", { class: "wide" }, h("table", {},
      h("thead", {}, h("tr", {}, [words.trouble.family, words.trouble.opened, ...ends.map((name) => words.trouble.ends[name])].map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, families.map(({ family, opened, outcomes }) => h("tr", {}, h("th", { scope: "row" }, words.families[family] ?? family), h("td", {}, String(opened)),
        ends.map((name) => h("td", {}, String(outcomes[name] ?? 0))))))))];
  }
}
