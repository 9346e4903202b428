// Dialogs in which an agent finds words: in the knowledge base, and among phrases of their own and the team's.

import { h, icon } from "../widget/dom.js";
import { render } from "../widget/markdown.js";
import { sources } from "./conversation.js";
import { dialog } from "./dialogs.js";
import { informs, warned } from "./informs.js";

const PAUSE = 200;

/** `act` has find(q) → {articles}, and insert(article), or false where nothing may be sent. */
export function searchDialog(words, act) {
  if (document.querySelector("dialog.search")) return;
  const around = words.around;
  let found = [];
  let at = 0;
  let asking = null;
  const field = h("input", { type: "text", "aria-label": around.searchField, placeholder: around.searchField, maxlength: "200", autocomplete: "off",
    role: "combobox", "aria-expanded": "false", "aria-controls": "found-articles" });
  const list = h("ol", { class: "found", id: "found-articles", role: "listbox", "aria-label": around.search });
  const state = h("p", { class: "meta", role: "status" }, act.insert ? around.searchHint : around.searchLooks);
  const element = dialog(words, around.search, field, state, list);
  element.classList.add("search");

  const take = (item) => {
    if (!item || !act.insert) return;
    element.close();
    act.insert(item);
  };
  const choose = (index) => {
    at = index;
    for (const [place, option] of Array.from(list.children).entries()) option.setAttribute("aria-selected", String(place === at));
    const chosen = list.children[at];
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    chosen?.scrollIntoView({ block: "nearest" });
  };
  const show = () => {
    field.setAttribute("aria-expanded", String(found.length > 0));
    list.replaceChildren(...found.map((item, index) => h("li", { id: `found-${index}`, role: "option", "aria-selected": "false" },
      h("div", { class: "head" }, h("b", {}, item.title), h("span", { class: "sure" }, words.confidence(Math.round(item.confidence * 100)))),
      h("div", { class: "text" }, render(item.text)),
      informs(item.verdicts, words, act.insert ? (warning) => take(warned(item, warning)) : null),
      h("div", { class: "foot" }, act.insert ? h("button", { type: "button", class: "plain", on: { click: () => take(item) } }, words.insert) : null,
        item.sources.length ? sources(item.sources, words) : null))));
    choose(0);
  };
  const ask = async () => {
    const q = field.value.trim();
    if (!q) return;
    state.textContent = words.loading;
    try {
      const { articles } = await act.find(q);
      if (q !== field.value.trim()) return;
      found = articles;
      state.textContent = found.length ? "" : around.nothingFound;
      show();
    } catch {
      state.textContent = words.loadFailed;
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(asking);
    asking = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      choose((at + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(found[at]);
    }
  });
  field.focus();
}

/** Write, change and forget phrases; `on` has `text` to begin with, and whether the `team`'s may be written as well. */
export async function phrasesDialog(words, calls, on) {
  const around = words.around;
  let editing = null;
  let team = false;
  const title = h("input", { type: "text", maxlength: "40", required: true, id: "own-title" });
  const shortcut = h("input", { type: "text", maxlength: "32", id: "own-shortcut", placeholder: around.shortcutHint, pattern: "[A-Za-z0-9_\\-]*" });
  const text = h("textarea", { rows: "3", maxlength: "2000", required: true, id: "own-text", placeholder: around.variables });
  const state = h("p", { class: "meta", role: "alert" });
  const list = h("ul", { class: "own" });
  const save = h("button", { type: "submit", class: "main" }, around.save);
  const form = h("form", { class: "own-form", on: { submit: (event) => { event.preventDefault(); keep(); } } },
    h("label", { for: "own-title" }, around.title), title, h("label", { for: "own-shortcut" }, around.shortcut), shortcut,
    h("label", { for: "own-text" }, around.text), text, h("div", { class: "row" }, state, save));
  const places = on.team ? [false, true].map((place) => h("button", { type: "button", class: "mode", "aria-pressed": String(place === team), on: { click: () => go(place) } },
    place ? around.teamShort : around.ownShort)) : [];
  const element = dialog(words, on.team ? words.quickReplies : around.own, on.team ? h("div", { class: "modes", role: "group" }, places) : null, list, form);
  element.classList.add("own-of");

  const edit = (item) => {
    editing = item;
    title.value = item?.title ?? "";
    shortcut.value = item?.shortcut ?? "";
    text.value = item?.text ?? "";
    title.focus();
  };
  const told = (error) => {
    const finding = error.body?.findings?.[0];
    state.textContent = finding ? `${words.rules[finding.rule] ?? finding.rule}：${finding.words}` : around[error.code] ?? words.somethingFailed;
  };
  const show = async () => {
    const shown = team;
    const { quick_replies: phrases } = await calls.quickReplies(shown).catch(() => ({ quick_replies: [] }));
    if (shown !== team) return;
    list.replaceChildren(...(phrases.length ? phrases.map((item) => h("li", {}, h("b", {}, item.title), h("kbd", {}, item.shortcut), h("span", { class: "text" }, item.text),
      h("button", { type: "button", class: "plain", on: { click: () => edit(item) } }, words.edit),
      h("button", { type: "button", class: "bare", "aria-label": around.forget(item.title), title: around.forget(item.title), on: { click: () => forget(item) } }, icon("close"))))
      : [h("li", { class: "none" }, team ? around.noTeam : around.noOwn)]));
  };
  const go = async (place) => {
    team = place;
    places.forEach((button, index) => button.setAttribute("aria-pressed", String(Boolean(index) === team)));
    state.textContent = "";
    if (editing) edit(null);
    await show();
  };
  const keep = async () => {
    state.textContent = "";
    const whose = team;
    const given = { title: title.value, shortcut: shortcut.value, text: text.value, ...(team && { instead_of: editing?.instead_of ?? [] }) };
    try {
      await (editing ? calls.changeQuickReply(editing.id, given, whose) : calls.addQuickReply(given, whose));
      edit(null);
      await show();
    } catch (error) {
      told(error);
    }
  };
  const forget = async (item) => {
    await calls.removeQuickReply(item.id, team).catch(told);
    await show();
  };
  text.value = on.text;
  title.focus();
  await show();
}
