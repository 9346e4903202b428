// One number that a rule sets: its values by day, who quotes it, and a new value from a day on: proposed, seen in every answer, approved.

import { h, icon } from "../widget/dom.js";
import { exact, told } from "../widget/clock.js";
import { today } from "../dashboard/days.js";
import { pieceOf } from "./difference.js";
import { ImpactPart } from "./impact.js";
import { NamesField } from "./names.js";
import { articleLink } from "./page.js";
import { sourceLine } from "./rules.js";
import { takeBack, Verdict } from "./verdict.js";

const OPEN = ["proposed", "approved"];

export class RuleView {
  /** `read()` gives {facts, sources, changes}; `act` has go(change), changed(), said(text, undo), failed(error). */
  constructor(words, calls, session, read, act) {
    Object.assign(this, { words, calls, session, read, act, at: null });
    this.main = h("div", { class: "center" });
    this.rail = h("aside", { class: "rail", "aria-label": words.rule.quoting });
    this.element = h("div", { class: "article" }, this.main, this.rail);
    this.nothing();
  }

  nothing() {
    this.stop();
    this.id = null;
    const { words } = this;
    this.main.replaceChildren(h("div", { class: "nothing" }, icon("file"), h("p", {}, words.rule.nothingChosen), h("p", { class: "meta" }, words.rule.nothingChosenMore)));
    this.rail.replaceChildren();
  }

  stop() {
    this.impact?.stop();
    this.impact = null;
  }

