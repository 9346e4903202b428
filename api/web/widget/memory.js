// What is kept between visits: conversation, position read, language, messages not sent yet. In localStorage of the
// page that embeds the widget, no cookies; where that is blocked, for this page view only.

/** A random id; crypto.randomUUID exists on https only. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class Memory {
  /** `scope` tells the widgets of different hosts apart. */
  constructor(scope) {
    this.prefix = `zhike:${scope}:`;
    this.store = available() ?? new PageMemory();
  }

  get(name) {
    try {
      return JSON.parse(this.store.getItem(this.prefix + name));
    } catch {
      return null;
    }
  }

  set(name, value) {
    try {
      this.store.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      // Full: the conversation goes on, it just will not be there after a reload.
    }
  }

  remove(name) {
    this.store.removeItem(this.prefix + name);
  }

  /** Messages not sent yet, oldest first. Each has its own key, so that two tabs cannot overwrite each other's. */
  unsent() {
    return this.names("unsent:").map((name) => this.get(name)).filter(Boolean).sort((one, other) => one.at - other.at);
  }

  /** What is kept under names that begin so. */
  names(start) {
    return Object.keys(this.store.values?.() ?? this.store)
      .filter((key) => key.startsWith(this.prefix + start))
      .map((key) => key.slice(this.prefix.length));
  }

  /** Hear what other tabs change: (name, value). */
  listen(heard) {
    const listener = ({ key, newValue }) => {
      if (key?.startsWith(this.prefix)) heard(key.slice(this.prefix.length), newValue && JSON.parse(newValue));
    };
    addEventListener("storage", listener);
    return () => removeEventListener("storage", listener);
  }
}

/** The same calls as localStorage, for this page view. */
class PageMemory {
  #values = new Map();
  getItem(key) { return this.#values.get(key) ?? null; }
  setItem(key, value) { this.#values.set(key, value); }
  removeItem(key) { this.#values.delete(key); }
  values() { return Object.fromEntries(this.#values); }
}

function available() {
  try {
    localStorage.setItem("zhike:probe", "1");
    localStorage.removeItem("zhike:probe");
    return localStorage;
  } catch {
    return null;
  }
}
