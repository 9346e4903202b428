// Articles that need care: what is about to change, what was to be looked at again, what clients call unhelpful, what nobody asks for.

import { h } from "../widget/dom.js";
import { Part } from "../dashboard/part.js";
import { articleLink, pageHead } from "./page.js";

const KINDS = ["changing", "overdue", "unhelpful", "unasked"];
const SHOWN = 12;

export class Upkeep {
  constructor(words, calls) {
    Object.assign(this, { words, calls });
    this.part = new Part(words, "page", (found) => [pageHead(words.upkeep),
      h("div", { class: "pair" }, KINDS.map((kind) => this.#kind(kind, found)))]);
    this.element = this.part.element;
  }

  show() {
    this.part.load(() => this.calls.get("knowledge/upkeep"));
  }

  #kind(kind, { counts, ...found }) {
    const { words } = this;
    const rows = found[kind].map((item) => h("li", {}, kind === "changing" ? this.#changing(item) : this.#cared(kind, item)));
    const rest = rows.splice(SHOWN);
    return h("section", { class: "card care" }, h("h3", {}, `${words.upkeep.kinds[kind]} · ${counts[kind]}`), h("p", { class: "meta" }, words.upkeep.about[kind]),
      rows.length ? h("ul", {}, rows) : h("p", { class: "good" }, words.upkeep.none[kind]),
      rest.length ? h("details", {}, h("summary", { class: "meta" }, words.upkeep.rest(counts[kind] - SHOWN)), h("ul", {}, rest),
        counts[kind] > SHOWN + rest.length ? h("p", { class: "meta" }, words.upkeep.first(SHOWN + rest.length)) : null) : null);
  }

  #cared(kind, item) {
    const { words } = this;
    const more = { overdue: () => `${words.fields.review_by} ${item.review_by}`, unhelpful: () => words.upkeep.judged(item.unhelpful, item.helpful, item.replies), unasked: () => item.article_id }[kind]();
    return [articleLink(item.article_id, item.title), h("span", { class: "meta" }, ` ${more}`)];
  }

  #changing({ what, name, title, on, becomes, articles }) {
    const { words } = this;
    const becoming = what === "fact" ? becomes ?? words.upkeep.noValue : becomes ? words.upkeep.begins : words.upkeep.ends;
    const shown = what === "fact" ? h("a", { href: `#view=facts&fact=${name}` }, title) : what === "article" ? articleLink(name, title) : title;
    return [h("b", {}, on), ` ${words.upkeep.what[what]} `, shown, " → ", becoming,
      what !== "article" && articles.length ? h("details", {}, h("summary", { class: "meta" }, words.quotedBy(articles.length)), h("ul", { class: "items" }, articles.map((id) => h("li", {}, articleLink(id))))) : null];
  }
}
