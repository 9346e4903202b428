// What knowledge sends clients to humans, and what came of follow-ups beside the complaints of the same days.

import { h } from "../widget/dom.js";
import { behind } from "./behind.js";
import { bounded, shown, verdict } from "./figures.js";
import { Part } from "./part.js";

const SPLITS = ["family", "category", "agent", "team", "channel", "hour"];
const ENDS = ["open", "claimed", "snoozed", "reached", "interested", "done", "not_wanted", "wrong_flag", "expired", "withdrawn"];

export class Trouble {
  constructor(words, calls) {
    Object.assign(this, { words, calls });
    this.articles = new Part(words, "card", (found) => this.#articles(found));
    this.link = h("a", { class: "second export", download: true }, words.export);
    this.follow = new Part(words, "card follow", (found) => this.#follow(found));
    this.by = SPLITS[0];
    this.element = h("div", { class: "quality" }, this.articles.element, this.follow.element);
  }

  show(state) {
    this.state = state;
    this.articles.load(() => this.calls.get("dashboard/articles", { from: state.from, to: state.to }));
    this.#loadFollow();
  }

  #loadFollow() {
    const asked = { from: this.state.from, to: this.state.to, by: this.by };
    this.link.href = `v1/dashboard/follow-ups.csv?${new URLSearchParams(asked)}`;
    this.follow.load(() => this.calls.get("dashboard/follow-ups", asked));
  }

  #open(title, query, only = {}) {
    behind(this.words, this.calls, { title, query: { from: this.state.from, to: this.state.to, ...query }, only, choices: false });
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

  #follow({ by, groups, complaints }) {
    const { words } = this;
    const ends = ENDS.filter((name) => groups.some(({ outcomes }) => outcomes[name]));
    const beside = h("p", { class: "beside-it" }, this.#complained(complaints, {}, words.trouble.complaints(complaints.count, shown(complaints, words))), " ", verdict(complaints, words));
    const split = h("label", {}, h("span", { class: "meta" }, words.splitBy), h("select", { "aria-label": words.splitBy, on: { change: ({ target }) => { this.by = target.value; this.#loadFollow(); } } },
      SPLITS.map((name) => h("option", { value: name, selected: name === by }, words.trouble.splits[name]))));
    const head = [h("h2", {}, words.trouble.follow), h("div", { class: "tools" }, split, h("span", { class: "spread" }), this.link), beside];
    if (!groups.length) return [...head, h("p", { class: "empty" }, words.trouble.noFollow)];
    const besides = by !== "family";
    const judged = besides ? [] : [words.trouble.judged, words.trouble.right, words.trouble.interested];
    return [...head, h("div", { class: "wide" }, h("table", {},
      h("thead", {}, h("tr", {}, [words.trouble.splits[by], words.trouble.opened, ...judged, ...ends.map((name) => words.trouble.ends[name]), ...(besides ? [words.measures.complaints] : [])].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, groups.map((group) => h("tr", {}, h("th", { scope: "row" }, this.#named(by, group)), h("td", {}, String(group.opened)),
        besides ? null : this.#judged(group), ends.map((name) => h("td", {}, String(group.outcomes[name] ?? 0))),
        besides ? h("td", {}, group.complaints?.count ? this.#complained(group.complaints, { [by]: group.key }, String(group.complaints.count)) : "0") : null))))), besides ? null : h("p", { class: "meta hint" }, words.trouble.judgedHint)];
  }

  // How many agents judged stands beside the shares: one of one is not a hundred of a hundred.
  #judged({ right, interested }) {
    return [h("td", {}, String(right?.n ?? 0)), [right, interested].map((share) => h("td", { class: "share" }, share ? bounded(share) : "–"))];
  }

  #complained(figure, only, text) {
    return h("button", { type: "button", class: "plain", on: { click: () => this.#open(this.words.measures.complaints, { measure: "complaints", counted: "true" }, only) } }, text);
  }

  #named(by, { key, title }) {
    const { words } = this;
    if (by === "family") return words.families[key] ?? key;
    if (by === "category") return words.categories[key] ?? key;
    if (!key) return by === "team" ? words.trouble.noTeam : words.trouble.nobody;
    return title ?? (by === "hour" ? `${key}:00` : by === "channel" ? words.channels[key] ?? key : key);
  }
}
