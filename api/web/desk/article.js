// One article: the draft as a form for its author, what is judged for reviewers, what is live for everybody; checks, test box and history beside.

import { h, icon } from "../widget/dom.js";
import { Checks } from "./checks.js";
import { Comments } from "./comments.js";
import { Editor, preview } from "./editor.js";
import { sentence } from "./findings.js";
import { authorOf, history } from "./history.js";
import { DraftImpact } from "./impact.js";
import { Judging } from "./judging.js";
import { articlesFor } from "./picker.js";
import { Saving } from "./saving.js";
import { Suggested } from "./suggested.js";
import { tryout } from "./tryout.js";

export class ArticleView {
  /** `rules` knows the values of facts; `act` has go(change), changed() after each step, said(text, undo), failed(error). */
  constructor(words, calls, session, rules, act) {
    Object.assign(this, { words, calls, session, rules, act, at: null });
    this.may = session.permissions.includes("knowledge.edit");
    this.mayRetire = session.permissions.includes("knowledge.publish");
    this.main = h("div", { class: "center" });
    this.rail = h("aside", { class: "rail", "aria-label": words.rail });
    this.element = h("div", { class: "article" }, this.main, this.rail);
    this.intents = new Map();
    this.nothing();
  }

  /** Nothing is open; `at` is the moment that is looked at, or null for now. */
  nothing(at = null) {
    this.#leave();
    this.id = null;
    this.at = at;
    const { words } = this;
    this.main.replaceChildren(h("div", { class: "nothing" }, icon("file"), h("p", {}, words.nothingChosen), h("p", { class: "meta" }, words.nothingChosenMore)));
    this.rail.replaceChildren(tryout(words, this.calls, { at }));
  }

