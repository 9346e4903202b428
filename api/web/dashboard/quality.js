// How well clients were served in a range of days.

import { h } from "../widget/dom.js";
import { behind } from "./behind.js";
import { card } from "./cards.js";
import { bar, topOf } from "./chart.js";
import { mondays } from "./days.js";
import { held, shown, time, verdict } from "./figures.js";
import { formula } from "./formula.js";
import { Part } from "./part.js";
import { teamsDialog } from "./teams.js";

const LARGE = ["satisfaction", "resolved", "first_response", "waiting", "solved_by_assistant", "complaints"];
const SMALL = ["contacts", "handed_over", "handling", "came_back", "abandoned", "suggestions_used", "suggestions_edited", "findings"];
export const MEASURES = [...LARGE, ...SMALL];
const SPLITS = ["agent", "team", "hour", "category", "channel", "served_by", "day", "week"];
// Of these the interesting conversations are those that count; of the others, those that do not.
const COUNTED = new Set(["complaints", "came_back", "abandoned", "handed_over", "findings", "contacts", "suggestions_used", "suggestions_edited"]);

export class Quality {
  constructor(words, calls, session, go) {
    Object.assign(this, { words, calls, go });
    this.cards = new Part(words, "cards", (found) => this.#cards(found));
    this.split = new Part(words, "card split", (found) => this.#split(found));
    this.people = new Part(words, "card people", (found) => this.#people(found));
    this.link = h("a", { class: "second export", download: true }, words.export);
    const select = (label, names, called, change) => h("label", {}, h("span", { class: "meta" }, label),
      h("select", { "aria-label": label, on: { change: ({ target }) => change(target.value) } }, names.map((name) => h("option", { value: name }, called(name)))));
    this.measure = select(words.measure, MEASURES.filter((name) => name !== "suggestions_edited"), (name) => words.measures[name], (measure) => go({ measure }));
    this.by = select(words.splitBy, SPLITS, (name) => words.splits[name], (by) => go({ by }));
    this.team = select(words.splits.team, [""], () => words.allTeams, (team) => go({ team }));
    this.arrange = session.permissions.includes("teams.arrange")
      ? h("button", { type: "button", class: "second", disabled: true, on: { click: () => teamsDialog(words, calls, this.teams, () => this.#again()) } }, words.arrangeTeams) : null;
    this.element = h("div", { class: "quality" }, this.cards.element,
      h("div", { class: "tools" }, this.measure, this.by, this.team, h("span", { class: "spread" }), this.arrange, this.link), this.split.element, this.people.element);
    this.#readTeams();
  }

  // Without them all else can still be seen.
  async #readTeams() {
    try {
      this.teams = await this.calls.get("dashboard/teams");
      if (this.arrange) this.arrange.disabled = false;
      this.#fillTeams();
    } catch {
      this.team.hidden = true;
    }
  }

  // Also one that the address names and nobody is in any more.
  #fillTeams() {
    const chosen = this.state?.team ?? "";
    const names = [...new Set([...(this.teams?.teams ?? []), ...(chosen ? [chosen] : [])])].sort();
    const select = this.team.querySelector("select");
    select.replaceChildren(...["", ...names].map((name) => h("option", { value: name }, name || this.words.allTeams)));
    select.value = chosen;
    this.team.hidden = !names.length;
  }

  #again() {
    this.#readTeams();
    this.show(this.state);
  }

  show(state) {
    const days = { from: state.from, to: state.to };
    this.state = { ...state, by: SPLITS.includes(state.by) ? state.by : "hour", measure: MEASURES.includes(state.measure) ? state.measure : "first_response" };
    const { by, team } = this.state;
    this.#fillTeams();
    this.measure.querySelector("select").value = this.state.measure;
    this.by.querySelector("select").value = by;
    this.link.href = `v1/dashboard/export.csv?${new URLSearchParams({ ...days, by, ...(team && { team }) })}`;
    const read = (query) => this.calls.get("dashboard/measures", { ...query, ...(team && { team }) });
    const agents = read({ ...days, by: "agent" });
    this.cards.load(async () => {
      const [{ total }, { groups }] = await Promise.all([agents, read({ from: mondays(state.to)[0], to: state.to, by: "week" })]);
      return { total, weeks: Object.fromEntries(groups.map(({ key, figures }) => [key, figures])) };
    });
    this.split.load(() => (by === "agent" ? agents : read({ ...days, by })));
    this.people.load(() => agents);
  }

  #open(name, only = {}, about = "") {
    const { words, calls, state } = this;
    behind(words, calls, { title: [words.measures[name], about].filter(Boolean).join(" · "), names: this.names,
      query: { from: state.from, to: state.to, measure: name, counted: name === "contacts" ? null : String(COUNTED.has(name)) },
      only: { ...(state.team && { team: state.team }), ...only } });
  }

  #cards({ total, weeks }) {
    const { words, state } = this;
    const made = (names, large) => names.map((name) => card(name, total, weeks, words, { to: state.to, large, open: () => this.#open(name) }));
    return [h("div", { class: "large" }, made(LARGE, true)), h("div", { class: "little" }, made(SMALL, false))];
  }

  #split({ groups, total }) {
    const { words, state } = this;
    const { by, measure } = state;
    const rows = groups.filter(({ figures }) => figures[measure].n || figures[measure].count);
    const top = topOf(rows.map(({ figures }) => figures[measure]));
    const title = h("h2", {}, words.question(measure, by));
    if (!rows.length) return [title, h("p", { class: "empty" }, words.nothing)];
    return [title, h("table", { class: "bars" },
      h("thead", { class: "hidden-text" }, h("tr", {}, [words.splits[by], words.measures[measure], ""].map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map((group) => {
        const figure = group.figures[measure];
        return h("tr", {}, h("th", { scope: "row" }, h("button", { type: "button", class: "plain", on: { click: () => this.#open(measure, this.#only(by, group.key), this.#called(by, group)) } },
          this.#called(by, group))), h("td", {}, bar(figure, top)),
        h("td", { class: "value" }, value(figure, words), " ", h("span", { class: "meta" }, figure.kind === "count" ? "" : words.outOf(figure.n))),
        h("td", {}, verdict(figure, words)));
      }))), h("p", { class: "meta" }, words.altogether(value(total[measure], words)))];
  }

  // Days and weeks are ranges of their own.
  #only(by, key) {
    if (by === "day") return { from: key, to: key };
    if (by === "week") return { from: key, to: new Date(Date.parse(key) + 6 * 86_400_000).toISOString().slice(0, 10) };
    return { [by]: key };
  }

  #called(by, { key, title }) {
    const { words } = this;
    if (by === "agent") return title ?? (key || words.assistant);
    if (by === "hour") return words.hour(key);
    if (by === "week") return words.weekOf(key);
    if (by === "team") return key || words.withoutTeam;
    return { category: words.categories, channel: words.channels, served_by: words.servedBy }[by]?.[key] ?? key;
  }

  #people({ groups, formula: how }) {
    const { words } = this;
    const rows = groups.filter(({ score }) => score).sort((one, other) => other.score.total - one.score.total);
    this.names = Object.fromEntries(rows.map(({ key, title }) => [key, title]));
    const columns = ["satisfaction", "resolved", "first_response", "handling", "suggestions_used", "contacts"];
    const title = h("h2", {}, words.whoServesWell);
    if (!rows.length) return [title, h("p", { class: "empty" }, words.nobodyServed)];
    const heads = [words.splits.agent, words.score, ...columns.map((name) => words.measures[name])];
    const number = (group, name) => h("button", { type: "button", class: "plain", on: { click: () => this.#open(name, { agent: group.key }, group.title) } },
      shown(group.figures[name], words));
    const table = h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map((group) => h("tr", {}, h("th", { scope: "row" }, this.#called("agent", group)),
        h("td", {}, h("b", {}, group.score.total.toFixed(0))), columns.map((name) => h("td", {}, number(group, name)))))));
    return [title, h("div", { class: "wide" }, table), formula(how, words)];
  }
}

function value(figure, words) {
  if (figure.kind !== "time" || figure.p90 === null) return shown(figure, words);
  return words.timeOf(time(held(figure), words), shown(figure, words));
}
