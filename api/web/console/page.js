// A page of staff: who is signed in and may be here gets what it shows, else the form to sign in.

import { Memory } from "../widget/memory.js";
import { Calls } from "./calls.js";
import { SignIn } from "./signin.js";

// One language for all pages of staff.
const settings = new Memory("console");

export class StaffPage {
  /** `words` has the words of each language, `serves(session)` says who may be here, and `open(words, calls, session, act)` gives what the
   *  page shows: element, start(), stop(), and maybe forget(), which leaves nothing of it on this machine. */
  constructor({ base, words, serves, open }) {
    Object.assign(this, { dictionary: words, serves, open });
    this.calls = new Calls(base, () => this.#ended());
    this.session = null;
    this.shown = null;
  }

  async start() {
    this.session = await this.calls.session().catch(() => null);
    if (this.session && !this.serves(this.session)) this.session = null;
    this.#show();
  }

  get language() {
    const own = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
    return [settings.get("language"), own].find((language) => language in this.dictionary);
  }

  get words() {
    return this.dictionary[this.language];
  }

  #show({ lead = "" } = {}) {
    const { words } = this;
    document.documentElement.lang = words.locale;
    document.title = words.product;
    this.shown?.stop();
    this.shown = null;
    document.querySelector("dialog")?.close();
    if (!this.session) {
      const form = new SignIn(words, { signIn: (name, password) => this.#signIn(name, password),
        choose: (current, chosen) => this.#choose(current, chosen), language: () => this.#switch() },
        { lead, username: this.username });
      document.body.replaceChildren(form.element);
      form.focus();
      return;
    }
    this.shown = this.open(words, this.calls, this.session, { language: () => this.#switch(), signOut: () => this.#signOut() });
    document.body.replaceChildren(this.shown.element);
    this.shown.start();
  }

  async #signIn(name, password) {
    const session = await this.calls.signIn(name, password);
    // With a temporary password nothing is open but the way to another.
    if (session.permissions.length === 1 && session.permissions[0] === "session.own") throw Object.assign(new Error("temporary"), { code: "passwordTemporary" });
    return this.#enter(session);
  }

  async #choose(current, chosen) {
    return this.#enter(await this.calls.choosePassword(current, chosen));
  }

  async #enter(session) {
    if (!this.serves(session)) {
      await this.calls.signOut().catch(() => null);
      throw Object.assign(new Error("role"), { code: "forbiddenRole" });
    }
    this.session = session;
    this.#show();
  }

  async #signOut() {
    this.shown?.forget?.();
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
    this.session = session && this.serves(session) ? session : null;
    this.#show({ lead: this.words.sessionEnded });
  }

  #switch() {
    settings.set("language", this.language === "zh" ? "en" : "zh");
    this.#show();
  }
}
