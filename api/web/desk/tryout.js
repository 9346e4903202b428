// Ask as a client would: of what is live, of that with a draft in it, or of what was live at a moment.

import { h } from "../widget/dom.js";
import { render } from "../widget/markdown.js";

/** `revision` is the draft that answers with, `at` the moment that is asked of, or null; `before()` gives whether the draft's words are all
 *  saved. */
export function tryout(words, calls, { revision = null, at = null, before = async () => true } = {}) {
  const field = h("input", { type: "text", maxlength: "500", "aria-label": words.tryAsk, placeholder: words.tryAsk, enterkeyhint: "send" });
  const button = h("button", { type: "submit", class: "second" }, words.ask);
  const answer = h("div", { class: "answer", "aria-live": "polite" });

  async function ask(event) {
    event.preventDefault();
    const text = field.value.trim();
    if (!text || button.disabled) return;
    button.disabled = true;
    answer.replaceChildren(h("div", { class: "skeleton" }));
    try {
      if (!await before()) throw new Error("unsaved");
      const { reply, knowledge_version: version } = await calls.post("knowledge/try", { text, ...(revision && { revision }), ...(at && { as_of: at }) });
      answer.replaceChildren(h("p", { class: "meta" }, [words.kinds[reply.kind] ?? reply.kind, reply.article?.title, `${Math.round(reply.confidence * 100)}%`, at && words.past.version(version)].filter(Boolean).join(" · ")),
        h("div", { class: "bubble" }, render(reply.text)),
        reply.choices?.length ? h("ul", { class: "offered" }, reply.choices.map(({ title }) => h("li", {}, title))) : "");
    } catch (error) {
      answer.replaceChildren(h("p", { class: "trouble", role: "alert" }, error.message === "unsaved" ? words.tryUnsaved : error.code === "draft_refused" ? words.tryIncomplete : words.tryFailed));
    }
    button.disabled = false;
  }

  return h("section", { class: "card try" }, h("h3", {}, at ? words.past.tryThen : revision ? words.tryDraft : words.tryLive),
    h("form", { on: { submit: ask } }, field, button), answer);
}
