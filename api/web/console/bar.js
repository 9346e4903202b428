// What is on top of every page of staff.

import { h, icon } from "../widget/dom.js";
import { keysDialog } from "./dialogs.js";
import { places } from "./places.js";

/** A link that a keyboard meets first; `target()` is what it goes to. */
export function skipLink(id, text, target) {
  return h("a", { class: "skip", href: `#${id}`, on: { click: (event) => { event.preventDefault(); target().focus(); } } }, text);
}

/** The bar: `page` is its name among the places, `tools` what only this page has, and `act` has language() and signOut(). */
export function bar(words, session, page, { mark, tools = [], act }) {
  return h("header", { class: "bar" }, h("span", { class: "mark" }, icon(mark)), h("h1", {}, words.product), places(words, session, page),
    h("span", { class: "spread" }), ...tools,
    h("button", { type: "button", class: "bare", "aria-label": words.keys, title: words.keys, on: { click: () => keysDialog(words) } }, "?"),
    h("button", { type: "button", class: "bare language", "aria-label": words.otherLanguageName, title: words.otherLanguageName, on: { click: act.language } }, words.otherLanguage),
    h("span", { class: "me meta" }, session.display_name),
    h("button", { type: "button", class: "bare out", on: { click: act.signOut } }, words.signOut));
}

/** Of the tabs, the one at `place` is where one is. */
export function markCurrent(tabs, place) {
  tabs.forEach((tab, other) => {
    if (other === place) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  });
}
