"""Since when a client waits for a word of the agent who has the conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, and_, case, func, or_, select

from assistant.storage.tables import conversation, message

__all__ = ["UNANSWERED_SINCE"]

_SAID, _HEARD = message.alias("said"), message.alias("heard")


def _last(what: Column[Any], *senders: str) -> ColumnElement[Any]:
    """Of the last message that one of the senders wrote."""
    return select(what).where(_SAID.c.conversation_id == conversation.c.id, _SAID.c.sender.in_(senders)).order_by(
        _SAID.c.seq.desc()).limit(1).correlate(conversation).scalar_subquery()


# What the client wrote first of all that nobody answered yet: more of it makes the wait no shorter.
_FIRST = select(func.min(_HEARD.c.at)).where(
    _HEARD.c.conversation_id == conversation.c.id, _HEARD.c.sender == "client",
    _HEARD.c.seq > func.coalesce(_last(_SAID.c.seq, "agent", "assistant"), 0)).correlate(conversation).scalar_subquery()
_NEEDED = conversation.c.needed_at
_BY_AGENT, _BY_ASSISTANT = _last(_SAID.c.at, "agent"), _last(_SAID.c.at, "assistant")
# The reply that calls a human is written when the need for one begins, and answers nothing; other replies of the assistant do.
_UNANSWERED = and_(or_(_BY_AGENT.is_(None), _NEEDED > _BY_AGENT), or_(_BY_ASSISTANT.is_(None), _NEEDED >= _BY_ASSISTANT))

# Of a conversation that an agent has; null where the client has been answered.
UNANSWERED_SINCE = case((_UNANSWERED, func.coalesce(_FIRST, _NEEDED))).label("unanswered_since")