  /** Show an article as it is, or as it was at a moment. */
  async open(id, at = null) {
    if (id !== this.id || at !== this.at) {
      this.#leave();
      this.main.replaceChildren(...Array.from({ length: 4 }, () => h("div", { class: "skeleton" })));
      this.rail.replaceChildren();
    }
    this.id = id;
    this.at = at;
    await this.saving?.flush();
    try {
      const [story, quotable] = await Promise.all([this.calls.get(`knowledge/articles/${id}`, { as_of: at }), this.rules.quotable(at)]);
      if (at) return this.#then(id, at, story, quotable);
      const waits = story.draft ? null : story.history.find(({ state, revision }) => state === "approved" && revision > (story.published?.revision ?? 0));
      const revision = story.draft ?? (waits ? await this.calls.get(`knowledge/revisions/${waits.id}`) : story.published ?? await this.calls.get(`knowledge/revisions/${story.history[0].id}`));
      if (id !== this.id || at !== this.at) return null;
      this.#leave();
      this.#draw(story, revision, quotable);
    } catch (error) {
      if (id !== this.id || at !== this.at) return null;
      this.main.replaceChildren(this.#back(), h("p", { class: "trouble", role: "alert" }, error.status === 404 ? at ? this.words.past.notYet : this.words.noArticle : this.words.loadFailed, " ",
        h("button", { type: "button", class: "second", on: { click: () => this.open(id, at) } }, this.words.retry)));
    }
    return null;
  }

  // As it was: to read, and to ask of.
  #then(id, at, story, quotable) {
    if (id !== this.id || at !== this.at) return;
    const { words } = this;
    const { published } = story;
    this.#leave();
    this.story = story;
    this.main.replaceChildren(h("header", { class: "head-of" }, this.#back(), h("div", { class: "titles" }, h("h2", {}, story.article.question || id),
      h("p", { class: "meta" }, published ? [published.id, authorOf(published, words), published.approver && words.approvedBy(published.approver)].filter(Boolean).join(" · ") : id))),
    published ? this.#reader(published.article, quotable) : h("p", { class: "notice" }, words.past.notLive));
    this.rail.replaceChildren(tryout(words, this.calls, { at }), history(words, this.calls, story, null));
  }

  /** Ask for review of what is written here. */
  submit() {
    if (this.saving) this.#submit();
  }

  /** Save what was written, now. */
  save() {
    this.saving?.flush();
  }

  stop() {
    this.#leave();
  }

  #leave() {
    this.saving?.stop();
    this.judging?.stop();
    this.impact?.stop();
    this.impact = null;
    this.saving = null;
    this.judging = null;
    this.editor = null;
  }

  async #intentsOf(category) {
    if (!category) return [];
    if (!this.intents.has(category)) {
      const { articles } = await this.calls.get("knowledge/articles", { category, limit: 500 });
      this.intents.set(category, [...new Set(articles.map(({ intent }) => intent).filter(Boolean))].sort());
    }
    return this.intents.get(category);
  }

  #draw(story, revision, quotable) {
    const { words, session } = this;
    this.story = story;
    const own = revision.state === "draft" && revision.author === session.user && this.may;
    const checks = ["draft", "in_review"].includes(revision.state) ? new Checks(words, this.calls, this.act.go, { near: revision.effect !== "retire" }) : null;
    this.status = h("p", { class: "saving meta", role: "status" });
    this.notice = h("div", { class: "notice", role: "alert", hidden: true });
    const head = h("header", { class: "head-of" }, this.#back(),
      h("div", { class: "titles" }, h("h2", {}, revision.article.question || story.id),
        h("p", { class: "meta" }, `${revision.id} · ${authorOf(revision, words)} `, h("span", { class: `state-chip ${revision.live ? "live" : revision.state}` }, revision.live ? words.live : words.states[revision.state]), " ",
          revision.effect === "retire" && !revision.live ? h("span", { class: "state-chip retiring" }, words.retiring) : null, " ", this.status)),
      h("div", { class: "acts-of" }, this.#acts(story, revision, own)));
    if (own) {
      this.saving = new Saving(this.calls, session.user, revision, {
        told: (state) => this.#told(state),
        saved: (saved) => {
          const { question } = saved.article;
          const title = head.querySelector("h2");
          checks.show(saved);
          // In the list an article is called by its live question.
          if (!story.published && title.textContent !== question) this.act.changed();
          title.textContent = question || story.id;
        },
        differs: (article) => this.#differs(article, revision.id),
      });
      this.editor = new Editor(words, revision.article, quotable, { changed: (article) => this.saving.change(article), intents: (category) => this.#intentsOf(category), articles: articlesFor(this.calls) });
      this.main.replaceChildren(head, this.notice, this.editor.element);
      this.#resume(revision);
    } else if (revision.live || revision.state === "retired") {
      this.main.replaceChildren(head, this.notice, this.#reader(revision.article, quotable));
    } else {
      this.judging = new Judging(words, this.calls, session, revision, story.published, { failed: this.act.failed, done: (text) => {
        this.act.said(text);
        this.#again();
      } });
      this.main.replaceChildren(head, this.notice, this.judging.element, h("details", { class: "card" }, h("summary", {}, words.whole), this.#reader(revision.article, quotable)));
    }
    this.impact = own ? new DraftImpact(words, this.calls, revision.id, () => this.saving.flush()) : null;
    const said = own ? [new Suggested(words, this.calls, revision.id, (question) => this.editor.ask(question)).element, this.impact.element, new Comments(words, this.calls, revision.id, this.act.failed).element] : [];
    this.rail.replaceChildren(...(checks?.elements ?? []), tryout(words, this.calls, revision.live || revision.state === "retired" ? {} : { revision: revision.id, before: async () => (this.saving ? this.saving.flush() : true) }),
      ...said, history(words, this.calls, story, this.may ? (item) => this.#start({ based_on: item.revision }) : null));
    checks?.show(revision);
  }

  #back() {
    return h("button", { type: "button", class: "bare back", "aria-label": this.words.back, title: this.words.back, on: { click: () => this.act.go({ article: null }) } }, icon("chevron"));
  }

  #reader(article, quotable) {
    const { words } = this;
    return h("div", { class: "reader" }, h("div", { class: "message assistant" }, preview(words, article.body, quotable)),
      h("h4", {}, words.fields.similar), h("ul", { class: "items" }, article.similar.map((line) => h("li", {}, line))),
      h("p", { class: "meta" }, [words.categories[article.category] ?? article.category, article.intent, words.since(article.effective_from), article.review_by && `${words.fields.review_by} ${article.review_by}`].filter(Boolean).join(" · ")));
  }

  #acts(story, revision, own) {
    const { words, session } = this;
    const button = (name, click, className = "second", key = null) => h("button", { type: "button", class: className, data: key ? { key } : {}, on: { click } }, words[name]);
    const retire = revision.live && !story.draft && this.mayRetire ? button("retire", () => this.#retire(revision), "plain") : null;
    if (!this.may) return [retire];
    if (own) return [button("discard", () => this.#discard(revision), "plain"), button("submit", () => this.#submit(), "main")];
    if (revision.state === "draft") return [button("takeOver", () => this.#start({}), "second", "e")];
    if (revision.state === "in_review") return revision.author === session.user && revision.effect !== "retire" ? [button("takeBackReview", () => this.#start({ based_on: revision.revision }), "second", "e")] : [];
    return [retire, button("edit", () => this.#start({}), "main", "e")];
  }

  #told(state) {
    this.status.textContent = this.words.saving[state];
    this.status.dataset.state = state;
  }

  // What was written here and never reached the server.
  #resume(revision) {
    const { kept } = this.saving;
    if (!kept) return;
    if (kept.version !== revision.version) return this.#differs(kept.article, revision.id);
    this.editor.set(kept.article);
    this.saving.change(kept.article);
    return this.act.said(this.words.resumed);
  }

  // Somebody was first: their words beside one's own, and a choice.
  async #differs(mine, id) {
    const { words, saving } = this;
    const story = await this.calls.get(`knowledge/articles/${this.id}`).catch(() => null);
    if (!story || saving !== this.saving) return;
    const other = story.draft ?? story.published ?? story.history[0];
    const theirs = async () => {
      saving.drop();
      await this.open(this.id);
    };
    const own = async () => {
      this.notice.hidden = true;
      this.editor.element.inert = false;
      if (story.draft?.id === id && story.draft.state === "draft") {
        saving.revision = story.draft;
        saving.change(mine);
        if (await saving.flush()) this.#again();
        return;
      }
      const { id: _, ...fields } = mine;
      if (await this.#start(fields, story.version)) saving.drop();
    };
    this.notice.replaceChildren(h("p", {}, h("b", {}, words.differs(other.author))),
      other.article ? h("details", {}, h("summary", {}, words.otherWords), h("p", {}, h("b", {}, other.article.question)), h("p", { class: "text" }, other.article.body)) : "",
      h("div", { class: "row-of" }, h("button", { type: "button", class: "second", on: { click: theirs } }, words.useTheirs),
        h("button", { type: "button", class: "main", on: { click: own } }, words.useMine)));
    this.notice.hidden = false;
    // Neither words are lost while nothing is chosen.
    this.editor.element.inert = true;
  }

  async #start(body, version = this.story.version) {
    try {
      await this.calls.post(`knowledge/articles/${this.story.id}/revisions`, body, version);
    } catch (error) {
      if (error.status === 412) this.#again();
      this.act.failed(error);
      return false;
    }
    await this.#again();
    this.editor?.fields.body.focus();
    return true;
  }

  async #submit() {
    const { words } = this;
    if (!await this.saving.flush()) return;
    try {
      const { id, revision, version } = this.saving.revision;
      await this.calls.post(`knowledge/revisions/${id}/submit`, {}, version);
      await this.#again();
      const { story } = this;
      this.act.said(words.submitted, () => (this.story === story ? this.#start({ based_on: revision }) : this.act.go({ view: "articles", article: story.id })));
    } catch (error) {
      if (error.code !== "draft_refused") return this.act.failed(error);
      const told = ({ pointer, detail }) => `${words.fields[pointer.split("/")[2]] ?? pointer}${words.colon}${sentence({ message: detail }, words)}`;
      this.notice.replaceChildren(h("p", {}, h("b", {}, words.refused)), h("ul", {}, (error.body.errors ?? []).map((item) => h("li", {}, told(item)))));
      this.notice.hidden = false;
    }
  }

  // To take an article away is a change that somebody else approves.
  async #retire(revision) {
    try {
      const { id } = await this.calls.post(`knowledge/revisions/${revision.id}/retire`, {}, revision.version);
      this.act.said(this.words.retireAsked, () => this.calls.post(`knowledge/revisions/${id}/retire`).then(() => this.#again(), this.act.failed));
    } catch (error) {
      this.act.failed(error);
    }
    return this.#again();
  }

  async #discard(revision) {
    const { id } = this.story;
    try {
      await this.saving.flush();
      await this.calls.post(`knowledge/revisions/${revision.id}/retire`);
      this.saving.drop();
    } catch (error) {
      return this.act.failed(error);
    }
    await this.#again();
    return this.act.said(this.words.discarded, async () => {
      if (this.id === id) return this.#start({ based_on: revision.revision });
      await this.calls.post(`knowledge/articles/${id}/revisions`, { based_on: revision.revision }).catch(this.act.failed);
      return this.act.go({ view: "articles", article: id });
    });
  }

  #again() {
    this.act.changed();
    return this.open(this.id, this.at);
  }
}
