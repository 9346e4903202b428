// The left column. Each conversation keeps its node, so nothing jumps and no focus is lost while others come and go.

import { exact } from "../widget/clock.js";
import { h, icon } from "../widget/dom.js";
import { stopwatch } from "./inbox.js";

const FOLDED = new Set(["assistant", "others", "closed"]);
const STATES = { attention: "raised", mine: null, invited: null, others: "agent" };
// Not shown where there is nothing in them.
const RARE = new Set(["invited", "attention"]);
const WORRYING = new Set(["angry", "distressed", "worried"]);

export class List {
  /** `act` has choose(id), more(section), unfold(section), retry(). */
  constructor(words, act) {
    this.words = words;
    this.act = act;
    this.nodes = new Map();
    this.chosen = null;
    this.parts = {};
    this.trouble = h("div", { class: "state", role: "alert", hidden: true }, words.loadFailed,
      h("button", { type: "button", class: "plain", on: { click: act.retry } }, words.retry));
    this.skeleton = h("div", { class: "skeleton", role: "status" }, h("span", { class: "hidden-text" }, words.loading),
      Array.from({ length: 6 }, () => h("i", {})));
    this.known = h("datalist", { id: "filter-tags" });
    this.filter = h("input", { type: "search", list: "filter-tags", "aria-label": words.around.filter, placeholder: words.around.filter,
      maxlength: "24", autocomplete: "off", on: { change: () => act.filter(this.filter.value), focus: () => act.tags().then((tags) => {
        this.known.replaceChildren(...tags.map((tag) => h("option", { value: tag }))); }) } });
    this.element = h("nav", { class: "inbox", "aria-label": words.inbox, tabindex: "-1",
      on: { keydown: (event) => this.#key(event) } }, h("div", { class: "tag-filter" }, this.filter, this.known), this.trouble, this.skeleton);
  }

  /** `shownName(account)` is how colleagues are called. */
  update(inbox, chosen, shownName) {
    this.inbox = inbox;
    // Where everything is for everybody there is nothing to mark.
    this.mixed = inbox.mixed;
    this.chosen = chosen;
    this.shownName = shownName;
    this.trouble.hidden = !inbox.trouble;
    this.skeleton.hidden = inbox.loaded || inbox.trouble;
    if (!inbox.loaded) return;
    for (const [name, lines] of inbox.sections()) {
      const state = name in STATES ? STATES[name] : name;
      this.#section(name, lines, inbox.more[state], inbox.read.has(state ?? "agent"));
    }
    for (const [id, node] of this.nodes) {
      if (!inbox.get(id)) {
        node.element.remove();
        this.nodes.delete(id);
      }
    }
  }

  /** Waiting goes on. */
  tick() {
    for (const node of this.nodes.values()) node.tick();
  }

  focus() {
    const lines = this.#shown();
    (lines.find((line) => line.getAttribute("aria-current")) ?? lines[0] ?? this.element).focus();
  }

  /** The id that many places away from the chosen one, among those that are shown. */
  beside(step) {
    const ids = this.#shown().map((line) => line.dataset.id);
    const at = ids.indexOf(this.chosen);
    return ids[at < 0 ? (step > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + step))] ?? null;
  }

  #shown() {
    return Array.from(this.element.querySelectorAll("details[open] .line"));
  }

  #section(name, lines, more, read) {
    const part = this.parts[name] ??= this.#make(name);
    const told = read ? String(lines.length) + (more ? "+" : "") : "";
    if (part.count.textContent !== told) part.count.textContent = told;
    part.count.hidden = !told;
    part.element.hidden = RARE.has(name) && !lines.length;
    part.empty.hidden = lines.length > 0 || !read;
    part.more.hidden = !more;
    let place = null;
    for (const line of lines) {
      const node = this.nodes.get(line.id) ?? this.#add(line);
      node.update(line, line.id === this.chosen, this.shownName(line.agent), this.mixed);
      const next = place ? place.nextSibling : part.list.firstChild;
      // Moving a node takes its focus away.
      if (node.element !== next) keepFocus(node.element, () => part.list.insertBefore(node.element, next));
      place = node.element;
    }
  }

