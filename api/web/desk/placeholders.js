// Values in an answer, as `{{fact.NAME}}`: what a client reads in their place today. What only the firm can say stays as it is written.

const PLACEHOLDER = /\{\{\s*(?:"([^"]*)"|fact\.([a-z0-9_]+)(?:\.(from|before))?)\s*\}\}/g;

/** The text with today's values; `facts` are by name. */
export function filled(text, facts) {
  return text.replace(PLACEHOLDER, (written, literal, name, part) => literal ?? valueOf(facts.get(name), part) ?? written);
}

/** The facts that a text quotes, each once. */
export function quoted(text, facts) {
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
