// What opens above the page: whom to transfer to, whether to close, the list of keys. Esc closes each.

import { h, icon } from "../widget/dom.js";

/** A dialog with a title, which is shown at once. */
export function dialog(words, title, ...parts) {
  const element = h("dialog", { "aria-label": title }, h("header", {}, h("h2", {}, title),
    h("button", { type: "button", class: "bare", "aria-label": words.close, title: words.close, on: { click: () => element.close() } }, icon("close"))), parts);
  element.addEventListener("close", () => element.remove());
  // A click beside it closes it, too.
  element.addEventListener("pointerdown", (event) => { if (event.target === element) element.close(); });
  document.body.append(element);
  element.showModal();
  return element;
}

/** Choose a colleague or, with `queue`, the queue; `colleagues` are [{name, display_name, on_duty}]. `chosen(to, shown)`. */
export function transferDialog(words, colleagues, chosen, { title = words.transferTitle, queue = true } = {}) {
  const pick = (to, shown) => {
    element.close();
    chosen(to, shown);
  };
  const option = (to, shown, about, good) => h("button", { type: "button", class: "option", data: { search: `${shown} ${to}`.toLowerCase() }, on: { click: () => pick(to, shown) } },
    h("span", {}, shown), about ? h("span", { class: `meta${good ? " good" : ""}` }, about) : null);
  const people = [...colleagues].sort((one, other) => Number(other.on_duty) - Number(one.on_duty)).map((person) => option(person.name, person.display_name,
    person.on_duty ? words.onDuty : words.offDuty, person.on_duty));
  const filter = people.length > 8 ? h("input", { type: "search", "aria-label": words.filterColleagues, placeholder: words.filterColleagues,
    on: { input: ({ target }) => people.forEach((button) => { button.hidden = !button.dataset.search.includes(target.value.trim().toLowerCase()); }) } }) : null;
  const element = dialog(words, title, filter,
    h("div", { class: "options" }, queue ? option("queue", words.toQueue) : null, people.length ? people : h("p", { class: "meta" }, words.noColleagues)));
  element.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const stops = Array.from(element.querySelectorAll(".option:not([hidden])"));
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length]?.focus();
  });
  (filter ?? element.querySelector(".option"))?.focus();
}

/** Ask before a conversation is closed: the client is told at once, so it can't be undone. */
export function endDialog(words, lead, chosen) {
  const yes = h("button", { type: "button", class: "main", on: { click: () => { element.close(); chosen(); } } }, words.end);
  const element = dialog(words, words.endTitle, h("p", {}, lead),
    h("div", { class: "row" }, h("button", { type: "button", class: "second", on: { click: () => element.close() } }, words.cancel), yes));
  yes.focus();
}

export function keysDialog(words) {
  const shown = document.querySelector("dialog.keys");
  if (shown) return shown.close();
  const element = dialog(words, words.keysTitle, h("dl", {}, [...words.keysList, ...words.followUps.keys].map(([key, does]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, does)])));
  element.classList.add("keys");
  return null;
}
