"""One client message from start to end: guard, understand, find, decide, and word it in approved text."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache, partial
from operator import itemgetter
from pathlib import Path
from threading import Lock

from cachetools import LRUCache

from assistant.clock import china_day
from assistant.decide import Decision, Thresholds, decide
from assistant.errors import ModelUnavailable
from assistant.followup import Leaning, lean, picked_choice
from assistant.guard import Verdict, check_guards, on_suspicion
from assistant.overheard import Overheard, Overhears
from assistant.reply import ArticleRef, Candidate, Choice, Context, Outcome, Reply, SourceRef
from assistant.standing import Standing
from intents.understand import MODELS as HEADS
from intents.understand import Understander, Understood
from knowledge.articles import UNANSWERED, KnowledgeBase
from knowledge.cross_encoder import load_cross_encoder
from knowledge.encoder import load_encoder
from knowledge.lexicon import load_lexicon
from knowledge.passages import standard_questions
from knowledge.rank import MODELS as RANKER
from knowledge.rank import Ranked, Ranker, featured, load_ranker
from knowledge.search import SearchIndex
from knowledge.snapshot import open_index
from knowledge.text import content, normalize

__all__ = ["Responder"]

_SHOWN_CANDIDATES = 10
_LIKELIER_THAN_NOT = 0.5
# Clients' questions repeat: what was made of so many different ones is kept.
_REPEATED = 1_000
# A suspicion that is surer than this knows better than a rule that only hears a hint.
_SURE_SUSPICION = 0.7
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class _Heard:
    """One way to take a message: what it reads as, and the articles that answer that, best first."""

    understood: Understood
    ranked: list[Ranked]

    @property
    def sure(self) -> float:
        """The probability of the best article."""
        return self.ranked[0].probability if self.ranked else 0.0


class Responder:
    """The assistant on one knowledge base. Thread-safe; holds no conversation."""

    def __init__(self, base: KnowledgeBase, index: SearchIndex, understander: Understander, ranker: Ranker,
                 thresholds: Thresholds, *, version: int = 1, revisions: Mapping[str, int] | None = None) -> None:
        self.base, self.index, self.understander, self.ranker = base, index, understander, ranker
        self.thresholds, self.version, self.revisions = thresholds, version, dict(revisions or {})
        self.models = {"encoder": index.encoder.name, **ranker.versions, **understander.versions}
        self._intent_of = {article.id: article.intent for article in base.articles.values()}
        self._refusing = frozenset(article.id for article in base.articles.values() if article.kind in UNANSWERED)
        self._standard = standard_questions(base.articles.values())
        self.article_head = ranker.articles.among(base.articles, index) if ranker.articles else None
        self._forget()

    def revised(self, base: KnowledgeBase, changed: Collection[str], index: SearchIndex, *, version: int,
                revisions: Mapping[str, int]) -> Responder:
        """One on `base`, which differs in the articles `changed` alone, and on its index; what stays the same is shared."""
        made = copy.copy(self)
        made.base, made.index, made.version, made.revisions = base, index, version, dict(revisions)
        fresh = [base.articles[name] for name in changed if name in base.articles]
        gone = [name for name in changed if name not in base.articles]
        made._intent_of = _without(self._intent_of, gone) | {article.id: article.intent for article in fresh}
        made._refusing = self._refusing.difference(changed) | {article.id for article in fresh if article.kind in UNANSWERED}
        made._standard = _without(self._standard, gone) | standard_questions(fresh)
        if self.article_head is not None and self.ranker.articles is not None:
            made.article_head = self.article_head.revised(self.ranker.articles, changed, base.articles, index)
        made._forget()
        return made

    def _forget(self) -> None:
        self._live = lru_cache(maxsize=64)(self.base.live_on)
        self._alone: LRUCache[tuple[str, str, date], _Heard] = LRUCache(_REPEATED)
        self._alone_lock = Lock()

    @classmethod
    def open(cls, base: KnowledgeBase, indexes: Path, *, encoder: str | None = None, cross_encoder: str | None = None,
             models: Path | None = None, max_wrong_answer_rate: float = 0.02, version: int = 1,
             revisions: Mapping[str, int] | None = None, progress: Progress | None = None) -> Responder:
        """Load models and the index of `base` (built in the folder `indexes` when it is not there yet, with `progress`).

        `models` holds what `zhike train` made for the encoder: ranker, intents, sensitive, needs and tone; None for the shipped ones.
        Raises ModelUnavailable when a model is not where it should be, or belongs to another encoder.
        """
        step = (lambda done, total: progress("index", done, total)) if progress else None
        try:
            model = load_encoder(encoder)
            index = open_index(base, model, indexes, china_day(), progress=step,
                               builder=lambda: load_encoder(encoder, threads=os.cpu_count() or 1))
            ranker = models / "ranker" if models else RANKER
            understander = Understander.open(index.questions(), model, models or HEADS)
            return cls(base, index, understander, load_ranker(ranker, load_cross_encoder(cross_encoder)),
                       load_thresholds(max_wrong_answer_rate, ranker), version=version, revisions=revisions)
        except (FileNotFoundError, ImportError, ValueError) as error:
            raise ModelUnavailable(f"A model can't be used: {error}") from error

    def overhears(self) -> Overhears:
        """Reads what clients write to a human. It keeps no index, so it may be held on to for longer than the responder."""
        return partial(_overhear, self.understander, self.models)

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        """Decide the reply to one message, as of `at` (default now; a naive time is read as China's)."""
        started = time.perf_counter()
        day = china_day(at)
        choice = picked_choice(text, context)
        said = self.understander.repaired(text)
        leaning = lean(said, context, load_lexicon())
        if choice is not None:
            understood = self.understander.read(text, said=said, as_question=choice.title)
            heard = _Heard(understood, self.rank(understood, day))
        else:
            heard = self._hear(text, said, leaning, context, day)
        if choice is not None and choice.article_id in self._live(day):
            decision = Decision(choice.article_id, 1.0, "chosen by the client", self.base.articles[choice.article_id].choices)
        elif leaning.refuses_only:
            decision = self._ask_again(context, day)
        else:
            decision = decide(verdict=self._guarded(text, said, heard, day), overtone=heard.understood.overtone, ranked=heard.ranked,
                              articles=self.base.articles, thresholds=self.thresholds, failures=context.failures, refused=leaning.refused)
        return Outcome(
            reply=self._word(decision, day), reading=heard.understood.reading,
            candidates=tuple(Candidate(item.article_id, self.base.articles[item.article_id].question, item.probability)
                             for item in heard.ranked[:_SHOWN_CANDIDATES]),
            knowledge_version=self.version, models=self.models,
            context=self._next_context(context, decision, heard.understood, choice, leaning),
            took_ms=(time.perf_counter() - started) * 1000)

    def _hear(self, text: str, said: str, leaning: Leaning, context: Context, day: date) -> _Heard:
        """The words as they stand when they say enough, or else with the last question when that makes an answer surer.

        The article given last is left out with the last question, which still finds it best, unless the words alone find it too.
        """
        alone = self._hear_alone(text, said, leaning.words, day)
        if not leaning.questions or self._says_enough(alone, leaning):
            return alone
        found = {item.article_id for item in alone.ranked if item.probability >= self.thresholds.clarify}
        given = None if context.article_id in found else context.article_id
        joined = [self._join(alone.understood, question.text, None if question.may_repeat else given, day)
                  for question in leaning.questions]
        best = max(joined, key=lambda heard: heard.sure)
        if self._kind(best) in ("", "smalltalk"):
            return alone
        answered = alone.sure >= self.thresholds.answer and self._kind(alone) == "answer"
        trusted = not answered or leaning.points_back or self._follows(best.ranked[0].article_id, context)
        if trusted and best.sure >= self.thresholds.answer:
            return best
        differs = answered and leaning.points_back and best.ranked[0].article_id != alone.ranked[0].article_id
        # To ask back is no answer, however surely the words alone call for it.
        said_alone = 0.0 if self._kind(alone) == "clarify" else alone.sure
        likelier = best.sure > max(said_alone, _LIKELIER_THAN_NOT)
        return _Heard(best.understood, self._doubted(best, alone)) if differs or likelier else alone

    def _hear_alone(self, text: str, said: str, words: str, day: date) -> _Heard:
        """The words by themselves, whatever was said before."""
        key = text, words, day
        with self._alone_lock:
            known = self._alone.get(key)
        if known is None:
            understood = self.understander.read(text, said=said, as_question=words)
            known = _Heard(understood, self.rank(understood, day))
            with self._alone_lock:
                self._alone[key] = known
        return known

    def _doubted(self, best: _Heard, alone: _Heard) -> list[Ranked]:
        """What to ask back about: what the full question finds, and behind it the answers that the words alone find."""
        unsure = math.nextafter(self.thresholds.answer, 0.0)
        also = [item for item in alone.ranked if self.base.articles[item.article_id].kind == "answer"]
        surest: dict[str, Ranked] = {}
        for item in sorted([*best.ranked, *also], key=lambda item: -item.probability):
            surest.setdefault(item.article_id, replace(item, probability=min(item.probability, unsure)))
        return list(surest.values())

    def _join(self, understood: Understood, question: str, given: str | None, day: date) -> _Heard:
        """The words read as a full question, without the article `given` last."""
        full = self.understander.read(question)
        reading = replace(understood.reading, normalized=full.reading.normalized, intent=full.reading.intent)
        ranked = [item for item in self.rank(full, day) if item.article_id != given]
        return _Heard(replace(full, reading=reading, overtone=understood.overtone.with_other(full.overtone)), ranked)

    def _kind(self, heard: _Heard) -> str:
        """The kind of the best article, empty when nothing was found."""
        return self.base.articles[heard.ranked[0].article_id].kind if heard.ranked else ""

    def _says_enough(self, alone: _Heard, leaning: Leaning) -> bool:
        """Whether the words need no help: they ask and are surely answered, or surely are courtesy, to be declined or for a human.

        A bare 主板呢 is never to be declined by itself: what it asks, the last question says.
        """
        kind = self._kind(alone)
        leans = kind == "answer" or (kind == "decline" and leaning.points_back)
        return alone.sure >= self.thresholds.answer and kind != "clarify" and (leaning.asks or not leans)

    def _follows(self, article_id: str, context: Context) -> bool:
        """Whether an article is on the matter of the one given last, when one was given."""
        article, given = self.base.articles[article_id], self.base.articles.get(context.article_id)
        return given is None or article.category == given.category or article.id in given.related or given.id in article.related

    def rank(self, understood: Understood, day: date) -> list[Ranked]:
        """Articles in force on `day`, best first.

        They are ranked among all, so that where the best one is not in force its neighbours keep the doubt it leaves them.
        """
        live = self._live(day)
        found = self.index.find(understood.query, understood.vector)
        # Vectors find something for any letters: where no word stands anywhere in the base, nothing was understood.
        if not found.lexical.any:
            return []
        voices = self.article_head.log_probabilities(understood.query, understood.vector, found.articles) if self.article_head else {}
        hits, features = featured(found, understood.query, self._intent_of, understood.intents, voices, self.index.lexical.idf,
                                  self._refusing)
        ranked = self.ranker.rank(understood.query, hits, features, self._standard)
        return [item for item in ranked if item.article_id in live]

    def _guarded(self, text: str, said: str, heard: _Heard, day: date) -> Verdict | None:
        """The guard that the words call as they came, repaired, or as the full question that they stand for.

        Where no rule does, a suspicion counts as a hint; and in place of a rule's hint where it is sure: it has heard all of the words.
        Of words that stand nowhere in the base nothing is suspected.
        """
        understood = heard.understood
        types = {entity.type for entity in understood.reading.entities}
        hint: Verdict | None = None
        for words in dict.fromkeys((said, normalize(text), understood.reading.normalized)):
            verdict = check_guards(words, types)
            if verdict is not None and verdict.article_id not in self.base.articles:
                # Another firm's base may lack what a rule would say.
                verdict = None
            if verdict is not None and not verdict.yields:
                return verdict
            hint = hint or verdict
        suspicion = understood.overtone.suspicion if heard.ranked else None
        if suspicion is None or (hint is not None and suspicion.probability < _SURE_SUSPICION):
            return hint
        article = self.base.articles.get(suspicion.article_id)
        replies = article is not None and article.kind in UNANSWERED and article.id in self._live(day)
        return on_suspicion(suspicion) if replies else hint

    def _ask_again(self, context: Context, day: date) -> Decision:
        """The client says only that the answer was wrong: offer what else came near the question."""
        ranked = self.rank(self.understander.read(context.question), day)
        others = [item for item in ranked if item.article_id != context.article_id
                  and self.base.articles[item.article_id].kind == "answer"]
        if len(others) < 2:
            return Decision("fallback", 0.0, "answer refused, nothing else near")
        return Decision("clarify-generic", others[0].probability, "answer refused: asked back",
                        tuple(item.article_id for item in others[:3]))

    def _word(self, decision: Decision, day: date) -> Reply:
        article = self.base.articles[decision.article_id]
        rendered = self.base.render(article, day)
        live = self._live(day)
        offered = [self.base.articles[name] for name in decision.offered if name in live]
        sources = tuple(SourceRef(source.title, source.number, source.issuer, source.effective_from) for source in rendered.sources)
        return Reply(article.kind, rendered.text, round(decision.confidence, 4), decision.reason,
                     ArticleRef(article.id, self.revisions.get(article.id, 1), article.question),
                     tuple(Choice(other.id, other.question) for other in offered), sources)

    def _next_context(self, context: Context, decision: Decision, understood: Understood, choice: Choice | None,
                      leaning: Leaning) -> Context:
        article = self.base.articles[decision.article_id]
        failed = article.kind == "fallback" or article.id == "clarify-generic"
        keeps_topic = article.kind in ("smalltalk", "fallback", "decline")
        question = context.question if keeps_topic and context.question else understood.query
        if choice is not None:
            question = content(understood.reading.normalized)
        elif article.kind == "clarify" and leaning.questions and question == content(leaning.words):
            # Asked back about words that may lean: what they may lean on must not be lost.
            question = leaning.questions[-1].text
        return Context(
            question=question, article_id=article.id if article.kind == "answer" else context.article_id,
            intent=article.intent, failures=context.failures + 1 if failed else 0, turns=context.turns + 1,
            choices=tuple(Choice(name, self.base.articles[name].question) for name in decision.offered if name in self.base.articles))


def _overhear(understander: Understander, models: Mapping[str, str], text: str) -> Overheard:
    """Whether words that show a need call a rule is asked of the rules and of the net; nothing is weighed against an article, since
    none is looked for."""
    reading, vector = understander.overhear(text)
    if not reading.needs:
        return Overheard(reading, frozenset(), models)
    types = understander.entity_types(text)
    called = [check_guards(words, types) for words in dict.fromkeys((reading.normalized, normalize(text)))]
    if suspicion := understander.overtone(reading.normalized, vector).suspicion:
        called.append(on_suspicion(suspicion))
    return Overheard(reading, frozenset(verdict.name for verdict in called if verdict), models)


def _without(table: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in table.items() if name not in names} if names else dict(table)


def load_thresholds(max_wrong_answer_rate: float, folder: Path = RANKER) -> Thresholds:
    """The thresholds that the calibration found for the nearest rate not above the one asked for.

    Below the lowest calibrated rate the lowest one's thresholds hold. Certain is what the lowest rate asks of an answer.
    """
    card = json.loads((folder / "thresholds.json").read_text(encoding="utf-8"))
    table: Sequence[Mapping[str, float]] = card["table"]
    allowed = [row for row in table if row["max_wrong_answer_rate"] <= max_wrong_answer_rate + 1e-9]
    rate = itemgetter("max_wrong_answer_rate")
    row = max(allowed, key=rate) if allowed else min(table, key=rate)
    strictest = min(table, key=rate)
    return Thresholds(row["answer"], row["refuse"], row["courtesy"], row["clarify"], row["offer"],
                      certain=max(row["answer"], strictest["answer"]),
                      standing=Standing(**card["standing"]) if "standing" in card else None)

