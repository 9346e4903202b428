// What publishing a change would do to the questions that clients asked. It is computed when it is first asked for, with progress.

import { h } from "../widget/dom.js";

const WAIT = 4;

export class ImpactPart {
  /** `path` is that of what would be published. */
  constructor(words, calls, path) {
    Object.assign(this, { words, calls, path });
    this.found = null;
    this.shown = h("div", {});
    this.element = h("section", { class: "card impact", "aria-live": "polite" }, h("h3", {}, words.impact), this.shown);
    this.#start();
  }

  stop() {
    this.stopped = true;
  }

  /** Compute it anew where what it depends on has changed. */
  again() {
    this.found = null;
    this.#start();
  }

  async #start() {
    const { words } = this;
    const line = h("p", { class: "meta" }, words.impactBegins);
    const bar = h("progress", { "aria-label": words.impact });
    this.#show(line, bar);
    try {
      while (!this.stopped) {
        const found = await this.calls.get(`${this.path}/impact`, { wait: WAIT });
        if (found.state === "done") return this.#draw(found);
        line.textContent = words.impactStages[found.stage] ?? words.impactBegins;
        if (found.total) Object.assign(bar, { max: found.total, value: found.done });
        if (found.total) line.append(` ${found.done} / ${found.total}`);
      }
    } catch (error) {
      this.#show(h("p", { class: "trouble", role: "alert" }, error.code === "draft_refused" ? words.impactIncomplete : words.loadFailed, " ",
        h("button", { type: "button", class: "second", on: { click: () => this.#start() } }, words.retry)));
    }
    return null;
  }

  #show(...nodes) {
    this.shown.replaceChildren(...nodes);
  }

  #draw(found) {
    const { words } = this;
    this.found = found;
    const part = (title, items) => (items.length ? h("details", { open: items.length <= 20 }, h("summary", {}, `${title} · ${items.length}`),
      h("ul", { class: "changed" }, items.map((item) => this.#line(item)))) : null);
    this.#show(h("p", {}, words.impactOf(found)), ...[part(words.broken, found.broken), part(words.stolen, found.stolen), part(words.changed, found.questions)].filter(Boolean));
  }

  #line({ question, asked, before, after }) {
    const { words } = this;
    const told = (reply) => `${reply.title || words.kinds[reply.kind] || reply.kind} · ${Math.round(reply.confidence * 100)}%`;
    return h("li", {}, h("b", {}, question), asked > 1 ? h("span", { class: "meta" }, ` ${words.times(asked)}`) : null,
      h("p", { class: "meta" }, h("del", {}, h("span", { class: "hidden-text" }, words.pieces.gone), told(before)), " → ",
        h("ins", {}, h("span", { class: "hidden-text" }, words.pieces.new), told(after))));
  }
}

/** The impact of a draft, only when it is asked for: each word changes it. */
export class DraftImpact {
  /** `before()` gives whether the draft's words are all saved. */
  constructor(words, calls, revision, before) {
    Object.assign(this, { words, calls, revision, before, part: null });
    this.button = h("button", { type: "button", class: "second", on: { click: () => this.#show() } }, words.impactShow);
    this.element = h("div", {}, h("section", { class: "card impact" }, h("h3", {}, words.impact), h("p", { class: "meta" }, words.impactOfDraft), h("div", { class: "row-of" }, this.button)));
  }

  stop() {
    this.part?.stop();
  }

  async #show() {
    if (!await this.before()) return;
    this.stop();
    this.part = new ImpactPart(this.words, this.calls, `knowledge/revisions/${this.revision}`);
    this.button.textContent = this.words.impactAgain;
    this.part.element.append(h("div", { class: "row-of" }, this.button));
    this.element.replaceChildren(this.part.element);
  }
}
