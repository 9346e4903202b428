// Small charts, drawn as SVG. Each answers the question that stands above it, and has its numbers as text for who can't see it.

import { h } from "../widget/dom.js";
import { held, shown } from "./figures.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 168;
const HEIGHT = 40;

function shape(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The last weeks as columns, with the goal as a line. `weeks` are [{monday, figure}], where a figure may be null. */
export function trend(weeks, words, label) {
  const values = weeks.map(({ figure }) => (figure ? held(figure) : null));
  const line = weeks.map(({ figure }) => figure?.goal).find(Boolean);
  const goal = line ? line.at_least ?? line.at_most : null;
  const top = Math.max(goal ?? 0, ...values.map((value) => value ?? 0)) * 1.05 || 1;
  const step = WIDTH / weeks.length;
  const y = (value) => HEIGHT - Math.max(1.5, (value / top) * (HEIGHT - 2));
  const columns = weeks.map(({ monday, figure }, place) => {
    const value = values[place];
    const told = `${words.weekOf(monday)}：${figure ? shown(figure, words) : "–"}`;
    const title = shape("title", {}, told);
    return value === null
      ? shape("rect", { class: "none", x: place * step + 1, y: HEIGHT - 1, width: step - 3, height: 1 }, title)
      : shape("rect", { class: figure.met === false ? "missed" : "column", x: place * step + 1, y: y(value), width: step - 3, height: HEIGHT - y(value), rx: 1 }, title);
  });
  const mark = goal === null ? [] : [shape("line", { class: "goal", x1: 0, x2: WIDTH, y1: y(goal), y2: y(goal) })];
  const told = weeks.filter(({ figure }) => figure).map(({ monday, figure }) => `${monday} ${shown(figure, words)}`).join("; ");
  return shape("svg", { class: "trend", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${label}: ${told}`, preserveAspectRatio: "none" }, ...columns, ...mark);
}

/** A bar for a value of at most `top`, with the goal as a line. */
export function bar(figure, top) {
  const value = held(figure) ?? 0;
  const goal = figure.goal ? figure.goal.at_least ?? figure.goal.at_most : null;
  const part = (number) => `${Math.min(100, (number / (top || 1)) * 100)}%`;
  const filled = h("span", { class: figure.met === false ? "filled missed" : "filled" });
  filled.style.width = part(value);
  const line = goal !== null && goal <= top ? h("span", { class: "line" }) : null;
  if (line) line.style.left = part(goal);
  return h("span", { class: "bar-of", "aria-hidden": "true" }, filled, line);
}

/** How high bars of these figures go. */
export function topOf(figures) {
  const goals = figures.map(({ goal }) => (goal ? goal.at_least ?? goal.at_most : 0));
  const highest = Math.max(0, ...figures.map((figure) => held(figure) ?? 0));
  return figures.some(({ kind }) => kind === "share") ? Math.max(highest, ...goals) * 1.1 : Math.max(highest, ...goals.filter((goal) => goal <= highest * 3));
}
