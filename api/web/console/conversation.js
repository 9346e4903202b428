// The middle column: who it is with, what was said, and (from composer.js) where the agent writes.

import { apart, exact, told } from "../widget/clock.js";
import { h, icon } from "../widget/dom.js";
import { fileSlot, listenForFiles } from "../widget/files.js";
import { render } from "../widget/markdown.js";

export class Conversation {
  /** `act` has transfer(), release(to), end(), back(), beside(), retry(id), edit(id), reload(). */
  constructor(words, act, composer) {
    this.words = words;
    this.act = act;
    this.composer = composer;
    this.shown = new Map();
    this.who = h("h2", {});
    this.state = h("p", { class: "held", role: "status" });
    this.buttons = Object.fromEntries(Object.entries({
      transfer: ["plain", act.transfer, words.transfer, "Alt+T"],
      release: ["plain", () => act.release("assistant"), words.release, "Alt+R"], end: ["plain", act.end, words.end, "Alt+X"],
    }).map(([name, [kind, click, text, keys]]) => [name, h("button", { type: "button", class: `${kind} ${name}`, title: keys,
      "aria-keyshortcuts": keys, on: { click } }, text)]));
    this.log = h("div", { class: "log", role: "log", "aria-label": words.conversation, "aria-live": "polite",
      "aria-relevant": "additions" });
    this.typing = h("p", { class: "typing", role: "status", hidden: true });
    this.scroll = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": words.conversation }, this.log, this.typing);
    this.jump = h("button", { type: "button", class: "jump", hidden: true, on: { click: () => this.toEnd() } }, words.newMessages, icon("chevron"));
    this.nothing = h("div", { class: "nothing" }, icon("chat"), h("p", {}, words.nothingChosen), h("p", { class: "meta" }, words.nothingChosenMore));
    this.trouble = h("div", { class: "state", role: "alert", hidden: true }, words.loadFailed,
      h("button", { type: "button", class: "plain", on: { click: act.reload } }, words.retry));
    // Where the list gives way to the conversation, the way back says how much wants the agent there.
    this.elsewhere = h("span", { class: "unread", hidden: true });
    this.back = h("button", { type: "button", class: "bare back", "aria-label": words.back, title: words.back, on: { click: act.back } }, icon("chevron"), this.elsewhere);
    this.head = h("header", {},
      this.back,
      h("div", { class: "names" }, this.who, this.state), h("div", { class: "acts" }, Object.values(this.buttons)),
      h("button", { type: "button", class: "bare to-beside", "aria-label": words.beside, title: words.beside, on: { click: act.beside } }, icon("person")));
    this.body = h("div", { class: "story" }, this.scroll, this.jump);
    this.element = h("main", { class: "conversation", id: "conversation", tabindex: "-1" },
      this.nothing, this.head, this.trouble, this.body, composer.element);
    listenForFiles(this.element, act.attach);
    this.atEnd = true;
    this.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(); }).observe(this.scroll);
  }

  /** Show a talk, or none; `line` is its line of the inbox, `mine` whether the agent holds it, `elsewhere` how many others want them. */
  update(talk, line, { mine, may, holder, elsewhere }) {
    this.nothing.hidden = Boolean(talk);
    for (const part of [this.head, this.body, this.composer.element]) part.hidden = !talk;
    this.trouble.hidden = !talk?.trouble;
    if (!talk) return;
    if (talk !== this.talk) {
      this.shown.clear();
      this.log.replaceChildren();
      this.atEnd = true;
      this.jump.hidden = true;
    }
    this.talk = talk;
    this.#header(line, { mine, may, holder });
    put(this.elsewhere, elsewhere ? String(elsewhere) : "");
    this.elsewhere.hidden = !elsewhere;
    this.back.setAttribute("aria-label", elsewhere ? this.words.backTo(elsewhere) : this.words.back);
    this.#entries(talk, line);
    this.tick();
  }

  /** Relative times and typing go on. */
  tick() {
    for (const part of this.shown.values()) part.tick?.();
    const typing = this.talk?.typing;
    const shows = Boolean(typing) && typing.until > Date.now();
    const text = shows ? (typing.name ? this.words.colleagueTyping(typing.name) : this.words.clientTyping) : "";
    if (this.typing.textContent !== text) this.typing.textContent = text;
    this.typing.hidden = !shows;
    if (shows && this.atEnd) this.toEnd();
  }

  toEnd() {
    this.atEnd = true;
    this.jump.hidden = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  #header(line, { mine, may, holder }) {
    const { words, buttons } = this;
    const state = line?.state;
    put(this.who, line?.name ?? words.unknownClient);
    put(this.state, [line && (words.channels[line.channel] ?? line.channel),
      mine ? words.states.mine : state === "agent" ? words.states.agent(holder) : words.states[state],
      line?.raised && words.raised, state === "closed" && line.satisfaction && words.stars(line.satisfaction),
      state === "closed" && line.satisfactionWords].filter(Boolean).join(" · "));
    this.element.dataset.state = mine ? "mine" : state ?? "";
    buttons.transfer.hidden = !(mine && may.transfer);
    buttons.release.hidden = !mine;
    buttons.end.hidden = !(mine || (may.reply && (state === "waiting" || (state === "assistant" && line.raised))));
  }

  #entries(talk, line) {
    const rows = withTimes(talk.entries);
    const keys = new Set(rows.map((row) => row.key));
    let place = null;
    let fresh = false;
    for (const [key, part] of this.shown) {
      if (!keys.has(key)) {
        part.element.remove();
        this.shown.delete(key);
      }
    }
    for (const row of rows) {
      const known = this.shown.get(row.key);
      const part = known ?? this.#make(row, line);
      fresh ||= !known && row.kind === "client";
      part.update?.(row);
      const next = place ? place.nextSibling : this.log.firstChild;
      if (part.element !== next) this.log.insertBefore(part.element, next);
      place = part.element;
    }
    if (this.atEnd) this.toEnd();
    else if (fresh) this.jump.hidden = false;
  }

  #make(row, line) {
    const { words } = this;
    const part = { day: () => day(row, words), time: () => time(row, words), line: () => ({ element: h("p", { class: "line-of", title: exact(row.at, words) }, row.text) }) }[row.kind]?.()
      ?? bubble(row, words, this.act, line);
    this.shown.set(row.key, part);
    return part;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    if (scrollHeight - scrollTop - clientHeight < 40) {
      this.atEnd = true;
      this.jump.hidden = true;
    } else if (scrollTop < (this.top ?? 0)) {
      this.atEnd = false;
    }
    this.top = scrollTop;
  }
}

