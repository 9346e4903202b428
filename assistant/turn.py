"""One client message from start to end: guard, understand, find, decide, and word it in approved text."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from assistant.clock import china_day
from assistant.decide import Decision, Thresholds, decide
from assistant.errors import ModelUnavailable
from assistant.followup import lean, picked_choice
from assistant.guard import Verdict, check_guards
from assistant.reply import ArticleRef, Candidate, Choice, Context, Outcome, Reply, SourceRef
from intents.understand import Understander, Understood
from knowledge.articles import KnowledgeBase
from knowledge.encoder import load_encoder
from knowledge.lexicon import load_lexicon
from knowledge.rank import MODELS as RANKER
from knowledge.rank import Ranked, Ranker, feature_matrix
from knowledge.search import SearchIndex
from knowledge.snapshot import open_index
from knowledge.text import content

__all__ = ["Responder"]

_SHOWN_CANDIDATES = 10
Progress = Callable[[str, int, int], None]


class Responder:
    """The assistant on one knowledge base. Thread-safe; holds no conversation."""

    def __init__(self, base: KnowledgeBase, index: SearchIndex, understander: Understander, ranker: Ranker,
                 thresholds: Thresholds, *, version: int = 1, revisions: Mapping[str, int] | None = None) -> None:
        self.base, self.index, self.understander, self.ranker = base, index, understander, ranker
        self.thresholds, self.version, self.revisions = thresholds, version, dict(revisions or {})
        self.models = {"encoder": index.encoder.name, "ranker": ranker.version, **understander.versions}
        self._intent_of = {article.id: article.intent for article in base.articles.values()}
        self._live = lru_cache(maxsize=64)(base.live_on)

    @classmethod
    def open(cls, base: KnowledgeBase, data: Path, *, encoder: str | None = None, max_wrong_answer_rate: float = 0.02,
             version: int = 1, revisions: Mapping[str, int] | None = None, progress: Progress | None = None) -> Responder:
        """Load models and the index of `base` (built below `data` when it is not there yet, with `progress`).

        Raises ModelUnavailable when a model is not where it should be, or belongs to another encoder.
        """
        step = (lambda done, total: progress("index", done, total)) if progress else None
        try:
            model = load_encoder(encoder)
            index = open_index(base, model, data / "index", china_day(), progress=step,
                               builder=lambda: load_encoder(encoder, threads=os.cpu_count() or 1))
            return cls(base, index, Understander.open(base, model), Ranker(), load_thresholds(max_wrong_answer_rate),
                       version=version, revisions=revisions)
        except (FileNotFoundError, ImportError) as error:
            raise ModelUnavailable(f"A model can't be loaded: {error}") from error

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        """Decide the reply to one message, as of `at` (default now; a naive time is read as China's)."""
        started = time.perf_counter()
        day = china_day(at)
        choice = picked_choice(text, context)
        said = self.understander.repaired(text)
        leaning = lean(said, context, load_lexicon())
        understood = self.understander.read(text, said=said, as_question=choice.title if choice else leaning.question)
        ranked = self.rank(understood, day)
        if choice is not None and choice.article_id in self._live(day):
            decision = Decision(choice.article_id, 1.0, "chosen by the client", self.base.articles[choice.article_id].choices)
        elif leaning.refuses_only:
            decision = self._ask_again(context, day)
        else:
            decision = decide(verdict=self._guarded(understood, said), ranked=ranked, articles=self.base.articles,
                              thresholds=self.thresholds, failures=context.failures, refused=leaning.refused)
        return Outcome(
            reply=self._word(decision, day), reading=understood.reading,
            candidates=tuple(Candidate(item.article_id, self.base.articles[item.article_id].question, item.probability)
                             for item in ranked[:_SHOWN_CANDIDATES]),
            knowledge_version=self.version, models=self.models,
            context=self._next_context(context, decision, understood, choice),
            took_ms=(time.perf_counter() - started) * 1000)

    def rank(self, understood: Understood, day: date) -> list[Ranked]:
        """Articles in force on `day`, best first."""
        live = self._live(day)
        hits = [hit for hit in self.index.find(understood.query, understood.vector) if hit.article_id in live]
        if not hits:
            return []
        features = feature_matrix(hits, understood.query, self._intent_of, understood.intents, self.index.lexical.idf)
        return self.ranker.rank(hits, features)

    @staticmethod
    def _guarded(understood: Understood, said: str) -> Verdict | None:
        """The guard that the full question calls, or else the words as they were said."""
        types = {entity.type for entity in understood.reading.entities}
        verdict = check_guards(understood.reading.normalized, types)
        if verdict is None and said != understood.reading.normalized:
            verdict = check_guards(said, types)
        return verdict

    def _ask_again(self, context: Context, day: date) -> Decision:
        """The client says only that the answer was wrong: offer what else came near the question."""
        ranked = self.rank(self.understander.read(context.question), day)
        others = [item for item in ranked if item.article_id != context.article_id
                  and self.base.articles[item.article_id].kind == "answer"]
        if len(others) < 2:
            return Decision("fallback", 0.0, "answer refused, nothing else near")
        return Decision("clarify-generic", others[0].probability, "answer refused: asked back", tuple(item.article_id for item in others[:3]))

    def _word(self, decision: Decision, day: date) -> Reply:
        article = self.base.articles[decision.article_id]
        rendered = self.base.render(article, day)
        live = self._live(day)
        offered = [self.base.articles[name] for name in decision.offered if name in live]
        sources = tuple(SourceRef(source.title, source.number, source.issuer, source.effective_from) for source in rendered.sources)
        return Reply(article.kind, rendered.text, round(decision.confidence, 4), decision.reason,
                     ArticleRef(article.id, self.revisions.get(article.id, 1), article.question),
                     tuple(Choice(other.id, other.question) for other in offered), sources)

    def _next_context(self, context: Context, decision: Decision, understood: Understood, choice: Choice | None) -> Context:
        article = self.base.articles[decision.article_id]
        failed = article.kind == "fallback" or article.id == "clarify-generic"
        keeps_topic = article.kind in ("smalltalk", "fallback", "decline")
        question = context.question if keeps_topic and context.question else understood.query
        if choice is not None:
            question = content(understood.reading.normalized)
        return Context(
            question=question, article_id=article.id if article.kind == "answer" else context.article_id,
            intent=article.intent, failures=context.failures + 1 if failed else 0, turns=context.turns + 1,
            choices=tuple(Choice(name, self.base.articles[name].question) for name in decision.offered if name in self.base.articles))


def load_thresholds(max_wrong_answer_rate: float, folder: Path = RANKER) -> Thresholds:
    """The thresholds that the calibration found for the nearest rate not above the one asked for.

    Below the lowest calibrated rate the lowest one's thresholds hold.
    """
    table: Sequence[Mapping[str, float]] = json.loads((folder / "thresholds.json").read_text(encoding="utf-8"))["table"]
    allowed = [row for row in table if row["max_wrong_answer_rate"] <= max_wrong_answer_rate + 1e-9]
    row = max(allowed, key=lambda row: row["max_wrong_answer_rate"], default=None) or min(table, key=lambda row: row["max_wrong_answer_rate"])
    return Thresholds(row["answer"], row["refuse"], row["clarify"], row["offer"])

