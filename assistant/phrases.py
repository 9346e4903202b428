"""Quick replies, the team's and agents' own, found by shortcut, pinyin or words. Variables in braces are filled by the console."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from assistant.agent import Agent
from assistant.audit import Action
from assistant.errors import OutgoingRefused, QuickReplyInvalid, QuickReplyNotFound, ShortcutTaken
from assistant.inbound import DEFAULT_MAX_LENGTH, clean_text
from assistant.inbox import utc_now
from assistant.outgoing import OutgoingCheck, Severity
from assistant.storage import QuickReply, Store, Work
from assistant.storage.quick_replies import TEAM

__all__ = ["VARIABLES", "Phrase", "Phrases", "initials", "spelled"]

# 称呼: how the client is addressed; 坐席: how the agent is called.
VARIABLES = frozenset({"称呼", "坐席"})
_MOST = 200
_SHORTCUT = re.compile(r"[a-z0-9_-]{1,32}")
_BRACES = re.compile(r"\{([^{}\n]{1,16})\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What somebody wants to keep; without a shortcut its own is the initials of its title. `instead_of` names the rules of the
    outgoing check for whose finds it is offered, where it is the team's."""

    title: str
    text: str
    shortcut: str = ""
    instead_of: tuple[str, ...] = ()


class Phrases:
    """Safe to share between threads. Each agent sees the team's and their own. Callers have seen to it that who writes the team's may."""

    def __init__(self, store: Store, check: OutgoingCheck, *, clock: Callable[[], datetime] = utc_now,
                 max_length: int = DEFAULT_MAX_LENGTH) -> None:
        self._store = store
        self._check = check
        self._clock = clock
        self._max_length = max_length

    def own(self, agent: Agent) -> list[QuickReply]:
        """By shortcut."""
        with self._store.read() as work:
            return work.quick_replies.of(agent.name)

    def of_team(self) -> list[QuickReply]:
        """The firm's own by shortcut, then those that were shipped, in their order."""
        with self._store.read() as work:
            return work.quick_replies.of(TEAM)

    def add(self, phrase: Phrase, agent: Agent, *, team: bool = False) -> QuickReply:
        """Raises InvalidInput, OutgoingRefused where it could never be sent, or ShortcutTaken."""
        item = self._made(uuid4().hex, phrase, _owner(agent, team))
        with self._store.write() as work:
            if work.quick_replies.count(item.owner) >= _MOST:
                raise QuickReplyInvalid(f"there are {_MOST} already")
            if not work.quick_replies.add(item):
                raise ShortcutTaken()
            _record(work, Action.QUICK_REPLY_ADDED, item.id, agent, item.updated_at, team)
        return item

    def change(self, reply_id: str, phrase: Phrase, agent: Agent, *, team: bool = False) -> QuickReply:
        """Raises as `add`, or QuickReplyNotFound."""
        item = self._made(reply_id, phrase, _owner(agent, team))
        with self._store.write() as work:
            known = work.quick_replies.get(item.owner, reply_id)
            if known is None:
                raise QuickReplyNotFound()
            other = work.quick_replies.by_shortcut(item.owner, item.shortcut)
            if other and other.id != reply_id:
                raise ShortcutTaken()
            item = replace(item, position=known.position)
            work.quick_replies.change(item)
            _record(work, Action.QUICK_REPLY_CHANGED, reply_id, agent, item.updated_at, team)
        return item

    def remove(self, reply_id: str, agent: Agent, *, team: bool = False) -> None:
        """Raises QuickReplyNotFound."""
        with self._store.write() as work:
            if not work.quick_replies.remove(_owner(agent, team), reply_id):
                raise QuickReplyNotFound()
            _record(work, Action.QUICK_REPLY_REMOVED, reply_id, agent, self._clock(), team)

    def _made(self, reply_id: str, phrase: Phrase, owner: str) -> QuickReply:
        title, text = clean_text(phrase.title, max_length=40), clean_text(phrase.text, max_length=self._max_length)
        shortcut = phrase.shortcut.strip().lower() or initials(title)
        if not _SHORTCUT.fullmatch(shortcut):
            raise QuickReplyInvalid("a shortcut has 1 to 32 letters, digits, - and _")
        if unknown := set(_BRACES.findall(text)) - VARIABLES:
            raise QuickReplyInvalid(f"{len(unknown)} of its variables are unknown; known: {', '.join(sorted(VARIABLES))}")
        if set(phrase.instead_of) - {rule.name for rule in self._check.rules}:
            raise QuickReplyInvalid("a rule that it is offered for is unknown")
        hard = [finding for finding in self._check.findings(text, own=()) if finding.severity is Severity.HARD]
        if hard:
            raise OutgoingRefused(hard)
        return QuickReply(reply_id, owner, title, shortcut, text, self._clock(), initials(title), spelled(title), phrase.instead_of)


def initials(title: str) -> str:
    """Of the pinyin of Chinese characters; letters and digits as they are: 核实身份 → hssf."""
    # Its words take 55 MB of memory, which only who writes quick replies needs.
    from pypinyin import Style, lazy_pinyin

    return _plain(lazy_pinyin(title, style=Style.FIRST_LETTER))[:32]


def spelled(title: str) -> str:
    """In pinyin; letters and digits as they are: 核实身份 → heshishenfen."""
    from pypinyin import lazy_pinyin

    return _plain(lazy_pinyin(title))[:240]


def _plain(syllables: Iterable[str]) -> str:
    return re.sub(r"[^a-z0-9]", "", "".join(syllables).lower())


def _owner(agent: Agent, team: bool) -> str:
    return TEAM if team else agent.name


def _record(work: Work, action: Action, reply_id: str, agent: Agent, at: datetime, team: bool) -> None:
    work.audit.record(action, agent.by, at, subject=f"quick_reply:{reply_id}", details={"of": "team"} if team else {})
