// What the server knows, kept true. The agent's events change the list; the conversation on screen has events of its own,
// from its beginning on, so that it is told once and in order, whoever held it.

import { Stream } from "../widget/stream.js";
import { pause } from "../widget/waiting.js";
import { Inbox } from "./inbox.js";
import { Talk } from "./talk.js";
import { changeOf, entryOf, lineOf, linePart } from "./wire.js";

// Sections that are read when they are unfolded: what happens in them is no event of this agent's.
const ON_DEMAND = { assistant: "assistant", closed: "closed" };
const ASIDE = new Set(["follow_up.changed", "client.changed"]);
const PAUSE = 200;
// What is read at the beginning: "raised" are those of any state.
const FIRST = ["waiting", "agent", "raised"];
// Whose line is another after it.
const REFRESHING = new Set(["conversation.handed_over", "conversation.reopened", "conversation.transferred", "conversation.identified", "conversation.raised",
  "colleague.invited", "colleague.left"]);
const TYPING = 6000;
const SHORT = 6;

export class Feed {
  /** `on` has changed(), wants(kind, id) when something needs this agent, asked(id) when a client wrote. */
  constructor(calls, session, words, on) {
    Object.assign(this, { calls, words, on });
    this.me = session.user;
    this.inbox = new Inbox(this.me);
    this.talks = new Map();
    this.down = 0;
    this.names = new Map([[session.user, session.display_name]]);
    this.fetching = new Map();
    this.touched = new Map(); // id → how many events have changed its line
    this.stream = this.#follow("agent/events", (id, data) => this.#event(id, data));
    this.near = null; // the stream of the conversation on screen
  }

  /** The list as it is now, and then what changes it. */
  async start() {
    this.stream.stop();
    this.inbox.trouble = false;
    this.on.changed();
    try {
      const [{ colleagues }, ...pages] = await Promise.all([this.calls.colleagues(), ...FIRST.map((state) => this.calls.list(state, null, this.inbox.tag))]);
      this.#goals();
      for (const { name, display_name: shown } of colleagues) this.names.set(name, shown);
      const after = Math.min(...pages.map((page) => page.last_event_id));
      this.inbox.lines.clear();
      FIRST.forEach((state, index) => this.#page(state, pages[index]));
      this.inbox.loaded = true;
      this.stream.start({ id: "agent" }, after);
    } catch (error) {
      if (error.status === 401) return;
      this.inbox.trouble = true;
    }
    this.on.changed();
  }

  // From where a wait is late; without an answer the usual goals stay.
  async #goals() {
    const service = await this.calls.service().catch(() => null);
    if (!service) return;
    const [wait, late, soon, lateReply] = ["wait", "late", "reply_soon", "reply_late"].map((name) => service.goals[name] * 1000);
    this.inbox.goals = { wait, late, reply: { wait: soon, late: lateReply } };
  }

  stop() {
    this.stream.stop();
    this.near?.stop();
  }

  /** Try now rather than when the wait is over. */
  hurry() {
    this.stream.hurry();
    this.near?.hurry();
    if (this.inbox.trouble) this.start();
  }

  /** Browsers open few connections to a host: hidden tabs hold one. */
  visible(visible) {
    if (visible) this.near?.resume();
    else this.near?.pause();
  }

  /** Read a section that is unfolded. */
  async unfold(section) {
    if (!ON_DEMAND[section]) return;
    await this.#read(ON_DEMAND[section]);
  }

  /** The next page of a section. */
  more(section) {
    const state = { mine: "agent", others: "agent", attention: "raised" }[section] ?? section;
    return this.#read(state, this.inbox.more[state]);
  }

