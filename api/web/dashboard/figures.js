// Figures as people read them: a share in percent, a time in its unit, and how it stands to its goal.

import { h } from "../widget/dom.js";

/** Seconds as 45 秒, 3 分 20 秒, 2 小时 5 分. */
export function time(seconds, words) {
  const whole = Math.round(seconds);
  if (whole < 60) return words.seconds(whole);
  if (whole < 3600) return words.minutes(Math.floor(whole / 60), whole % 60);
  return words.hours(Math.floor(whole / 3600), Math.floor((whole % 3600) / 60));
}

export function percent(share) {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`;
}

/** A share with the bounds between which the true one lies. */
export function bounded({ value, low, high }) {
  const whole = (share) => Math.round(share * 100);
  return [h("b", {}, percent(value)), " ", h("span", { class: "meta" }, `${whole(low)}–${whole(high)}%`)];
}

/** The value of a figure, or a dash. */
export function shown(figure, words) {
  if (figure.value === null) return "–";
  if (figure.kind === "share") return percent(figure.value);
  return figure.kind === "time" ? time(figure.value, words) : String(figure.value);
}

/** What the goal is held against: of times, the slowest tenth. */
export function held(figure) {
  return figure.kind === "time" ? figure.p90 : figure.value;
}

/** The goal in words, or null. */
export function goal(figure, words) {
  if (!figure.goal) return null;
  const { at_least: least, at_most: most } = figure.goal;
  const value = (number) => (figure.kind === "time" ? time(number, words) : percent(number));
  return least !== null ? words.atLeast(value(least)) : words.atMost(value(most), figure.kind === "time");
}

/** A mark with a word, so that colour alone says nothing. */
export function verdict(figure, words) {
  if (figure.met === null) return null;
  return h("span", { class: figure.met ? "met" : "missed" }, figure.met ? `✓ ${words.met}` : `! ${words.missed}`);
}
