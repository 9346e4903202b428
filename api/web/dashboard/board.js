// Now: who is upset, who waits, who is there, and what is about to be late. Asked anew every few seconds, while somebody looks.

import { exact } from "../widget/clock.js";
import { h, icon } from "../widget/dom.js";
import { time } from "./figures.js";

const EVERY = 5000;

export class Board {
  constructor(words, calls) {
    Object.assign(this, { words, calls });
    this.numbers = h("div", { class: "numbers" }, Array.from({ length: 7 }, () => h("div", { class: "number skeleton" })));
    this.line = h("p", { class: "meta fresh", role: "status" }, words.loading);
    this.raised = h("tbody");
    this.waiting = h("tbody");
    this.agents = h("tbody");
    this.element = h("div", { class: "board" }, this.numbers, this.line,
      h("section", { class: "card upset" }, h("h2", {}, words.board.whoIsUpset), table([words.board.client, words.channel, words.board.heldBy, words.board.raisedFor], this.raised)),
      h("div", { class: "two" },
        h("section", { class: "card" }, h("h2", {}, words.board.whoWaits), table([words.board.client, words.channel, words.board.waits, ""], this.waiting)),
        h("section", { class: "card serves" }, h("h2", {}, words.board.whoServes), table([words.board.agent, words.board.holds, words.board.longestHandled, words.board.unanswered], this.agents))));
    this.looking = () => { if (!document.hidden) this.#read(); };
    document.addEventListener("visibilitychange", this.looking);
    this.timers = [setInterval(() => { if (!document.hidden) this.#read(); }, EVERY), setInterval(() => this.#tick(), 1000)];
  }

  show() {
    this.#read();
  }

  stop() {
    this.timers.forEach(clearInterval);
    document.removeEventListener("visibilitychange", this.looking);
    this.stopped = true;
  }

  async #read() {
    try {
      const board = await this.calls.get("dashboard/wallboard");
      if (this.stopped) return;
      this.board = board;
      this.at = Date.now();
      this.line.textContent = board.in_hours ? this.words.board.upToDate : this.words.board.closedNow;
      this.line.classList.remove("down");
      this.#draw();
    } catch {
      if (this.stopped) return;
      this.line.textContent = this.words.board.stale;
      this.line.classList.add("down");
    }
  }

  #tick() {
    if (this.board) this.#times();
  }

  #draw() {
    const { words, board } = this;
    const worst = worstOf(board.waiting);
    const overlong = worstOf(board.agents.map(({ longest }) => longest).filter(Boolean));
    const duty = board.agents.filter((agent) => agent.on_duty);
    const number = (label, value, { alarm = "fine", seconds = null, told = words.board.alarms[alarm] } = {}) => h("div", { class: `number ${alarm}` }, h("h3", {}, label),
      h("b", { data: seconds === null ? {} : { seconds } }, value), alarm === "fine" ? null : h("span", { class: "mark-of" }, told));
    this.numbers.replaceChildren(
      number(words.board.raised, String(board.raised_count), board.raised_count ? { alarm: "late", told: upset(words.board.takeCare) } : {}),
      number(words.board.waiting, String(board.states.waiting), { alarm: worst }),
      number(words.board.longest, "", { alarm: worst, seconds: board.longest_wait }),
      number(words.board.withAgents, String(board.states.agent), { alarm: overlong }),
      number(words.board.withAssistant, String(board.states.assistant)),
      number(words.board.onDuty, String(duty.length), { alarm: duty.length || !board.states.waiting ? "fine" : "late" }),
      number(words.board.closed, String(board.closed_today)));
    fill(this.raised, board.raised.map((item) => row(`agent#${item.conversation_id}`, [
      [upset(words.raised), h("span", { class: "who" }, called(item, words))], words.channels[item.channel] ?? item.channel, this.#holder(item),
      timeOf(item.seconds, exact(new Date(item.since), words))])), words.board.nobodyUpset);
    fill(this.waiting, board.waiting.map((item) => row(`agent#${item.conversation_id}`, [
      called(item, words),
      words.channels[item.channel] ?? item.channel, timeOf(item.seconds), mark(words, item.alarm)], item.alarm)), words.board.nobodyWaits);
    fill(this.agents, board.agents.map((agent) => row(null, [
      h("span", {}, agent.display_name, " ", h("span", { class: agent.on_duty ? "meta good" : "meta" }, agent.on_duty ? words.onDuty : words.offDuty)),
      String(agent.holds), agent.longest ? this.#longest(agent) : "–",
      agent.unanswered ? [h("span", {}, `${agent.unanswered} · `, timeOf(agent.seconds)), mark(words, agent.alarm)] : "0"],
    worstOf([agent.unanswered ? agent : null, agent.longest].filter(Boolean)))), words.board.nobodyServes);
    this.#times();
  }

  #holder({ state, agent, agent_name: name }) {
    const { words } = this;
    return state === "agent" ? name ?? agent : state === "waiting" ? words.board.inQueue : words.assistant;
  }

  // How long the agent has had one client, and how many stand so.
  #longest({ longest, pressing }) {
    const { words } = this;
    return [h("a", { href: `agent#${longest.conversation_id}` }, timeOf(longest.seconds)), mark(words, longest.alarm),
      pressing > 1 ? h("span", { class: "meta many" }, words.board.pressing(pressing)) : null];
  }

  // Between two answers the waits go on.
  #times() {
    const { words, board } = this;
    const gone = (Date.now() - this.at) / 1000;
    for (const element of this.element.querySelectorAll("[data-seconds]")) {
      const seconds = Number(element.dataset.seconds);
      element.textContent = element.matches("b") && !board.waiting.length ? "–" : time(seconds + gone, words);
    }
  }
}

function worstOf(items) {
  return ["late", "soon"].find((worst) => items.some(({ alarm }) => alarm === worst)) ?? "fine";
}

function called({ client, tier, tone }, words) {
  return [client ?? words.unknownClient, words.tiers[tier] ?? tier, words.tones[tone]].filter(Boolean).join(" · ");
}

function upset(text) {
  return h("span", { class: "upset-mark" }, icon("bell"), text);
}

function timeOf(seconds, title = null) {
  return h("span", { title, data: { seconds } });
}

function mark(words, alarm) {
  return alarm === "fine" ? "" : h("span", { class: `alarm ${alarm}` }, words.board.alarms[alarm]);
}

function table(heads, body) {
  return h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), body);
}

function row(href, [first, ...rest], alarm) {
  return h("tr", { class: alarm }, h("th", { scope: "row" }, href ? h("a", { href }, first) : first), rest.map((cell) => h("td", {}, cell)));
}

function fill(body, rows, empty) {
  // Where the keyboard is stays, though the rows are new.
  const at = body.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  body.replaceChildren(...(rows.length ? rows : [h("tr", {}, h("td", { colspan: "4", class: "empty" }, empty))]));
  if (at) body.querySelector(`a[href="${at}"]`)?.focus();
}
