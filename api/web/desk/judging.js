// A revision for whoever judges it: what changes, what that does to clients' questions, what colleagues say, and the verdict.

import { h } from "../widget/dom.js";
import { Part } from "../dashboard/part.js";
import { Comments } from "./comments.js";
import { difference } from "./difference.js";
import { ImpactPart } from "./impact.js";
import { takeBack, Verdict } from "./verdict.js";

export class Judging {
  /** `live` is the revision that clients get now, or null. `act.done(text)` after a verdict, `act.failed(error)` where the server refused it. */
  constructor(words, calls, session, revision, live, act) {
    const path = `knowledge/revisions/${revision.id}`;
    const may = session.permissions.includes("knowledge.review");
    const own = revision.author === session.user;
    const changes = new Part(words, "card", (found) => [h("h3", {}, live ? words.againstLive(live.revision) : words.difference), ...difference(found, words)]);
    this.impact = new ImpactPart(words, calls, path);
    this.verdict = revision.state === "in_review" && may && !own ? new Verdict(words, calls, { path, version: revision.version, impact: this.impact }, act) : null;
    this.element = h("div", { class: "judging" }, changes.element, this.impact.element, new Comments(words, calls, revision.id, act.failed).element,
      this.verdict?.element, revision.state === "in_review" && may && own ? h("p", { class: "notice" }, words.ownRevision) : null,
      revision.state === "approved" && may && !own ? takeBack(words, calls, path, revision.version, act) : null);
    changes.load(() => calls.get(`${path}/difference`, { against: live?.revision }));
  }

  stop() {
    this.impact.stop();
  }
}
