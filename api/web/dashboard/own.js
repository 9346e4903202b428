// An agent's own part, and how it is judged.

import { h } from "../widget/dom.js";
import { behind } from "./behind.js";
import { card } from "./cards.js";
import { mondays } from "./days.js";
import { percent } from "./figures.js";
import { formula } from "./formula.js";
import { Part } from "./part.js";

const SHOWN = ["satisfaction", "resolved", "first_response", "handling", "contacts", "suggestions_used", "complaints", "findings"];

export class Own {
  constructor(words, calls, session) {
    Object.assign(this, { words, calls, session });
    this.part = new Part(words, "own", (found) => this.#draw(found));
    this.element = h("div", { class: "quality" }, this.part.element);
  }

  show(state) {
    this.state = state;
    const read = (from) => this.calls.get("dashboard/own", { from, to: state.to });
    this.part.load(async () => {
      const [range, { weeks }] = await Promise.all([read(state.from), read(mondays(state.to)[0])]);
      return { ...range, weeks };
    });
  }

  #draw({ own, team, score, weeks, formula: how }) {
    const { words, calls, state } = this;
    const open = (name) => behind(words, calls, { title: words.measures[name], path: "dashboard/own/conversations",
      names: { [this.session.user]: this.session.display_name }, query: { from: state.from, to: state.to, measure: name } });
    const judged = h("section", { class: "card score" }, h("h2", {}, words.myScore),
      score ? h("b", {}, score.total.toFixed(0)) : h("p", { class: "empty" }, words.noScore),
      score ? h("dl", {}, Object.entries(score.parts).map(([name, part]) => [h("dt", {}, words.formula.parts[name]), h("dd", {}, percent(part))])) : null,
      formula(how, words));
    judged.querySelector("details").open = true;
    return [judged, h("div", { class: "large" }, SHOWN.map((name) => card(name, own, weeks, words, { to: state.to, open, beside: team })))];
  }
}
