// The page of agents: who is signed in gets the workplace, else the form to sign in.

import { Memory } from "../widget/memory.js";
import { Calls } from "./calls.js";
import { SignIn } from "./signin.js";
import { WORDS } from "./strings.js";
import { Workplace } from "./workplace.js";

const BASE = new URL("../", import.meta.url);
const settings = new Memory("console");

class Page {
  constructor() {
    this.calls = new Calls(BASE, () => this.#ended());
    this.session = null;
    this.workplace = null;
  }

  async start() {
    this.session = await this.calls.session().catch(() => null);
    if (this.session && !serves(this.session)) this.session = null;
    this.#show();
  }

  get language() {
    const own = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
    return [settings.get("language"), own].find((language) => language in WORDS);
  }

  get words() {
    return WORDS[this.language];
  }

  #show({ lead = "" } = {}) {
    const { words } = this;
    document.documentElement.lang = words.locale;
    document.title = words.product;
    this.workplace?.stop();
    this.workplace = null;
    document.querySelector("dialog")?.close();
    if (!this.session) {
      const form = new SignIn(words, { signIn: (name, password) => this.#signIn(name, password), language: () => this.#switch() },
        { lead, username: this.username });
      document.body.replaceChildren(form.element);
      form.focus();
      return;
    }
    this.workplace = new Workplace(words, this.calls, this.session, { language: () => this.#switch(), signOut: () => this.#signOut() });
    document.body.replaceChildren(this.workplace.element);
    this.workplace.start();
  }

  async #signIn(name, password) {
    const session = await this.calls.signIn(name, password);
    if (!serves(session)) {
      await this.calls.signOut().catch(() => null);
      throw Object.assign(new Error("role"), { code: "forbiddenRole" });
    }
    this.session = session;
    this.#show();
  }

  async #signOut() {
    this.workplace?.forget();
    await this.calls.signOut().catch(() => null);
    this.session = null;
    this.#show();
  }

  // The session is over, or another tab began a new one.
  async #ended() {
    if (this.asking || !this.session) return;
    this.asking = true;
    const session = await this.calls.session().catch(() => this.session);
    this.asking = false;
    if (session?.user === this.session?.user) return;
    this.username = this.session?.user;
    this.session = session && serves(session) ? session : null;
    this.#show({ lead: this.words.sessionEnded });
  }

  #switch() {
    settings.set("language", this.language === "zh" ? "en" : "zh");
    this.#show();
  }
}

function serves({ permissions }) {
  return permissions.includes("conversations.see");
}

new Page().start();
