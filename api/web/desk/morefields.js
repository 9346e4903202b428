// What few articles need beside question and answer: kind and choices, the rules they rest on, neighbours, products, for whom they are.

import { h } from "../widget/dom.js";
import { NamesField } from "./names.js";

const KINDS = ["answer", "clarify", "decline", "handover", "smalltalk", "fallback"];
const AUDIENCES = ["retail", "high_net_worth", "professional", "institution"];

export class MoreFields {
  /** `changed()` after each change; `articles(words)` resolves to ids of articles with their questions. */
  constructor(words, article, { sources }, { changed, articles }) {
    this.names = {
      sources: new NamesField(words, "field-sources", { known: new Map(Array.from(sources.values(), ({ id, title }) => [id, title])), hint: words.sourceHint, changed }),
      related: new NamesField(words, "field-related", { known: articles, hint: words.articleHint, changed }),
      choices: new NamesField(words, "field-choices", { known: articles, hint: words.articleHint, changed }),
    };
    this.kind = h("select", { id: "field-kind", on: { change: () => { this.#shape(); changed(); } } }, KINDS.map((name) => h("option", { value: name }, words.kinds[name])));
    const ticks = (names, shown) => new Map(names.map((name) => [name, h("label", { class: "tick" }, h("input", { type: "checkbox", value: name, on: { change: changed } }), shown[name] ?? name)]));
    this.ticks = { audience: ticks(AUDIENCES, words.audiences), products: ticks(Object.keys(words.families), words.families) };
    const field = (name, control) => h("div", { class: "field-of" }, h("label", { for: `field-${name}` }, words.fields[name]), control);
    const group = (name) => h("fieldset", { class: "field-of" }, h("legend", {}, words.fields[name]), h("div", { class: "ticks" }, [...this.ticks[name].values()]));
    this.choices = field("choices", this.names.choices.element);
    this.summary = h("summary", {}, words.moreFields);
    this.element = h("details", { class: "more-fields", open: Boolean(article.sources.length) || article.kind !== "answer" }, this.summary,
      h("div", { class: "more-of" }, field("sources", this.names.sources.element), field("kind", this.kind), this.choices, field("related", this.names.related.element), group("audience"), group("products")));
  }

  get values() {
    const ticked = (name) => Array.from(this.ticks[name]).filter(([, label]) => label.firstChild.checked).map(([value]) => value);
    return { kind: this.kind.value, sources: this.names.sources.names, related: this.names.related.names, choices: this.names.choices.names, audience: ticked("audience"), products: ticked("products") };
  }

  set(article) {
    for (const [name, field] of Object.entries(this.names)) field.names = article[name];
    this.kind.value = article.kind;
    for (const [name, labels] of Object.entries(this.ticks)) for (const [value, label] of labels) label.firstChild.checked = article[name].includes(value);
    this.#shape();
  }

  // Choices are of what asks back.
  #shape() {
    this.choices.hidden = this.kind.value !== "clarify" && !this.names.choices.names.length;
  }
}
