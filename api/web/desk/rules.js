// What answers quote: the numbers that rules set, with their sources, what is to become of them, and what the firm says of itself. Read once
// for the page, until something changes.

/** {facts, sources, firm} by name; empty where they can't be read. */
function byName({ facts = [], sources = [], firm = {} }) {
  return { facts: new Map(facts.map((fact) => [fact.name, fact])), sources: new Map(sources.map((source) => [source.id, source])), firm: new Map(Object.entries(firm)) };
}

export class Rules {
  constructor(calls) {
    this.calls = calls;
    this.reading = null;
  }

  /** {facts, sources, firm, changes} as they came. */
  read() {
    this.reading ??= this.#both().catch((error) => {
      this.reading = null;
      throw error;
    });
    return this.reading;
  }

  /** What answers quote, by name, now or at a moment. */
  async quotable(at = null) {
    return byName(await (at ? this.calls.get("knowledge/facts", { as_of: at }) : this.read()).catch(() => ({})));
  }

  forget() {
    this.reading = null;
  }

  async #both() {
    const [quotable, { changes }] = await Promise.all([this.calls.get("knowledge/facts"), this.calls.get("knowledge/fact-changes")]);
    return { ...quotable, changes };
  }
}

/** A source in one line. */
export function sourceLine(source, words) {
  return [source.title, source.number, source.issuer, words.rule.inForce(source.effective_from, source.effective_to)].filter(Boolean).join(" · ");
}
