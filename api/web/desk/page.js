// What pages of the desk have in common.

import { h } from "../widget/dom.js";

/** The head of a page, `text` with its title and lead, and what can be done there. */
export function pageHead(text, act = null) {
  return h("header", { class: "page-head" }, h("div", {}, h("h2", {}, text.title), h("p", { class: "meta" }, text.lead)), act);
}

export function articleLink(id, shown = id) {
  return h("a", { href: `#view=articles&article=${id}` }, shown);
}
