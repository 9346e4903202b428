// Beside information that is about products: whether any of them may be offered to this client, and what may be said with it. The
// information itself may be sent whatever the verdict.

import { h } from "../widget/dom.js";

/** One for each of {family, title, verdict, warning}; `add(warning)` puts the text into the field with the warning, null where nothing may be sent. */
export function informs(items, all, add) {
  const { information: words, followUps: { marks, verdict: outcomes } } = all;
  const told = ({ text, text_en: english }) => (all.locale.startsWith("zh") ? text : english);
  return (items ?? []).map(({ family, title, verdict: { outcome, reasons, steps }, warning }) => {
    const why = reasons.length ? reasons : steps.filter((step) => step.special);
    return h("div", { class: `verdict informs ${outcome}`, role: "group", "aria-label": words.verdict(told(title)), data: { family } },
      h("p", { class: "outcome" }, h("span", { class: "sign", "aria-hidden": "true" }, marks[outcome]), h("span", {}, words.said(told(title), outcomes[outcome]))),
      why.length ? h("ul", {}, why.map((item) => h("li", {}, told(item)))) : null,
      warning ? h("p", { class: "with-it" }, h("q", {}, warning),
        add ? h("button", { type: "button", class: "plain", on: { click: () => add(warning) } }, words.add) : null) : null);
  });
}

/** The text of an article with what is to be said with it. */
export function warned(item, warning) {
  return { ...item, text: `${item.text.trimEnd()}\n\n${warning}` };
}
