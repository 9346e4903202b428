// Who belongs to which team: seen by all who see figures, set by who may arrange teams.

import { h } from "../widget/dom.js";
import { dialog } from "../agent/dialogs.js";

const LONGEST = 32;

/** Opens the list. `members` are [{name, display_name, team}]; `changed()` is called after each change that was kept. */
export function teamsDialog(words, calls, { members, teams }, changed) {
  const line = h("p", { class: "meta", role: "status" }, words.teamsHint);
  const known = h("datalist", { id: "known-teams" }, teams.map((team) => h("option", { value: team })));
  const row = (member) => {
    const field = h("input", { type: "text", value: member.team ?? "", maxlength: LONGEST, list: "known-teams", placeholder: words.noTeam,
      "aria-label": words.teamOf(member.display_name), on: { change: () => keep(member, field) } });
    return h("tr", {}, h("th", { scope: "row" }, member.display_name), h("td", { class: "meta" }, member.name), h("td", {}, field));
  };

  async function keep(member, field) {
    try {
      const kept = await calls.put(`dashboard/teams/${encodeURIComponent(member.name)}`, { team: field.value.trim() || null });
      member.team = kept.team;
      field.value = kept.team ?? "";
      line.textContent = words.teamKept(member.display_name, kept.team);
      changed();
    } catch {
      field.value = member.team ?? "";
      line.textContent = words.teamFailed;
    }
  }

  const shown = dialog(words, words.arrangeTeams, line, known, h("div", { class: "scroll" }, h("table", {}, h("tbody", {}, members.map(row)))));
  shown.classList.add("teams");
  shown.querySelector("input")?.focus();
  return shown;
}
