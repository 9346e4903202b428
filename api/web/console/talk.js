// One conversation as this tab knows it. Calls and events may tell the same thing in either order, so everything is
// put in by identity.

export class Talk {
  /** `me` is the name of the agent's account; entries are in the order in which they are shown. */
  constructor(id, me) {
    this.id = id;
    this.me = me;
    this.entries = [];
    this.last = 0; // the last event that is part of it
    this.loaded = false;
    this.trouble = false;
    this.marked = 0; // up to which message the server knows that the agent has read
    this.typing = null; // {name, until}
  }

  /** A message or a note as the server keeps it, by event or by the answer to a call, whichever comes first. */
  put(entry) {
    const local = entry.mine && entry.clientMessageId
      ? this.entries.find((other) => other.status && other.clientMessageId === entry.clientMessageId) : null;
    const known = this.entries.find((other) => other.id === entry.id) ?? local;
    if (local && known !== local) this.entries = this.entries.filter((other) => other !== local);
    if (known) {
      const arrives = Boolean(known.status);
      Object.assign(known, entry, { key: known.key, clientMessageId: entry.clientMessageId ?? known.clientMessageId,
        mine: entry.mine || known.mine, helpful: entry.helpful ?? known.helpful ?? null, status: null });
      if (arrives) this.#place(known);
    } else {
      this.#place({ status: null, ...entry, key: entry.clientMessageId ?? entry.id });
    }
    if (entry.kind !== "assistant" && !entry.mine) this.typing = null;
  }

  /** A change of hands, told once. */
  line(entry) {
    if (!this.entries.some((other) => other.key === entry.key)) this.#place({ kind: "line", status: null, ...entry });
  }

  /** Something of ours that the server does not have yet. */
  local(item, status = "sending") {
    const known = this.entries.find((entry) => entry.clientMessageId === item.id);
    if (known) {
      if (known.status) known.status = status;
      return;
    }
    this.entries.push({ key: item.id, clientMessageId: item.id, kind: item.note ? "note" : "agent", mine: true, text: item.text,
      at: new Date(item.at), file: item.file ?? null, status });
  }

  /** How much of a file is there. */
  progress(clientMessageId, share) {
    const entry = this.entries.find((other) => other.clientMessageId === clientMessageId);
    if (entry?.status) Object.assign(entry, { status: "sending", share });
  }

  failed(clientMessageId, problem) {
    const entry = this.entries.find((other) => other.clientMessageId === clientMessageId);
    if (entry?.status) Object.assign(entry, { status: "failed", problem });
  }

  withdraw(clientMessageId) {
    this.entries = this.entries.filter((entry) => entry.clientMessageId !== clientMessageId || !entry.status);
  }

  judged(replyId, helpful) {
    const entry = this.entries.find((other) => other.id === replyId);
    if (entry) entry.helpful = helpful;
  }

  get lastOfClient() {
    return this.entries.findLast((entry) => entry.kind === "client") ?? null;
  }

  /** The position of the last message of the client, for the read marker. */
  get seq() {
    return Math.max(0, ...this.entries.map((entry) => entry.seq ?? 0));
  }

  // By time, and what is not sent yet last. Among equals the one that came first stays first.
  #place(entry) {
    const others = this.entries.filter((other) => other !== entry);
    const index = others.findIndex((other) => other.status || other.at > entry.at);
    others.splice(index < 0 ? others.length : index, 0, entry);
    this.entries = others;
  }
}
