// The verdict on what a colleague wants to change: approved with the impact that was seen, and with a reason where golden questions would
// break; or sent back.

import { h } from "../widget/dom.js";

export class Verdict {
  /** `path` is that of what is judged, `version` its ETag or null, `impact` the part whose result is named as seen; `noted`: a note may go
   *  with it, `rejected` is what is said after one that is sent back. `act.done(text)` after it, `act.failed(error)` where the server refused it. */
  constructor(words, calls, { path, version = null, impact, noted = true, rejected = words.rejected }, act) {
    Object.assign(this, { words, calls, path, version, impact, act });
    this.note = noted ? h("textarea", { rows: "2", maxlength: "2000", "aria-label": words.note, placeholder: words.note }) : null;
    this.broken = h("div", { class: "notice", hidden: true, role: "alert" });
    this.because = h("textarea", { rows: "2", maxlength: "2000", id: "because" });
    this.buttons = [
      h("button", { type: "button", class: "second", on: { click: () => this.#send("reject", this.#noted(), rejected) } }, words.reject),
      h("button", { type: "button", class: "main", on: { click: () => this.#approve() } }, words.approve)];
    this.element = h("div", { class: "verdict card" }, h("h3", {}, words.verdict), this.note, this.broken, h("div", { class: "row-of" }, this.buttons));
  }

  #noted() {
    return this.note ? { note: this.note.value.trim() } : {};
  }

  #approve() {
    const because = this.because.value.trim();
    if (!this.broken.hidden && !because) return this.because.focus();
    return this.#send("approve", { ...this.#noted(), ...(this.impact.found && { impact: this.impact.found.id }), ...(because && { because }) }, this.words.approved);
  }

  async #send(step, body, done) {
    for (const button of this.buttons) button.disabled = true;
    try {
      await this.calls.post(`${this.path}/${step}`, body, this.version);
      this.act.done(done);
    } catch (error) {
      for (const button of this.buttons) button.disabled = false;
      if (error.code === "golden_broken") this.#ask(error.body.broken);
      else this.act.failed(error);
      if (error.code === "impact_outdated") this.impact.again();
    }
  }

  #ask(broken) {
    this.broken.replaceChildren(...reasonAsked(this.words, broken, this.because));
    this.broken.hidden = false;
    this.because.focus();
  }
}

/** What would break, and the field for why it may. */
export function reasonAsked(words, broken, field) {
  return [h("p", {}, words.goldenBroken), h("ul", {}, broken.map(({ question, expected_article_id: article, expected_kind: kind }) =>
    h("li", {}, `${question} → ${article ?? words.kinds[kind] ?? kind}`))), h("label", { for: field.id }, words.because), field];
}

/** The button that takes back what was approved. */
export function takeBack(words, calls, path, version, act, { shown = words.takeBack, done = words.rejected } = {}) {
  const back = () => calls.post(`${path}/reject`, {}, version).then(() => act.done(done), act.failed);
  return h("div", { class: "verdict" }, h("button", { type: "button", class: "second", on: { click: back } }, shown));
}