function bubble(row, words, act, line) {
  const name = { client: line?.name ?? words.client, assistant: words.assistant, system: "",
    agent: row.mine ? words.you : row.name ?? words.colleague,
    note: words.noteFrom(row.mine ? words.you : row.name ?? words.colleague) }[row.kind] ?? words.colleague;
  const text = row.kind === "assistant" || row.kind === "agent" ? render(row.text) : row.text;
  const state = h("div", { class: "sent", role: "status" });
  const verdict = h("span", { class: "judged" });
  const files = h("div", { class: "files" });
  const showFile = fileSlot(files, words.around, act.fileSource);
  const element = h("article", { class: `message ${row.kind}${row.mine ? " own" : ""}` },
    h("div", { class: "who" }, name, row.reply ? h("span", { class: "kind" }, words.replyKinds[row.reply.kind] ?? row.reply.kind) : null, verdict),
    files, row.text ? h("div", { class: "bubble", title: exact(row.at, words) }, text) : null,
    row.reply?.choices?.length ? h("ul", { class: "offered", "aria-label": words.offered }, row.reply.choices.map(({ title }) => h("li", {}, title))) : null,
    row.reply?.sources?.length ? sources(row.reply.sources, words) : null, state);
  let shown = "";
  const update = ({ status, problem, helpful, clientMessageId, file, attachment, share }) => {
    showFile({ status, file, attachment, share });
    const now = `${status}/${problem?.code}/${helpful}`;
    if (now === shown) return;
    shown = now;
    element.classList.toggle("unsent", Boolean(status));
    element.classList.toggle("failed", status === "failed");
    verdict.textContent = helpful === true ? words.helpful : helpful === false ? words.unhelpful : "";
    state.replaceChildren(...(status === "failed" ? [h("span", {}, words[problem?.code] ?? words.around[problem?.code] ?? words.failed),
      h("button", { type: "button", class: "plain", on: { click: () => act.edit(clientMessageId) } }, file ? words.around.drop : words.edit),
      h("button", { type: "button", class: "plain", on: { click: () => act.retry(clientMessageId) } }, words.retry)]
      : status ? [words[status]] : []));
  };
  return { element, update };
}

/** The rules behind an answer, folded. */
export function sources(list, words) {
  return h("details", { class: "sources" }, h("summary", {}, icon("chevron"), words.sources(list.length)),
    h("ul", {}, list.map(({ title, number, issuer, effective_from: from }) => h("li", {}, h("span", { class: "rule" }, `《${title}》`),
      h("span", { class: "about" }, [number, issuer, from && words.effective(from)].filter(Boolean).join(" · "))))));
}

function day({ at }, words) {
  const element = h("p", { class: "day" });
  const tick = () => {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
    put(element, days === 0 ? words.today : days === 1 ? words.yesterday
      : at.toLocaleDateString(words.locale, { year: "numeric", month: "long", day: "numeric", weekday: "short" }));
  };
  tick();
  return { element, tick };
}

function time({ at }, words) {
  const element = h("time", { class: "time", datetime: at.toISOString(), title: exact(at, words) });
  const tick = () => put(element, told(at, words));
  tick();
  return { element, tick };
}

// A day stands before its first entry, a time before what comes long after the entry above it.
function withTimes(entries) {
  const rows = [];
  let last = null;
  for (const entry of entries) {
    if (!last || last.toDateString() !== entry.at.toDateString()) rows.push({ key: `day:${entry.at.toDateString()}`, kind: "day", at: entry.at });
    if (!last || apart(last, entry.at)) rows.push({ key: `time:${entry.key}`, kind: "time", at: entry.at });
    rows.push(entry);
    last = entry.at;
  }
  return rows;
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
