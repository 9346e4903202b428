// <zhike-chat>: the round button, the window behind it, and the attributes of the page that embeds them.

import { brandTokens } from "./brand.js";
import { chime } from "./chime.js";
import { h, icon } from "./dom.js";
import { Panel } from "./panel.js";
import { Session } from "./session.js";
import { WORDS } from "./strings.js";

const BASE = new URL("../", import.meta.url);
const DARK = "(prefers-color-scheme: dark)";

// Constructed sheets need no 'unsafe-inline' in the style-src of the page.
const sheets = Promise.all(["tokens.css", "widget.css"].map(async (name) => {
  const response = await fetch(new URL(name, import.meta.url), { credentials: "omit" });
  const sheet = new CSSStyleSheet();
  await sheet.replace(await response.text());
  return sheet;
}));

export function define(tag) {
  if (!customElements.get(tag)) customElements.define(tag, ZhikeChat);
}

export class ZhikeChat extends HTMLElement {
  static observedAttributes = ["data-lang", "data-title", "data-brand"];

  #root = this.attachShadow({ mode: "open" });
  #session = null;
  #panel = null;
  #opened = false;
  #ready = null;
  #leaving = null;

  connectedCallback() {
    this.#session = new Session({ base: BASE, channel: this.dataset.channel || "web",
      changed: () => this.#update(), arrived: () => this.#ring() });
    this.#ready = sheets.then((loaded) => {
      this.#root.adoptedStyleSheets = loaded;
      this.#build();
      this.#listen();
      this.#session.start();
      if (this.dataset.clientToken) this.clientToken = this.dataset.clientToken;
      if (this.hasAttribute("data-open") && this.dataset.open !== "false") this.open({ focus: false });
    });
  }

  disconnectedCallback() {
    this.#leaving?.abort();
    this.#session.stop();
    this.#root.replaceChildren();
    this.#panel = null;
  }

  attributeChangedCallback() {
    if (this.#panel) this.#build();
  }

  /** Show the window. */
  async open({ focus = true } = {}) {
    await this.#ready;
    this.#opened = true;
    this.#show();
    this.#panel.messages.toEnd();
    if (focus) this.#panel.composer.focus();
  }

  /** Hide the window; the conversation stays. */
  close() {
    this.#opened = false;
    this.#show();
    this.#launcher.focus();
  }

  /** Show the window and ask a question for the client. */
  async ask(question) {
    await this.open();
    if (question) this.#say(question);
  }

  /** Leave the conversation, for when a client signs out of the page. */
  forget() {
    this.#session.clientToken = null;
    this.#session.forget();
    this.#panel?.past.clear();
  }

  /** Who the client is: a token that the firm's back end signed, or a function that fetches a fresh one. */
  async identify(token) {
    await this.#ready;
    await this.#session.identify(token);
  }

  /** As `identify`, without waiting. */
  set clientToken(token) {
    this.#session.identify(token).catch(() => null);
  }

  get #launcher() {
    return this.#root.querySelector(".launcher");
  }

  get #language() {
    const page = document.documentElement.lang.toLowerCase().startsWith("en") ? "en" : "zh";
    return [this.#session.memory.get("language"), this.dataset.lang, page].find((language) => language in WORDS);
  }

  // Built anew when language, title or colour change; what the client was writing is kept.
  #build() {
    const draft = this.#panel?.composer.text ?? "";
    const words = WORDS[this.#language];
    this.words = words;
    this.#root.replaceChildren();
    this.#panel = new Panel(words, this.dataset.title, this.#acts());
    this.#panel.composer.text = draft;
    this.#root.append(this.#panel.element, h("button", { type: "button", class: "launcher", "aria-haspopup": "dialog",
      on: { click: () => (this.#opened ? this.close() : this.open()) } },
    icon("chat"), icon("close"), h("span", { class: "badge", "aria-hidden": "true", hidden: true })));
    this.setAttribute("lang", words.locale);
    this.#colour();
    this.#show();
    this.#panel.messages.toEnd();
  }

  #acts() {
    const session = this.#session;
    return {
      send: (text) => this.#say(text),
      pick: (text) => { this.#say(text); this.#panel.composer.focus(); },
      typing: () => session.typing(),
      human: () => { this.#say(this.words.humanAsk); this.#panel.composer.focus(); },
      judge: (replyId, helpful) => session.judge(replyId, helpful),
      retry: (id) => session.retry(id),
      drop: (id) => session.withdraw(id),
      attach: (file) => { session.attach(file); this.#panel.messages.toEnd(); },
      fileSource: (attachment) => session.fileAddress(attachment),
      past: (before) => session.past(before),
      edit: (id, text) => { session.withdraw(id); this.#panel.composer.text = text; this.#panel.composer.focus(); },
      resume: () => session.resume().then(() => this.#panel.composer.focus(), () => this.#panel.banner.say(this.words.busy)),
      rate: (count, words) => session.rate(count, words).catch(() => this.#panel.banner.say(this.words.judgeFailed)),
      again: () => { session.forget(); this.#panel.composer.focus(); },
      close: () => this.close(),
      language: () => this.#switch(),
      hasSound: () => Boolean(session.memory.get("sound")),
      // Turned on it plays once, which is also what lets the browser play it later.
      sound: () => { session.memory.set("sound", !session.memory.get("sound")); if (session.memory.get("sound")) chime(); },
    };
  }

  // Something came while the client looks elsewhere; the mark on the button tells it without a sound.
  #ring() {
    if (this.#session.memory.get("sound") && (!this.#opened || document.hidden)) chime();
  }

  #say(text) {
    this.#session.say(this.#panel.meant(text));
    this.#update();
    this.#panel.messages.toEnd();
  }

  #switch() {
    this.#session.memory.set("language", this.#language === "zh" ? "en" : "zh");
    this.#build();
    this.#root.querySelector(".language").focus();
  }

  #listen() {
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    addEventListener("online", () => this.#session.online(), { signal });
    addEventListener("offline", () => this.#update(), { signal });
    document.addEventListener("visibilitychange", () => {
      this.#session.visible(!document.hidden);
      this.#update();
    }, { signal });
    matchMedia(DARK).addEventListener("change", () => this.#colour(), { signal });
    const clock = setInterval(() => {
      this.#panel?.messages.tick();
      this.#update();
    }, 20_000);
    signal.addEventListener("abort", () => clearInterval(clock));
  }

  #show() {
    this.#panel.element.hidden = !this.#opened;
    this.toggleAttribute("opened", this.#opened);
    this.#launcher.setAttribute("aria-expanded", String(this.#opened));
    this.#update();
  }

  #update() {
    if (!this.#panel) return;
    if (this.#opened && !document.hidden) this.#session.read();
    this.#panel.update(this.#session, this.#trouble());
    const unread = this.#opened ? 0 : this.#session.unread;
    const badge = this.#root.querySelector(".badge");
    badge.hidden = !unread;
    badge.textContent = unread > 9 ? "9+" : String(unread);
    this.#launcher.setAttribute("aria-label", this.words.launcher(unread));
  }

  #trouble() {
    const { trouble, down } = this.#session;
    if (!navigator.onLine) return this.words.offline;
    if (trouble?.kind === "tooFast") return this.words.tooFast(trouble.seconds);
    if (trouble) return this.words[trouble.kind];
    return down > 1 ? this.words.reconnecting : "";
  }

  #colour() {
    for (const name of ["--zk-brand", "--zk-on-brand", "--zk-brand-ink"]) this.style.removeProperty(name);
    const style = getComputedStyle(this);
    const token = (name) => style.getPropertyValue(`--zk-${name}`).trim();
    const own = this.dataset.brand && brandTokens(this.dataset.brand, {
      ink: token("ink"), paper: token("paper"), mist: token("mist") });
    for (const [name, value] of Object.entries(own || {})) this.style.setProperty(name, value);
  }
}
