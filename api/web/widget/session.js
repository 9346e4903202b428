// One client's conversation in this tab: opened when the client first writes, kept over reloads, shared by tabs.

import { Api } from "./api.js";
import { Memory, uuid } from "./memory.js";
import { Outbox } from "./outbox.js";
import { Story, TYPING_SHOWN } from "./story.js";
import { Stream } from "./stream.js";

const TYPING_EVERY = 4000;
const TOGETHER = 100;
// What is older than this when it arrives is the past.
const FRESH = 60_000;

export class Session {
  /** `changed()` is called after every change, at most once a frame; `arrived()` when the other side has written. */
  constructor({ base, channel, changed, arrived = () => {} }) {
    this.channel = channel;
    this.clientToken = null;
    this.uploads = new Map(); // client_message_id → {file, at} on their way, or failed
    this.addresses = new Map();
    this.api = new Api(base);
    this.memory = new Memory(base.href);
    this.story = new Story();
    this.trouble = null; // null, or {kind, seconds}
    this.down = 0;
    this.changed = changed;
    this.arrived = arrived;
    this.stream = new Stream(this.api, {
      event: (id, data) => this.#tell(() => this.#event(id, data)),
      fleeting: (data) => (data.type === "queue" ? this.#tell(() => this.story.queued(data)) : this.#typing(data)),
      up: () => { this.#place(); this.#tell(() => { this.down = 0; }); },
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
    this.outbox.add(text);
  }

  retry(id) {
    if (this.uploads.has(id)) this.#upload(id);
    else this.outbox.retry(id);
  }

  withdraw(id) {
    this.outbox.drop(id);
    this.uploads.delete(id);
    this.#tell(() => this.story.withdraw(id));
  }

  /** Send a file. What a page view could not send is gone with it: browsers keep no files for later. */
  attach(file) {
    const id = uuid();
    this.uploads.set(id, { file, at: Date.now() });
    this.#upload(id);
  }

  async #upload(id) {
    const { file, at } = this.uploads.get(id);
    const item = { id, at, text: "", file };
    this.#tell(() => { this.story.local(item); this.story.local(item, "sending"); this.story.progress(id, 0); });
    try {
      const conversation = await this.#opened();
      const { message, reply } = await this.api.attach(conversation, id, file, (share) => this.#tell(() => this.story.progress(id, share)));
      this.uploads.delete(id);
      this.#tell(() => { this.story.message(message); if (reply) this.story.reply(reply); });
    } catch (error) {
      this.#tell(() => this.story.failed(id, error));
    }
  }

  /** Addresses of a file for as long as the page lives. */
  async fileAddress({ id, media_type: type }) {
    if (!this.addresses.has(id)) this.addresses.set(id, this.api.file(this.conversation, id).then((blob) => addresses(blob, type)));
    try {
      return await this.addresses.get(id);
    } catch (error) {
      this.addresses.delete(id);
      throw error;
    }
  }

  /** Whether the page says who the client is. */
  get known() {
    return Boolean(this.clientToken);
  }

  /** Who the client is: a token, or a function that gives a fresh one each time. A conversation that began without joins their history. */
  async identify(clientToken) {
    this.clientToken = clientToken;
    this.#tell(() => {});
    if (!clientToken || !this.conversation) return;
    try {
      await this.#withToken((token) => token && this.api.identify(this.conversation, token));
    } catch (error) {
      // Somebody else has signed in on this page: what the one before them said is not theirs.
      if (error.code === "identity_differs" || error.forgotten) this.forget();
      else throw error;
    }
  }

  /** A page of what a known client said before. */
  async past(before) {
    return this.api.past(await this.#opened(), before);
  }

  // A token lives for minutes: where the page can make another, one that has expired is not the end.
  async #withToken(call) {
    const { clientToken } = this;
    const next = async () => (typeof clientToken === "function" ? await clientToken() : clientToken);
    try {
      return await call(await next());
    } catch (error) {
      if (!error.code?.startsWith("client_token_") || typeof clientToken !== "function") throw error;
      return call(await next());
    }
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

  async rate(count, words = "") {
    await this.api.judgeConversation(this.conversation, count, words);
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
    const open = (clientToken) => this.api.open(this.channel, clientToken);
    const { id, token } = await this.#withToken(open).catch((error) => {
      // Nobody vouches any more: better heard as somebody unknown than not at all.
      if (!error.code?.startsWith("client_token_")) throw error;
      this.clientToken = null;
      return open(null);
    });
    this.memory.set("conversation", { id, token });
  }

  // Locks exist on https only; without them two tabs at once may open two conversations, and the later one counts.
  #alone(work) {
    return navigator.locks ? navigator.locks.request(`${this.memory.prefix}open`, work) : work();
  }

  #event(id, data) {
    this.story.event(id, data);
    if (!this.story.queue?.place) this.#place();
    // The past is told again after a reload, and rings no bell.
    const fresh = id > (this.memory.get("read") ?? 0) && Date.now() - new Date(data.at) < FRESH;
    if (fresh && ["assistant", "agent"].includes(data.message?.sender)) this.arrived();
  }

  // Where the client stands is told as it changes; who begins to follow asks.
  #place() {
    clearTimeout(this.asking);
    if (this.story.state !== "waiting" || !this.conversation) return;
    this.asking = setTimeout(async () => {
      const queue = await this.api.queue(this.conversation).catch(() => null);
      if (queue) this.#tell(() => this.story.queued(queue));
    }, TOGETHER);
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

// Policies of pages often allow pictures as data: where they allow none as blob:.
async function addresses(blob, type) {
  const href = URL.createObjectURL(blob);
  if (!type.startsWith("image/")) return { href, src: href };
  const src = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
  return { href, src };
}
