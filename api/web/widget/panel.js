// The window: header, conversation, banner, composer.

import { Banner } from "./banner.js";
import { Composer } from "./composer.js";
import { h, icon } from "./dom.js";
import { listenForFiles } from "./files.js";
import { Messages } from "./messages.js";
import { Past } from "./past.js";

export class Panel {
  /** `act` holds everything a client can do; see element.js. */
  constructor(words, title, act) {
    this.words = words;
    this.act = act;
    this.messages = new Messages(words, act);
    this.banner = new Banner(words, act);
    this.composer = new Composer(words, { ...act, up: () => this.#toChoices(), keys: () => this.#toggleKeys() });
    this.who = h("p", { class: "now", role: "status" });
    this.keys = h("dl", { class: "key-list", hidden: true, "aria-label": words.keys },
      words.keysList.map(([key, does]) => [h("dt", {}, key), h("dd", {}, does)]));
    this.element = h("section", { class: "panel", role: "dialog", "aria-label": title || words.panel,
      on: { keydown: (event) => this.#key(event) } },
    h("header", {},
      h("span", { class: "mark" }, icon("chat")),
      h("div", { class: "names" }, h("h2", {}, title || words.title), this.who),
      this.#bell(),
      h("button", { type: "button", class: "bare language", title: words.otherLanguageName,
        "aria-label": words.otherLanguageName, on: { click: act.language } }, words.otherLanguage),
      h("button", { type: "button", class: "bare", title: words.close, "aria-label": words.close,
        on: { click: act.close } }, icon("close"))),
    this.messages.element, this.banner.element, this.keys, this.composer.element);
    this.past = new Past(words, act);
    this.messages.greeting.before(this.past.element);
    listenForFiles(this.element, act.attach);
    this.#greet();
  }

  update(session, trouble) {
    const { story } = session;
    this.suggestions.hidden = story.entries.length > 0;
    this.past.update(session.known);
    this.messages.update(story);
    this.banner.update(story);
    this.banner.say(trouble);
    this.composer.update(story);
    this.element.dataset.state = story.state;
    const { words } = this;
    const away = story.queue?.promise?.kind === "away";
    const who = { assistant: words.assistantAnswers, waiting: away ? words.away : words.waiting, agent: words.agentAnswers(story.agent),
      closed: words.closed }[story.state];
    if (this.who.textContent !== who) this.who.textContent = who;
  }

  #bell() {
    const { words, act } = this;
    const show = () => {
      button.setAttribute("aria-pressed", String(act.hasSound()));
      button.title = act.hasSound() ? words.soundOn : words.soundOff;
    };
    const button = h("button", { type: "button", class: "bare sound", "aria-label": words.sound,
      on: { click: () => { act.sound(); show(); } } }, icon("bell"));
    show();
    return button;
  }

  #greet() {
    const { words, act } = this;
    this.suggestions = h("div", { class: "suggestions", role: "group", "aria-label": words.tryThese },
      h("p", {}, words.tryThese),
      words.questions.map(([label, ask]) => h("button", { type: "button", class: "suggestion",
        on: { click: () => act.send(ask ?? label) } }, label, icon("chevron"))));
    this.messages.greeting.append(
      h("div", { class: "message assistant" }, h("div", { class: "bubble" }, h("p", {}, words.greeting))),
      h("p", { class: "notice" }, words.notice), this.suggestions);
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const writes = event.composedPath()[0] === this.composer.field;
    if (event.key === "Escape") {
      event.stopPropagation();
      this.act.close();
    } else if (event.key === "Tab") {
      this.#keepInside(event);
    } else if (!writes && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (/^[1-4]$/.test(event.key) && this.#choice(event.key)) this.#choice(event.key).click();
      else if (event.key === "?") this.#toggleKeys();
    }
  }

  /** The open choice with this number: choices stay open until the client says something else. */
  #choice(number) {
    return this.#open()?.querySelector(`[data-choice="${number}"]`) ?? null;
  }

  #open() {
    return Array.from(this.element.querySelectorAll(".choices")).findLast((choices) => !choices.matches(".past"));
  }

  /** The words of the open choice with this number, for a client who types the number. */
  meant(text) {
    return /^[1-4]$/.test(text) ? this.#choice(text)?.querySelector(".words").textContent ?? text : text;
  }

  #toChoices() {
    const first = this.#open()?.querySelector("button");
    first?.focus();
    return Boolean(first);
  }

  #toggleKeys() {
    this.keys.hidden = !this.keys.hidden;
  }

  // Full screen hides the page, so Tab must not leave for it; beside the page it may.
  #keepInside(event) {
    if (!matchMedia("(max-width: 479px)").matches) return;
    const stops = Array.from(this.element.querySelectorAll("button, summary, textarea, a, [tabindex]"))
      .filter((stop) => !stop.disabled && stop.checkVisibility?.() !== false);
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (event.composedPath()[0] === from) {
      event.preventDefault();
      to.focus();
    }
  }
}
