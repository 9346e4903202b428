// Ask as a client would: of what is live, or of that with a draft in it.

import { h } from "../widget/dom.js";
import { render } from "../widget/markdown.js";

/** `revision` is the draft that answers with, or null; `before()` gives whether the draft's words are all saved. */
export function tryout(words, calls, { revision = null, before = async () => true } = {}) {
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
      const { reply } = await calls.post("knowledge/try", { text, ...(revision && { revision }) });
      answer.replaceChildren(h("p", { class: "meta" }, [words.kinds[reply.kind] ?? reply.kind, reply.article?.title, `${Math.round(reply.confidence * 100)}%`].filter(Boolean).join(" · ")),
        h("div", { class: "bubble" }, render(reply.text)),
        reply.choices?.length ? h("ul", { class: "offered" }, reply.choices.map(({ title }) => h("li", {}, title))) : "");
    } catch (error) {
      answer.replaceChildren(h("p", { class: "trouble", role: "alert" }, error.message === "unsaved" ? words.tryUnsaved : error.code === "draft_refused" ? words.tryIncomplete : words.tryFailed));
    }
    button.disabled = false;
  }

  return h("section", { class: "card try" }, h("h3", {}, revision ? words.tryDraft : words.tryLive),
    h("form", { on: { submit: ask } }, field, button), answer);
}
