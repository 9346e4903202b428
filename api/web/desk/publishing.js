// What waits to go live, and the button that makes it so.

import { h } from "../widget/dom.js";
import { dialog } from "../agent/dialogs.js";
import { reasonAsked } from "./verdict.js";

export class Publishing {
  /** `act.published(version)` and `act.failed(error)`. */
  constructor(words, calls, session, act) {
    Object.assign(this, { words, calls, act });
    this.may = session.permissions.includes("knowledge.publish");
    this.count = h("span", { class: "count", hidden: true });
    this.element = this.may ? h("button", { type: "button", class: "second publish", on: { click: () => this.open() } }, words.publish, " ", this.count) : h("span", { hidden: true });
    this.refresh();
  }

  async refresh() {
    if (!this.may) return;
    const found = await this.calls.get("knowledge/publish").catch(() => null);
    const count = found ? found.revisions.length + found.retired.length + found.values.length : 0;
    this.count.textContent = String(count);
    this.count.hidden = !count;
  }

  /** Shows what waits. */
  async open() {
    if (!this.may) return;
    const { words } = this;
    const list = h("div", {}, h("p", { class: "meta" }, words.loading));
    const because = h("textarea", { id: "publish-because", rows: "2", maxlength: "2000" });
    const broken = h("div", { class: "notice", hidden: true, role: "alert" });
    const publish = async () => {
      if (!broken.hidden && !because.value.trim()) return because.focus();
      button.disabled = true;
      try {
        const { knowledge_version: version } = await this.calls.post("knowledge/publish", because.value.trim() ? { because: because.value.trim() } : {});
        shown.close();
        this.act.published(version);
      } catch (error) {
        button.disabled = false;
        if (error.code !== "golden_broken") return this.act.failed(error);
        broken.replaceChildren(...reasonAsked(words, error.body.broken ?? [], because));
        broken.hidden = false;
        because.focus();
      }
      return null;
    };
    const button = h("button", { type: "button", class: "main", disabled: true, on: { click: publish } }, words.publishNow);
    const shown = dialog(words, words.publishTitle, list, broken, h("div", { class: "row" }, button));
    try {
      const { revisions, retired, values, later, knowledge_version: version } = await this.calls.get("knowledge/publish");
      const nothing = !revisions.length && !retired.length && !values.length;
      list.replaceChildren(h("p", { class: "meta" }, words.liveVersion(version)),
        nothing ? h("p", {}, words.nothingToPublish) : h("ul", { class: "pending" }, revisions.map((id) => h("li", {}, id)), retired.map((id) => h("li", {}, h("del", {}, id), ` ${words.goes}`)),
          values.map(({ fact, value, from }) => h("li", {}, `${fact} → ${value} `, h("span", { class: "meta" }, words.since(from))))),
        later.length ? h("details", { class: "later" }, h("summary", {}, words.goesLater(later.length)),
          h("ul", { class: "pending" }, later.map(({ id, from }) => h("li", {}, `${id} `, h("span", { class: "meta" }, words.since(from)))))) : "");
      button.disabled = nothing;
      if (!nothing) button.focus();
    } catch {
      list.replaceChildren(h("p", { class: "trouble", role: "alert" }, words.loadFailed));
    }
  }
}
