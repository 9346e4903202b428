// Keeps the follow-ups true: what is read, what the events say has changed, and what the agent does with them.

import { h, icon } from "../widget/dom.js";
import { dialog } from "./dialogs.js";
import { FollowUpPanel, FollowUpQueue, showCount } from "./followups.js";

// Events of one moment are one call; a closed queue only keeps its number, and need not hurry.
const TOGETHER = 250;
const PAUSE_OPEN = 1000;
const PAUSE_CLOSED = 5000;

export class Tasks {
  /** `act` has insert(text, title), choose(conversation), tell(text, bad), toggled(open), name(account). */
  constructor(words, calls, session, act) {
    Object.assign(this, { words, calls, act });
    this.may = session.permissions.includes("follow_ups.work");
    this.open = false;
    this.conversation = null;
    this.read = 0;
    this.panel = new FollowUpPanel(words, {
      insert: (item) => act.insert(item.opening_line, words.followUps.opening), step: (item, step, body, told) => this.#step(item, step, body, told),
      optOut: () => this.#optOut(), undo: () => this.#undo(), reload: () => this.#talk() }, session.user, act.name);
    this.queue = new FollowUpQueue(words, {
      choose: (item) => act.choose(item.conversation_id), filter: () => this.#list(), retry: () => this.#list(),
      all: (ids, step, body) => this.#all(ids, step, body) }, session.user, act.name);
    this.button = h("button", { type: "button", class: "bare follow-toggle", hidden: !this.may, "aria-pressed": "false", "aria-keyshortcuts": "Alt+G",
      on: { click: () => this.toggle() } }, icon("flag"), h("span", { class: "label-of" }, words.followUps.title), h("span", { class: "badge", hidden: true }));
  }

  start() {
    if (this.may) this.#list();
  }

  stop() {
    clearTimeout(this.waiting);
    clearTimeout(this.talking);
  }

  tick() {
    this.panel.tick();
    if (this.open) this.queue.tick();
  }

  /** From the conversations to the queue, or back. */
  toggle(open = !this.open) {
    if (!this.may || open === this.open) return;
    this.open = open;
    this.button.setAttribute("aria-pressed", String(open));
    this.act.toggled(open);
    if (open) {
      this.#list();
      this.queue.focus();
    }
  }

  /** Another conversation is on screen, or none. */
  show(conversation) {
    this.conversation = conversation;
    this.found = null;
    this.panel.clear();
    this.queue.current(conversation);
    if (conversation && this.may) this.#talk();
  }

  /** Whether the agent may write to the client now. */
  allow(can) {
    this.can = can;
    if (this.found) this.panel.show(this.found, can);
  }

  /** The client in the conversation on screen wrote. */
  heard() {
    if (!this.may) return;
    clearTimeout(this.talking);
    this.talking = setTimeout(() => this.#talk(), TOGETHER);
  }

  /** A follow-up or a client's record changed, somewhere. */
  changed() {
    if (!this.may) return;
    this.heard();
    if (this.waiting) return;
    const pause = this.open ? PAUSE_OPEN : PAUSE_CLOSED;
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.#list();
    }, Math.max(TOGETHER, this.read + pause - Date.now()));
  }

  async #list() {
    this.read = Date.now();
    try {
      const page = await this.calls.followUps(this.open ? this.queue.filter : { limit: 1 });
      showCount(this.button, page.counts, this.words);
      if (!this.open) return;
      this.queue.show(page.follow_ups);
      this.queue.current(this.conversation);
    } catch {
      if (this.open) this.queue.failed();
    }
  }

  async #talk() {
    const id = this.conversation;
    if (!id) return;
    try {
      const found = await this.calls.followUpsOf(id);
      if (id !== this.conversation) return;
      this.found = found;
      this.panel.show(found, this.can);
    } catch {
      if (id === this.conversation) this.panel.failed();
    }
  }

  async #step(item, step, body, told) {
    const { words, act } = this;
    try {
      await this.calls.followUp(item.id, step, body);
      if (told) act.tell(told);
    } catch (error) {
      const known = words.followUps[error.code] ?? (error.code === "already_claimed" ? words.already_claimed(act.name(error.body?.agent)) : null);
      act.tell(known ?? words.somethingFailed, true);
    }
    await this.#both();
  }

  async #all(ids, step, body) {
    const { words, act } = this;
    try {
      const { results } = await this.calls.followUpsAll(ids, step, body);
      const failed = results.filter((one) => one.code).length;
      if (failed) act.tell(words.followUps.someFailed(failed), true);
      else if (body?.outcome) act.tell(words.followUps.recorded(words.followUps.outcomes[body.outcome]));
    } catch {
      act.tell(words.somethingFailed, true);
    }
    await this.#both();
  }

  // It can't be taken back by a click: withdrawn follow-ups stay withdrawn.
  #optOut() {
    const { followUps: words } = this.words;
    const id = this.conversation;
    this.#ask(words.optOutTitle, words.optOutLead, words.register, () => this.calls.optOut(id), words.optOutDone);
  }

  // Just the no that the agent reads: where the client has said another meanwhile, that one stands.
  #undo() {
    const { followUps: words } = this.words;
    const { conversation: id, found: { opt_out_heard: heard, opt_out_heard_message: message } } = this;
    this.#ask(words.undoTitle, words.undoLead(heard), words.undo, () => this.calls.undoOptOut(id, message), words.undone);
  }

  #ask(title, lead, shown, call, told) {
    const { words, act } = this;
    const yes = h("button", { type: "button", class: "main", on: { click: async () => {
      element.close();
      await call().then(() => act.tell(told), (error) => act.tell(words.followUps[error.code] ?? words.somethingFailed, true));
      await this.#both();
      this.panel.focus();
    } } }, shown);
    const element = dialog(words, title, h("p", {}, lead),
      h("div", { class: "row" }, h("button", { type: "button", class: "second", on: { click: () => element.close() } }, words.cancel), yes));
    yes.focus();
  }

  #both() {
    return Promise.all([this.#talk(), this.#list()]);
  }
}
