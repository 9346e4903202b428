// One message: the words, and what hangs under them.

import { exact } from "./clock.js";
import { h, icon } from "./dom.js";
import { fileSlot, fileView } from "./files.js";
import { render } from "./markdown.js";

const JUDGED = new Set(["answer", "decline"]);

/** {element, update(entry, story)} */
export function bubble(entry, words, act) {
  return entry.sender === "client" ? fromClient(entry, words, act) : fromFirm(entry, words, act);
}

function fromClient(entry, words, act) {
  const state = h("div", { class: "state" });
  const files = h("div", { class: "files" });
  const element = h("article", { class: "message client" }, h("span", { class: "hidden-text" }, `${words.you}：`), files,
    entry.text ? h("div", { class: "bubble", title: exact(entry.at, words) }, entry.text) : null, state);
  const slot = fileSlot(files, words, act.fileSource);
  const showFile = (row) => {
    slot(row);
    files.hidden = !row.file && !row.attachment;
  };
  showFile(entry);
  let shown = "";
  const update = (row, story) => {
    const { status, problem, clientMessageId, text, file } = row;
    showFile(row);
    const unread = row.attachment && !status && !text && story?.state === "assistant";
    const now = `${status}/${problem?.code}/${Boolean(unread)}`;
    if (now === shown) return;
    shown = now;
    element.classList.toggle("failed", status === "failed");
    element.classList.toggle("unsent", Boolean(status));
    state.replaceChildren(...(status === "failed" ? failure(words, problem, {
      retry: () => act.retry(clientMessageId), edit: () => act.edit(clientMessageId, text), drop: file && (() => act.drop(clientMessageId)) })
      : status ? [words[status]] : unread ? [words.fileToAssistant] : []));
  };
  return { element, update };
}

function failure(words, problem, { retry, edit, drop }) {
  if (drop) {
    const final = problem?.status >= 400 && !problem.passing;
    return [h("span", { role: "alert" }, words.fileProblems[problem?.code] ?? words.failed),
      h("button", { type: "button", class: "plain", on: { click: final ? drop : retry } }, final ? words.remove : words.retry)];
  }
  const tooLong = problem?.code === "message_too_long" || problem?.code === "body_too_large";
  const refused = tooLong || problem?.status === 422;
  return [h("span", { role: "alert" }, tooLong ? words.failedTooLong : words.failed),
    h("button", { type: "button", class: "plain", on: { click: refused ? edit : retry } },
      refused ? words.edit : words.retry)];
}

function fromFirm(entry, words, act) {
  const { reply, sender, name } = entry;
  const parts = [entry.attachment ? fileView(entry.attachment, words, act.fileSource) : null,
    entry.text ? h("div", { class: "bubble", title: exact(entry.at, words) }, ...render(entry.text)) : null];
  const updates = [];
  if (reply?.choices.length) {
    const choices = choiceButtons(entry, words, act);
    parts.push(choices.element);
    updates.push(choices.update);
  }
  if (reply?.sources.length) parts.push(sourceList(reply.sources, words));
  if (reply?.kind === "fallback") {
    parts.push(h("button", { type: "button", class: "choice offer", on: { click: act.human } },
      icon("person"), words.human));
  }
  if (reply && JUDGED.has(reply.kind)) {
    const verdict = verdictRow(reply.id, words, act);
    parts.push(verdict.element);
    updates.push(verdict.update);
  }
  const who = sender === "agent" ? h("div", { class: "who" }, name ?? words.agent)
    : h("span", { class: "hidden-text" }, `${sender === "system" ? "" : `${words.assistant}：`}`);
  const element = h("article", { class: `message ${sender}` }, who, ...parts);
  return { element, update: (now, story) => updates.forEach((update) => update(now, story)) };
}

function choiceButtons(entry, words, act) {
  const buttons = entry.reply.choices.map(({ title }, index) => h("button", {
    type: "button", class: "choice", "aria-keyshortcuts": String(index + 1), data: { choice: String(index + 1) },
    on: { click: () => act.pick(title) } },
  h("span", { class: "number", "aria-hidden": "true" }, String(index + 1)),
  h("span", { class: "words" }, title), icon("check")));
  const element = h("div", { class: "choices", role: "group", "aria-label": words.choices }, ...buttons);
  // What was picked is what the client said next; so it is still marked after a reload.
  const update = (now, story) => {
    const next = story.entries.slice(story.entries.indexOf(now) + 1).find(({ sender }) => sender === "client");
    element.classList.toggle("past", Boolean(next));
    buttons.forEach((button, index) => {
      const picked = next?.text === entry.reply.choices[index].title;
      button.classList.toggle("picked", picked);
      button.setAttribute("aria-pressed", String(picked));
    });
  };
  return { element, update };
}

function sourceList(sources, words) {
  return h("details", { class: "sources" },
    h("summary", {}, icon("chevron"), words.sources(sources.length)),
    h("ul", {}, sources.map(({ title, number, issuer, effective_from: from }) => h("li", {},
      h("span", { class: "rule" }, `《${title}》`),
      h("span", { class: "about" }, [number, issuer, from && words.effective(from)].filter(Boolean).join(" · "))))));
}

function verdictRow(replyId, words, act) {
  const thanks = h("span", { class: "thanks", role: "status" });
  const button = (helpful) => h("button", { type: "button", class: "verdict", "aria-pressed": "false", on: {
    click: () => act.judge(replyId, helpful).catch(() => { thanks.textContent = words.judgeFailed; }) } },
  icon(helpful ? "up" : "down"), helpful ? words.helpful : words.unhelpful);
  const yes = button(true);
  const no = button(false);
  const element = h("div", { class: "verdicts", role: "group", "aria-label": words.helpfulAsk }, yes, no, thanks);
  let shown = null;
  const update = ({ helpful }) => {
    if (helpful === shown) return;
    shown = helpful;
    yes.setAttribute("aria-pressed", String(helpful === true));
    no.setAttribute("aria-pressed", String(helpful === false));
    thanks.textContent = helpful === null ? "" : helpful ? words.thanksHelpful : words.thanksUnhelpful;
  };
  return { element, update };
}
