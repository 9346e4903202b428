// What the outgoing check found, each with the words that it found, what to do, and the team's wording for it.

import { h } from "../widget/dom.js";

const AROUND = 8;

export class Findings {
  /** `act` has use(finding, wording), override(rules), and phrases() and fill(text) for what the team says instead. */
  constructor(words, act) {
    this.words = words;
    this.act = act;
    this.element = h("div", { class: "findings", role: "alert", hidden: true });
  }

  clear() {
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  /** Findings in `text`, each {rule, words, start, end, advice, advice_en, severity}. */
  async show(text, findings) {
    const { words, act, element } = this;
    const hard = findings.some(({ severity }) => severity === "hard");
    const phrases = await act.phrases();
    const rules = [...new Set(findings.map(({ rule }) => rule))];
    element.replaceChildren(h("h3", {}, hard ? words.checkTitle : words.checkTitleWarn),
      h("ul", {}, rules.map((rule) => this.#rule(text, findings.filter((finding) => finding.rule === rule), phrases))));
    if (!hard) element.append(h("button", { type: "button", class: "plain override", on: { click: () => act.override(rules) } }, words.override));
    element.classList.toggle("hard", hard);
    element.hidden = false;
  }

  #rule(text, findings, phrases) {
    const { words, act } = this;
    const [first] = findings;
    const phrase = phrases.find(({ instead_of: rules }) => rules.includes(first.rule));
    const wording = phrase && act.fill(phrase.text);
    return h("li", { class: first.severity },
      h("p", {}, h("span", { class: "severity" }, first.severity === "hard" ? words.hard : words.warn), h("b", {}, words.rules[first.rule] ?? first.rule),
        quotes(text, findings)),
      h("p", { class: "advice" }, words.locale.startsWith("en") ? first.advice_en ?? first.advice : first.advice),
      wording ? h("p", { class: "wording" }, h("span", { class: "label" }, words.wording), h("q", {}, wording),
        h("button", { type: "button", class: "plain", on: { click: () => act.use(first, wording) } }, words.useWording)) : null);
  }
}

/** Where characters `start` to `end`, as the server counts them, lie in a text of JavaScript. */
export function place(text, { start, end }) {
  const characters = Array.from(text);
  const from = characters.slice(0, start).join("").length;
  return [from, from + characters.slice(start, end).join("").length];
}

// The words with a little of what stands around them; those that stand close together in one quotation.
function quotes(text, findings) {
  const near = [];
  for (const [start, end] of findings.map((finding) => place(text, finding))) {
    if (near.length && start - near.at(-1).at(-1)[1] <= 2 * AROUND) near.at(-1).push([start, end]);
    else near.push([[start, end]]);
  }
  return near.map((found) => {
    const [from, to] = [Math.max(0, found[0][0] - AROUND), Math.min(text.length, found.at(-1)[1] + AROUND)];
    const parts = found.flatMap(([start, end], index) => [text.slice(index ? found[index - 1][1] : from, start), h("mark", {}, text.slice(start, end))]);
    return h("span", { class: "quote" }, from > 0 ? "…" : "", parts, text.slice(found.at(-1)[1], to), to < text.length ? "…" : "");
  });
}
