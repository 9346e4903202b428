// What stands around a conversation: its tags, who reads along, what the client said before; the search of the knowledge,
// phrases of one's own, and files on their way.

import { told } from "../widget/clock.js";
import { h, icon } from "../widget/dom.js";
import { upload } from "../widget/files.js";
import { Problem } from "../widget/api.js";
import { uuid } from "../widget/memory.js";
import { phrasesDialog, searchDialog } from "./finding.js";
import { transferDialog } from "./dialogs.js";
import { lineOf } from "./wire.js";

export class Around {
  /** `act` has insert(article), choose(id), tell(text, bad), identified() when the client is known now. */
  constructor(words, calls, session, feed, act) {
    Object.assign(this, { words, calls, session, feed, act });
    this.uploads = new Map(); // client_message_id → {conversation, file, at}
    this.id = null;
    this.tags = h("ul", { class: "tags" });
    this.known = h("datalist", { id: "known-tags" });
    this.field = h("input", { type: "text", list: "known-tags", maxlength: "24", "aria-label": words.around.addTag, placeholder: words.around.addTag, autocomplete: "off",
      on: { keydown: (event) => this.#tagKey(event), focus: () => this.#readTags() } });
    this.guests = h("ul", { class: "tags guests", "aria-label": words.around.guests });
    this.inviting = h("button", { type: "button", class: "plain", "aria-keyshortcuts": "Alt+I", title: "Alt+I", on: { click: () => this.invite() } }, icon("person"), words.around.invite);
    this.labels = h("section", { class: "labels", "aria-label": words.around.tags }, h("h3", {}, words.around.tags), this.tags, this.field, this.known,
      this.guests, this.inviting);
    this.list = h("ol", {});
    this.past = h("section", { class: "past-of", "aria-label": words.around.past, hidden: true }, h("h3", {}, words.around.past), this.list);
  }

  /** Another conversation is on screen. */
  show(id) {
    this.id = id;
    this.line = null;
    this.field.value = "";
    this.#readPast();
  }

  /** Its line of the list, and whether the agent holds it. */
  update(line, { mine, may }) {
    const now = JSON.stringify([line?.id, line?.tags, line?.guests, line?.vouched, line?.clientId, mine, may.reply]);
    if (now === this.shown) return;
    const identified = this.line && line?.id === this.line.id && line.clientId !== this.line.clientId;
    this.shown = now;
    this.line = line;
    const { words } = this;
    const chip = (text, name, remove) => h("li", {}, text, remove ? h("button", { type: "button", "aria-label": name, title: name, on: { click: remove } }, icon("close")) : null);
    this.tags.replaceChildren(...(line?.tags ?? []).map((tag) => chip(tag, words.around.removeTag(tag),
      may.reply && (() => this.#setTags(line.tags.filter((other) => other !== tag))))));
    this.field.hidden = !may.reply || !line;
    this.guests.replaceChildren(...(line?.guests ?? []).map((guest) => chip(words.around.readsAlong(this.feed.shownName(guest)), words.around.sendAway,
      (mine || guest === this.session.user) && (() => this.#leave(guest)))));
    this.inviting.hidden = !mine;
    if (identified) {
      this.#readPast();
      this.act.identified();
    }
  }

  async #readTags() {
    const { tags } = await this.calls.tags().catch(() => ({ tags: [] }));
    this.known.replaceChildren(...tags.map((tag) => h("option", { value: tag })));
  }

  #tagKey(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && this.field.value.trim()) {
      event.preventDefault();
      const { value } = this.field;
      this.field.value = "";
      this.#setTags([...(this.line?.tags ?? []), value]);
    } else if (event.key === "Backspace" && !this.field.value && this.line?.tags.length) {
      this.#setTags(this.line.tags.slice(0, -1));
    }
  }

  async #setTags(tags) {
    const { id } = this;
    await this.#do(() => this.calls.setTags(id, tags));
  }

  /** Ask a colleague to read along. */
  async invite() {
    const { id, line, words } = this;
    if (!id || this.inviting.hidden) return;
    const { colleagues } = await this.calls.colleagues().catch(() => ({ colleagues: [] }));
    const others = colleagues.filter(({ name }) => name !== this.session.user && !line.guests.includes(name));
    transferDialog(words, others, async (guest, shown) => {
      if (await this.#do(() => this.calls.invite(id, guest))) this.act.tell(words.around.invited(shown));
    }, { title: words.around.inviteTitle, queue: false });
  }

  #leave(guest) {
    const { id } = this;
    return this.#do(() => this.calls.leave(id, guest));
  }

  async #do(call) {
    try {
      this.feed.line(await call());
      return true;
    } catch (error) {
      const known = this.words.around[error.code] ?? this.words[error.code];
      this.act.tell(typeof known === "string" ? known : this.words.somethingFailed, true);
      return false;
    }
  }

  async #readPast() {
    const { id, words } = this;
    this.past.hidden = true;
    if (!id) return;
    const { conversations } = await this.calls.past(id).catch(() => ({ conversations: [] }));
    if (this.id !== id || !conversations.length) return;
    this.list.replaceChildren(...conversations.map((wire) => {
      const line = lineOf(wire);
      const about = line.summary?.asked.at(-1) ?? "";
      return h("li", {}, h("button", { type: "button", class: "past-line", on: { click: () => { this.feed.line(wire); this.act.choose(line.id); } } },
        h("span", { class: "meta" }, told(new Date(wire.opened_at), words), " · ", words.channels[line.channel] ?? line.channel, wire.agent || wire.closed_by
          ? ` · ${this.feed.shownName(wire.agent ?? wire.closed_by)}` : "", line.satisfaction ? ` · ${"★".repeat(line.satisfaction)}` : ""),
        h("span", { class: "words" }, about || words.around.noWords)));
    }));
    this.past.hidden = false;
  }

  /** Search the knowledge; what is chosen goes into the field where the agent may write. */
  search() {
    const { id } = this;
    const can = Boolean(id) && this.feed.inbox.holds(id);
    searchDialog(this.words, { find: (q) => this.calls.knowledge(q, can ? id : null), insert: can && ((article) => this.act.insert(article)) });
  }

  /** Phrases of one's own and, of who may, the team's: written, changed and forgotten. */
  phrases(text = "") {
    phrasesDialog(this.words, this.calls, { text, team: this.session.permissions.includes("quick_replies.team") });
  }

  /** Where a file of the conversation on screen is. */
  async fileSource({ id }) {
    const href = this.calls.address(`agent/conversations/${this.id}/attachments/${id}`);
    return { href, src: href };
  }

  /** Send the client a file. */
  attach(file) {
    const { id: conversation } = this;
    if (!conversation || !this.feed.inbox.holds(conversation)) {
      this.act.tell(this.words.not_claimed, true);
      return;
    }
    const id = uuid();
    this.uploads.set(id, { conversation, file, at: Date.now() });
    this.retry(id);
  }

  /** Whether it was a file's. */
  retry(id) {
    if (!this.uploads.has(id)) return false;
    this.#upload(id);
    return true;
  }

  /** Whether it was a file's. */
  drop(id) {
    const item = this.uploads.get(id);
    if (item) this.feed.talk(item.conversation).withdraw(id);
    return this.uploads.delete(id);
  }

  async #upload(id) {
    const { conversation, file, at } = this.uploads.get(id);
    const talk = this.feed.talk(conversation);
    const show = (share) => { talk.progress(id, share); this.feed.on.changed(); };
    talk.local({ id, text: "", at, file });
    show(0);
    try {
      const form = new FormData();
      form.append("client_message_id", id);
      form.append("file", file, file.name || "file");
      const { status, body, retryAfter } = await upload(this.calls.address(`agent/conversations/${conversation}/attachments`),
        { "X-CSRF-Token": this.calls.csrf }, form, show);
      if (status >= 400) throw new Problem(status, { code: "http_error", ...body }, retryAfter);
      this.uploads.delete(id);
      this.feed.kept({ id, conversation }, body.message);
    } catch (error) {
      talk.failed(id, error);
      this.feed.on.changed();
    }
  }
}
