"""What goes over the wire for what helps agents: the knowledge, quick replies, tags, colleagues who read along, the past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas import PublicMessage, PublicSource
from api.schemas_clients import FamilyVerdictView
from api.schemas_console import ConversationLine
from assistant.history import Past
from assistant.phrases import Phrase
from assistant.storage import QueueLine, QuickReply
from assistant.suggestions import FoundArticle

__all__ = [
    "FoundArticles",
    "Guest",
    "Identified",
    "Identify",
    "PastConversations",
    "PastMessages",
    "QuickReplies",
    "QuickReplyView",
    "QuickReplyWrite",
    "TagList",
    "TagsSet",
    "TeamReplyWrite",
]

ClientToken = Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class _In(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class Identify(_In):
    client_token: ClientToken = Field(description="Signed by the firm's back end: see docs/embedding.md.")


class Identified(BaseModel):
    vouched: bool = Field(description="A signature stands behind it, so the client may see what was said before.")


class PastMessage(PublicMessage):
    channel: str
    conversation_id: str


class PastMessages(BaseModel):
    messages: list[PastMessage] = Field(description="In order.")
    more: bool = Field(description="There are older ones: ask again with `before` the first id.")

    @classmethod
    def of(cls, past: Past) -> Self:
        return cls(more=past.has_more, messages=[
            PastMessage(**dict(PublicMessage.of(said)), channel=channel, conversation_id=said.message.conversation_id)
            for said, channel in past.messages])


class PastConversations(BaseModel):
    conversations: list[ConversationLine] = Field(description="Of the same client on every channel, the newest first.")

    @classmethod
    def of(cls, lines: Iterable[QueueLine]) -> Self:
        return cls(conversations=[ConversationLine.of(line) for line in lines])


class FoundArticleView(BaseModel):
    article_id: str
    revision: int
    title: str
    text: str = Field(description="Approved Markdown, fit to be sent.")
    confidence: float
    sources: list[PublicSource]
    suggestion_id: str | None = Field(description="To be sent along with a message that is made of it; null without a conversation.")
    verdicts: list[FamilyVerdictView] = Field(description="On each family of products that the article is about.")

    @classmethod
    def of(cls, item: FoundArticle) -> Self:
        worded = item.worded
        sources = [PublicSource(title=one.title, number=one.number, issuer=one.issuer, effective_from=one.effective_from)
                   for one in worded.sources]
        return cls(article_id=worded.article_id, revision=worded.revision, title=worded.title, text=worded.text,
                   confidence=item.confidence, sources=sources, suggestion_id=item.suggestion_id,
                   verdicts=[FamilyVerdictView.of(verdict) for verdict in item.verdicts])


class FoundArticles(BaseModel):
    articles: list[FoundArticleView] = Field(description="Best first.")

    @classmethod
    def of(cls, found: Iterable[FoundArticle]) -> Self:
        return cls(articles=[FoundArticleView.of(item) for item in found])


class QuickReplyWrite(_In):
    title: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000)] = Field(
        description="May have the variables {称呼} and {坐席}, which the console fills.")
    shortcut: Annotated[str, StringConstraints(max_length=32)] = Field("", description="Left out: the initials of the title's pinyin.")

    def phrase(self) -> Phrase:
        return Phrase(self.title, self.text, self.shortcut)


class TeamReplyWrite(QuickReplyWrite):
    instead_of: list[Annotated[str, StringConstraints(max_length=32)]] = Field(
        [], max_length=20, description="Rules of the outgoing check for whose finds it is offered as what to say.", examples=[["promise"]])

    def phrase(self) -> Phrase:
        return Phrase(self.title, self.text, self.shortcut, tuple(dict.fromkeys(self.instead_of)))


class QuickReplyView(BaseModel):
    id: str
    title: str
    shortcut: str
    initials: str = Field(description="Of the title's pinyin.")
    pinyin: str = Field(description="The title's, without spaces.", examples=["heshishenfen"])
    text: str
    instead_of: list[str] = Field(description="Rules of the outgoing check for whose finds it is offered; only of the team's.")
    updated_at: datetime

    @classmethod
    def of(cls, item: QuickReply) -> Self:
        return cls(id=item.id, title=item.title, shortcut=item.shortcut, initials=item.initials, pinyin=item.pinyin, text=item.text,
                   instead_of=list(item.instead_of), updated_at=item.updated_at)


class QuickReplies(BaseModel):
    quick_replies: list[QuickReplyView]

    @classmethod
    def of(cls, items: Sequence[QuickReply]) -> Self:
        return cls(quick_replies=[QuickReplyView.of(item) for item in items])


class TagsSet(_In):
    tags: list[Annotated[str, StringConstraints(max_length=100)]] = Field(max_length=50, examples=[["投诉", "融资融券"]])


class TagList(BaseModel):
    tags: list[str] = Field(description="The most used first.")


class Guest(_In):
    agent: Annotated[str, StringConstraints(min_length=1, max_length=128)] = Field(
        description="Account of the colleague.", examples=["agent2"])

