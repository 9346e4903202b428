// The conversations behind a number.

import { h } from "../widget/dom.js";
import { exact, told } from "../widget/clock.js";
import { dialog } from "../agent/dialogs.js";
import { time } from "./figures.js";

const AT_ONCE = 50;

/** Opens the list; `query` is what the call takes, `only` the groups that it is of (the empty one too), and `path` the call. `choices`: whether all, what counts and what does not can be chosen. */
export function behind(words, calls, { title, query, only = {}, path = "dashboard/conversations", names = {}, choices = true }) {
  let counted = query.counted ?? null;
  const list = h("ol", { class: "found" });
  const line = h("p", { class: "meta", role: "status" });
  const more = h("button", { type: "button", class: "second", hidden: true, on: { click: () => read(list.children.length) } }, words.more);
  const buttons = ["", "true", "false"].map((value) => h("button", { type: "button", on: { click: () => {
    counted = value || null;
    read(0);
  } } }, words.counted[value || "all"]));
  const choice = choices ? h("div", { class: "choice", role: "group", "aria-label": words.countedName }, buttons) : null;
  const shown = dialog(words, title, choice, line, h("div", { class: "scroll" }, list, more));
  shown.classList.add("behind");

  async function read(offset) {
    buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(["", "true", "false"][place] === String(counted ?? ""))));
    if (!offset) list.replaceChildren(...Array.from({ length: 5 }, () => h("li", { class: "skeleton" })));
    line.textContent = words.loading;
    try {
      const page = await calls.get(path, { ...query, counted, offset, limit: AT_ONCE }, only);
      if (!offset) list.replaceChildren();
      list.append(...page.conversations.map((item) => row(item)));
      line.textContent = page.total ? words.found(page.total) : words.foundNone;
      more.hidden = list.children.length >= page.total;
    } catch {
      list.replaceChildren();
      line.replaceChildren(words.loadFailed, " ", h("button", { type: "button", class: "plain", on: { click: () => read(0) } }, words.retry));
    }
  }

  function row(item) {
    const at = new Date(item.started_at);
    const facts = [
      words.channels[item.channel] ?? item.channel, words.categories[item.category ?? ""] ?? item.category,
      item.agent ? names[item.agent] ?? item.agent : words.assistant,
      item.waited !== null && words.waitedFor(time(item.waited, words)), item.first_response !== null && words.answeredIn(time(item.first_response, words)),
      item.complaint && words.complaint, item.findings && words.findingsOf(item.findings), item.resolved && words.resolvedShort];
    return h("li", {}, h("a", { href: `agent#${item.conversation_id}` },
      h("span", { class: "words" }, item.words || words.noWords),
      h("time", { class: "meta", datetime: item.started_at, title: exact(at, words) }, told(at, words)),
      h("span", { class: "meta" }, facts.filter(Boolean).join(" · ")),
      item.satisfaction ? h("span", { class: "meta stars", "aria-label": words.stars(item.satisfaction) }, "★".repeat(item.satisfaction) + "☆".repeat(5 - item.satisfaction)) : null));
  }

  read(0);
}
