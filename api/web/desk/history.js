// The revisions of an article: what each was, how it differs from what is live, and back to it.

import { h } from "../widget/dom.js";
import { exact, told } from "../widget/clock.js";
import { dialog } from "../agent/dialogs.js";
import { difference } from "./difference.js";

// Of what came with the files; no account has this name.
const FROM_FILES = "os:files";

/** Who wrote a revision. */
export function authorOf({ author }, words) {
  return author === FROM_FILES ? words.fromFiles : author;
}

/** `restore(revision)` makes a draft with its words, or is null where that is not allowed. */
export function history(words, calls, story, restore) {
  const rows = story.history.map((item) => {
    const at = new Date(item.updated_at);
    return h("li", {}, h("p", {}, h("b", {}, `${item.revision}`), " ", h("span", { class: `state-chip ${item.live ? "live" : item.state}` }, item.live ? words.live : words.states[item.state]), " ",
      h("time", { class: "meta", datetime: item.updated_at, title: exact(at, words) }, told(at, words))),
      h("p", { class: "meta" }, [authorOf(item, words), item.approver && words.approvedBy(item.approver)].filter(Boolean).join(" · ")),
      item.live ? null : h("p", { class: "row-of" },
        story.published ? h("button", { type: "button", class: "plain", on: { click: () => compare(item) } }, words.compare) : null,
        restore && item !== story.history[0] || restore && item.state === "retired" ? h("button", { type: "button", class: "plain", on: { click: () => restore(item) } }, words.restore) : null));
  });

  async function compare(item) {
    const body = h("div", { class: "scroll" }, h("p", { class: "meta" }, words.loading));
    const shown = dialog(words, words.against(item.revision, story.published.revision), body);
    shown.classList.add("wide-dialog");
    try {
      body.replaceChildren(...difference(await calls.get(`knowledge/revisions/${item.id}/difference`, { against: story.published.revision }), words));
    } catch {
      body.replaceChildren(h("p", { class: "trouble", role: "alert" }, words.loadFailed));
    }
  }

  return h("section", { class: "card history" }, h("h3", {}, words.history), h("ol", {}, rows));
}
