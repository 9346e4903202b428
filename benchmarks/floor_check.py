"""Whether every message came exactly once and in order, on both sides and in the store. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

__all__ = ["SIDES", "Heard", "Record", "faults"]

SIDES = ("client", "agent")
Said = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as a stream told it, with the id of its event."""

    event_id: int
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one conversation. `sent`: what each side sent, in order, no two texts of a side alike; `acknowledged`: of these,
    what the service said that it had kept; `stored`: what it gives back in the end; `heard`: what each side's stream told."""

    id: str
    sent: Mapping[str, Sequence[str]]
    acknowledged: Mapping[str, frozenset[str]]
    stored: Sequence[Said]
    heard: Mapping[str, Sequence[Heard]] = field(default_factory=dict)


def faults(record: Record) -> Iterator[str]:
    """What is wrong, in words; nothing where all is as promised."""
    stored = Counter(record.stored)
    for side in SIDES:
        sent, kept = record.sent[side], [text for sender, text in record.stored if sender == side]
        yield from (f"{side}: lost after it was acknowledged: {text}" for text in sent
                    if text in record.acknowledged[side] and not stored[side, text])
        yield from (f"{side}: kept {stored[side, text]} times: {text}" for text in dict.fromkeys(kept) if stored[side, text] > 1)
        yield from (f"{side}: nobody sent: {text}" for text in kept if text not in sent)
        if [text for text in sent if stored[side, text]] != list(dict.fromkeys(kept)):
            yield f"{side}: kept in another order than sent"
    for listener in SIDES:
        told = record.heard.get(listener, ())
        heard = [(item.sender, item.text) for item in told]
        if any(later.event_id <= earlier.event_id for earlier, later in pairwise(told)):
            yield f"{listener}'s stream: an event came again, or late"
        yield from (f"{listener}'s stream: told {count} times: {text}" for (_, text), count in Counter(heard).items() if count > 1)
        yield from (f"{listener}'s stream: never told: {text}" for _, text in stored.keys() - set(heard))
        yield from (f"{listener}'s stream: told, and not kept: {text}" for _, text in set(heard) - stored.keys())
        if list(dict.fromkeys(heard)) != [said for said in record.stored if said in set(heard)]:
            yield f"{listener}'s stream: in another order than kept"
