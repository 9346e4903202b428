// Knowledge in and out: a file becomes a preview, with what was not taken and why, and what is accepted of it drafts; and a version, or what
// differs between two, becomes a file.

import { h, icon } from "../widget/dom.js";
import { Problem } from "../widget/api.js";
import { exact, told } from "../widget/clock.js";
import { listenForFiles, upload } from "../widget/files.js";
import { render } from "../widget/markdown.js";
import { Part } from "../dashboard/part.js";
import { articleLink, pageHead } from "./page.js";

const READ = ".md,.markdown,.csv,.xlsx,.docx,.pdf,.html,.htm,.zip";

export class Files {
  /** `act` has go(change), failed(error), said(text). */
  constructor(words, calls, session, act) {
    Object.assign(this, { words, calls, act });
    this.may = session.permissions.includes("knowledge.edit");
    this.preview = h("div", {});
    this.versions = new Part(words, "card export", (found) => this.#export(found));
    this.element = h("section", { class: "page files" }, pageHead(words.files),
      h("div", { class: "pair" }, this.#import(), this.versions.element), this.preview);
  }

  /** What the address says: maybe the id of a preview. */
  show({ file }) {
    this.versions.load(() => this.calls.get("knowledge/versions", { limit: 100 }));
    if (file === this.file) return;
    this.file = file;
    if (file && this.may) this.#look(file);
    else this.preview.replaceChildren();
  }

  #import() {
    const { words } = this;
    if (!this.may) return h("section", { class: "card" }, h("h3", {}, words.files.import), h("p", { class: "meta" }, words.files.onlyEditors));
    const input = h("input", { type: "file", id: "import-file", accept: READ, hidden: true, on: { change: () => {
      if (input.files[0]) this.#send(input.files[0]);
      input.value = "";
    } } });
    this.bar = h("progress", { max: "1", value: "0", hidden: true, "aria-label": words.files.reading });
    this.trouble = h("p", { class: "trouble", role: "alert" });
    const place = h("div", { class: "drop" }, icon("file"), h("p", {}, words.files.drop), h("button", { type: "button", class: "main", on: { click: () => input.click() } }, words.files.choose), input,
      h("p", { class: "meta" }, words.files.kinds), this.bar);
    listenForFiles(place, (file) => this.#send(file));
    return h("section", { class: "card import" }, h("h3", {}, words.files.import), place, this.trouble);
  }

  async #send(file) {
    if (this.sending) return;
    this.sending = true;
    this.trouble.textContent = "";
    this.bar.hidden = false;
    try {
      const form = new FormData();
      form.append("file", file, file.name || "file");
      // All of it is there before it is read, which takes longer.
      const { status, body } = await upload(this.calls.address("knowledge/imports"), { "X-CSRF-Token": this.calls.csrf }, form, (share) => {
        if (share < 1) this.bar.value = share;
        else this.bar.removeAttribute("value");
      });
      if (status >= 400) throw new Problem(status, { code: "http_error", ...body }, null);
      this.file = body.id;
      this.act.go({ file: body.id });
      this.#draw(body);
    } catch (error) {
      const { words } = this;
      this.trouble.textContent = words.files.refused[error.code] ?? words.refusals[error.code] ?? (error.status ? words.refusedOtherwise : words.unreachable);
    }
    this.sending = false;
    this.bar.hidden = true;
    this.bar.value = 0;
  }

  async #look(id) {
    const { words } = this;
    this.preview.replaceChildren(h("div", { class: "skeleton" }), h("div", { class: "skeleton" }));
    try {
      const found = await this.calls.get(`knowledge/imports/${id}`);
      if (id === this.file) this.#draw(found);
    } catch (error) {
      if (id !== this.file) return;
      this.preview.replaceChildren(h("p", { class: "trouble", role: "alert" }, error.status === 404 ? words.files.expired : words.loadFailed, " ",
        error.status === 404 ? "" : h("button", { type: "button", class: "second", on: { click: () => this.#look(id) } }, words.retry)));
    }
  }

  #draw(found) {
    const { words } = this;
    const at = new Date(found.at);
    const waiting = found.drafts.filter(({ accepted }) => !accepted);
    this.ticks = new Map(waiting.map(({ key }) => [key, h("input", { type: "checkbox", checked: true, "aria-label": words.files.take, on: { change: () => this.#count() } })]));
    this.accept = h("button", { type: "button", class: "main", on: { click: () => this.#accept(found) } });
    this.all = h("input", { type: "checkbox", checked: true, "aria-label": words.files.takeAll, on: { change: () => {
      for (const tick of this.ticks.values()) tick.checked = this.all.checked;
      this.#count();
    } } });
    this.outcome = h("div", { role: "status" });
    this.preview.replaceChildren(
      h("section", { class: "card preview-of" }, h("header", { class: "page-head" }, h("div", {}, h("h3", {}, words.files.of(found.file_name)), h("p", { class: "meta" },
        h("time", { datetime: found.at, title: exact(at, words) }, told(at, words)), ` · ${words.files.came(found.drafts.length, found.not_taken.length)}`)), waiting.length ? this.accept : null),
      this.outcome,
      found.drafts.length ? [waiting.length ? h("label", { class: "tick" }, this.all, words.files.takeAll) : null, h("ol", { class: "proposals" }, found.drafts.map((item) => this.#proposal(item)))] : h("p", {}, words.files.nothing)),
      this.#left(found.not_taken));
    this.#count();
  }

  #count() {
    const count = Array.from(this.ticks.values()).filter(({ checked }) => checked).length;
    this.accept.textContent = this.words.files.accept(count);
    this.accept.disabled = !count;
    this.all.checked = count === this.ticks.size;
    this.all.indeterminate = count > 0 && count < this.ticks.size;
  }

  #proposal({ key, place, article, replaces, nearest, personal, warnings, accepted, said_category: said }) {
    const { words } = this;
    const told = [...personal.map((kind) => words.files.personal(words.files.personalKinds[kind] ?? kind)), ...warnings.map((name) => words.files.warnings[name] ?? name)];
    return h("li", {}, accepted ? icon("check") : this.ticks.get(key), h("div", { class: "proposal" },
      h("p", {}, h("b", {}, article.question), " ", h("span", { class: `state-chip ${replaces ? "in_review" : "draft"}` }, replaces ? words.files.replaces : words.files.new),
        accepted ? [" ", articleLink(article.id, words.files.becameDraft)] : null),
      h("p", { class: "meta" }, [this.#where(place), article.id, words.categories[article.category] ?? (article.category || words.files.noCategory), said && words.files.said(said), nearest && words.files.like(nearest)].filter(Boolean).join(" · ")),
      told.length ? h("ul", { class: "warned" }, told.map((text) => h("li", {}, text))) : null,
      h("details", {}, h("summary", { class: "meta" }, words.files.answer), h("div", { class: "bubble" }, render(article.body)),
        article.similar.length ? [h("h4", {}, words.fields.similar), h("ul", { class: "items" }, article.similar.map((line) => h("li", {}, line)))] : null)));
  }

  #where({ kind, number, part }) {
    return [part, this.words.files.places[kind]?.(number) ?? number].filter(Boolean).join(" ");
  }

  // What was not taken, by reason.
  #left(items) {
    const { words } = this;
    if (!items.length) return h("section", { class: "card" }, h("h3", {}, words.files.left(0)), h("p", { class: "good" }, words.files.allTaken));
    const reason = words.files.reason;
    const groups = grouped(items, (item) => item[reason]);
    return h("section", { class: "card left" }, h("h3", {}, words.files.left(items.length)), Array.from(groups, ([why, group]) => h("details", { open: group.length <= 5 },
      h("summary", {}, `${why} · ${group.length}`), h("ul", { class: "items" }, group.map((item) => h("li", {}, h("span", { class: "meta" }, `${this.#where(item.place)} `), item.text))))));
  }

  async #accept(found) {
    const { words } = this;
    const drafts = Array.from(this.ticks).filter(([, { checked }]) => checked).map(([key]) => key);
    this.accept.disabled = true;
    try {
      const { drafts: made, refused } = await this.calls.post(`knowledge/imports/${found.id}/accept`, { drafts });
      this.#draw(await this.calls.get(`knowledge/imports/${found.id}`));
      this.outcome.replaceChildren(h("div", { class: "notice" }, h("p", {}, words.files.made(made.length), " ", made.length ? h("a", { href: "#view=articles&state=draft" }, words.files.seeDrafts) : ""),
        refused.length ? h("ul", {}, refused.map(({ article_id: id, code }) => h("li", {}, articleLink(id), words.colon, words.files.draftRefused[code] ?? words.refusals[code] ?? words.refusedOtherwise))) : ""));
      this.act.changed();
    } catch (error) {
      this.accept.disabled = false;
      this.act.failed(error);
    }
  }

  #export({ versions }) {
    const { words } = this;
    const shown = ({ number, at, publisher, articles }) => [words.past.version(number), told(new Date(at), words), publisher, words.found(articles)].filter(Boolean).join(" · ");
    const select = (id, first) => h("select", { id, on: { change: () => point() } }, first, versions.map((version) => h("option", { value: version.number }, shown(version))));
    const format = h("select", { id: "export-format", on: { change: () => point() } }, h("option", { value: "markdown" }, words.files.markdown), h("option", { value: "csv" }, words.files.csv));
    const version = select("export-version", null);
    const since = select("export-since", h("option", { value: "" }, words.files.whole));
    const link = h("a", { class: "main export-link", download: true }, words.files.export);
    const point = () => {
      const query = { format: format.value, version: version.value, since: since.value };
      link.href = this.calls.address(`knowledge/export?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`);
    };
    const label = (id, text, control) => h("div", { class: "field-of" }, h("label", { for: id }, text), control);
    if (versions.length) point();
    return [h("h3", {}, words.files.export), versions.length ? [h("p", { class: "meta" }, words.files.exportLead), label("export-format", words.files.format, format), label("export-version", words.files.version, version),
      label("export-since", words.files.since, since), h("div", { class: "row-of" }, link)] : h("p", { class: "meta" }, words.files.noVersions)].flat();
  }
}

function grouped(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...groups.get(key(item)) ?? [], item]);
  return groups;
}
