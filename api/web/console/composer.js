// Where the agent writes: to the client or, as a note, to colleagues; with quick replies, and with what the outgoing
// check found beside the words that it found.

import { h, icon } from "../widget/dom.js";
import { fileButton } from "../widget/files.js";
import { Findings, place } from "./findings.js";
import { QuickReplies } from "./quick.js";

export const LIMIT = 2000;
const SHOW_COUNTER = 1600;

export class Composer {
  /** `act` has send({text, note, suggestion, acknowledged}), changed(draft), typing(note), claim(), attach(file), search(), manage(text), and
   * phrases() and fill(text) for the quick replies. */
  constructor(words, act) {
    this.words = words;
    this.act = act;
    this.suggestion = null; // {id, title, text} that the text began as
    this.note = false;
    const { phrases, fill } = act;
    this.quick = new QuickReplies(words, (text) => this.#takeQuick(text), { phrases, fill });
    this.findings = new Findings(words, { use: (finding, wording) => this.#use(finding, wording), override: (rules) => this.#send(rules), phrases, fill });
    this.field = h("textarea", { rows: "2", "aria-describedby": "composer-state", autocomplete: "off", role: "combobox",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.quick.element.id,
      on: { keydown: (event) => this.#key(event), input: () => this.#input(), blur: () => setTimeout(() => this.#left(), 150) } });
    this.modes = [false, true].map((note) => h("button", { type: "button", class: "mode", "aria-pressed": "false",
      "aria-keyshortcuts": "Alt+N", title: "Alt+N", on: { click: () => this.setNote(note) } }, note ? words.noteMode : words.replyMode));
    this.origin = h("span", { class: "origin" });
    this.counter = h("span", { class: "counter", id: "composer-state", role: "status" });
    this.button = h("button", { type: "button", class: "main send", on: { click: () => this.#send() } });
    this.why = h("p", {});
    this.claim = h("button", { type: "button", class: "main", "aria-keyshortcuts": "Alt+C", title: "Alt+C", on: { click: () => this.act.claim() } });
    this.noting = h("button", { type: "button", class: "plain", "aria-keyshortcuts": "Alt+N", title: "Alt+N", on: { click: () => this.switch() } }, words.addNote);
    this.locked = h("div", { class: "locked" }, this.why, this.noting, this.claim);
    this.below = h("div", { class: "below" }, h("span", { class: "hint" }, words.sendHint), this.counter);
    this.frame = h("div", { class: "field" }, this.field, this.button);
    this.row = h("div", { class: "modes", role: "group" }, this.modes,
      h("button", { type: "button", class: "plain quick-open", "aria-haspopup": "listbox", title: "/", on: { click: () => this.openQuick() } }, icon("chat"), words.quickReplies),
      h("button", { type: "button", class: "plain quick-open", title: words.around.own, on: { click: () => this.act.manage(this.field.value) } }, words.around.ownShort),
      h("button", { type: "button", class: "plain quick-open", "aria-keyshortcuts": "Alt+K", title: "Alt+K", on: { click: () => this.act.search() } }, words.around.search),
      fileButton(words.around, (file) => this.act.attach(file)),
      this.origin);
    this.above = h("div", { class: "above" });
    this.element = h("section", { class: "composer", "aria-label": words.replyMode }, this.above, this.findings.element, this.quick.element,
      this.locked, this.row, this.frame, this.below);
    this.setNote(false);
  }

  /** What is written and not sent: kept while the agent is elsewhere. */
  get draft() {
    return { text: this.field.value, note: this.note, suggestion: this.suggestion };
  }

  set draft(draft) {
    this.suggestion = draft?.suggestion ?? null;
    this.field.value = draft?.text ?? "";
    this.findings.clear();
    this.quick.close();
    this.setNote(Boolean(draft?.note));
  }

  get isEmpty() {
    return !this.field.value.trim();
  }

  focus() {
    const stop = [this.frame.hidden ? null : this.field, this.claim, this.noting].find((one) => one && !one.hidden);
    stop?.focus();
  }

  /** Who may be written to now; `why` says what stands against a reply, and `claim` what would mend it. */
  allow({ reply, note, why, claim }) {
    this.mayReply = reply;
    this.mayNote = note;
    this.modes[0].disabled = !reply;
    this.modes[1].hidden = !note;
    this.why.textContent = why ?? "";
    this.claim.textContent = claim ?? "";
    this.claim.hidden = !claim;
    this.#changed();
  }

  /** From the reply to the note, or back. */
  switch() {
    if (this.note || this.mayNote) this.setNote(!this.note);
    this.focus();
    this.act.changed(this.draft);
  }

  /** Write to the client, or to colleagues. */
  setNote(note) {
    this.note = note;
    const { words } = this;
    this.modes.forEach((button, index) => button.setAttribute("aria-pressed", String(Boolean(index) === note)));
    this.element.classList.toggle("noting", note);
    this.field.placeholder = note ? words.writeNote : words.writeTo;
    this.field.setAttribute("aria-label", note ? words.writeNote : words.writeTo);
    this.button.textContent = note ? words.saveNote : words.send;
    if (note) this.findings.clear();
    this.#changed();
  }

  /** Put a suggestion into the field: in place of one that is still as it was inserted, else after what is written. */
  insert(suggestion) {
    if (this.note) this.setNote(false);
    const replaced = this.isEmpty || this.field.value === this.suggestion?.text;
    this.field.value = replaced ? suggestion.text : `${this.field.value.trimEnd()}\n${suggestion.text}`;
    this.suggestion = suggestion;
    this.findings.clear();
    this.focus();
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
    this.field.scrollTop = 0;
    this.#changed();
    this.act.changed(this.draft);
  }

  /** What the check found in `text`, which goes back into the field. */
  refused(item, findings) {
    this.draft = { text: item.text, note: false, suggestion: item.suggestion };
    this.findings.show(item.text, findings);
    this.act.changed(this.draft);
    this.focus();
  }

  openQuick() {
    this.focus();
    if (!this.field.value.startsWith("/")) {
      this.field.setRangeText("/", 0, 0, "end");
      this.field.setSelectionRange(1, 1);
    }
    this.#input();
  }

  // Who has come back by then has opened the list anew.
  #left() {
    if (document.activeElement !== this.field) this.quick.close();
  }

  #key(event) {
    // While an input method composes, Enter picks a candidate; 229 is how older browsers say so.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.quick.isOpen && this.quick.key(event)) {
      event.preventDefault();
      event.stopPropagation();
      this.#mark();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#send();
    }
  }

  #input() {
    const { value } = this.field;
    if (this.isEmpty) this.suggestion = null;
    if (value.startsWith("/") && !value.includes("\n")) this.quick.open(value.slice(1));
    else this.quick.close();
    this.findings.clear();
    this.#mark();
    this.#changed();
    this.act.changed(this.draft);
    if (!this.isEmpty && !this.quick.isOpen) this.act.typing(this.note);
  }

  #mark() {
    this.field.setAttribute("aria-expanded", String(this.quick.isOpen));
    if (this.quick.active) this.field.setAttribute("aria-activedescendant", this.quick.active);
    else this.field.removeAttribute("aria-activedescendant");
  }

  // The rest of a line after "/xx" was the search; a quick reply takes its place.
  #takeQuick(text) {
    this.field.value = text;
    this.suggestion = null;
    this.#mark();
    this.focus();
    this.#changed();
    this.act.changed(this.draft);
  }

  // The wording takes the place of the sentence in which the words were found.
  #use(finding, wording) {
    const { value } = this.field;
    const [found, after] = place(value, finding);
    const start = value.slice(0, found).search(/[^。！？；!?;\n]*$/);
    const rest = value.slice(Math.max(start, after - 1)).search(/[。！？；!?;\n]/);
    const end = rest < 0 ? value.length : Math.max(start, after - 1) + rest + 1;
    this.field.setRangeText(wording, start, end, "end");
    this.findings.clear();
    this.focus();
    this.#changed();
    this.act.changed(this.draft);
  }

  #send(acknowledged = []) {
    const text = this.field.value.trim();
    if (!text || this.length > LIMIT || (this.quick.isOpen && text.startsWith("/"))) return;
    if (this.note ? !this.mayNote : !this.mayReply) return;
    const { note, suggestion } = this;
    this.draft = { text: "", note: false };
    this.act.changed(this.draft);
    this.act.send({ text, note, suggestion: note ? null : suggestion, acknowledged });
    this.focus();
  }

  // As the server counts: characters, not halves of them.
  get length() {
    return Array.from(this.field.value.trim()).length;
  }

  #changed() {
    const { length, words } = this;
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${Math.min(this.field.scrollHeight, 176)}px`;
    this.counter.textContent = length > LIMIT ? words.tooLong(length - LIMIT) : length > SHOW_COUNTER ? words.counter(length, LIMIT) : "";
    this.counter.classList.toggle("over", length > LIMIT);
    this.field.setAttribute("aria-invalid", String(length > LIMIT));
    this.origin.textContent = this.suggestion && !this.note ? words.fromSuggestion(this.suggestion.title) : "";
    this.locked.hidden = Boolean(this.mayReply);
    this.noting.hidden = !this.mayNote || this.note;
    for (const part of [this.row, this.frame, this.below]) part.hidden = !this.mayReply && !this.note;
    this.button.disabled = !length || length > LIMIT || (this.note ? !this.mayNote : !this.mayReply);
  }
}
