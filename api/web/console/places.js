// Between the pages of staff: a link to each that the roles allow.

import { h } from "../widget/dom.js";

const PLACES = [
  { name: "console", path: "agent", needs: ["conversations.see"] },
  { name: "desk", path: "desk", needs: ["knowledge.edit", "knowledge.review"] },
  { name: "dashboard", path: "dashboard", needs: ["dashboard.see", "dashboard.own"] },
];

/** The links, or null where there is nowhere else to go. `here` is the name of this page; `words.places` has all names. */
export function places(words, session, here) {
  const open = PLACES.filter(({ needs }) => needs.some((permission) => session.permissions.includes(permission)));
  if (open.length < 2) return null;
  return h("nav", { class: "places", "aria-label": words.placesName }, open.map(({ name, path }) =>
    h("a", { href: path, "aria-current": name === here ? "page" : null }, words.places[name])));
}
