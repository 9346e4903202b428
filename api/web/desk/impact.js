// What publishing a revision would do to the questions that clients asked. It is computed when it is first asked for, with progress.

import { h } from "../widget/dom.js";

const WAIT = 4;

export class ImpactPart {
  constructor(words, calls, revision) {
    Object.assign(this, { words, calls, revision });
    this.found = null;
    this.element = h("section", { class: "card impact", "aria-live": "polite" }, h("h3", {}, words.impact));
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
        const found = await this.calls.get(`knowledge/revisions/${this.revision}/impact`, { wait: WAIT });
        if (found.state === "done") return this.#draw(found);
        line.textContent = words.impactStages[found.stage] ?? words.impactBegins;
        if (found.total) Object.assign(bar, { max: found.total, value: found.done });
        if (found.total) line.append(` ${found.done} / ${found.total}`);
      }
    } catch {
      this.#show(h("p", { class: "trouble", role: "alert" }, words.loadFailed, " ",
        h("button", { type: "button", class: "second", on: { click: () => this.#start() } }, words.retry)));
    }
    return null;
  }

  #show(...nodes) {
    this.element.replaceChildren(this.element.firstChild, ...nodes);
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
