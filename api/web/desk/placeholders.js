// Values in an answer, as `{{fact.NAME}}`, `{{firm.NAME}}` and `{{client.NAME}}`: what a client reads in their place.

const PLACEHOLDER = /\{\{\s*(?:"([^"]*)"|fact\.([a-z0-9_]+)(?:\.(from|before))?|firm\.([a-z0-9_]+)|client\.([a-z0-9_]+))\s*\}\}/g;

const SENTENCE = /[^。！？；]*[。！？；]+|[^。！？；]+$/g;
const LIST_MARK = /^\s*(?:[-*]|\d+\.)\s+/;

/** The text with today's values, as the assistant says it to anybody; `quotable` is what there is to quote, by name. As in answers, a sentence
 *  that quotes what was before where nothing was, or something of the client, is left out, and a list item with it when nothing else stands there. What is not there to quote stays as it is written. */
export function filled(text, quotable) {
  const silent = (sentence) => [...sentence.matchAll(PLACEHOLDER)].some(([, , name, part, , client]) => client || part === "before" && quotable.facts.has(name) && valueOf(quotable.facts.get(name), part) === null);
  const lines = text.split("\n").flatMap((line) => {
    const head = LIST_MARK.exec(line)?.[0] ?? "";
    const kept = (line.slice(head.length).match(SENTENCE) ?? []).filter((sentence) => !silent(sentence));
    return kept.length || !line.trim() ? [head + kept.join("")] : [];
  });
  return replaced(lines.join("\n"), quotable);
}

function replaced(text, { facts, firm }) {
  return text.replace(PLACEHOLDER, (written, literal, name, part, own) => literal ?? (own ? firm.get(own) : valueOf(facts.get(name), part)) ?? written);
}

/** The facts that a text quotes, each once. */
export function quoted(text, { facts }) {
  const names = [...text.matchAll(PLACEHOLDER)].map(([, , name]) => name).filter(Boolean);
  return [...new Set(names)].map((name) => facts.get(name) ?? { name, title: name, value: null, values: [], quoted_by: [] });
}

function valueOf(fact, part) {
  if (!fact) return null;
  if (!part) return fact.value;
  const place = fact.values.findIndex(({ value }) => value === fact.value);
  if (part === "before") return fact.values[place + 1]?.value ?? null;
  const [year, month, day] = (fact.values[place]?.start ?? "").split("-").map(Number);
  return day ? `${year}年${month}月${day}日` : null;
}