  async #read(state, cursor) {
    try {
      this.#page(state, await this.calls.list(state, cursor, this.inbox.tag), { fresh: !cursor });
    } catch {
      // The section stays as it was.
    }
    this.on.changed();
  }

  #page(state, page, { fresh = false } = {}) {
    // What is raised is known from elsewhere.
    if (fresh) for (const line of this.inbox.lines.values()) if (line.state === state && !line.raised) this.inbox.lines.delete(line.id);
    for (const wire of page.conversations) this.#put({ ...lineOf(wire), version: page.last_event_id });
    this.inbox.more[state] = page.next;
    this.inbox.read.add(state);
  }

  #put(line) {
    const known = this.inbox.get(line.id);
    const words = known?.words || gist(line.summary);
    this.inbox.put({ version: 0, ...known, ...line, words });
  }

  /** The conversation of this id as far as it is known. */
  talk(id) {
    if (!this.talks.has(id)) this.talks.set(id, new Talk(id, this.me));
    return this.talks.get(id);
  }

  /** Follow this conversation, and no other; resolves when its line is known. */
  async open(id) {
    const talk = this.talk(id);
    talk.trouble = false;
    this.near?.stop();
    this.near = this.#follow(`agent/conversations/${encodeURIComponent(id)}/events`, (eventId, data) => this.#told(talk, eventId, data),
      (error) => { talk.trouble = error?.status === 404 || error?.status === 403; });
    this.near.start({ id }, talk.last);
    if (!this.inbox.get(id)) await this.refresh(id);
  }

  leave() {
    this.near?.stop();
    this.near = null;
  }

  /** Read one line anew; calls at once are one. */
  refresh(id) {
    if (!this.fetching.has(id)) this.fetching.set(id, this.#look(id).finally(() => this.fetching.delete(id)));
    return this.fetching.get(id);
  }

  // What came while the answer was on its way may not be in it: then it is asked for again.
  async #look(id) {
    for (let touched = -1; touched !== (this.touched.get(id) ?? 0);) {
      await pause(PAUSE);
      touched = this.touched.get(id) ?? 0;
      try {
        this.#put(lineOf(await this.calls.look(id)));
      } catch {
        return;
      }
    }
    this.on.changed();
  }

  /** A line that a call told. */
  line(wire) {
    if (wire?.id) this.#put(lineOf(wire));
    this.on.changed();
  }

  /** What a call says that the server has kept. */
  kept(item, wire) {
    this.talk(item.conversation).put({ ...entryOf(wire, this.me, item.note ? "note" : "agent"), clientMessageId: item.id, mine: true });
    this.on.changed();
  }

  /** Everything of this conversation that is here has been seen. */
  read(id) {
    const line = this.inbox.get(id);
    if (line?.unread) this.inbox.put({ ...line, unread: 0 });
    const talk = this.talk(id);
    if (talk.seq <= talk.marked) return;
    clearTimeout(this.marking);
    this.marking = setTimeout(() => {
      const { seq } = talk;
      talk.marked = seq;
      this.calls.read(id, seq).catch(() => { talk.marked = 0; });
    }, PAUSE);
  }

  /** How colleagues and clients see the account. */
  shownName(account) {
    return account ? this.names.get(account) ?? account : null;
  }

  // One event of this agent's: of the queue, or of a conversation that was theirs then.
  #event(eventId, data) {
    const id = data.conversation_id;
    // These change no line of the list.
    if (ASIDE.has(data.type)) {
      this.on.aside(data);
      return;
    }
    if (data.agent && data.agent_name) this.names.set(data.agent, data.agent_name);
    const line = this.inbox.get(id);
    // The list was read after it.
    if (line?.version >= eventId) return;
    const before = line && this.inbox.section(line);
    const part = linePart(data, line);
    this.touched.set(id, (this.touched.get(id) ?? 0) + 1);
    if (line) this.inbox.put({ ...line, ...part, unread: line.unread + (data.type === "message.received" && !this.#watches(id) ? 1 : 0) });
    // A summary comes with a change of hands, as does an answer that is owed, and of a new line nothing is known yet.
    if (!line || REFRESHING.has(data.type) || (data.type === "conversation.claimed" && data.agent === this.me)) this.refresh(id);
    this.#tellWants(id, data, before);
    this.on.changed();
  }

  // Whether the agent has it before their eyes.
  #watches(id) {
    return this.near?.conversation?.id === id && !document.hidden && document.hasFocus();
  }

  #tellWants(id, data, before) {
    const mine = data.state === "agent" && data.agent === this.me;
    if (data.type === "conversation.raised") this.on.wants("raised", id);
    else if (data.state === "waiting" && before !== "waiting") this.on.wants("waiting", id);
    else if (data.type === "colleague.invited" && data.guest === this.me) this.on.wants("invited", id);
    else if (mine && data.by && data.by !== this.me) this.on.wants("assigned", id);
    else if (data.type === "message.received" && before === "mine") this.on.wants("message", id);
  }

  // One event of the conversation on screen.
  #told(talk, eventId, data) {
    talk.last = eventId;
    talk.loaded = true;
    const change = changeOf(data, eventId, this.words, this.names);
    if (change) talk.line(change);
    if (data.message) talk.put(entryOf(data.message, this.me));
    if (data.note) talk.put(entryOf(data.note, this.me, "note"));
    if (data.reply_id !== undefined && data.helpful !== undefined) talk.judged(data.reply_id, data.helpful);
    if (data.type === "message.received") this.on.asked(talk.id);
    this.on.changed();
  }

  // That somebody types is told while it lasts, and forgotten.
  #typing({ type, conversation_id: id, sender, agent }) {
    if (type !== "typing" || agent === this.me) return;
    this.talk(id).typing = { name: sender === "agent" ? this.shownName(agent) : null, until: Date.now() + TYPING };
    this.on.changed();
  }

  #follow(path, event, lost) {
    return new Stream({ events: (_, after, signal) => this.calls.follow(path, after, signal) }, {
      event,
      fleeting: (data) => this.#typing(data),
      up: () => { this.down = 0; this.on.changed(); },
      down: (attempts, error) => {
        lost?.(error);
        this.down = attempts;
        this.on.changed();
      } });
  }
}

// What the client is about, for one line: 转人工 alone says nothing.
function gist(summary) {
  return summary?.asked.findLast((words) => words.length > SHORT) ?? summary?.asked.at(-1) ?? "";
}
