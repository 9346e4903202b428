"""Who may do what: one table. The API asks it for every call of staff, and docs/roles.md shows it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

__all__ = ["TABLE", "Permission", "Role", "in_order", "permissions_of"]


class Role(StrEnum):
    """What a member of staff does; one person may have several roles."""

    AGENT = "agent"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a call may need; the values are stable and stand in the OpenAPI document."""

    OWN_SESSION = "session.own"
    SEE_CONVERSATIONS = "conversations.see"
    REPLY = "conversations.reply"
    TRANSFER = "conversations.transfer"
    SUPERVISE = "conversations.supervise"
    TEAM_PHRASES = "quick_replies.team"
    SEE_CLIENTS = "clients.see"
    EDIT_CLIENTS = "clients.edit"
    FOLLOW_UP = "follow_ups.work"
    SEE_KNOWLEDGE = "knowledge.see"
    EDIT_KNOWLEDGE = "knowledge.edit"
    PROPOSE_KNOWLEDGE = "knowledge.propose"
    REVIEW_KNOWLEDGE = "knowledge.review"
    PUBLISH = "knowledge.publish"
    SEE_DASHBOARD = "dashboard.see"
    SEE_OWN_MEASURES = "dashboard.own"
    ARRANGE_TEAMS = "teams.arrange"
    SEE_AUDIT = "audit.see"
    ADMINISTER_STAFF = "staff.administer"


_AGENT, _EDITOR, _REVIEWER, _MANAGER, _ADMIN = Role
# An admin hands out roles and reads the trail, and so sees no client; who serves clients hands out no roles.
TABLE: tuple[tuple[Permission, str, frozenset[Role]], ...] = (
    (Permission.OWN_SESSION, "see and end one's own sessions, change one's password", frozenset(Role)),
    (Permission.SEE_CONVERSATIONS, "read clients' conversations", frozenset({_AGENT, _REVIEWER, _MANAGER})),
    (Permission.REPLY, "claim, answer, release and close a conversation", frozenset({_AGENT, _MANAGER})),
    (Permission.TRANSFER, "hand a conversation to a colleague", frozenset({_AGENT, _MANAGER})),
    (Permission.SUPERVISE, "transfer, release and close what a colleague holds", frozenset({_MANAGER})),
    (Permission.TEAM_PHRASES, "write the team's quick replies", frozenset({_MANAGER})),
    (Permission.SEE_CLIENTS, "look at a client's record", frozenset({_AGENT, _REVIEWER, _MANAGER})),
    (Permission.EDIT_CLIENTS, "change a client's record", frozenset({_AGENT, _MANAGER})),
    (Permission.FOLLOW_UP, "claim follow-ups and say what came of them", frozenset({_AGENT, _MANAGER})),
    (Permission.SEE_KNOWLEDGE, "read articles, drafts, gaps and impact",
     frozenset({_AGENT, _EDITOR, _REVIEWER, _MANAGER})),
    (Permission.EDIT_KNOWLEDGE, "write revisions and submit them", frozenset({_EDITOR})),
    (Permission.PROPOSE_KNOWLEDGE, "propose new values of rules, add golden questions", frozenset({_EDITOR, _REVIEWER})),
    (Permission.REVIEW_KNOWLEDGE, "approve and reject revisions of others", frozenset({_REVIEWER})),
    (Permission.PUBLISH, "make approved revisions live", frozenset({_EDITOR, _REVIEWER})),
    (Permission.SEE_DASHBOARD, "see how well clients are served", frozenset({_REVIEWER, _MANAGER})),
    (Permission.SEE_OWN_MEASURES, "see how well one serves oneself, and how that is judged", frozenset({_AGENT, _MANAGER})),
    (Permission.ARRANGE_TEAMS, "say who belongs to which team", frozenset({_MANAGER})),
    (Permission.SEE_AUDIT, "read the audit trail", frozenset({_REVIEWER, _ADMIN})),
    (Permission.ADMINISTER_STAFF, "administer accounts, their roles, passwords and sessions", frozenset({_ADMIN})),
)


def in_order(roles: Iterable[str]) -> tuple[Role, ...]:
    """The roles among the names, each once, in the order of `Role`; names that are no role are passed over."""
    named = set(roles)
    return tuple(role for role in Role if role in named)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that any of the roles allows."""
    held = frozenset(roles)
    return frozenset(permission for permission, _, granted in TABLE if granted & held)
