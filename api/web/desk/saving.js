// An editor's words: kept on this machine at every key, and on the server a moment later. What the server has is taken away here.

import { Memory } from "../widget/memory.js";

const PAUSE = 800;
const AGAIN = 5000;
const memory = new Memory("desk");

export class Saving {
  /** `act` has told(state) with unsaved, saving, saved, offline, refused or differs; saved(revision); and differs(article), when
   *  somebody else, or another tab, was first. */
  constructor(calls, user, revision, act) {
    Object.assign(this, { calls, revision, act });
    this.name = `words:${user}:${revision.id}`;
    this.article = null;
    this.back = () => this.flush();
    addEventListener("online", this.back);
  }

  /** Words that never reached the server: {version, article}, or null. */
  get kept() {
    return memory.get(this.name);
  }

  drop() {
    clearTimeout(this.timer);
    this.article = null;
    memory.remove(this.name);
  }

  change(article) {
    this.article = article;
    memory.set(this.name, { version: this.revision.version, article });
    this.act.told("unsaved");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE);
  }

  /** Whether the server has it all. */
  flush() {
    clearTimeout(this.timer);
    this.running ??= this.#save().finally(() => { this.running = null; });
    return this.running;
  }

  stop() {
    removeEventListener("online", this.back);
    this.stopped = true;
    this.flush();
  }

  async #save() {
    while (this.article) {
      const { article } = this;
      this.act.told("saving");
      try {
        this.revision = await this.calls.put(`knowledge/revisions/${this.revision.id}`, article, this.revision.version);
      } catch (error) {
        return this.#failed(error);
      }
      if (this.article === article) {
        this.drop();
        this.act.told("saved");
        this.act.saved(this.revision);
      } else if (this.article) {
        memory.set(this.name, { version: this.revision.version, article: this.article });
      }
    }
    return true;
  }

  #failed(error) {
    // Another tab that signed in anew is no other editor.
    if ([403, 404, 409, 412].includes(error.status) && error.code !== "csrf_token_missing") {
      this.act.told("differs");
      if (!this.stopped) this.act.differs(this.article);
    } else if (error.status === 422) {
      this.act.told("refused");
    } else {
      this.act.told("offline");
      if (!this.stopped) this.timer = setTimeout(() => this.flush(), AGAIN);
    }
    return false;
  }
}
