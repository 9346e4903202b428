"""What an agent may send as the reply to the client's last message: the articles that come nearest, in approved words.

They answer what was asked and are no offer, so no verdict withholds them; beside each that is about products stands the verdict on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from assistant.agent import Agent, subject_of
from assistant.audit import Action
from assistant.client_record import ClientRecord
from assistant.clients import seen
from assistant.clock import CHINA, china_day
from assistant.errors import ConversationNotFound
from assistant.family_verdicts import FamilyVerdict, FamilyVerdicts
from assistant.follow_up_opening import subjects
from assistant.inbound import clean_text
from assistant.inbox import Responds, utc_now
from assistant.particulars import particulars
from assistant.reply import Context, SourceRef
from assistant.storage import Conversation, Decision, Message, Store, Suggestion, Work
from assistant.suitability import FirmPolicy
from assistant.summary import LOOKS_BACK
from assistant.wording import Worded, Words

__all__ = ["FoundArticle", "Suggested", "Suggestions"]

# So many, and so many even where none is likely: who hands over a death or a fraud needs the articles around it too.
_MOST = 5
_FEWEST = 3
# Of a search, which an agent reads from the top.
_MOST_FOUND = 8
_LONGEST_SEARCH = 200
# Beyond those, a candidate below it is noise.
_LEAST = 0.05
# To hand over, to ask back or to give up is nothing that an agent says with an article.
_SENDABLE = frozenset({"answer", "decline", "smalltalk"})


@dataclass(frozen=True, slots=True)
class _Ranking:
    """Article ids with their probabilities, best first, and where they come from."""

    articles: tuple[tuple[str, float], ...]
    origin: str
    models: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion as it reads for its client now, with the verdicts on the families of products that its article is about."""

    item: Suggestion
    verdicts: tuple[FamilyVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """What a search found, in approved words; `suggestion_id` where it was for a message and so is kept. `verdicts` as with what
    is suggested."""

    worded: Worded
    confidence: float
    suggestion_id: str | None = None
    verdicts: tuple[FamilyVerdict, ...] = ()


class Suggestions:
    """Safe to share between threads. Reading may take as long as a reply of the assistant.

    `words` gives the approved words as of the knowledge version that is live when it is called.
    """

    def __init__(self, store: Store, responder: Responds, words: Callable[[], Words], verdicts: FamilyVerdicts, *,
                 clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._responder = responder
        self._words = words
        self._verdicts = verdicts
        self._clock = clock

    def of(self, conversation_id: str, agent: Agent) -> list[Suggested]:
        """Best first; none where the client has said nothing yet. Raises ConversationNotFound.

        They are kept: asked again for the same message, under the same knowledge, they are the same, but for what they say of the client.
        """
        words, now = self._words(), self._clock()
        conversation, message, decision = self._asked(conversation_id)
        made: list[Suggestion] = []
        if message and not self._kept(message, words.version):
            ranking = _recorded(decision) if decision else self._computed(conversation, message)
            made = self._made(ranking, message, words)
        with self._store.write() as work:
            if message and made:
                work.conversations.hold(conversation_id)
                # A colleague may have looked at the same time; then theirs count.
                if not work.suggestions.of_message(message.id, words.version):
                    work.suggestions.add(made)
            kept = work.suggestions.of_message(message.id, words.version) if message else []
            record = _record_of(work, conversation)
            filled = [replace(item, text=_filled(item.article_id, item.text, words, record, now, self._verdicts.firm)) for item in kept]
            families = {item.article_id: words.families(item.article_id) for item in kept}
            about = subjects(conversation, record and record.id)
            verdicts = self._verdicts.judged(work, {family for named in families.values() for family in named}, record, about, now)
            digests = [item.offer.digest for item in verdicts.values()]
            work.audit.record(Action.CONVERSATION_SEEN, agent.by, now, subject=subject_of(conversation_id), details={
                "why": "suggestions", **({"message": message.id} if message else {}), **_of_nobody(record, digests)})
            if record and (digests or filled != kept):
                seen(work, record, agent.by, now, why="suggestions", judgements=digests)
        return [Suggested(item, _beside(families[item.article_id], verdicts)) for item in filled]

    def text_of(self, item: Suggestion) -> str:
        """Its words as they read for its client now."""
        words, now = self._words(), self._clock()
        with self._store.read() as work:
            conversation = work.conversations.get(item.conversation_id)
            record = _record_of(work, conversation) if conversation else None
        if words.version != item.knowledge_version:
            return item.text
        return _filled(item.article_id, item.text, words, record, now, self._verdicts.firm)

    def search(self, words: str, agent: Agent, conversation_id: str | None = None) -> list[FoundArticle]:
        """What the assistant would find for the agent's own words, best first, of what is sendable.

        For a conversation it is kept beside the suggestions, so that what is sent of it is known. Raises InvalidInput or
        ConversationNotFound.
        """
        asked, now, approved = clean_text(words, max_length=_LONGEST_SEARCH), self._clock(), self._words()
        conversation, message, _ = self._asked(conversation_id) if conversation_id else (None, None, None)
        outcome = self._responder.respond(asked, Context(), now.astimezone(CHINA))
        chosen = [(outcome.reply.article.id, outcome.reply.confidence)] if outcome.reply.article else []
        ranking = _ranking(chosen, ((item.article_id, item.score) for item in outcome.candidates), "searched", outcome.models)
        worded = [(item, confidence) for article_id, confidence in ranking.articles
                  if (item := approved.worded(article_id, china_day(now))) and item.kind in _SENDABLE][:_MOST_FOUND]
        kept = [_suggestion(item, place, confidence, ranking, message, approved.version, now)
                for place, (item, confidence) in enumerate(worded, 1)] if message else []
        with self._store.write() as work:
            if message and kept:
                work.conversations.hold(message.conversation_id)
                work.suggestions.add(kept)
            record = _record_of(work, conversation) if conversation else None
            firm = self._verdicts.firm
            filled = [replace(item, text=_filled(item.article_id, item.text, approved, record, now, firm)) for item, _ in worded]
            families = {item.article_id: approved.families(item.article_id) for item, _ in worded}
            about = subjects(conversation, record and record.id) if conversation else ()
            verdicts = self._verdicts.judged(work, {family for named in families.values() for family in named}, record, about, now)
            digests = [item.offer.digest for item in verdicts.values()]
            # Not the words: they may be a client's.
            work.audit.record(Action.KNOWLEDGE_SEEN, agent.by, now, subject=subject_of(conversation_id) if conversation_id else None,
                              details={"why": "search", "articles": [item.article_id for item, _ in worded], **_of_nobody(record, digests)})
            if record and (digests or any(after.text != before.text for after, (before, _) in zip(filled, worded, strict=True))):
                seen(work, record, agent.by, now, why="search", judgements=digests)
        ids: list[str | None] = [item.id for item in kept] or [None] * len(worded)
        return [FoundArticle(item, round(confidence, 4), name, _beside(families[item.article_id], verdicts))
                for item, (_, confidence), name in zip(filled, worded, ids, strict=True)]

    def _asked(self, conversation_id: str) -> tuple[Conversation, Message | None, Decision | None]:
        with self._store.read() as work:
            conversation = work.conversations.get(conversation_id)
            if conversation is None:
                raise ConversationNotFound()
            # A file alone asks nothing that articles answer.
            said = work.conversations.last_messages(conversation_id, LOOKS_BACK, sender="client")
            last = [message for message in said if message.text][-1:]
            reply = work.conversations.reply_to(last[0].id) if last else None
            return conversation, last[0] if last else None, work.decisions.get(reply.id) if reply else None

    def _kept(self, message: Message, version: int) -> bool:
        with self._store.read() as work:
            return bool(work.suggestions.of_message(message.id, version))

    def _computed(self, conversation: Conversation, message: Message) -> _Ranking:
        outcome = self._responder.respond(message.text, Context.from_dict(conversation.context), self._clock().astimezone(CHINA))
        reply = outcome.reply
        chosen = [(reply.article.id, reply.confidence)] if reply.article else []
        return _ranking(chosen, ((item.article_id, item.score) for item in outcome.candidates), "computed", outcome.models)

    def _made(self, ranking: _Ranking, message: Message, words: Words) -> list[Suggestion]:
        now = self._clock()
        worded = ((words.worded(article_id, china_day(now)), confidence) for article_id, confidence in ranking.articles)
        sendable = [(item, confidence) for item, confidence in worded if item and item.kind in _SENDABLE]
        return [_suggestion(item, place, confidence, ranking, message, words.version, now)
                for place, (item, confidence) in enumerate(sendable[:_MOST], 1) if place <= _FEWEST or confidence >= _LEAST]


def _record_of(work: Work, conversation: Conversation) -> ClientRecord | None:
    return work.clients.by_identity(conversation.channel, conversation.client_ref) if conversation.client_ref else None


def _beside(families: Iterable[str], verdicts: Mapping[str, FamilyVerdict]) -> tuple[FamilyVerdict, ...]:
    return tuple(verdicts[family] for family in families if family in verdicts)


def _of_nobody(record: ClientRecord | None, digests: list[str]) -> dict[str, Any]:
    """What was judged, for the entry in the trail where there is no client's that says it."""
    return {"judgements": digests} if digests and record is None else {}


def _filled(article_id: str, text: str, words: Words, record: ClientRecord | None, now: datetime, firm: FirmPolicy) -> str:
    """A text with what the record has for its slots; without, as it is. Kept are the words for anybody: a record changes."""
    worded = words.worded(article_id, china_day(now), particulars(record, china_day(now), firm)) if record else None
    return worded.text if worded else text


def _suggestion(item: Worded, place: int, confidence: float, ranking: _Ranking, message: Message, version: int,
                now: datetime) -> Suggestion:
    return Suggestion(
        id=uuid4().hex, conversation_id=message.conversation_id, message_id=message.id, place=place,
        article_id=item.article_id, revision=item.revision, title=item.title, text=item.text,
        sources=[_source(source) for source in item.sources], confidence=round(confidence, 4), origin=ranking.origin,
        knowledge_version=version, models=ranking.models, at=now)


def _recorded(decision: Decision) -> _Ranking:
    reply = decision.outcome["reply"]
    chosen = [(reply["article"]["id"], reply["confidence"])] if reply["article"] else []
    candidates = ((item["article_id"], item["score"]) for item in decision.outcome["candidates"])
    return _ranking(chosen, candidates, "recorded", decision.models)


def _ranking(chosen: list[tuple[str, float]], candidates: Iterable[tuple[str, float]], origin: str, models: Mapping[str, str]) -> _Ranking:
    """What the assistant chose comes first, then what it found."""
    ranked = dict(chosen)
    for article_id, score in candidates:
        ranked.setdefault(article_id, score)
    return _Ranking(tuple(ranked.items()), origin, dict(models))


def _source(source: SourceRef) -> dict[str, Any]:
    return {**asdict(source), "effective_from": source.effective_from.isoformat()}
