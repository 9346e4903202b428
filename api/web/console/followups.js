// What may be followed up: beside a conversation with what may be offered and said, and all of it as a queue by due time.

import { exact } from "../widget/clock.js";
import { h, icon } from "../widget/dom.js";

const SOON = 0.25; // of the time from opening to due
const MINUTE = 60_000;

/** The follow-ups of whoever is in the conversation on screen. */
export class FollowUpPanel {
  /** `act` has insert(item), step(item, step, body, told), optOut(), undo(), reload(). `name(account)` is how colleagues are called. */
  constructor(words, act, me, name) {
    Object.assign(this, { all: words, words: words.followUps, act, me, name });
    this.count = h("span", { class: "count" });
    this.said = h("p", { role: "status" });
    this.heard = h("div", { class: "heard", hidden: true }, this.said, h("button", { type: "button", class: "second", on: { click: act.optOut } }, this.words.register),
      h("button", { type: "button", class: "plain", on: { click: act.undo } }, this.words.undo));
    this.list = h("ol", { class: "tasks" });
    this.state = h("p", { class: "meta", role: "status" });
    this.out = h("button", { type: "button", class: "plain opt-out", hidden: true, on: { click: act.optOut } }, this.words.optOut);
    this.heading = h("h3", { tabindex: "-1" }, this.words.title, this.count);
    this.element = h("section", { class: "follow-ups", "aria-label": this.words.title },
      this.heading, this.heard, this.list, this.state, this.out);
    this.clear();
  }

  clear() {
    this.items = [];
    this.shown = null;
    this.element.hidden = true;
    this.list.replaceChildren();
  }

  failed() {
    this.shown = null;
    this.element.hidden = false;
    this.state.replaceChildren(this.all.loadFailed, h("button", { type: "button", class: "plain", on: { click: this.act.reload } }, this.all.retry));
  }

  /** {follow_ups, opted_out, opt_out_heard, opt_out_heard_message}; `can` says whether the agent may write to the client now. */
  show(found, can) {
    const { words } = this;
    this.element.hidden = false;
    const now = JSON.stringify([found, can]);
    if (now === this.shown) return;
    this.shown = now;
    this.can = can;
    this.items = found.follow_ups;
    this.count.textContent = this.items.length ? String(this.items.length) : "";
    this.state.replaceChildren(found.opted_out ? words.optedOut : this.items.length || found.opt_out_heard ? "" : words.none);
    this.out.hidden = found.opted_out || Boolean(found.opt_out_heard);
    this.heard.hidden = !found.opt_out_heard || found.opted_out;
    this.#say(found);
    const kept = this.#kept();
    this.list.replaceChildren(...this.items.map((item, index) => this.#task(item, index, kept)));
    kept.focus?.();
  }

  /** Where the focus goes when what had it is gone; whoever works elsewhere by then stays there. */
  focus() {
    const { activeElement: now } = document;
    if (now === document.body || this.element.contains(now)) this.heading.focus();
  }

  tick() {
    for (const time of this.list.querySelectorAll(".due")) showDue(time, this.items[Number(time.dataset.index)], this.all);
  }

  /** The opening line of the first that has one, into the field. */
  insert() {
    const item = this.items.find((one) => one.opening_line);
    if (item && this.can) this.act.insert(item);
  }

  // Told once for each no, however often the panel is drawn.
  #say({ opt_out_heard: heard, opt_out_heard_message: message }) {
    if (!this.heard.hidden && this.said.dataset.message === message) return;
    this.said.dataset.message = message ?? "";
    this.said.textContent = this.heard.hidden ? "" : this.words.heard(heard);
  }

  // A note that is being written, an open list and the focus outlast a change.
  #kept() {
    const notes = new Map(Array.from(this.list.querySelectorAll("input.note"), (field) => [field.dataset.id, field.value]));
    const open = new Set(Array.from(this.list.querySelectorAll("details[open]"), (part) => part.dataset.key));
    const { key } = this.list.contains(document.activeElement) ? document.activeElement.dataset : {};
    return { notes, open, focus: key && (() => this.list.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus()) };
  }

