// The base as it was at a moment: which one, and back to now. The address keeps it as ISO 8601.

import { h } from "../widget/dom.js";
import { exact } from "../widget/clock.js";

/** Asks for a moment; `go(change)` changes the address. */
export class MomentField {
  constructor(words, go) {
    this.field = h("input", { type: "datetime-local", id: "moment", min: "2000-01-01T00:00", on: { change: () => {
      const moment = new Date(this.field.value);
      if (!Number.isNaN(moment.getTime())) go({ at: moment.toISOString(), state: null });
    } } });
    this.element = h("details", { class: "moment" }, h("summary", { class: "meta" }, words.past.choose), h("label", { class: "hidden-text", for: "moment" }, words.past.choose), this.field);
  }

  /** `at` is what the address says, or null. */
  show(at) {
    this.field.max = local(new Date());
    if (document.activeElement !== this.field) this.field.value = at ? local(new Date(at)) : "";
    if (at) this.element.open = true;
  }
}

/** The line over the page while the past is looked at. */
export class PastLine {
  constructor(words, go) {
    this.words = words;
    this.text = h("span", {});
    this.element = h("div", { class: "across past-line", role: "status", hidden: true }, this.text,
      h("button", { type: "button", class: "plain", on: { click: () => go({ at: null }) } }, words.past.back));
  }

  show(at) {
    this.element.hidden = !at;
    if (at) this.text.textContent = this.words.past.told(exact(new Date(at), this.words));
  }
}

/** The moment of an address, or null where that is none. */
export function momentOf(text) {
  const moment = text ? new Date(text) : null;
  return moment && !Number.isNaN(moment.getTime()) && moment.getFullYear() >= 1990 && moment.getFullYear() <= 2200 ? moment.toISOString() : null;
}

// As a field of this kind takes it: local, to the minute.
function local(moment) {
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
