// The log of a conversation. Each entry keeps its node: what is already on screen is changed in place, so nothing
// jumps, no focus is lost and an unfolded source stays unfolded.

import { apart, exact, told } from "./clock.js";
import { h } from "./dom.js";
import { bubble } from "./bubble.js";

export class Messages {
  /** `act` holds what a reader can do: judge, pick, retry, edit, human. */
  constructor(words, act) {
    this.words = words;
    this.act = act;
    this.shown = new Map();
    this.log = h("div", { class: "log", role: "log", "aria-label": words.conversation, "aria-live": "polite",
      "aria-relevant": "additions" });
    this.writing = h("div", { class: "writing", role: "status", hidden: true },
      this.writes = h("span", { class: "hidden-text" }, words.writing), h("i", {}), h("i", {}), h("i", {}));
    this.element = h("div", { class: "scroll", tabindex: "0", "aria-label": words.conversation, role: "region" },
      this.greeting = h("div", { class: "greeting" }), this.log, this.writing);
    // Who reads the end goes on reading the end, whatever grows above or below it; only going up leaves it.
    this.atEnd = true;
    this.top = 0;
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(); }).observe(this.element);
  }

  /** Bring the log up to the story. */
  update(story) {
    const rows = withTimes(story.entries);
    let place = null;
    let arrived = null;
    const keys = new Set(rows.map((row) => row.key));
    for (const [key, part] of this.shown) {
      if (!keys.has(key)) {
        part.element.remove();
        this.shown.delete(key);
      }
    }
    for (const row of rows) {
      const known = this.shown.get(row.key);
      const part = known ?? this.#make(row);
      if (!known && row.reply) arrived = part.element;
      part.update?.(row, story);
      const next = place ? place.nextSibling : this.log.firstChild;
      if (part.element !== next) this.log.insertBefore(part.element, next);
      place = part.element;
    }
    this.writes.textContent = story.state === "agent" ? this.words.agentWriting : this.words.writing;
    this.writing.hidden = !story.writing;
    if (!this.atEnd) return;
    this.toEnd();
    if (arrived && arrived === this.log.lastElementChild) this.#toBeginningOf(arrived);
  }

  /** Relative times go on. */
  tick() {
    for (const part of this.shown.values()) part.tick?.();
  }

  toEnd() {
    this.atEnd = true;
    // Without messages there is only the greeting, which is read from its beginning.
    if (this.shown.size) this.element.scrollTop = this.element.scrollHeight;
  }

  // An answer longer than the window is read from its beginning.
  #toBeginningOf(element) {
    if (element.offsetTop >= this.element.scrollTop) return;
    this.element.scrollTop = element.offsetTop - 8;
    this.atEnd = false;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    if (scrollHeight - scrollTop - clientHeight < 40) this.atEnd = true;
    else if (scrollTop < this.top) this.atEnd = false;
    this.top = scrollTop;
  }

  #make(row) {
    const part = row.sender === "time" ? this.#time(row) : row.sender === "line" ? this.#line(row)
      : bubble(row, this.words, this.act);
    this.shown.set(row.key, part);
    return part;
  }

  #time({ at }) {
    const element = h("time", { class: "time", datetime: at.toISOString(), title: exact(at, this.words) });
    const tick = () => { element.textContent = told(at, this.words); };
    tick();
    return { element, tick };
  }

  #line({ state, name }) {
    const { words } = this;
    const line = words.lines[state];
    const promise = h("p", { class: "promised", hidden: true });
    const element = h("div", { class: "turn" }, h("p", { class: "line" }, typeof line === "function" ? line(name) : line ?? state), promise);
    // What the client was told outside hours stays where it was said.
    const update = ({ promise: made }) => {
      promise.hidden = made?.kind !== "away";
      promise.textContent = promise.hidden ? "" : words.promised(made);
    };
    return { element, update };
  }
}

// A time stands before what comes long after the message above it.
function withTimes(entries) {
  const rows = [];
  let last = null;
  for (const entry of entries) {
    if (!last || apart(last, entry.at)) rows.push({ key: `time:${entry.key}`, sender: "time", at: entry.at });
    rows.push(entry);
    last = entry.at;
  }
  return rows;
}