  #task(item, index, kept) {
    const { words } = this;
    const due = h("time", { class: "due", data: { index: String(index) } });
    showDue(due, item, this.all);
    const theirs = item.agent && item.agent !== this.me;
    return h("li", { class: "task", data: { id: item.id, outcome: item.verdict.outcome } },
      h("div", { class: "head" }, h("b", {}, this.#told(item.title)), h("span", { class: "meta", title: words.sure(percent(item)) }, `${percent(item)}%`), due),
      h("blockquote", {}, item.evidence),
      this.#verdict(item, kept),
      h("p", { class: "why meta" }, h("b", {}, words.whyNow), " ", this.#told(item.why_now)),
      item.opening_line ? this.#opening(item, index) : null,
      theirs ? h("p", { class: "meta" }, words.claimed(this.name(item.agent))) : this.#acts(item, kept));
  }

  #told({ text, text_en: english }) {
    return this.all.locale.startsWith("zh") ? text : english;
  }

  #verdict(item, kept) {
    const { words } = this;
    const { outcome, reasons, steps } = item.verdict;
    return h("div", { class: `verdict ${outcome}` },
      h("p", { class: "outcome" }, h("span", { class: "sign", "aria-hidden": "true" }, words.marks[outcome]), h("span", {}, words.verdict[outcome])),
      reasons.length ? h("ul", {}, reasons.map((reason) => h("li", {}, this.#told(reason), reason.rules[0] ? h("span", { class: "meta" }, ` ${source(reason.rules[0])}`) : null,
        reason.remedy ? h("span", { class: "remedy" }, `${words.remedy}：`, this.#told(reason.remedy)) : null))) : null,
      steps.length ? h("ul", {}, steps.map((step) => h("li", {}, this.#told(step)))) : null,
      item.products.length ? this.#products(item, "products", item.products, kept) : null,
      item.withheld.length && outcome !== "may_not" ? this.#products(item, "withheld", item.withheld, kept) : null);
  }

  #products(item, kind, products, kept) {
    const { words } = this;
    const key = `${item.id}/${kind}`;
    return h("details", { class: "offers", data: { key }, open: kept.open.has(key) }, h("summary", { data: { key: `${key}/summary` } }, icon("chevron"), words[kind](products.length)),
      h("ul", {}, products.map(({ code, name, risk, verdict }) => h("li", { title: code }, h("span", { class: "risk" }, risk), name,
        verdict.reasons.length ? h("span", { class: "meta" }, ` ${verdict.reasons.map((reason) => this.#told(reason)).join(" ")}`) : null,
        verdict.steps.some((step) => step.special) ? h("span", { class: "meta" }, ` ${words.before}：${verdict.steps.filter((step) => step.special).map((step) => this.#told(step)).join(" ")}`) : null))));
  }

  #opening(item, index) {
    const { words } = this;
    const keys = index === this.items.findIndex((one) => one.opening_line) ? words.insertKeys : null;
    return h("div", { class: "opening" }, h("q", {}, item.opening_line),
      h("button", { type: "button", class: "plain", disabled: !this.can, "aria-keyshortcuts": keys, title: this.can ? keys : words.mustHold, data: { key: `${item.id}/insert` },
        on: { click: () => this.act.insert(item) } }, words.insert));
  }

  #acts(item, kept) {
    const { words, act } = this;
    const mine = item.agent === this.me;
    const note = h("input", { class: "note", type: "text", maxlength: "2000", placeholder: words.note, "aria-label": words.note, data: { id: item.id, key: `${item.id}/note` } });
    note.value = kept.notes.get(item.id) ?? "";
    const later = h("select", { "aria-label": words.snooze, data: { key: `${item.id}/later` }, on: { change: ({ target }) => {
      act.step(item, "snooze", { until: new Date(Date.now() + Number(target.value)).toISOString() }, words.snoozed);
      target.value = "";
    } } }, h("option", { value: "" }, words.snooze), words.snoozes.map(([shown, wait]) => h("option", { value: String(wait) }, shown)));
    return h("div", { class: "acts-of" },
      h("div", { class: "row" }, mine ? h("button", { type: "button", class: "plain", data: { key: `${item.id}/take` }, on: { click: () => act.step(item, "release") } }, words.release)
        : h("button", { type: "button", class: "second", data: { key: `${item.id}/take` }, on: { click: () => act.step(item, "claim") } }, words.claim), later,
      h("span", { class: "meta" }, item.state === "snoozed" ? words.snoozedUntil(exact(new Date(item.snoozed_until), this.all)) : mine ? words.mine : "")),
      note,
      h("div", { class: "outcomes", role: "group" }, Object.entries(words.outcomes).map(([outcome, shown]) => h("button", { type: "button", class: "plain", data: { key: `${item.id}/${outcome}` },
        on: { click: () => act.step(item, "outcome", { outcome, note: note.value.trim() }, words.recorded(shown)) } }, shown))));
  }
}

/** All that may be worked, in the left column in place of the conversations. */
export class FollowUpQueue {
  /** `act` has choose(item), filter(), all(ids, step, body), retry(). */
  constructor(words, act, me, name) {
    Object.assign(this, { all: words, words: words.followUps, act, me, name });
    this.chosen = new Set();
    this.items = [];
    this.filter = { mine: false, family: "" };
    const { words: own } = this;
    this.whose = [[false, own.all], [true, own.onlyMine]].map(([mine, shown]) => h("button", { type: "button", class: "mode", "aria-pressed": String(mine === false),
      on: { click: () => this.#narrow({ mine }) } }, shown));
    this.family = h("select", { "aria-label": own.allFamilies, on: { change: ({ target }) => this.#narrow({ family: target.value }) } }, h("option", { value: "" }, own.allFamilies));
    this.results = h("select", { "aria-label": own.closeChosen, on: { change: ({ target }) => {
      this.#all("outcome", { outcome: target.value });
      target.value = "";
    } } }, h("option", { value: "" }, own.closeChosen), Object.entries(own.outcomes).map(([outcome, shown]) => h("option", { value: outcome }, shown)));
    this.many = h("span", { class: "meta" });
    this.batch = h("div", { class: "batch", role: "group", hidden: true }, this.many,
      h("button", { type: "button", class: "second", on: { click: () => this.#all("claim") } }, own.claimChosen), this.results);
    this.list = h("ul", {});
    this.state = h("p", { class: "empty", role: "status" }, words.loading);
    this.element = h("nav", { class: "follow-queue", "aria-label": own.queue, tabindex: "-1", on: { keydown: (event) => this.#key(event) } },
      h("header", {}, h("h2", {}, own.queue), h("div", { class: "whose", role: "group" }, this.whose), this.family), this.batch, this.list, this.state);
  }

  failed() {
    this.state.hidden = false;
    this.state.replaceChildren(this.all.loadFailed, h("button", { type: "button", class: "plain", on: { click: this.act.retry } }, this.all.retry));
  }

  show(items) {
    this.items = items;
    const ids = new Set(items.map((item) => item.id));
    for (const id of this.chosen) if (!ids.has(id)) this.chosen.delete(id);
    this.#families(items);
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    const [key, kind] = [focused?.closest("li")?.dataset.id, focused?.tagName];
    this.list.replaceChildren(...items.map((item, index) => this.#line(item, index)));
    this.state.hidden = items.length > 0;
    this.state.replaceChildren(this.words.queueNone);
    if (key) this.list.querySelector(`li[data-id="${CSS.escape(key)}"] ${kind === "INPUT" ? "input" : ".line"}`)?.focus({ preventScroll: true });
    this.#choice();
  }

  tick() {
    for (const time of this.list.querySelectorAll(".due")) showDue(time, this.items[Number(time.dataset.index)], this.all);
  }

  /** Which conversation is on screen. */
  current(conversation) {
    for (const line of this.list.querySelectorAll(".line")) {
      if (line.dataset.conversation === conversation) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    }
  }

  focus() {
    (this.list.querySelector(".line[aria-current]") ?? this.list.querySelector(".line") ?? this.element).focus();
  }

  #narrow(part) {
    Object.assign(this.filter, part);
    this.whose.forEach((button, index) => button.setAttribute("aria-pressed", String(Boolean(index) === this.filter.mine)));
    this.act.filter();
  }

  // Families as they come, so that their names are the server's.
  #families(items) {
    for (const { family, title } of items) {
      if (this.family.querySelector(`option[value="${CSS.escape(family)}"]`)) continue;
      this.family.append(h("option", { value: family }, this.all.locale.startsWith("zh") ? title.text : title.text_en));
    }
  }

  #line(item, index) {
    const { words } = this;
    const due = h("time", { class: "due", data: { index: String(index) } });
    showDue(due, item, this.all);
    const title = this.all.locale.startsWith("zh") ? item.title.text : item.title.text_en;
    const name = item.client.display_name ?? this.all.unknownClient;
    const { tier } = item.client;
    return h("li", { data: { id: item.id } },
      h("input", { type: "checkbox", "aria-label": `${words.choose} ${title} ${name}`, checked: this.chosen.has(item.id), on: { change: ({ target }) => this.#pick(item.id, target.checked) } }),
      h("button", { type: "button", class: "line", data: { conversation: item.conversation_id }, on: { click: () => this.act.choose(item) } },
        h("span", { class: "top" }, h("span", { class: `sign ${item.verdict.outcome}`, title: words.verdict[item.verdict.outcome] }, words.marks[item.verdict.outcome],
          h("span", { class: "hidden-text" }, words.verdict[item.verdict.outcome])), h("span", { class: "who" }, title), due),
        h("span", { class: "bottom" }, h("span", { class: "words" }, item.evidence)),
        h("span", { class: "bottom" }, h("span", { class: "words meta" }, name), tier && tier !== "standard" ? h("span", { class: "tier" }, this.all.tiers[tier] ?? tier) : null,
          item.agent ? h("span", { class: "holder" }, item.agent === this.me ? words.mine : this.name(item.agent)) : null)));
  }

  #pick(id, chosen) {
    if (chosen) this.chosen.add(id);
    else this.chosen.delete(id);
    this.#choice();
  }

  #choice() {
    this.batch.hidden = !this.chosen.size;
    this.many.textContent = this.words.chosen(this.chosen.size);
  }

  #all(step, body) {
    if (step === "outcome" && !body.outcome) return;
    const ids = Array.from(this.chosen);
    this.chosen.clear();
    this.#choice();
    this.act.all(ids, step, body);
  }

  #key(event) {
    const item = document.activeElement?.closest?.("li");
    if (event.altKey || event.ctrlKey || event.metaKey || !item || !this.list.contains(item)) return;
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step) item[step]?.querySelector(".line").focus();
    else if (event.key === "x") item.querySelector("input").click();
    else return;
    event.preventDefault();
  }
}

/** The number of follow-ups to work, for the bar. */
export function showCount(button, { open, mine, late }, words) {
  const count = open + mine;
  const badge = button.querySelector(".badge");
  badge.textContent = count > 99 ? "99+" : String(count);
  badge.hidden = !count;
  badge.classList.toggle("late", late > 0);
  button.title = words.followUps.toQueue(count, late);
  button.setAttribute("aria-label", button.title);
}

function showDue(time, item, words) {
  if (!item) return;
  const own = words.followUps;
  const [due, opened] = [new Date(item.due), new Date(item.opened_at)];
  const left = due - Date.now();
  const late = left < 0;
  time.textContent = late ? own.late(span(-left, own)) : own.due(span(left, own));
  time.title = exact(due, words);
  time.dateTime = item.due;
  time.classList.toggle("late", late);
  time.classList.toggle("soon", !late && left < (due - opened) * SOON);
}

function span(milliseconds, own) {
  const minutes = Math.max(1, Math.round(milliseconds / MINUTE));
  if (minutes < 60) return own.minutes(minutes);
  return minutes < 48 * 60 ? own.hours(Math.round(minutes / 60)) : own.days(Math.round(minutes / 1440));
}

function source({ title, paragraph }) {
  return [`《${title}》`, paragraph].filter(Boolean).join(" ");
}

function percent({ probability }) {
  return Math.round(probability * 100);
}
