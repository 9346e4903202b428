// A revision for whoever judges it: what changes, what that does to clients' questions, what colleagues say, and the verdict.

import { h } from "../widget/dom.js";
import { exact, told } from "../widget/clock.js";
import { Part } from "../dashboard/part.js";
import { difference } from "./difference.js";
import { ImpactPart } from "./impact.js";

export class Judging {
  /** `live` is the revision that clients get now, or null. `act.done(text)` after a verdict, `act.failed(error)` where the server refused it. */
  constructor(words, calls, session, revision, live, act) {
    Object.assign(this, { words, calls, session, revision, act });
    const may = session.permissions.includes("knowledge.review");
    this.changes = new Part(words, "card", (found) => [h("h3", {}, live ? words.againstLive(live.revision) : words.difference), ...difference(found, words)]);
    this.impact = new ImpactPart(words, calls, revision.id);
    this.comments = new Part(words, "card", (found) => this.#comments(found));
    this.element = h("div", { class: "judging" }, this.changes.element, this.impact.element, this.comments.element,
      revision.state === "in_review" && may ? (revision.author === session.user ? h("p", { class: "notice" }, words.ownRevision) : this.#verdict()) : null,
      revision.state === "approved" && may && revision.author !== session.user ? this.#back() : null);
    this.changes.load(() => calls.get(`knowledge/revisions/${revision.id}/difference`, { against: live?.revision }));
    this.#readComments();
  }

  stop() {
    this.impact.stop();
  }

  #readComments() {
    this.comments.load(() => this.calls.get(`knowledge/revisions/${this.revision.id}/comments`));
  }

  #comments({ comments }) {
    const { words } = this;
    const field = h("input", { type: "text", maxlength: "2000", "aria-label": words.comment, placeholder: words.comment });
    const add = async (event) => {
      event.preventDefault();
      if (!field.value.trim()) return;
      try {
        await this.calls.post(`knowledge/revisions/${this.revision.id}/comments`, { text: field.value.trim() });
        this.#readComments();
      } catch (error) {
        this.act.failed(error);
      }
    };
    return [h("h3", {}, words.comments), h("ol", { class: "comments" }, comments.map(({ author, text, at }) => {
      const time = new Date(at);
      return h("li", {}, h("span", { class: "meta" }, `${author} · `, h("time", { datetime: at, title: exact(time, words) }, told(time, words))), h("p", {}, text));
    })), h("form", { class: "inline", on: { submit: add } }, field, h("button", { type: "submit", class: "second" }, words.say))];
  }

  #back() {
    return h("div", { class: "verdict" }, h("button", { type: "button", class: "second", on: { click: () => this.#send("reject", { note: "" }, this.words.rejected) } }, this.words.takeBack));
  }

  #verdict() {
    const { words } = this;
    this.note = h("textarea", { rows: "2", maxlength: "2000", "aria-label": words.note, placeholder: words.note });
    this.broken = h("div", { class: "notice", hidden: true, role: "alert" });
    this.because = h("textarea", { rows: "2", maxlength: "2000", id: "because" });
    this.buttons = [
      h("button", { type: "button", class: "second", on: { click: () => this.#send("reject", { note: this.note.value.trim() }, words.rejected) } }, words.reject),
      h("button", { type: "button", class: "main", on: { click: () => this.#approve() } }, words.approve)];
    return h("div", { class: "verdict card" }, h("h3", {}, words.verdict), this.note, this.broken, h("div", { class: "row-of" }, this.buttons));
  }

  #approve() {
    const because = this.because.value.trim();
    if (!this.broken.hidden && !because) return this.because.focus();
    return this.#send("approve", { note: this.note.value.trim(), ...(this.impact.found && { impact: this.impact.found.id }), ...(because && { because }) }, this.words.approved);
  }

  async #send(step, body, done) {
    this.buttons?.forEach((button) => { button.disabled = true; });
    try {
      await this.calls.post(`knowledge/revisions/${this.revision.id}/${step}`, body, this.revision.version);
      this.act.done(done);
    } catch (error) {
      this.buttons?.forEach((button) => { button.disabled = false; });
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
