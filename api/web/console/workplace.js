// Everything an agent does, over the three columns: reads, claims, writes, hands on. The events keep it true.

import { h, icon } from "../widget/dom.js";
import { Memory } from "../widget/memory.js";
import { Outbox } from "../widget/outbox.js";
import { Around } from "./around.js";
import { bar, skipLink } from "./bar.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { endDialog, keysDialog, transferDialog } from "./dialogs.js";
import { Feed } from "./feed.js";
import { Beside, Suggestions } from "./help.js";
import { Keys } from "./keys.js";
import { List } from "./list.js";
import { Notify } from "./notify.js";
import { Phrases } from "./quick.js";
import { Tasks } from "./tasks.js";

const WIDE = matchMedia("(min-width: 1200px)");
const TOAST = 4000;
const TYPING = 4000;
// What could not be sent for so long is a draft again: the conversation has gone on meanwhile.
const STALE = 600_000;

export class Workplace {
  /** `act` has language(), signOut(). */
  constructor(words, calls, session, act) {
    Object.assign(this, { words, calls, session, act });
    this.memory = new Memory(`console:${session.user}`);
    this.notify = new Notify(this.memory);
    this.phrases = new Phrases(calls);
    this.feed = new Feed(calls, session, words, {
      changed: () => this.#soon(), wants: (kind, id) => this.#wants(kind, id), asked: (id) => {
        if (id !== this.chosen) return;
        this.#suggestSoon();
        this.tasks.heard();
      },
      aside: (data) => this.#aside(data) });
    this.outbox = new Outbox(this.memory, (item) => this.#send(item), {
      changed: (item, status, problem) => this.#moved(item, status, problem) });
    this.chosen = null;
    this.suggested = null;
    this.#build();
    this.keys = new Keys(this.#commands());
  }

  get may() {
    const has = (name) => this.session.permissions.includes(name);
    return { reply: has("conversations.reply"), transfer: has("conversations.transfer"), clients: has("clients.see") };
  }

  start() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    this.keys.listen(signal);
    addEventListener("online", () => { this.feed.hurry(); this.outbox.hurry(); this.#soon(); }, { signal });
    addEventListener("offline", () => this.#soon(), { signal });
    addEventListener("popstate", () => this.#choose(idOfAddress(), { history: false }), { signal });
    document.addEventListener("visibilitychange", () => {
      this.feed.visible(!document.hidden);
      if (!document.hidden) this.#seen();
    }, { signal });
    addEventListener("focus", () => this.#seen(), { signal });
    WIDE.addEventListener("change", () => this.#arrange(), { signal });
    const clock = setInterval(() => {
      this.list.tick();
      this.conversation.tick();
      this.tasks.tick();
    }, 1000);
    signal.addEventListener("abort", () => clearInterval(clock));
    this.#arrange();
    this.#update();
    this.feed.start().then(() => {
      if (signal.aborted) return;
      this.#shelveStale();
      this.outbox.adopt();
      this.tasks.start();
      this.#update();
      const wanted = idOfAddress();
      if (wanted) this.#choose(wanted, { history: false });
      else if (WIDE.matches) this.list.focus();
    });
  }

  /** Leave nothing of what was written on this machine. */
  forget() {
    this.chosen = null;
    for (const name of [...this.memory.names("draft:"), ...this.memory.names("unsent:")]) this.memory.remove(name);
  }

  #shelveStale() {
    for (const item of this.memory.unsent().filter(({ at }) => Date.now() - at > STALE)) {
      const name = `draft:${item.conversation}`;
      if (!this.memory.get(name)) this.memory.set(name, { text: item.text, note: Boolean(item.note), suggestion: item.suggestion });
      this.memory.remove(`unsent:${item.id}`);
    }
  }

  stop() {
    this.#keepDraft();
    this.feed.stop();
    this.tasks.stop();
    this.leaving?.abort();
    this.notify.title(0, this.words.product);
  }

  #build() {
    const { words, act, session } = this;
    this.list = new List(words, { choose: (id) => this.#choose(id), more: (name) => this.feed.more(name), unfold: (name) => this.feed.unfold(name),
      retry: () => this.feed.start(), tags: () => this.calls.tags().then(({ tags }) => tags, () => []),
      filter: (tag) => { this.feed.inbox.tag = tag.trim().toLowerCase(); this.feed.start(); } });
    this.composer = new Composer(words, { send: (written) => this.#say(written), changed: () => this.#keepDraft(), typing: (note) => this.#typing(note), claim: () => this.#claim(),
      attach: (file) => this.#attach(file), search: () => this.around.search(), manage: (text) => this.around.phrases(text), phrases: () => this.phrases.read(), fill: (text) => this.#fill(text) });
    this.conversation = new Conversation(words, {
      transfer: () => this.#transfer(), release: (to) => this.#release(to), end: () => this.#end(),
      back: () => this.#choose(null), beside: () => this.#showBeside(true), reload: () => this.feed.open(this.chosen),
      attach: (file) => this.#attach(file), fileSource: (attachment) => this.around.fileSource(attachment),
      retry: (id) => this.around.retry(id) || this.outbox.retry(id), edit: (id) => (this.around.drop(id) ? this.#soon() : this.#edit(id)) }, this.composer);
    this.suggestions = new Suggestions(words, { insert: (item) => this.#insert(item), reload: () => this.#suggest({ again: true }) });
    this.beside = new Beside(words, { close: () => this.#showBeside(false) });
    this.tasks = new Tasks(words, this.calls, this.session, {
      insert: (text, title) => { this.#showBeside(false); this.composer.insert({ title, text }); }, choose: (id) => this.#choose(id),
      tell: (text, bad) => this.#tell(text, bad), name: (account) => this.feed.shownName(account),
      toggled: (open) => { this.element.classList.toggle("with-follow-ups", open); if (!open) this.list.focus(); } });
    this.beside.place.before(this.tasks.panel.element);
    this.around = new Around(words, this.calls, this.session, this.feed, { insert: (item) => this.#insert(item), choose: (id) => this.#choose(id),
      tell: (text, bad) => this.#tell(text, bad),
      identified: () => this.#client(this.chosen, { again: true }) });
    this.beside.place.after(this.around.labels);
    this.beside.summary.after(this.around.past);
    this.connection = h("span", { class: "connection", role: "status" });
    this.across = h("p", { class: "across", role: "status", hidden: true });
    this.toast = h("p", { class: "toast", role: "status" });
    this.sound = this.#toggle(words.sound, "sound", () => this.notify.toggleSound(), () => this.notify.sound);
    this.desktop = this.#toggle(words.notifications, "bell", async () => {
      if (!await this.notify.toggleDesktop()) this.#tell(words.notificationsDenied, true);
    }, () => this.notify.desktop);
    // Managers write the team's phrases without a conversation of their own.
    const phrases = session.permissions.includes("quick_replies.team") && h("button", { type: "button", class: "bare team-phrases", "aria-label": words.quickReplies,
      title: words.quickReplies, on: { click: () => this.around.phrases() } }, icon("chat"));
    this.element = h("div", { class: "console" },
      skipLink("conversation", words.skip, () => this.conversation.element),
      bar(words, this.session, "console", { mark: "chat", tools: [this.connection, this.tasks.button, phrases, this.sound, this.desktop], act }),
      this.across, this.list.element, this.tasks.queue.element, this.conversation.element, this.beside.element, this.toast);
  }

  #toggle(name, shape, toggle, isOn) {
    const { words } = this;
    const show = () => {
      button.setAttribute("aria-pressed", String(isOn()));
      button.title = `${name}：${isOn() ? words.on : words.off}`;
    };
    const button = h("button", { type: "button", class: "bare", "aria-label": name, on: { click: async () => {
      await toggle();
      show();
    } } }, icon(shape));
    show();
    return button;
  }

  // Several changes of one moment are drawn once.
  #soon() {
    this.frame ??= setTimeout(() => {
      this.frame = null;
      this.#update();
    });
  }

  #update() {
    const { words, feed, chosen } = this;
    const { inbox } = feed;
    const line = chosen && inbox.get(chosen);
    const mine = Boolean(chosen) && inbox.holds(chosen);
    const talk = chosen ? feed.talk(chosen) : null;
    const down = feed.down > 0 || !navigator.onLine;
    this.connection.textContent = down ? "" : words.connected;
    this.connection.hidden = down;
    const trouble = !navigator.onLine ? words.offline : feed.down > 1 ? words.reconnecting : "";
    if (this.across.textContent !== trouble) this.across.textContent = trouble;
    this.across.hidden = !trouble;
    this.list.update(inbox, chosen, (account) => feed.shownName(account));
    const { may } = this;
    this.conversation.update(talk, line, { mine, may, holder: feed.shownName(line?.agent), elsewhere: inbox.wanting(chosen) });
    this.composer.allow({ reply: mine && may.reply, note: may.reply, why: line && this.#why(line),
      claim: may.reply && { waiting: words.claim, assistant: words.stepIn }[line?.state] });
    if (talk) this.beside.story(line?.summary);
    this.tasks.allow(mine && may.reply);
    this.around.update(line, { mine, may });
    this.notify.title(inbox.wanting(), words.product);
    if (this.suggested?.id === chosen && this.suggested) this.suggestions.show(this.suggested.items, mine && may.reply);
    if (chosen && !document.hidden) this.#seen();
  }

  #why(line) {
    const { words } = this;
    const why = words.mustClaim[line.state];
    return typeof why === "function" ? why(this.feed.shownName(line.agent) ?? words.colleague) : why;
  }

  async #choose(id, { history: kept = true, focus = true } = {}) {
    if (id === this.chosen) {
      if (id && focus) this.#toWriting();
      return;
    }
    this.#keepDraft();
    this.chosen = id;
    this.suggested = null;
    this.suggesting = null;
    this.suggestions.clear();
    this.tasks.show(id);
    this.around.show(id);
    this.element.classList.toggle("with-talk", Boolean(id));
    this.#showBeside(false);
    if (kept) history.pushState(null, "", id ? `#${id}` : location.pathname);
    if (!id) {
      this.feed.leave();
      this.#update();
      this.list.focus();
      return;
    }
    this.feed.talk(id);
    this.#update();
    this.composer.draft = this.memory.get(`draft:${id}`);
    this.#update();
    if (focus) this.#toWriting();
    const known = this.feed.inbox.get(id);
    this.#client(id);
    await this.feed.open(id);
    if (this.chosen !== id) return;
    if (!known) this.#client(id);
    for (const item of this.outbox.items) if (item.conversation === id) this.feed.talk(id).local(item, item.failed ? "failed" : "queued");
    this.#soon();
    this.#suggestSoon();
  }

  // On a phone the keyboard would cover the conversation.
  #toWriting() {
    if (matchMedia("(max-width: 767px)").matches) this.conversation.element.focus();
    else this.composer.focus();
  }

  async #client(id, { again = false } = {}) {
    const clientId = this.feed.inbox.get(id)?.clientId;
    if (!again) this.beside.client(null, this.feed.inbox.get(id));
    if (!clientId) return;
    try {
      const record = await this.calls.client(clientId);
      if (this.chosen === id) this.beside.client(record, this.feed.inbox.get(id));
    } catch (error) {
      if (this.chosen === id) this.beside.client(error.status === 403 ? "forbidden" : null, this.feed.inbox.get(id));
    }
  }

  // Follow-ups and records change beside the conversations.
  #aside(data) {
    this.tasks.changed();
    if (data.client_id && data.client_id === this.feed.inbox.get(this.chosen)?.clientId) this.#suited();
  }

  // What may be offered changes with the record, and stands beside what is suggested.
  #suited() {
    this.#client(this.chosen, { again: true });
    this.#suggest({ again: true });
  }

  // Once for each message of the client's; an answer that comes late is for the past.
  async #suggest({ again = false } = {}) {
    const id = this.chosen;
    const last = id && this.feed.talk(id).lastOfClient;
    if (!id || !this.may.reply) return;
    if (!last) {
      this.suggestions.clear(this.words.suggestionsWait);
      return;
    }
    if (this.suggesting === last.id && !again) return;
    this.suggesting = last.id;
    this.suggestions.wait();
    try {
      const { suggestions } = await this.calls.suggestions(id);
      if (this.suggesting !== last.id || this.chosen !== id) return;
      this.suggested = { id, items: suggestions };
      this.#update();
    } catch {
      if (this.suggesting !== last.id) return;
      this.suggesting = null;
      this.suggestions.failed();
    }
  }

  // Events of one moment, such as the past of a conversation, ask once.
  #suggestSoon() {
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.#suggest(), 150);
  }

  #insert(item) {
    this.#showBeside(false);
    this.composer.insert({ id: item.suggestion_id, title: item.title ?? item.article_id, text: item.text });
  }

  #say({ text, note, suggestion, acknowledged }) {
    this.outbox.add(text, { conversation: this.chosen, note, suggestion, acknowledged });
    this.conversation.toEnd();
  }

  async #send(item) {
    const kept = item.note ? await this.calls.note(item) : (await this.calls.send(item)).message;
    this.feed.kept(item, kept);
  }

  // What became of something written. What the check stopped goes back into the field, if the field is free.
  #moved(item, status, problem) {
    const talk = this.feed.talk(item.conversation);
    const shown = item.conversation === this.chosen;
    if (status !== "failed") {
      talk.local(item, status);
    } else if (problem?.code === "outgoing_check" && shown && this.composer.isEmpty) {
      this.outbox.drop(item.id);
      talk.withdraw(item.id);
      this.composer.refused(item, problem.body.findings ?? []);
    } else {
      talk.failed(item.id, problem);
      if (problem?.status === 409) this.feed.refresh(item.conversation);
    }
    this.#soon();
  }

  #edit(id) {
    const item = this.outbox.items.find((other) => other.id === id);
    const entry = this.feed.talk(this.chosen).entries.find((other) => other.clientMessageId === id);
    this.outbox.drop(id);
    this.feed.talk(this.chosen).withdraw(id);
    if (item?.note) this.composer.draft = { text: item.text, note: true };
    else if (entry?.problem?.code === "outgoing_check") this.composer.refused(item, entry.problem.body.findings ?? []);
    else this.composer.draft = { text: item?.text ?? entry?.text ?? "", suggestion: item?.suggestion };
    this.#keepDraft();
    this.composer.focus();
    this.#update();
  }

