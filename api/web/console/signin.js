// The page before the console: name and password.

import { h, icon } from "../widget/dom.js";

export class SignIn {
  /** `act` has signIn(username, password) and choose(password, chosen), which reject with a Problem, and language(). */
  constructor(words, act, { lead = "", username = "" } = {}) {
    this.words = words;
    this.act = act;
    this.name = h("input", { id: "username", name: "username", autocomplete: "username", autocapitalize: "none", spellcheck: "false",
      required: true, maxlength: "128", "aria-describedby": "trouble" });
    this.name.value = username;
    this.password = h("input", { id: "password", name: "password", type: "password", autocomplete: "current-password", required: true,
      maxlength: "1024", "aria-describedby": "trouble" });
    this.chosen = h("input", { id: "chosen", name: "chosen", type: "password", autocomplete: "new-password", required: true, maxlength: "1024",
      "aria-describedby": "trouble" });
    this.choice = h("div", { class: "choice", hidden: true }, h("label", { for: "chosen" }, words.newPassword), this.chosen);
    this.shown = h("input", { type: "checkbox", id: "shown", on: { change: () => {
      this.password.type = this.chosen.type = this.shown.checked ? "text" : "password"; } } });
    this.button = h("button", { type: "submit", class: "main" }, words.signIn);
    this.trouble = h("p", { class: "trouble", id: "trouble", role: "alert" }, lead);
    this.element = h("main", { class: "sign-in" },
      h("form", { novalidate: true, on: { submit: (event) => this.#submit(event) } },
        h("div", { class: "title" }, h("span", { class: "mark" }, icon("chat")),
          h("h1", {}, words.product),
          h("button", { type: "button", class: "bare language", "aria-label": words.otherLanguageName, title: words.otherLanguageName,
            on: { click: act.language } }, words.otherLanguage)),
        h("label", { for: "username" }, words.username), this.name,
        h("label", { for: "password" }, words.password), this.password, this.choice,
        h("label", { class: "tick" }, this.shown, words.showPassword),
        this.trouble, this.button));
  }

  focus() {
    (this.name.value ? this.password : this.name).focus();
  }

  async #submit(event) {
    event.preventDefault();
    const chooses = !this.choice.hidden;
    const missing = [this.name, this.password, ...(chooses ? [this.chosen] : [])].find((field) => !field.value);
    if (missing) return missing.focus();
    this.#busy(true);
    try {
      await (chooses ? this.act.choose(this.password.value, this.chosen.value) : this.act.signIn(this.name.value, this.password.value));
    } catch (error) {
      if (error.code === "passwordTemporary") this.#askForAnother();
      this.#busy(false);
      this.trouble.textContent = this.#told(error);
      const field = this.choice.hidden ? this.password : this.chosen;
      field.select();
      field.focus();
    }
    return null;
  }

  // Whoever got in by a temporary password is asked for one of their own.
  #askForAnother() {
    this.choice.hidden = false;
    this.name.readOnly = this.password.readOnly = true;
  }

  #busy(busy) {
    this.button.disabled = busy;
    this.button.textContent = busy ? this.words.signingIn : this.choice.hidden ? this.words.signIn : this.words.choosePassword;
    if (busy) this.trouble.textContent = "";
  }

  #told(error) {
    const { words } = this;
    if (error.code === "sign_in_locked") return words.sign_in_locked(error.retryAfter ?? 5);
    if (["bad_credentials", "forbiddenRole", "passwordTemporary"].includes(error.code)) return words[error.code];
    if (error.code === "password_refused") return words.passwordRefused;
    return error.status === 422 ? words.bad_credentials : words.unreachable;
  }
}
