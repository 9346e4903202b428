// Messages on their way. Each is kept until the server has it, sent one at a time in order, and sent again under the
// same id after any doubt: the server stores an id once.

import { Problem } from "./api.js";
import { uuid } from "./memory.js";
import { backoff, pause } from "./waiting.js";

const ATTEMPTS = 6;

export class Outbox {
  /** `send(item)` resolves when the server has it; `on` has changed(item, status, problem). */
  constructor(memory, send, on) {
    this.memory = memory;
    this.send = send;
    this.on = on;
    this.items = [];
    this.busy = false;
  }

  /** What an earlier page view could not send. */
  adopt() {
    for (const item of this.memory.unsent()) {
      if (this.items.some((other) => other.id === item.id)) continue;
      this.items.push(item);
      this.on.changed(item, "queued");
    }
    this.flush();
  }

  /** Send a text; `more` goes with it and is kept with it. */
  add(text, more = {}) {
    const item = { ...more, id: uuid(), text, at: Date.now() };
    this.items.push(item);
    this.memory.set(`unsent:${item.id}`, item);
    this.on.changed(item, navigator.onLine ? "sending" : "queued");
    this.flush();
  }

  retry(id) {
    const item = this.items.find((other) => other.id === id);
    if (!item) return;
    item.failed = false;
    this.on.changed(item, "sending");
    this.flush();
  }

  drop(id) {
    this.items = this.items.filter((item) => item.id !== id);
    this.memory.remove(`unsent:${id}`);
  }

  /** Try now rather than when the wait is over. */
  hurry() {
    this.wake?.();
    this.flush();
  }

  async flush() {
    if (this.busy) return;
    this.busy = true;
    for (let item = this.#next(); item; item = this.#next()) await this.#deliver(item);
    this.busy = false;
  }

  #next() {
    return this.items.find((item) => !item.failed);
  }

  async #deliver(item) {
    for (let attempt = 1; this.items.includes(item); attempt += 1) {
      try {
        await this.send(item);
        this.drop(item.id);
        return;
      } catch (error) {
        if (error instanceof Problem && (!error.passing || attempt >= ATTEMPTS)) {
          item.failed = true;
          this.on.changed(item, "failed", error);
          return;
        }
        this.on.changed(item, "queued", error);
        await (error.retryAfter ? pause(error.retryAfter * 1000) : this.#wait(backoff(attempt)));
      }
    }
  }

  // A connection that came back ends this wait; it would not end a limit on requests.
  #wait(milliseconds) {
    return Promise.race([pause(milliseconds), new Promise((resolve) => { this.wake = resolve; })]);
  }
}
