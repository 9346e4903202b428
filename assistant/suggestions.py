"""What an agent may send as the reply to the client's last message: the articles that come nearest, in approved words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from assistant.agent import Agent, subject_of
from assistant.audit import Action
from assistant.clock import CHINA, china_day
from assistant.errors import ConversationNotFound
from assistant.inbox import Responds, utc_now
from assistant.reply import Context, SourceRef
from assistant.storage import Conversation, Decision, Message, Store, Suggestion
from assistant.wording import Worded, Words

__all__ = ["Suggestions"]

# So many, and so many even where none is likely: who hands over a death or a fraud needs the articles around it too.
_MOST = 5
_FEWEST = 3
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


class Suggestions:
    """Safe to share between threads. Reading may take as long as a reply of the assistant."""

    def __init__(self, store: Store, responder: Responds, words: Words, *, knowledge_version: int,
                 clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._responder = responder
        self._words = words
        self._version = knowledge_version
        self._clock = clock

    def of(self, conversation_id: str, agent: Agent) -> list[Suggestion]:
        """Best first; none where the client has said nothing yet. Raises ConversationNotFound.

        They are kept: asked again for the same message, under the same knowledge, they are the same.
        """
        conversation, message, decision = self._asked(conversation_id)
        made: list[Suggestion] = []
        if message and not self._kept(message):
            ranking = _recorded(decision) if decision else self._computed(conversation, message)
            made = self._made(ranking, message)
        with self._store.write() as work:
            if message and made:
                work.conversations.hold(conversation_id)
                # A colleague may have looked at the same time; then theirs count.
                if not work.suggestions.of_message(message.id, self._version):
                    work.suggestions.add(made)
            work.audit.record(Action.CONVERSATION_SEEN, agent.by, self._clock(), subject=subject_of(conversation_id),
                              details={"why": "suggestions", **({"message": message.id} if message else {})})
            return work.suggestions.of_message(message.id, self._version) if message else []

    def _asked(self, conversation_id: str) -> tuple[Conversation, Message | None, Decision | None]:
        with self._store.read() as work:
            conversation = work.conversations.get(conversation_id)
            if conversation is None:
                raise ConversationNotFound()
            last = work.conversations.last_messages(conversation_id, 1, sender="client")
            reply = work.conversations.reply_to(last[0].id) if last else None
            return conversation, last[0] if last else None, work.decisions.get(reply.id) if reply else None

    def _kept(self, message: Message) -> bool:
        with self._store.read() as work:
            return bool(work.suggestions.of_message(message.id, self._version))

    def _computed(self, conversation: Conversation, message: Message) -> _Ranking:
        outcome = self._responder.respond(message.text, Context.from_dict(conversation.context), self._clock().astimezone(CHINA))
        reply = outcome.reply
        chosen = [(reply.article.id, reply.confidence)] if reply.article else []
        return _ranking(chosen, ((item.article_id, item.score) for item in outcome.candidates), "computed", outcome.models)

    def _made(self, ranking: _Ranking, message: Message) -> list[Suggestion]:
        now = self._clock()
        worded = ((self._words.worded(article_id, china_day(now)), confidence) for article_id, confidence in ranking.articles)
        sendable = [(item, confidence) for item, confidence in worded if item and item.kind in _SENDABLE]
        return [self._suggestion(item, place, confidence, ranking, message, now)
                for place, (item, confidence) in enumerate(sendable[:_MOST], 1) if place <= _FEWEST or confidence >= _LEAST]

    def _suggestion(self, item: Worded, place: int, confidence: float, ranking: _Ranking, message: Message, now: datetime) -> Suggestion:
        return Suggestion(
            id=uuid4().hex, conversation_id=message.conversation_id, message_id=message.id, place=place,
            article_id=item.article_id, revision=item.revision, title=item.title, text=item.text,
            sources=[_source(source) for source in item.sources], confidence=round(confidence, 4), origin=ranking.origin,
            knowledge_version=self._version, models=ranking.models, at=now)


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
