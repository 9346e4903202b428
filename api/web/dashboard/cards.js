// Large numbers, each with its goal and its last twelve weeks, and a way to the conversations behind it.

import { h } from "../widget/dom.js";
import { trend } from "./chart.js";
import { mondays } from "./days.js";
import { goal, shown, time, verdict } from "./figures.js";

/** `weeks` has figures by Monday; `open(name)` shows what is behind. `beside` maybe has figures to set beside. */
export function card(name, figures, weeks, words, { to, open, beside = null, large = true }) {
  const figure = figures[name];
  const label = words.measures[name];
  const detail = [
    figure.kind === "time" && figure.p90 !== null && words.p90(time(figure.p90, words)),
    figure.mean !== null && words.mean(figure.mean.toFixed(2)), figure.kind !== "count" && words.outOf(figure.n)].filter(Boolean).join(" · ");
  const row = [verdict(figure, words), goal(figure, words) && h("span", { class: "meta" }, goal(figure, words))].filter(Boolean);
  return h("button", { type: "button", class: `card figure${large ? "" : " small"}`, title: words.about[name], on: { click: () => open(name) } },
    h("h3", {}, label), h("b", {}, shown(figure, words)), h("span", { class: "meta" }, detail),
    beside ? h("span", { class: "meta" }, words.team(shown(beside[name], words))) : null,
    h("span", { class: "stand" }, row),
    trend(mondays(to).map((monday) => ({ monday, figure: weeks[monday]?.[name] ?? null })), words, words.lastWeeks(label)));
}
