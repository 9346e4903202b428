"""One place turns what was understood and found into one of the six kinds of reply. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.guard import Verdict, load_guards
from assistant.standing import STANDS, Evidence, Standing
from intents.sensitive import UNHEARD, Overtone
from knowledge.articles import UNANSWERED, Article
from knowledge.rank import Ranked

__all__ = ["Decision", "Thresholds", "decide", "needed_articles"]

_MOST_CHOICES = 4
_FEWEST_CHOICES = 2
FAILURES_BEFORE_A_HUMAN = 2
# Articles that are named here and by who words a turn, whatever the base holds.
_FALLBACK, _ASKED_BACK, _GAVE_UP = "fallback", "clarify-generic", "handover-repeated-failure"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which the assistant answers, refuses or hands over, is courteous, asks back, and offers a choice.

    An answer must be right; a refusal, a hand-over or a courtesy that is not quite called for does little harm, a courtesy the least: it
    is given sooner, where refusals are not likely either and the client has not been failed before. What is `certain`
    stands even against the hint of a rule. `standing` weighs what rules that are not plain and suspicions are about; without it they stand.
    """

    answer: float
    refuse: float
    courtesy: float
    clarify: float
    offer: float
    certain: float = 0.97
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to say: an article of the base, the articles offered, how sure, and why."""

    article_id: str
    confidence: float
    reason: str
    offered: tuple[str, ...] = ()


def decide(*, verdict: Verdict | None, ranked: Sequence[Ranked], articles: Mapping[str, Article], thresholds: Thresholds,
           overtone: Overtone = UNHEARD, failures: int = 0, refused: str | None = None) -> Decision:
    """The decision for one turn.

    Guards come first. Unless its words are plain, one stands back where the rest speaks against it, or where it yields and an answer is
    certain. `ranked` is best first; `overtone` is what the words say between the lines; `refused` is an article that the client has just
    said was wrong; `failures` counts the turns in a row that ended in a fallback or in asking back.
    """
    ranked = [item for item in ranked if item.article_id != refused]
    best = ranked[0] if ranked else None
    if verdict is not None and _stands(verdict, overtone, ranked, articles, thresholds):
        return Decision(verdict.article_id, verdict.confidence, verdict.reason)
    if best is None:
        return _nothing_fits(failures, 0.0, "nothing found")
    article = articles[best.article_id]
    enough = thresholds.answer if article.kind == "answer" else thresholds.refuse
    if best.probability >= enough:
        return Decision(article.id, best.probability, f"{article.kind}: {best.probability:.3f} ≥ {enough:.3f}", article.choices)
    refusal = _likely_refusal(ranked, articles, thresholds)
    if refusal is not None:
        return refusal
    patient = failures < FAILURES_BEFORE_A_HUMAN
    if patient and article.kind == "smalltalk" and best.probability >= thresholds.courtesy:
        return Decision(article.id, best.probability, f"smalltalk: {best.probability:.3f} ≥ {thresholds.courtesy:.3f}")
    offered = _worth_offering(ranked, articles, thresholds)
    if patient and best.probability >= thresholds.clarify and len(offered) >= _FEWEST_CHOICES:
        return Decision(_ASKED_BACK, best.probability,
                        f"between {thresholds.clarify:.3f} and {thresholds.answer:.3f}: asked back", offered)
    return _nothing_fits(failures, best.probability, f"best {best.probability:.3f} < {thresholds.clarify:.3f}")


@cache
def needed_articles() -> frozenset[str]:
    """Ids of the articles that decisions name, here and by the guards: without one of them a turn could not be answered."""
    return frozenset({_FALLBACK, _ASKED_BACK, _GAVE_UP, *(guard.article_id for guard in load_guards())})


def _stands(verdict: Verdict, overtone: Overtone, ranked: Sequence[Ranked], articles: Mapping[str, Article],
            thresholds: Thresholds) -> bool:
    if verdict.plain:
        return True
    if thresholds.standing:
        refusals = [item for item in ranked if articles[item.article_id].kind in UNANSWERED]
        evidence = Evidence.of(verdict, overtone, answer=max((item.probability for item in ranked if item not in refusals), default=0.0),
                               refusals=sum(item.probability for item in refusals))
        if thresholds.standing.probability(evidence) < STANDS[articles[verdict.article_id].kind]:
            return False
    return not (verdict.yields and _is_certain(ranked[0] if ranked else None, articles, thresholds))


def _is_certain(best: Ranked | None, articles: Mapping[str, Article], thresholds: Thresholds) -> bool:
    return best is not None and articles[best.article_id].kind == "answer" and best.probability >= thresholds.certain


def _likely_refusal(ranked: Sequence[Ranked], articles: Mapping[str, Article], thresholds: Thresholds) -> Decision | None:
    """When refusals and hand-overs together are likely enough, the likeliest of them: they differ in words, not in effect."""
    refusals = [item for item in ranked if articles[item.article_id].kind in UNANSWERED]
    together = sum(item.probability for item in refusals)
    if together < thresholds.refuse:
        return None
    article = articles[refusals[0].article_id]
    return Decision(article.id, together, f"{article.kind}: {together:.3f} together ≥ {thresholds.refuse:.3f}")


def _worth_offering(ranked: Sequence[Ranked], articles: Mapping[str, Article], thresholds: Thresholds) -> tuple[str, ...]:
    """Articles to choose from; a clarify article gives its own choices."""
    offered: list[str] = []
    for item in ranked:
        if item.probability < thresholds.offer:
            continue
        article = articles[item.article_id]
        offered += article.choices if article.kind == "clarify" else [article.id] if article.kind == "answer" else []
    return tuple(dict.fromkeys(offered))[:_MOST_CHOICES]


def _nothing_fits(failures: int, confidence: float, reason: str) -> Decision:
    if failures >= FAILURES_BEFORE_A_HUMAN:
        return Decision(_GAVE_UP, confidence, f"{reason}; {failures} turns without an answer before")
    return Decision(_FALLBACK, confidence, reason)
