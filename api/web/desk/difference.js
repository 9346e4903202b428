// What differs between two revisions: taken words struck through, added ones underlined, and each says which it is to who can't see it.

import { h } from "../widget/dom.js";

const TEXTS = ["question", "body"];

/** Nodes for the answer of a difference. */
export function difference({ changes }, words) {
  if (!changes.length) return [h("p", { class: "meta" }, words.noDifference)];
  return changes.map(({ field, pieces }) => {
    const shown = pieces.map((piece) => pieceOf(piece, words));
    return h("section", { class: "change" }, h("h4", {}, words.fields[field] ?? field),
      TEXTS.includes(field) ? h("p", { class: "text" }, shown) : h("ul", { class: "items" }, shown.map((node) => h("li", {}, node))));
  });
}

/** A piece of a text as it stays, goes or comes. */
export function pieceOf({ kind, text }, words) {
  if (kind === "same") return h("span", {}, text);
  return h(kind === "new" ? "ins" : "del", {}, h("span", { class: "hidden-text" }, words.pieces[kind]), text);
}
