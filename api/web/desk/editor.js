// One draft as a form, with the answer beside it as the widget shows it.

import { h } from "../widget/dom.js";
import { render } from "../widget/markdown.js";
import { MoreFields } from "./morefields.js";
import { filled, quoted } from "./placeholders.js";

const DAYS = ["effective_from", "effective_to", "review_by"];

/** The answer as clients read it, and the numbers in it with where they come from; `quotable` is what there is to quote. */
export function preview(words, body, quotable) {
  const told = (value) => [`${words.since(value.start)}${words.colon}${value.value}`, ...value.sources.map((id) => quotable.sources.get(id)?.title ?? id)].join(" · ");
  return [h("div", { class: "bubble" }, body.trim() ? render(filled(body, quotable)) : h("p", { class: "meta" }, words.previewEmpty)),
    h("div", { class: "facts" }, quoted(body, quotable).map((fact) => h("details", { class: "fact" },
      h("summary", {}, `${fact.title} ${fact.value ?? words.unknownFact}`),
      h("ul", {}, fact.values.map((value) => h("li", { class: "meta" }, told(value))),
        fact.values.length ? h("li", { class: "meta" }, h("a", { href: `#view=facts&fact=${fact.name}` }, words.quotedBy(fact.quoted_by.length))) : null))))];
}

export class Editor {
  /** `changed(article)` at every key; `intents(category)` gives names that articles of a category have, `articles(words)` those that are
   *  found, as names. */
  constructor(words, article, quotable, { changed, intents, articles }) {
    Object.assign(this, { words, quotable, intents, given: article });
    const changing = { input: () => { this.#preview(); changed(this.article); } };
    const input = (name, attributes) => h("input", { id: `field-${name}`, ...attributes, on: changing });
    this.fields = {
      question: input("question", { type: "text", maxlength: "400" }),
      similar: h("textarea", { id: "field-similar", rows: "6", on: changing }),
      body: h("textarea", { id: "field-body", class: "code", rows: "12", maxlength: "20000", on: changing }),
      category: h("select", { id: "field-category", on: { change: () => { this.#suggest(); changed(this.article); } } },
        h("option", { value: "" }, "–"), Object.entries(words.categories).map(([name, shown]) => h("option", { value: name }, shown))),
      intent: input("intent", { type: "text", maxlength: "80", list: "intents", spellcheck: "false", autocapitalize: "none" }),
      ...Object.fromEntries(DAYS.map((name) => [name, input(name, { type: "date", min: "1990-01-01", max: "2200-01-01", required: name === "effective_from" })])),
    };
    this.more = new MoreFields(words, article, quotable, { changed: () => changed(this.article), articles });
    this.options = h("datalist", { id: "intents" });
    this.shown = h("div", { class: "message assistant" });
    const label = (name, more = null) => h("div", { class: `field-of ${name}` }, h("label", { for: `field-${name}` }, words.fields[name], more && h("span", { class: "meta" }, more)), this.fields[name]);
    this.element = h("form", { class: "editor", on: { submit: (event) => event.preventDefault() } },
      label("question"), label("similar", words.onePerLine),
      h("div", { class: "side-by-side" }, label("body", words.markdown), h("div", { class: "field-of" }, h("h4", {}, words.preview), this.shown)),
      h("div", { class: "small-fields" }, label("category"), label("intent"), DAYS.map((name) => label(name))), this.more.element, this.options);
    this.set(article);
    this.#suggest();
  }

  /** What stands in the form, as an article. */
  get article() {
    const { question, similar, body, category, intent, ...days } = this.fields;
    return { ...this.given, question: question.value, similar: similar.value.split("\n").map((line) => line.trim()).filter(Boolean), body: body.value,
      category: category.value, intent: intent.value.trim(), ...this.more.values,
      ...Object.fromEntries(DAYS.map((name) => [name, days[name].value || (name === "effective_from" ? this.given[name] : null)])) };
  }

  /** One more way to ask. */
  ask(question) {
    const { similar } = this.fields;
    similar.value = `${similar.value.trimEnd()}\n${question}`.trimStart();
    similar.dispatchEvent(new Event("input"));
    similar.scrollTop = similar.scrollHeight;
  }

  set(article) {
    this.given = article;
    const { fields } = this;
    for (const name of ["question", "body", "intent", ...DAYS]) fields[name].value = article[name] ?? "";
    fields.similar.value = article.similar.join("\n");
    if (article.category && !(article.category in this.words.categories)) fields.category.append(h("option", { value: article.category }, article.category));
    fields.category.value = article.category;
    this.more.set(article);
    this.#preview();
  }

  #preview() {
    this.shown.replaceChildren(...preview(this.words, this.fields.body.value, this.quotable));
  }

  async #suggest() {
    const names = await this.intents(this.fields.category.value).catch(() => []);
    this.options.replaceChildren(...names.map((name) => h("option", { value: name })));
  }
}
