// Lines to choose from, below a field that searches them: walked with the arrow keys, the chosen one marked.

import { h } from "../widget/dom.js";

const SKELETONS = 6;

export class Rows {
  /** `key`: the name under which each line's `data` says what it stands for. */
  constructor(search, key) {
    Object.assign(this, { search, key });
    search.addEventListener("keydown", (event) => { if (event.key === "ArrowDown") this.#step(event, 1); });
    this.element = h("ol", { class: "rows", on: { keydown: (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) this.#step(event, step);
    } } });
  }

  wait() {
    this.element.replaceChildren(...Array.from({ length: SKELETONS }, () => h("li", { class: "skeleton" })));
  }

  mark(chosen) {
    for (const line of this.#lines()) {
      if (line.dataset[this.key] === chosen) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    }
  }

  #lines() {
    return Array.from(this.element.querySelectorAll(".line"));
  }

  #step(event, step) {
    event.preventDefault();
    const lines = this.#lines();
    (lines[lines.indexOf(document.activeElement) + step] ?? (step < 0 ? this.search : null))?.focus();
  }
}
