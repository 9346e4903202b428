// The conversations that this agent may see, by what they ask of the agent.

/** From here on a wait is amber, and from there red: the service goal, and three times of it. In milliseconds. */
export const GOAL = 60_000;
export const LATE = 180_000;
export const SECTIONS = ["waiting", "mine", "assistant", "others", "closed"];

export class Inbox {
  /** `me` is the name of the agent's account. */
  constructor(me) {
    this.me = me;
    this.lines = new Map();
    this.more = {}; // state → cursor of its next page
    this.read = new Set(); // states whose conversations have been read
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
    if (line.state !== "agent") return line.state;
    return line.agent === this.me ? "mine" : "others";
  }

  /** Whether the agent may write to its client. */
  holds(id) {
    const line = this.get(id);
    return Boolean(line) && this.section(line) === "mine";
  }

  /** [name, lines] in the order in which they are shown. */
  sections() {
    const found = Object.fromEntries(SECTIONS.map((name) => [name, []]));
    for (const line of this.lines.values()) found[this.section(line)].push(line);
    for (const [name, lines] of Object.entries(found)) lines.sort(name === "waiting" ? longestFirst : latestFirst);
    return Object.entries(found);
  }

  /** How many things want this agent: who waits, and who of theirs wrote. */
  get wanting() {
    return Array.from(this.lines.values()).filter((line) => line.state === "waiting"
      || (this.section(line) === "mine" && line.unread)).length;
  }
}

// Who waits longest comes first; otherwise who needed something last. The id keeps equals in place.
function longestFirst(one, other) {
  return (one.waitingSince ?? one.neededAt) - (other.waitingSince ?? other.neededAt) || (one.id < other.id ? -1 : 1);
}

function latestFirst(one, other) {
  return other.neededAt - one.neededAt || (one.id < other.id ? -1 : 1);
}

/** "m:ss", or "h:mm:ss" from an hour on. */
export function stopwatch(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
