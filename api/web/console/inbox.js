// The conversations that this agent may see, by what they ask of the agent.

/** From here on a wait is amber, and from there red, until the server has told the firm's goals. In milliseconds. */
const GOALS = { wait: 60_000, late: 180_000, reply: { wait: 120_000, late: 180_000 } };
export const SECTIONS = ["attention", "waiting", "mine", "invited", "assistant", "others", "closed"];

export class Inbox {
  /** `me` is the name of the agent's account. */
  constructor(me) {
    this.me = me;
    this.lines = new Map();
    this.more = {}; // state → cursor of its next page
    this.read = new Set(); // states whose conversations have been read
    this.goals = GOALS;
    this.tag = ""; // only what has it
    this.trouble = false;
    this.loaded = false;
  }

  put(line) {
    const before = this.lines.get(line.id);
    this.lines.set(line.id, line);
    return before ?? null;
  }

  get(id) {
    return this.lines.get(id) ?? null;
  }

  section(line) {
    const held = line.state === "agent";
    if (held && line.agent === this.me) return "mine";
    if (held && line.guests?.includes(this.me)) return "invited";
    // Whoever waits is in sight already, and on top there.
    if (line.raised && line.state !== "waiting") return "attention";
    return held ? "others" : line.state;
  }

  /** Whether the agent may write to its client. */
  holds(id) {
    const line = this.get(id);
    return Boolean(line) && this.section(line) === "mine";
  }

  /** [name, lines] in the order in which they are shown. */
  sections() {
    const found = Object.fromEntries(SECTIONS.map((name) => [name, []]));
    const shown = Array.from(this.lines.values()).filter((line) => !this.tag || line.tags?.includes(this.tag));
    for (const line of shown) found[this.section(line)].push(line);
    for (const [name, lines] of Object.entries(found)) lines.sort(name === "waiting" ? this.#servedFirst : latestFirst);
    return Object.entries(found);
  }

  // As the server orders the queue: raised ones, the agent's own clients and those who came back to them, then since when the
  // waiting counts. The id keeps equals in place.
  #servedFirst = (one, other) => this.#rank(one) - this.#rank(other) || since(one) - since(other) || (one.id < other.id ? -1 : 1);

  #rank(line) {
    return line.raised ? 0 : [line.adviser, line.lastAgent].includes(this.me) ? 1 : 2;
  }

  /** Whether some of those who wait are for this agent and others are not. */
  get mixed() {
    const waiting = Array.from(this.lines.values()).filter((line) => line.state === "waiting");
    return waiting.some((line) => line.forMe) && waiting.some((line) => !line.forMe);
  }

  /** How many things want this agent, the conversation `id` aside: who waits, who of theirs wrote, and what is raised that they
   *  have not looked at. */
  wanting(id = null) {
    return Array.from(this.lines.values()).filter((line) => line.id !== id && (line.state === "waiting"
      || (["mine", "invited", "attention"].includes(this.section(line)) && line.unread))).length;
  }

  /** {since, goals}: since when a client waits for somebody, or for this agent's answer; null where nobody waits. */
  waits(line) {
    if (line.state === "waiting") return line.waitingSince && { since: line.waitingSince, goals: this.goals };
    return this.section(line) === "mine" && line.unansweredSince ? { since: line.unansweredSince, goals: this.goals.reply } : null;
  }
}

function since(line) {
  return line.rankedAt ?? line.waitingSince ?? line.neededAt;
}

// Raised ones, then who needed something last.
function latestFirst(one, other) {
  return Boolean(other.raised) - Boolean(one.raised) || other.neededAt - one.neededAt || (one.id < other.id ? -1 : 1);
}

/** "m:ss", or "h:mm:ss" from an hour on. */
export function stopwatch(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