  #make(name) {
    const { words, act } = this;
    const part = { count: h("span", { class: "count" }), list: h("ul", {}),
      empty: h("p", { class: "empty" }, words.empty[name]),
      more: h("button", { type: "button", class: "plain more", on: { click: () => act.more(name) } }, words.more) };
    part.element = h("details", { class: `section ${name}`, open: !FOLDED.has(name),
      on: { toggle: (event) => event.target.open && act.unfold(name) } },
    h("summary", {}, icon("chevron"), h("h2", {}, words.sections[name]), part.count), part.list, part.empty, part.more);
    this.element.append(part.element);
    return part;
  }

  #add(line) {
    const node = row(line, this.words, this.act, this.inbox);
    this.nodes.set(line.id, node);
    return node;
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey) return;
    const stops = Array.from(this.element.querySelectorAll("details:not([hidden]) > summary, details[open] .line"));
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

function row(first, words, act, inbox) {
  const parts = Object.fromEntries(["who", "raised", "suited", "tier", "tone", "words", "stars", "wait", "unread", "holder"].map((name) => [name, h("span", { class: name })]));
  const button = h("button", { type: "button", class: "line", data: { id: first.id }, on: { click: () => act.choose(first.id) } },
    h("span", { class: "top" }, parts.who, parts.raised, parts.suited, parts.tier, parts.wait),
    h("span", { class: "bottom" }, parts.tone, parts.words, parts.stars, parts.holder, parts.unread));
  const element = h("li", {}, button);
  let line = first;
  const tick = () => {
    const waits = inbox.waits(line);
    const waited = waits ? Math.max(0, Date.now() - waits.since) : 0;
    const late = Boolean(waits) && waited >= waits.goals.late;
    const text = !waits ? brief(line.neededAt, words) : line.state === "waiting" ? stopwatch(waited) : words.waited(span(waited, words));
    if (parts.wait.textContent !== text) parts.wait.textContent = text;
    parts.wait.classList.toggle("soon", Boolean(waits) && waited >= waits.goals.wait && !late);
    parts.wait.classList.toggle("late", late);
    parts.wait.dataset.mark = late ? words.late : "";
  };
  const update = (now, chosen, holder, mixed) => {
    line = now;
    put(parts.who, line.name ?? words.unknownClient);
    put(parts.raised, line.raised ? words.raised : "");
    const own = line.state === "waiting" && line.adviser === inbox.me;
    put(parts.suited, own ? words.ownClient : line.forMe && mixed ? words.forMe : "");
    put(parts.stars, line.state === "closed" && line.satisfaction ? words.stars(line.satisfaction) : "");
    put(parts.tier, line.tier && line.tier !== "standard" ? words.tiers[line.tier] ?? line.tier : "");
    put(parts.tone, words.tones[line.tone] ?? "");
    parts.tone.classList.toggle("worrying", WORRYING.has(line.tone));
    put(parts.words, line.words || (words.channels[line.channel] ?? line.channel));
    put(parts.holder, holder ?? (inbox.section(line) === "attention" ? words.assistant : ""));
    put(parts.unread, line.unread ? String(line.unread > 99 ? "99+" : line.unread) : "");
    parts.unread.setAttribute("aria-label", line.unread ? words.unread(line.unread) : "");
    parts.wait.title = exact(inbox.waits(line)?.since ?? line.neededAt, words);
    element.classList.toggle("unknown", !line.name);
    if (chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    tick();
  };
  return { element, update, tick };
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = !text;
}

// How long somebody has waited, by the largest unit that it fills, and by two from an hour on.
function span(milliseconds, words) {
  const [seconds, minutes, hours] = [1000, 60_000, 3_600_000].map((unit) => Math.floor(milliseconds / unit));
  if (minutes < 1) return words.spans.seconds(seconds);
  if (hours < 1) return words.spans.minutes(minutes);
  return hours < 24 ? words.spans.hours(hours, minutes % 60) : words.spans.days(Math.floor(hours / 24));
}

// A clock today, a date before.
function brief(at, words) {
  const today = at.toDateString() === new Date().toDateString();
  return today ? at.toLocaleTimeString(words.locale, { hour: "2-digit", minute: "2-digit", hour12: false })
    : at.toLocaleDateString(words.locale, { month: "numeric", day: "numeric" });
}

function keepFocus(element, move) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  move();
  focused?.focus({ preventScroll: true });
}
