// One of a few, as a row of buttons.

import { h } from "../widget/dom.js";

export class Choice {
  /** `names` with what each shows; `choose(name)` is told of a press, and whoever made this says what is pressed then. */
  constructor(label, names, shown, choose) {
    this.buttons = new Map(names.map((name) => [name, h("button", { type: "button", on: { click: () => choose(name) } }, shown(name))]));
    this.element = h("div", { class: "choice", role: "group", "aria-label": label }, Array.from(this.buttons.values()));
    this.press(names[0]);
  }

  press(name) {
    for (const [one, button] of this.buttons) button.setAttribute("aria-pressed", String(one === name));
  }
}
