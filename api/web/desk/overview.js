// How the desk stands: few numbers, each of which opens what it counts, and what was live since when.

import { h } from "../widget/dom.js";
import { exact, told } from "../widget/clock.js";
import { Part } from "../dashboard/part.js";
import { pageHead } from "./page.js";

const VERSIONS = 20;
const SECONDS_LATER = 1000;

export class Overview {
  constructor(words, calls) {
    Object.assign(this, { words, calls });
    this.figures = FIGURES.map(({ name, to, read, bad }) => ({ read, part: new Part(words, "figure-of", (value) => this.#figure(name, to, value, bad)) }));
    this.versions = new Part(words, "card", (found) => this.#versions(found));
    this.element = h("section", { class: "page overview" }, pageHead(words.overview),
      h("div", { class: "figures" }, this.figures.map(({ part }) => part.element)), this.versions.element);
  }

  show() {
    const read = this.#once();
    for (const figure of this.figures) figure.part.load(() => figure.read(read));
    this.versions.load(() => this.calls.get("knowledge/versions", { limit: VERSIONS + 1 }));
  }

  // What several figures need is asked for once.
  #once() {
    const asked = new Map();
    return (path, query = {}) => {
      const key = JSON.stringify([path, query]);
      if (!asked.has(key)) asked.set(key, this.calls.get(path, query));
      return asked.get(key);
    };
  }

  #figure(name, to, value, bad) {
    const { words } = this;
    return h("a", { class: `card figure${bad && value ? " wants" : ""}`, href: `#${to}` }, h("h3", {}, words.overview.figures[name]), h("b", {}, String(value)), h("span", { class: "meta" }, words.overview.about[name]));
  }

  #versions({ versions }) {
    const { words } = this;
    const rows = versions.slice(0, VERSIONS).map((version, place) => {
      const at = new Date(version.at);
      const before = versions[place + 1];
      // A version is what answers from its moment on.
      const moment = new Date(at.getTime() + SECONDS_LATER).toISOString();
      return h("tr", {}, h("th", { scope: "row" }, String(version.number)), h("td", {}, h("time", { datetime: version.at, title: exact(at, words) }, told(at, words))),
        h("td", {}, version.publisher ?? words.fromFiles), h("td", {}, words.found(version.articles)),
        h("td", {}, place ? h("a", { href: `#${new URLSearchParams({ view: "articles", at: moment })}` }, words.overview.look) : h("span", { class: "state-chip live" }, words.live)),
        h("td", {}, before ? h("a", { href: this.calls.address(`knowledge/export?format=csv&version=${version.number}&since=${before.number}`), download: true }, words.overview.difference) : null));
    });
    return [h("h3", {}, words.overview.versions), rows.length ? h("div", { class: "wide" }, h("table", {}, h("thead", {}, h("tr", {}, words.overview.columns.map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, rows)))
      : h("p", { class: "meta" }, words.files.noVersions)];
  }
}

const total = (state) => async (read) => (await read("knowledge/articles", { state, limit: 1 })).total;
const care = (name) => async (read) => (await read("knowledge/upkeep")).counts[name];
const FIGURES = [
  { name: "published", to: "view=articles&state=published", read: total("published") },
  { name: "drafts", to: "view=articles&state=draft", read: total("draft") },
  { name: "in_review", to: "view=review", read: total("in_review"), bad: true },
  { name: "approved", to: "view=articles&state=approved", read: total("approved") },
  { name: "values", to: "view=facts", read: async (read) => (await read("knowledge/fact-changes")).changes.filter(({ state }) => state === "proposed").length, bad: true },
  { name: "golden", to: "view=golden&state=broken", read: async (read) => (await read("knowledge/golden", { ask: true })).golden.filter(({ holds }) => holds === false).length, bad: true },
  { name: "gaps", to: "view=gaps", read: async (read) => (await read("knowledge/gaps", { limit: 200 })).gaps.length },
  { name: "changing", to: "view=upkeep", read: care("changing") },
  { name: "overdue", to: "view=upkeep", read: care("overdue"), bad: true },
  { name: "unhelpful", to: "view=upkeep", read: care("unhelpful"), bad: true },
];