  #keepDraft() {
    if (!this.chosen) return;
    const { draft } = this.composer;
    if (draft.text.trim()) this.memory.set(`draft:${this.chosen}`, draft);
    else this.memory.remove(`draft:${this.chosen}`);
  }

  #typing(note) {
    const now = Date.now();
    if (now - (this.typed ?? 0) < TYPING || !(note || this.feed.inbox.holds(this.chosen))) return;
    this.typed = now;
    this.calls.typing(this.chosen, note ? "colleagues" : "client").catch(() => null);
  }

  #attach(file) {
    this.around.attach(file);
    this.conversation.toEnd();
  }

  // The client is called by name only where a record says it.
  #fill(text) {
    const client = this.beside.record?.display_name ?? this.words.around.dear;
    return text.replaceAll("{称呼}", client).replaceAll("{坐席}", this.session.display_name);
  }

  #seen() {
    if (this.chosen && document.hasFocus()) this.feed.read(this.chosen);
  }

  async #claim() {
    const id = this.chosen;
    const line = id && this.feed.inbox.get(id);
    if (!line || this.composer.claim.hidden) return;
    if (await this.#move(() => this.calls.claim(id), this.words.claimed, id)) this.#toWriting();
  }

  async #transfer() {
    const id = this.chosen;
    if (!id || this.conversation.buttons.transfer.hidden) return;
    try {
      const { colleagues } = await this.calls.colleagues();
      transferDialog(this.words, colleagues.filter((one) => one.name !== this.session.user),
        (to, shown) => this.#move(() => this.calls.transfer(id, to), to === "queue" ? this.words.releasedToQueue : this.words.transferredTo(shown), id));
    } catch {
      this.#tell(this.words.somethingFailed, true);
    }
  }

  #release() {
    const id = this.chosen;
    if (id && !this.conversation.buttons.release.hidden) this.#move(() => this.calls.release(id, "assistant"), this.words.released, id);
  }

  #end() {
    const id = this.chosen;
    if (!id || this.conversation.buttons.end.hidden) return;
    const { words } = this;
    endDialog(words, this.feed.inbox.holds(id) ? words.endLead : words.endLeadHeld,
      () => this.#move(() => this.calls.close(id), words.ended, id));
  }

  async #move(call, told, id) {
    try {
      await call();
      this.#tell(told);
      return true;
    } catch (error) {
      const { words } = this;
      const known = words[error.code];
      this.#tell(error.code === "already_claimed" ? words.already_claimed(this.feed.shownName(error.body?.agent))
        : typeof known === "string" ? known : words.somethingFailed, true);
      return false;
    } finally {
      await this.feed.refresh(id);
    }
  }

  #tell(text, bad = false) {
    this.toast.textContent = text;
    this.toast.classList.toggle("bad", bad);
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => { this.toast.textContent = ""; }, TOAST);
  }

  #wants(kind, id) {
    if (id === this.chosen && !document.hidden && document.hasFocus()) return;
    this.notify.tell(this.words.notify[kind], id, () => this.#choose(id));
  }

  #showBeside(open) {
    this.element.classList.toggle("with-beside", open);
    if (open) this.beside.focus();
  }

  // Suggestions stand in the third column where there is one, else above the field.
  #arrange() {
    (WIDE.matches ? this.beside.place : this.composer.above).append(this.suggestions.element);
    this.#showBeside(false);
  }

  #commands() {
    const go = (step) => {
      const id = this.list.beside(step);
      if (id) this.#choose(id);
    };
    return {
      next: () => go(1), previous: () => go(-1), claim: () => this.#claim(), transfer: () => this.#transfer(), release: () => this.#release(),
      end: () => this.#end(), note: () => this.chosen && this.composer.switch(), list: () => this.list.focus(),
      beside: () => (WIDE.matches ? this.beside.focus() : this.#showBeside(!this.element.classList.contains("with-beside"))),
      followUps: () => this.tasks.toggle(), opening: () => this.tasks.panel.insert(), first: () => this.suggestions.insert(1), second: () => this.suggestions.insert(2), third: () => this.suggestions.insert(3),
      search: () => this.around.search(), invite: () => this.around.invite(),
      keys: () => keysDialog(this.words), quick: () => this.chosen && this.feed.inbox.holds(this.chosen) && this.composer.openQuick(),
      leave: () => {
        if (this.element.classList.contains("with-beside")) this.#showBeside(false);
        else if (document.activeElement === this.composer.field) this.conversation.scroll.focus();
      },
    };
  }
}

function idOfAddress() {
  return /^#([0-9a-f]{1,64})$/.exec(location.hash)?.[1] ?? null;
}