  async open(name) {
    const { words } = this;
    if (name !== this.id) {
      this.stop();
      this.main.replaceChildren(...Array.from({ length: 4 }, () => h("div", { class: "skeleton" })));
      this.rail.replaceChildren();
    }
    this.id = name;
    try {
      const { facts, sources, changes } = await this.read();
      const fact = facts.find((one) => one.name === name);
      const own = changes.filter((one) => one.fact === name);
      const open = own.find(({ state }) => OPEN.includes(state));
      const preview = open ? await this.calls.get(`knowledge/fact-changes/${open.id}`) : null;
      if (name !== this.id) return;
      if (!fact) throw Object.assign(new Error(name), { status: 404 });
      this.sources = new Map(sources.map((source) => [source.id, source]));
      this.#draw(fact, own, preview);
    } catch (error) {
      if (name !== this.id) return;
      this.main.replaceChildren(this.#back(), h("p", { class: "trouble", role: "alert" }, error.status === 404 ? words.rule.unknown : words.loadFailed, " ",
        h("button", { type: "button", class: "second", on: { click: () => this.open(name) } }, words.retry)));
    }
  }

  #draw(fact, changes, open) {
    const { words, session } = this;
    this.stop();
    this.place = h("div", {});
    const propose = session.permissions.includes("knowledge.propose") && !open
      ? h("button", { type: "button", class: "main", data: { key: "e" }, on: { click: () => this.#form(fact) } }, words.rule.propose) : null;
    this.main.replaceChildren(
      h("header", { class: "head-of" }, this.#back(), h("div", { class: "titles" }, h("h2", {}, fact.title),
        h("p", { class: "meta" }, h("code", {}, `{{fact.${fact.name}}}`), " ", h("span", { class: `state-chip ${fact.certainty === "pending" ? "in_review" : "live"}` }, words.rule.certainties[fact.certainty]))),
      h("div", { class: "acts-of" }, propose)),
      h("p", { class: "large-value" }, fact.value ?? words.rule.noValue, h("span", { class: "meta" }, ` ${words.rule.today}`)),
      this.place, ...(open ? this.#open(open) : []), this.#values(fact));
    this.rail.replaceChildren(this.#quoting(fact), this.#past(changes));
  }

  #back() {
    return h("button", { type: "button", class: "bare back", "aria-label": this.words.back, title: this.words.back, on: { click: () => this.act.go({ fact: null }) } }, icon("chevron"));
  }

  #values(fact) {
    const { words } = this;
    return h("section", { class: "card" }, h("h3", {}, words.rule.values), h("ol", { class: "values" }, fact.values.map((value) =>
      h("li", { class: value.start <= today() && (!value.end || value.end >= today()) ? "now" : null }, h("b", {}, value.value),
        h("span", { class: "meta" }, ` ${words.rule.span(value.start, value.end)}`),
        h("ul", { class: "items meta" }, value.sources.map((id) => h("li", {}, this.#source(id))))))));
  }

  #source(id) {
    const source = this.sources.get(id);
    return source ? sourceLine(source, this.words) : id;
  }

  #quoting(fact) {
    const { words } = this;
    return h("section", { class: "card" }, h("h3", {}, `${words.rule.quoting} · ${fact.quoted_by.length}`),
      fact.quoted_by.length ? h("ul", { class: "near" }, fact.quoted_by.map((id) => h("li", {}, articleLink(id, fact.titles[id] ?? id)))) : h("p", { class: "meta" }, words.rule.quotedByNone));
  }

  #past(changes) {
    const { words } = this;
    return h("section", { class: "card history" }, h("h3", {}, words.rule.history), changes.length ? h("ol", {}, changes.map((change) => {
      const at = new Date(change.decided_at ?? change.proposed_at);
      return h("li", {}, h("p", {}, h("b", {}, change.value), ` ${words.since(change.from)} `, h("span", { class: `state-chip ${CHIPS[change.state]}` }, words.rule.states[change.state])),
        h("p", { class: "meta" }, [change.author, change.approver && words.approvedBy(change.approver), change.version && words.past.version(change.version)].filter(Boolean).join(" · "), " ",
          h("time", { datetime: at.toISOString(), title: exact(at, words) }, told(at, words))),
        change.because ? h("p", { class: "meta" }, change.because) : null);
    })) : h("p", { class: "meta" }, words.rule.historyNone));
  }

  // A change that is not published: each answer that quotes the fact as it will read, and what is to be decided.
  #open(change) {
    const { words, calls, session } = this;
    const path = `knowledge/fact-changes/${change.id}`;
    const own = change.author === session.user;
    const may = (name) => session.permissions.includes(`knowledge.${name}`);
    const act = { failed: (error) => { this.act.failed(error); if (error.code !== "impact_outdated") this.#again(); }, done: (text) => { this.act.said(text); this.#again(); } };
    this.impact = new ImpactPart(words, calls, path);
    const judged = change.state === "proposed" && may("review") && !own;
    const withdraw = change.state === "proposed" && own ? h("button", { type: "button", class: "second", on: { click: () => this.#withdraw(change) } }, words.rule.withdraw) : null;
    return [
      h("section", { class: "card change-of" }, h("h3", {}, words.rule.change(change.from), " ", h("span", { class: `state-chip ${CHIPS[change.state]}` }, words.rule.states[change.state])),
        h("p", { class: "large-value" }, h("del", {}, h("span", { class: "hidden-text" }, words.pieces.gone), change.replaces ?? words.rule.noValue), " → ",
          h("ins", {}, h("span", { class: "hidden-text" }, words.pieces.new), change.value)),
        h("p", { class: "meta" }, [change.author, change.because, ...change.sources.map((id) => this.#source(id))].filter(Boolean).join(" · ")), withdraw ? h("div", { class: "row-of" }, withdraw) : null),
      h("section", { class: "card" }, h("h3", {}, words.rule.answers(change.answers.length)),
        change.answers.length ? h("ol", { class: "answers" }, change.answers.map((item) => this.#answer(item))) : h("p", { class: "meta" }, words.rule.quotedByNone)),
      this.impact.element,
      judged ? new Verdict(words, calls, { path, impact: this.impact, noted: false, rejected: words.rule.rejected }, act).element : null,
      change.state === "proposed" && own ? h("p", { class: "notice" }, words.rule.ownChange) : null,
      change.state === "approved" && may("propose") ? takeBack(words, calls, path, null, act, { shown: words.rule.takeBack, done: words.rule.withdrawn }) : null].filter(Boolean);
  }

  #answer({ article_id: id, title, before, after, pieces }) {
    const { words } = this;
    const gone = after === null ? h("p", { class: "trouble" }, words.rule.noAnswerThen) : null;
    return h("li", {}, h("h4", {}, articleLink(id, title)), gone, before === after ? h("p", { class: "meta" }, words.rule.sameWords) : h("p", { class: "text" }, pieces.map(({ kind, text }) => pieceOf({ kind, text: plain(text) }, words))));
  }

  #form(fact) {
    const { words } = this;
    const value = h("input", { type: "text", id: "new-value", maxlength: "200", required: true, placeholder: fact.value ?? "" });
    const from = h("input", { type: "date", id: "new-from", min: "1990-01-01", max: "2200-01-01", required: true });
    const because = h("textarea", { id: "new-because", rows: "2", maxlength: "2000" });
    const named = new NamesField(words, "new-source", { known: new Map(Array.from(this.sources.values(), ({ id, title }) => [id, title])), hint: words.sourceHint });
    const trouble = h("p", { class: "trouble", role: "alert" });
    const send = async (event) => {
      event.preventDefault();
      named.take();
      if (named.unknown) {
        trouble.textContent = words.rule.unknownSource(named.unknown);
        return named.field.focus();
      }
      try {
        await this.calls.post(`knowledge/facts/${fact.name}/values`, { value: value.value.trim(), from: from.value, because: because.value.trim(), sources: named.names });
        this.act.said(words.rule.proposed);
        this.#again();
      } catch (error) {
        trouble.textContent = error.code === "fact_change_invalid" ? this.#whyNot(error.message) : words.refusals[error.code] ?? (error.status === 422 ? words.rule.malformed : words.tryFailed);
      }
    };
    const label = (name, field, shown) => h("div", { class: "field-of" }, h("label", { for: name }, shown), field);
    this.place.replaceChildren(h("form", { class: "card propose", on: { submit: send } }, h("h3", {}, words.rule.propose),
      h("div", { class: "side-by-side" }, label("new-value", value, words.rule.newValue), label("new-from", from, words.rule.from)),
      label("new-source", named.element, words.fields.sources), label("new-because", because, words.because), trouble,
      h("p", { class: "meta" }, words.rule.proposeMore(fact.quoted_by.length)),
      h("div", { class: "row-of" }, h("button", { type: "button", class: "second", on: { click: () => this.place.replaceChildren() } }, words.cancel), h("button", { type: "submit", class: "main" }, words.rule.send))));
    value.focus();
  }

  // What the server says in English, by what it says it of.
  #whyNot(message) {
    const { whyNot } = this.words.rule;
    const found = whyNot.find(([pattern]) => pattern.test(message));
    return found ? message.match(found[0]).slice(1).reduce((text, part, place) => text.replace(`$${place + 1}`, part), found[1]) : message;
  }

  async #withdraw(change) {
    try {
      await this.calls.post(`knowledge/fact-changes/${change.id}/reject`);
    } catch (error) {
      this.act.failed(error);
      return this.#again();
    }
    this.act.said(this.words.rule.withdrawn, async () => {
      const { value, from, sources, because } = change;
      await this.calls.post(`knowledge/facts/${change.fact}/values`, { value, from, sources, because }).catch(this.act.failed);
      this.#again();
    });
    return this.#again();
  }

  #again() {
    this.act.changed();
    return this.id ? this.open(this.id) : null;
  }
}

// The marks of Markdown say nothing of what changes.
function plain(text) {
  return text.replaceAll("**", "").replace(/\n{2,}/g, "\n");
}

const CHIPS = { proposed: "in_review", approved: "approved", published: "live", rejected: "retired" };
