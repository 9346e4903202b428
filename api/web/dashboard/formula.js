// How an agent's score is made, for those whom it judges.

import { h } from "../widget/dom.js";

export function formula({ weights, steady }, words) {
  const parts = Object.entries(weights).map(([name, weight]) => words.formula.part(words.formula.parts[name], Math.round(weight * 100)));
  return h("details", { class: "formula" }, h("summary", {}, words.formula.title), h("p", {}, words.formula.lead(parts.join(words.formula.plus))),
    h("p", {}, words.formula.steady(steady)), h("p", {}, words.formula.volume));
}
