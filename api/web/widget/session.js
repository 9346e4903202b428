// One client's conversation in this tab: opened when the client first writes, kept over reloads, shared by tabs.

import { Api } from "./api.js";
import { Memory } from "./memory.js";
import { Outbox } from "./outbox.js";
import { Story, TYPING_SHOWN } from "./story.js";
import { Stream } from "./stream.js";

const TYPING_EVERY = 4000;

export class Session {
  /** `changed()` is called after every change, at most once a frame. */
  constructor({ base, channel, changed }) {
    this.channel = channel;
    this.clientToken = null;
    this.api = new Api(base);
    this.memory = new Memory(base.href);
    this.story = new Story();
    this.trouble = null; // null, or {kind, seconds}
    this.down = 0;
    this.changed = changed;
    this.stream = new Stream(this.api, {
      event: (id, data) => this.#tell(() => this.story.event(id, data)),
      fleeting: (data) => this.#typing(data),
      up: () => this.#tell(() => { this.down = 0; }),
      down: (attempts, error) => this.#lost(attempts, error),
    });
    this.outbox = new Outbox(this.memory, (item) => this.#send(item), {
      changed: (item, status, problem) => this.#tell(() => this.#moved(item, status, problem)) });
  }

  start() {
    this.stopListening = this.memory.listen((name, value) => this.#heard(name, value));
    this.follow();
    this.outbox.adopt();
  }

  stop() {
    this.stopListening?.();
    this.stream.stop();
  }

  get conversation() {
    return this.memory.get("conversation");
  }

  get unread() {
    return this.story.unread(this.memory.get("read") ?? 0);
  }

  /** Everything told so far has been seen. */
  read() {
    const last = this.story.lastEventId;
    if (last > (this.memory.get("read") ?? 0)) this.memory.set("read", last);
  }

  say(text) {
    // A closed conversation takes no more messages; the next one begins by itself.
    if (this.story.state === "closed") this.forget();
    this.outbox.add(text);
  }

  retry(id) {
    this.outbox.retry(id);
  }

  withdraw(id) {
    this.outbox.drop(id);
    this.#tell(() => this.story.withdraw(id));
  }

  /** The client is writing: told now and then, and only where a colleague may see it. */
  typing() {
    const now = Date.now();
    if (this.story.state !== "agent" || !this.conversation || now - (this.typed ?? 0) < TYPING_EVERY) return;
    this.typed = now;
    this.api.typing(this.conversation).catch(() => null);
  }

  async judge(replyId, helpful) {
    await this.api.judgeReply(this.conversation, replyId, helpful);
    this.#tell(() => this.story.judged(replyId, helpful));
  }

  async rate(count) {
    await this.api.judgeConversation(this.conversation, count);
    this.#tell(() => { this.story.satisfaction = count; });
  }

  async resume() {
    try {
      const { state } = await this.api.resume(this.conversation);
      this.#tell(() => this.story.move(state, new Date().toISOString()));
    } catch (error) {
      // A colleague was faster: the events say so.
      if (error.code !== "illegal_move") throw error;
    }
  }

  /** Leave this conversation; what the client writes next opens another. */
  forget() {
    this.stream.stop();
    this.memory.remove("conversation");
    this.memory.remove("read");
    this.#tell(() => { this.story = new Story(); });
  }

  /** Events of the conversation, from the beginning: they tell messages, verdicts and who holds it. */
  follow() {
    const conversation = this.conversation;
    if (!conversation || this.stream.conversation?.id === conversation.id) return;
    this.stream.start(conversation, 0);
  }

  /** The network came back. */
  online() {
    this.stream.hurry();
    this.outbox.adopt();
    this.outbox.hurry();
    this.#tell(() => {});
  }

  /** Browsers open few connections to a host: hidden tabs hold one only while a human may write. */
  visible(visible) {
    if (visible) this.stream.resume();
    else if (this.story.state === "assistant" && !this.story.writing) this.stream.pause();
  }

  async #send(item) {
    const conversation = await this.#opened();
    try {
      const { message, reply } = await this.api.send(conversation, item.id, item.text);
      this.#tell(() => {
        this.trouble = null;
        this.story.message(message);
        if (reply) this.story.reply(reply);
      });
    } catch (error) {
      if (!error.forgotten && error.code !== "conversation_closed") throw error;
      if (this.conversation?.id === conversation.id) this.forget();
      this.#tell(() => this.story.local(item));
      await this.#send(item);
    }
  }

  async #opened() {
    if (!this.conversation) await this.#alone(() => this.#open());
    this.follow();
    return this.conversation;
  }

  async #open() {
    // Another tab may have opened it while this one waited for its turn.
    if (this.conversation) return;
    const { id, token } = await this.api.open(this.channel, this.clientToken);
    this.memory.set("conversation", { id, token });
  }

  // Locks exist on https only; without them two tabs at once may open two conversations, and the later one counts.
  #alone(work) {
    return navigator.locks ? navigator.locks.request(`${this.memory.prefix}open`, work) : work();
  }

  // A colleague is writing; shown for a moment, then forgotten.
  #typing({ type, sender }) {
    if (type !== "typing" || sender !== "agent") return;
    this.#tell(() => this.story.typing());
    setTimeout(() => this.#tell(() => {}), TYPING_SHOWN);
  }

  #moved(item, status, problem) {
    if (status === "failed") this.story.failed(item.id, problem);
    else this.story.local(item, status);
    const { trouble } = this;
    if (problem?.status === 429) this.trouble = { kind: "tooFast", seconds: problem.retryAfter };
    else if (problem?.code === "not_ready") this.trouble = { kind: "starting" };
    else if (problem?.passing) this.trouble = { kind: "busy" };
    else this.trouble = status === "queued" ? trouble : null;
    if (status === "failed") this.trouble = null;
  }

  #lost(attempts, error) {
    if (error?.forgotten) {
      this.forget();
      return;
    }
    this.#tell(() => { this.down = attempts; });
  }

  // What another tab did.
  #heard(name, value) {
    if (name === "conversation") {
      const same = value && value.id === this.stream.conversation?.id;
      if (!same) {
        this.stream.stop();
        this.story = new Story();
        for (const item of this.outbox.items) this.story.local(item, "queued");
      }
      if (value) this.follow();
    }
    this.#tell(() => {});
  }

  #tell(change) {
    change();
    this.frame ??= setTimeout(() => {
      this.frame = null;
      this.changed();
    });
  }
}
