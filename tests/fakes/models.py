"""Models without weights, for a real Responder on a real index: it answers the article with the nearest question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from assistant.bootstrap import Application, assemble
from assistant.clock import china_day
from assistant.decide import Thresholds
from assistant.editions import remake
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.revisions import sync_knowledge
from assistant.settings import Settings
from assistant.storage import Store
from assistant.turn import Responder
from intents.reading import Intent, Reading
from intents.understand import Understood
from knowledge.articles import KnowledgeBase
from knowledge.found import Hit
from knowledge.passages import passages_of
from knowledge.rank import FEATURES, Ranked
from knowledge.search import SearchIndex
from knowledge.text import content, normalize
from tests.fakes.encoder import CountingEncoder

__all__ = ["RanksByCosine", "ReadsLittle", "responder_on", "searching_application"]


class ReadsLittle:
    """In place of an Understander: nothing is repaired, and every message is about opening an account."""

    def __init__(self, encoder: CountingEncoder) -> None:
        self._encoder, self.versions = encoder, {"intents": "fake"}

    def replaying(self, encoder: CountingEncoder | None = None) -> ReadsLittle:
        return ReadsLittle(encoder or self._encoder)

    def repaired(self, text: str) -> str:
        return normalize(text)

    def entity_types(self, text: str) -> set[str]:
        return set()

    def read(self, text: str, *, said: str | None = None, as_question: str | None = None) -> Understood:
        query = content(normalize(as_question or text))
        reading = Reading(text, normalize(as_question or text), Intent("account.open", 0.9))
        return Understood(reading, query, self._encoder.encode_queries([query])[0], {"account.open": 0.9})


class RanksByCosine:
    """In place of a Ranker: an article is as probable as its nearest question is near."""

    versions: Mapping[str, str] = {"ranker": "fake"}
    articles = None

    def rank(self, query: str, hits: Sequence[Hit], features: np.ndarray, standard: Mapping[str, str], limit: int = 20) -> list[Ranked]:
        cosines = features[:, FEATURES.index("dense_best")].tolist()
        ranked = [Ranked(hit.article_id, cosine, hit.nearest) for hit, cosine in zip(hits, cosines, strict=True)]
        return sorted(ranked, key=lambda item: (-item.probability, item.article_id))[:limit]


def responder_on(base: KnowledgeBase, index: SearchIndex, version: int, revisions: Mapping[str, int]) -> Responder:
    """It answers from a cosine of 0.5 on; the base has an article called fallback."""
    assert isinstance(index.encoder, CountingEncoder)
    return Responder(base, index, ReadsLittle(index.encoder), RanksByCosine(), Thresholds(0.5, 0.5, 0.5, 0.4, 0.4),  # type: ignore[arg-type]
                     version=version, revisions=revisions)


def searching_application(settings: Settings, store: Store, base: KnowledgeBase) -> Application:
    """The base, taken into the store and live on a real index; it has an article called fallback."""
    version, live = sync_knowledge(store, base)
    passages = [passage for article in live.articles.values() for passage in passages_of(article, live, china_day())]
    responder = responder_on(live, SearchIndex.build(CountingEncoder(), passages), version.number, version.revisions)
    knowledge = LiveKnowledge(store, Edition(version.number, live, version.revisions, responder), remake)
    return assemble(settings, store, responder, knowledge=knowledge)
