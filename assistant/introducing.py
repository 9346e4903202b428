"""From what a token says to whose conversation it is: the client's record learns how its client is known on the channel."""

from __future__ import annotations

from datetime import datetime

from assistant.audit import SYSTEM
from assistant.client_record import ClientFields
from assistant.clients import carry_out, follow_ups_after, planned
from assistant.errors import ClientTokenUsed
from assistant.identity import client_ref
from assistant.storage import FollowUp, Work
from assistant.vouching import Introduction

__all__ = ["introduced"]


def introduced(work: Work, said: Introduction, channel: str, now: datetime) -> tuple[str, list[FollowUp], list[str]]:
    """What stands for the client on the channel, follow-ups that this touched (a visitor's become the client's), and whose record was
    written. Raises ClientTokenUsed, or IdentityTaken where it is another client's.

    Who is vouched for by the firm's number is known on the channel by what the record says, or, from now on, by that number.
    """
    if said.once and said.expires_at and not work.histories.use_token(said.once, said.expires_at, now):
        raise ClientTokenUsed()
    held = None if said.of_channel else work.clients.hold([said.subject]).get(said.subject)
    if held is None:
        return client_ref(said.subject), [], []
    known = work.clients.refs([held.id])[held.id]
    if channel in known:
        return known[channel], [], []
    plan = planned(held.id, ClientFields(identities={channel: said.subject}), held, known, now)
    written = carry_out(work, plan, SYSTEM, now, why="vouched")
    return (client_ref(said.subject), *((follow_ups_after(work, plan, written, SYSTEM, now), [written.id]) if written else ([], [])))
