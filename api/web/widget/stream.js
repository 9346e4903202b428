// Following a conversation. EventSource can send no bearer token, so the stream is read from fetch; it starts after
// the last event seen, so whatever happened while the line was down comes too, and nothing comes twice.

import { backoff } from "./waiting.js";

// The server sends a heartbeat every 15 seconds; a line that is silent for much longer is dead without saying so.
const SILENCE = 45_000;

export class Stream {
  /** `on` has event(id, data), up(), down(attempts, error), and maybe fleeting(data) for what has no id. */
  constructor(api, on) {
    this.api = api;
    this.on = on;
    this.last = 0;
    this.conversation = null;
    this.run = null;
  }

  get running() {
    return this.run !== null;
  }

  start(conversation, after) {
    this.stop();
    this.conversation = conversation;
    this.last = after;
    this.resume();
  }

  /** Go on after the last event seen. */
  resume() {
    if (this.run || !this.conversation) return;
    this.run = new AbortController();
    this.#follow(this.run);
  }

  pause() {
    this.run?.abort();
    this.run = null;
  }

  stop() {
    this.pause();
    this.conversation = null;
  }

  /** Try now rather than when the wait is over. */
  hurry() {
    this.wake?.();
  }

  async #follow(run) {
    let attempts = 0;
    while (!run.signal.aborted) {
      let error = null;
      try {
        await this.#read(run, () => { attempts = 0; this.on.up(); });
      } catch (caught) {
        error = caught;
      }
      if (run.signal.aborted) return;
      attempts += 1;
      this.on.down(attempts, error);
      if (error?.forgotten) return;
      const wait = error?.retryAfter ? error.retryAfter * 1000 : backoff(attempts);
      await new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, wait);
        run.signal.addEventListener("abort", resolve, { once: true });
      });
    }
  }

  async #read(run, opened) {
    const attempt = new AbortController();
    const give_up = () => attempt.abort();
    run.signal.addEventListener("abort", give_up, { once: true });
    let alarm = setTimeout(give_up, SILENCE);
    try {
      const response = await this.api.events(this.conversation, this.last, attempt.signal);
      opened();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const frames = new Frames((id, data) => this.#take(run, id, data));
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        clearTimeout(alarm);
        alarm = setTimeout(give_up, SILENCE);
        frames.push(part.value);
      }
    } finally {
      clearTimeout(alarm);
      run.signal.removeEventListener("abort", give_up);
      attempt.abort();
    }
  }

  #take(run, id, data) {
    if (run.signal.aborted) return;
    if (id === null) this.on.fleeting?.(data);
    if (id === null || id <= this.last) return;
    this.last = id;
    this.on.event(id, data);
  }
}

/** Cuts text into the frames of an event stream, wherever the network cut it. */
export class Frames {
  constructor(on) {
    this.on = on;
    this.rest = "";
  }

  push(text) {
    const frames = (this.rest + text).split(/\r?\n\r?\n/);
    this.rest = frames.pop();
    for (const frame of frames) this.#parse(frame);
  }

  #parse(frame) {
    let id = null;
    const data = [];
    for (const line of frame.split(/\r?\n/)) {
      const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (name === "id") id = Number(value);
      if (name === "data") data.push(value);
    }
    if (data.length) this.on(id, JSON.parse(data.join("\n")));
  }
}
