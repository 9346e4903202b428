// The conversation as this tab knows it, folded from events and answers to calls. Both may tell the same thing, in
// either order, so everything is put in by identity.

// After this long without a reply the assistant is no longer shown as writing.
const PATIENCE = 20_000;
// A question older than this is history when it is read; wide enough for clocks that go wrong.
const STALE = 600_000;
/** For so long a colleague is shown as writing. */
export const TYPING_SHOWN = 6000;

export class Story {
  constructor() {
    this.entries = []; // messages and changes of hands, in the order in which they are shown
    this.state = "assistant";
    this.agent = null;
    this.satisfaction = null;
    this.queue = null; // while the client waits: place, expected_seconds, promise
    this.agentWrites = 0; // until when a colleague is shown as writing
    this.asked = null; // when the client last wrote and has had no reply since
  }

  /** One event of the stream. */
  event(id, data) {
    if (data.agent?.name) this.agent = data.agent.name;
    if (data.reply_id !== undefined && data.helpful !== undefined) this.judged(data.reply_id, data.helpful);
    if (data.satisfaction) this.satisfaction = data.satisfaction;
    // What comes after is another service, with a rating of its own.
    if (data.type === "conversation.reopened") this.satisfaction = null;
    if (data.state) this.move(data.state, data.at, id, data.promise);
    if (data.message) this.message(data.message, id);
  }

  /** A message as the server keeps it. */
  message(message, eventId = null) {
    const known = this.entries.find((entry) => entry.id === message.id
      || (message.client_message_id && entry.clientMessageId === message.client_message_id));
    const entry = known ?? { key: message.client_message_id ?? message.id };
    const arrives = !known || known.status;
    const told = eventId !== null && !known?.eventId;
    Object.assign(entry, {
      id: message.id, clientMessageId: message.client_message_id, sender: message.sender, text: message.text,
      at: new Date(message.at), reply: message.reply ?? entry.reply ?? null,
      helpful: message.helpful ?? entry.helpful ?? null, eventId: eventId ?? entry.eventId ?? null,
      name: message.name ?? entry.name ?? null, attachment: message.attachment ?? entry.attachment ?? null, status: null });
    if (arrives || told) this.#place(entry);
    if (message.sender !== "client") this.asked = null;
    else if (arrives && this.state === "assistant" && message.text) this.asked = Date.now() - entry.at < STALE ? Date.now() : null;
    if (message.sender === "agent") this.agentWrites = 0;
    if (message.sender === "agent" && message.name) this.agent = message.name;
  }

  /** A reply that came as the answer to a call. */
  reply(reply) {
    this.message({ id: reply.id, sender: "assistant", text: reply.text, at: new Date().toISOString(), reply });
    if (reply.kind === "handover" && this.state === "assistant") this.move("waiting", new Date().toISOString());
  }

  /** A message that the server does not have yet. */
  local(item, status = "sending") {
    const known = this.entries.find((entry) => entry.clientMessageId === item.id);
    if (known) {
      if (known.status) known.status = status;
      return;
    }
    this.entries.push({ key: item.id, clientMessageId: item.id, sender: "client", text: item.text,
      at: new Date(item.at), file: item.file ?? null, status });
  }

  /** How much of a file is there. */
  progress(clientMessageId, share) {
    const entry = this.entries.find((other) => other.clientMessageId === clientMessageId);
    if (entry?.status) Object.assign(entry, { status: "sending", share });
  }

  failed(clientMessageId, problem) {
    const entry = this.entries.find((entry) => entry.clientMessageId === clientMessageId);
    if (entry?.status) Object.assign(entry, { status: "failed", problem });
  }

  withdraw(clientMessageId) {
    this.entries = this.entries.filter((entry) => entry.clientMessageId !== clientMessageId || !entry.status);
  }

  judged(replyId, helpful) {
    const entry = this.entries.find((entry) => entry.id === replyId);
    if (entry) entry.helpful = helpful;
  }

  /** Change hands; each change is shown once, as a line. */
  move(state, at, eventId = null, promise = null) {
    if (state === "waiting" && promise) this.queue ??= { promise };
    if (state === this.state) {
      const untold = this.entries.find((entry) => entry.sender === "line" && entry.state === state && !entry.eventId);
      if (untold && eventId) this.#place(Object.assign(untold, { eventId, promise }));
      return;
    }
    this.state = state;
    if (state !== "waiting") this.queue = null;
    this.asked = null;
    if (state === "assistant" || state === "waiting") this.agent = null;
    this.#place({ key: `move:${eventId ?? at}`, sender: "line", state, at: new Date(at), name: this.agent, eventId, promise });
  }

  /** Where the client stands now. */
  queued(queue) {
    if (this.state === "waiting" && queue.place) this.queue = queue;
  }

  /** A colleague is writing now. */
  typing() {
    this.agentWrites = Date.now() + TYPING_SHOWN;
  }

  /** Whether the assistant owes a reply, or a colleague is writing. */
  get writing() {
    if (this.state === "agent") return this.agentWrites > Date.now();
    return this.state === "assistant" && this.asked !== null && Date.now() - this.asked < PATIENCE;
  }

  /** How many messages of the other side came after event `read`. */
  unread(read) {
    return this.entries.filter((entry) => ["assistant", "agent"].includes(entry.sender) && entry.eventId > read).length;
  }

  get lastEventId() {
    return Math.max(0, ...this.entries.map((entry) => entry.eventId ?? 0));
  }

  get lastReply() {
    return this.entries.findLast((entry) => entry.sender === "assistant" || entry.sender === "agent");
  }

  // Events tell the order. What only the answer to a call told so far comes after them, and what is not sent yet last.
  #place(entry) {
    const others = this.entries.filter((other) => other !== entry);
    const index = others.findIndex((other) => other.status || (entry.eventId && !other.eventId));
    others.splice(index < 0 ? others.length : index, 0, entry);
    this.entries = others;
  }
}
