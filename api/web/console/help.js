// The right column: who the client is, what has been said so far, and what could be said now.

import { h, icon } from "../widget/dom.js";
import { render } from "../widget/markdown.js";
import { sources } from "./conversation.js";
import { informs, warned } from "./informs.js";

const FEW = 3;

/** The suggested replies, as cards that a key or a click puts into the field. */
export class Suggestions {
  /** `act` has insert(suggestion), reload(). */
  constructor(words, act) {
    this.words = words;
    this.act = act;
    this.list = h("ol", { class: "cards" });
    this.state = h("p", { class: "meta", role: "status" });
    this.element = h("section", { class: "suggestions", "aria-label": words.suggestions }, h("h3", {}, words.suggestions), this.list, this.state);
    this.items = [];
    this.clear();
  }

  clear(text = "") {
    this.items = [];
    this.shown = null;
    this.list.replaceChildren();
    this.state.replaceChildren(text);
    this.element.classList.remove("waits");
  }

  wait() {
    this.element.classList.add("waits");
    if (!this.items.length) this.state.replaceChildren(this.words.loading);
  }

  failed() {
    this.clear();
    this.state.replaceChildren(this.words.loadFailed, h("button", { type: "button", class: "plain", on: { click: this.act.reload } }, this.words.retry));
  }

  /** Each {suggestion_id, article_id, revision, title, text, confidence, sources, verdicts}, the text as it reads for this client now; `can` says whether they may be sent. */
  show(items, can) {
    const { words } = this;
    const now = JSON.stringify([items.map((item) => [item.suggestion_id, item.text, item.verdicts]), can]);
    this.element.classList.remove("waits");
    if (now === this.shown) return;
    this.shown = now;
    this.items = items.slice(0, FEW);
    this.can = can;
    this.state.replaceChildren(items.length ? "" : words.suggestionsNone);
    this.list.replaceChildren(...this.items.map((item, index) => this.#card(item, index)));
    // What is short is whole already.
    for (const text of this.list.querySelectorAll(".text")) text.parentElement.querySelector(".whole").hidden = text.scrollHeight <= text.clientHeight + 1;
  }

  /** The one with this number, from 1, into the field. */
  insert(number) {
    const item = this.items[number - 1];
    if (item && this.can) this.act.insert(item);
    return Boolean(item);
  }

  #card(item, index) {
    const { words } = this;
    const percent = Math.round(item.confidence * 100);
    const text = h("div", { class: "text", id: `suggestion-${index}` }, gist(item.text));
    const whole = h("button", { type: "button", class: "plain whole", "aria-expanded": "false", "aria-controls": text.id, on: { click: () => {
      const open = text.classList.toggle("open");
      text.replaceChildren(...(open ? render(item.text) : [gist(item.text)]));
      whole.textContent = open ? words.fold : words.whole;
      whole.setAttribute("aria-expanded", String(open));
    } } }, words.whole);
    return h("li", {},
      h("button", { type: "button", class: "card", "aria-keyshortcuts": `Alt+${index + 1}`, disabled: !this.can, title: words.insert,
        on: { click: () => this.act.insert(item) } },
      h("span", { class: "head" }, h("kbd", {}, String(index + 1)), h("b", {}, item.title ?? item.article_id),
        h("span", { class: `sure ${percent >= 85 ? "high" : percent >= 50 ? "middle" : "low"}`, title: words.confidenceLong(percent) },
          words.confidence(percent)))),
      text, informs(item.verdicts, words, this.can ? (warning) => this.act.insert(warned(item, warning)) : null),
      h("div", { class: "foot" }, whole, item.sources?.length ? sources(item.sources, words) : null));
  }
}

/** The client's record, the summary, and a place for the suggestions. */
export class Beside {
  /** `act` has close(). */
  constructor(words, act) {
    this.words = words;
    this.card = h("section", { class: "card-of", "aria-label": words.card });
    this.summary = h("section", { class: "summary", "aria-label": words.summary });
    this.place = h("div", { class: "place" });
    this.element = h("aside", { class: "beside", "aria-label": words.beside, tabindex: "-1" },
      h("button", { type: "button", class: "bare shut", "aria-label": words.close, title: words.close, on: { click: act.close } }, icon("close")),
      this.card, this.place, this.summary);
  }

  focus() {
    this.element.focus();
  }

  /** `client` is a record, null where none is known, or "forbidden". */
  client(client, line) {
    const { words } = this;
    this.record = client && client !== "forbidden" ? client : null;
    const title = (name, extra) => [h("h3", {}, words.card), h("p", { class: "name" }, name, extra)];
    if (!client || client === "forbidden") {
      this.card.replaceChildren(...title(line?.name ?? words.unknownClient, null),
        h("p", { class: "meta" }, client === "forbidden" ? words.cardForbidden : words.cardNone));
      return;
    }
    const { standing, expires_on: until } = client.assessment;
    const { holdings } = client;
    const facts = [
      [words.identities, client.channels.map((channel) => this.#identity(channel, line)).join(words.comma) || words.noIdentities],
      [words.risk, [client.risk_level, words.standings[standing]?.(until)].filter(Boolean).join(" · "), standing === "valid" ? "" : "warned"],
      [words.investor, words.investors[client.investor_type] ?? client.investor_type],
      [words.tier, words.tiers[client.tier] ?? client.tier], [words.born, client.birth_year && String(client.birth_year)],
      [words.assets, holdings && [money(holdings.total_assets, words), words.asOf(holdings.as_of)].join(" · ")],
      [words.cash, holdings && money(holdings.cash, words)],
      [words.permissions, client.permissions.map((name) => words.tradingPermissions[name] ?? name).join(words.comma) || words.noPermissions],
      [words.notes, client.notes],
    ].filter(([, value]) => value);
    this.card.replaceChildren(...title(client.display_name ?? words.unknownClient, h("span", { class: "meta" }, client.id)),
      ...(client.opted_out ? [h("p", { class: "chip" }, words.optedOut)] : []),
      h("dl", {}, facts.map(([name, value, kind]) => [h("dt", {}, name), h("dd", { class: kind || null }, value)])));
  }

  // What a client is called on a channel is kept as a digest: that they are known there is all that can be shown.
  #identity(channel, line) {
    const { words } = this;
    const name = words.channels[channel] ?? channel;
    return channel === line?.channel ? words.here(name) : name;
  }

  /** {asked, answered, failed, tone, reason} in the client's own words. */
  story(summary) {
    const { words } = this;
    const list = (name, items) => (items?.length ? [h("h4", {}, name), h("ul", {}, items.map((item) => h("li", {}, item)))] : []);
    const parts = summary ? [...list(words.asked, summary.asked), ...list(words.answered, summary.answered), ...list(words.failedAnswers, summary.failed),
      ...(words.tones[summary.tone] ? [h("h4", {}, words.tone), h("p", {}, words.tones[summary.tone])] : [])] : [];
    this.summary.replaceChildren(h("h3", {}, words.summary), ...(parts.length ? parts : [h("p", { class: "meta" }, words.summaryNone)]));
  }
}

// The beginning of an answer as plain words, for a card that is folded.
function gist(text) {
  return text.replaceAll("**", "").replace(/^\s*[-*•]\s+/gm, "· ").replace(/\s+/g, " ").trim();
}

function money(amount, words) {
  return Number(amount).toLocaleString(words.locale, { style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol", maximumFractionDigits: 0 });
}

