// Ways to ask that the draft does not list yet: what agents answered by its article, and what clients asked that came near it.

import { h } from "../widget/dom.js";
import { Part } from "../dashboard/part.js";

const SHOWN = 8;

export class Suggested {
  /** `revision` is the draft's id; `add(question)` takes one into it. */
  constructor(words, calls, revision, add) {
    Object.assign(this, { words, add });
    this.part = new Part(words, "card suggested", ({ questions }) => [h("h3", {}, words.suggested), questions.length
      ? h("ul", {}, questions.slice(0, SHOWN).map((item) => this.#row(item))) : h("p", { class: "meta" }, words.suggestedNone)]);
    this.element = this.part.element;
    this.part.load(() => calls.get(`knowledge/revisions/${revision}/similar`));
  }

  #row({ question, why, times }) {
    const { words } = this;
    const row = h("li", {}, h("span", { class: "said" }, question, h("span", { class: "meta" }, ` ${words.suggestedBy[why] ?? why} ${words.times(times)}`)),
      h("button", { type: "button", class: "plain", "aria-label": words.suggestedAdd(question), on: { click: () => {
        this.add(question);
        (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("button").focus();
        row.remove();
      } } }, words.add));
    return row;
  }
}
