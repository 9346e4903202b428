"""The verdict beside information. An article that names families of products answers what was asked, and offers nothing; whoever
sends it sees what may be offered of them to this client, and what to say with it. docs/decisions/0058 draws the line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.client_record import ClientRecord, profile
from assistant.clock import china_day
from assistant.follow_up_offer import Offer, offer
from assistant.follow_up_opening import refusal_of
from assistant.follow_up_policy import FamilyPolicy, FollowUpPolicy
from assistant.storage import Judgement, Work
from assistant.suitability import FirmPolicy

__all__ = ["FamilyVerdict", "FamilyVerdicts"]

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class FamilyVerdict:
    """`warning` is what may be said to the client with the information, approved; None where the family may be offered."""

    family: str
    policy: FamilyPolicy
    offer: Offer
    warning: str | None


class FamilyVerdicts:
    """Safe to share between threads. `firm`: by which a client's level counts."""

    def __init__(self, policy: FollowUpPolicy, firm: FirmPolicy) -> None:
        self._policy = policy
        self.firm = firm

    def judged(self, work: Work, families: Collection[str], record: ClientRecord | None, about: Sequence[str],
               now: datetime) -> Mapping[str, FamilyVerdict]:
        """One for each of the families that has something to offer, for a client (None: nobody knows who), whom follow-ups would be
        `about`; in a unit of writing, since each is kept with what it rests on."""
        found: dict[str, FamilyVerdict] = {}
        client, day = profile(record) if record else None, china_day(now)
        refusal = refusal_of(work, record, about)
        for family in sorted(families):
            policy = self._policy.families[family]
            if policy.offers:
                made = offer(client, work.products.page("", _AT_ONCE, family=family), day, self.firm, refusal=refusal)
                found[family] = FamilyVerdict(family, policy, made, self._policy.warning(made.verdict))
        work.judgements.add([Judgement(item.offer.digest, item.offer.shown(), item.offer.inputs, now) for item in found.values()])
        return found
