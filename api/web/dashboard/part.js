// A part of a page that is read from the server: skeleton, what came, or what went wrong and how to try again.

import { h } from "../widget/dom.js";

export class Part {
  /** `read()` gives what `draw(found)` makes into nodes. */
  constructor(words, className, draw) {
    this.words = words;
    this.draw = draw;
    this.asked = 0;
    this.element = h("section", { class: className, "aria-busy": "true" });
    this.element.append(...Array.from({ length: 3 }, () => h("div", { class: "skeleton" })));
  }

  /** Only the answer to the newest question is drawn. What stands there stays until it comes, so that nothing jumps. */
  async load(read) {
    this.asked += 1;
    const { asked, words } = this;
    this.element.setAttribute("aria-busy", "true");
    try {
      const found = await read();
      if (asked !== this.asked) return;
      this.element.replaceChildren(...[this.draw(found)].flat());
    } catch {
      if (asked !== this.asked) return;
      this.element.replaceChildren(h("p", { class: "trouble", role: "alert" }, words.loadFailed, " ",
        h("button", { type: "button", class: "second", on: { click: () => this.load(read) } }, words.retry)));
    }
    this.element.setAttribute("aria-busy", "false");
  }
}
