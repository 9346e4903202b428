// The page before the console: name and password.

import { h, icon } from "../widget/dom.js";

export class SignIn {
  /** `act` has signIn(username, password) that rejects with a Problem, and language(). */
  constructor(words, act, { lead = "", username = "" } = {}) {
    this.words = words;
    this.act = act;
    this.name = h("input", { id: "username", name: "username", autocomplete: "username", autocapitalize: "none", spellcheck: "false",
      required: true, maxlength: "128", "aria-describedby": "trouble" });
    this.name.value = username;
    this.password = h("input", { id: "password", name: "password", type: "password", autocomplete: "current-password", required: true,
      maxlength: "1024", "aria-describedby": "trouble" });
    this.shown = h("input", { type: "checkbox", id: "shown", on: { change: () => {
      this.password.type = this.shown.checked ? "text" : "password"; } } });
    this.button = h("button", { type: "submit", class: "main" }, words.signIn);
    this.trouble = h("p", { class: "trouble", id: "trouble", role: "alert" }, lead);
    this.element = h("main", { class: "sign-in" },
      h("form", { novalidate: true, on: { submit: (event) => this.#submit(event) } },
        h("div", { class: "title" }, h("span", { class: "mark" }, icon("chat")),
          h("h1", {}, words.product),
          h("button", { type: "button", class: "bare language", "aria-label": words.otherLanguageName, title: words.otherLanguageName,
            on: { click: act.language } }, words.otherLanguage)),
        h("label", { for: "username" }, words.username), this.name,
        h("label", { for: "password" }, words.password), this.password,
        h("label", { class: "tick" }, this.shown, words.showPassword),
        this.trouble, this.button));
  }

  focus() {
    (this.name.value ? this.password : this.name).focus();
  }

  async #submit(event) {
    event.preventDefault();
    const missing = [this.name, this.password].find((field) => !field.value);
    if (missing) return missing.focus();
    this.#busy(true);
    try {
      await this.act.signIn(this.name.value, this.password.value);
    } catch (error) {
      this.#busy(false);
      this.trouble.textContent = this.#told(error);
      this.password.select();
      this.password.focus();
    }
    return null;
  }

  #busy(busy) {
    this.button.disabled = busy;
    this.button.textContent = busy ? this.words.signingIn : this.words.signIn;
    if (busy) this.trouble.textContent = "";
  }

  #told(error) {
    const { words } = this;
    if (error.code === "sign_in_locked") return words.sign_in_locked(error.retryAfter ?? 5);
    if (error.code === "bad_credentials" || error.code === "forbiddenRole") return words[error.code];
    return error.status === 422 ? words.bad_credentials : words.unreachable;
  }
}
