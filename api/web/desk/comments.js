// What colleagues say to each other of a revision.

import { h } from "../widget/dom.js";
import { exact, told } from "../widget/clock.js";
import { Part } from "../dashboard/part.js";

export class Comments {
  /** `revision` is its id; `failed(error)` hears what the server refused. */
  constructor(words, calls, revision, failed) {
    Object.assign(this, { words, calls, failed, path: `knowledge/revisions/${revision}/comments` });
    this.part = new Part(words, "card", ({ comments }) => [h("h3", {}, words.comments), h("ol", { class: "comments" }, comments.map((item) => this.#said(item))), this.#form()]);
    this.element = this.part.element;
    this.#read();
  }

  #read() {
    this.part.load(() => this.calls.get(this.path));
  }

  #said({ author, text, at }) {
    const time = new Date(at);
    return h("li", {}, h("span", { class: "meta" }, `${author} · `, h("time", { datetime: at, title: exact(time, this.words) }, told(time, this.words))), h("p", {}, text));
  }

  #form() {
    const { words } = this;
    const field = h("input", { type: "text", maxlength: "2000", "aria-label": words.comment, placeholder: words.comment });
    const add = async (event) => {
      event.preventDefault();
      if (!field.value.trim()) return;
      try {
        await this.calls.post(this.path, { text: field.value.trim() });
        this.#read();
      } catch (error) {
        this.failed(error);
      }
    };
    return h("form", { class: "inline", on: { submit: add } }, field, h("button", { type: "submit", class: "second" }, words.say));
  }
}
