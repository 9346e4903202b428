"""Agents' own quick replies, found by shortcut or by the initials of their pinyin. Variables in braces are filled by the console."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from assistant.agent import Agent
from assistant.audit import Action
from assistant.errors import OutgoingRefused, QuickReplyInvalid, QuickReplyNotFound, ShortcutTaken
from assistant.inbound import DEFAULT_MAX_LENGTH, clean_text
from assistant.inbox import utc_now
from assistant.outgoing import OutgoingCheck, Severity
from assistant.storage import QuickReply, Store

__all__ = ["VARIABLES", "Phrase", "Phrases", "initials"]

# 称呼: how the client is addressed; 坐席: how the agent is called.
VARIABLES = frozenset({"称呼", "坐席"})
_MOST = 200
_SHORTCUT = re.compile(r"[a-z0-9_-]{1,32}")
_BRACES = re.compile(r"\{([^{}\n]{1,16})\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What an agent wants to keep; without a shortcut it is found by the initials of its title."""

    title: str
    text: str
    shortcut: str = ""


class Phrases:
    """Safe to share between threads. Each agent sees their own only."""

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

    def add(self, phrase: Phrase, agent: Agent) -> QuickReply:
        """Raises InvalidInput, OutgoingRefused where it could never be sent, or ShortcutTaken."""
        item = self._made(uuid4().hex, phrase, agent)
        with self._store.write() as work:
            if work.quick_replies.count(agent.name) >= _MOST:
                raise QuickReplyInvalid(f"you have {_MOST} already")
            if not work.quick_replies.add(item):
                raise ShortcutTaken()
            work.audit.record(Action.QUICK_REPLY_ADDED, agent.by, item.updated_at, subject=f"quick_reply:{item.id}")
        return item

    def change(self, reply_id: str, phrase: Phrase, agent: Agent) -> QuickReply:
        """Raises as `add`, or QuickReplyNotFound."""
        item = self._made(reply_id, phrase, agent)
        with self._store.write() as work:
            if work.quick_replies.get(agent.name, reply_id) is None:
                raise QuickReplyNotFound()
            other = work.quick_replies.by_shortcut(agent.name, item.shortcut)
            if other and other.id != reply_id:
                raise ShortcutTaken()
            work.quick_replies.change(item)
            work.audit.record(Action.QUICK_REPLY_CHANGED, agent.by, item.updated_at, subject=f"quick_reply:{reply_id}")
        return item

    def remove(self, reply_id: str, agent: Agent) -> None:
        """Raises QuickReplyNotFound."""
        with self._store.write() as work:
            if not work.quick_replies.remove(agent.name, reply_id):
                raise QuickReplyNotFound()
            work.audit.record(Action.QUICK_REPLY_REMOVED, agent.by, self._clock(), subject=f"quick_reply:{reply_id}")

    def _made(self, reply_id: str, phrase: Phrase, agent: Agent) -> QuickReply:
        title, text = clean_text(phrase.title, max_length=40), clean_text(phrase.text, max_length=self._max_length)
        shortcut = phrase.shortcut.strip().lower() or initials(title)
        if not _SHORTCUT.fullmatch(shortcut):
            raise QuickReplyInvalid("a shortcut has 1 to 32 letters, digits, - and _")
        if unknown := set(_BRACES.findall(text)) - VARIABLES:
            raise QuickReplyInvalid(f"{len(unknown)} of its variables are unknown; known: {', '.join(sorted(VARIABLES))}")
        hard = [finding for finding in self._check.findings(text, own=()) if finding.severity is Severity.HARD]
        if hard:
            raise OutgoingRefused(hard)
        return QuickReply(reply_id, agent.name, title, shortcut, text, self._clock())


def initials(title: str) -> str:
    """Of the pinyin of Chinese characters; letters and digits as they are: 核实身份 → hssf."""
    # Its words take 55 MB of memory, which only who writes quick replies needs.
    from pypinyin import Style, lazy_pinyin

    letters = "".join(lazy_pinyin(title, style=Style.FIRST_LETTER)).lower()
    return re.sub(r"[^a-z0-9]", "", letters)[:32]
