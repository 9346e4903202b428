"""What goes over the wire to and from agents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas import AttachmentView, ClientMessageId, Kind, PublicArticle, PublicChoice, PublicSource
from api.schemas_clients import FamilyVerdictView
from assistant.agent_feed import AgentTold
from assistant.agent_messages import Draft
from assistant.console import Colleague, QueuePage, Story
from assistant.conversation import State
from assistant.inbox import Said
from assistant.privacy import mask_name
from assistant.quality import Limits
from assistant.service_rules import ServiceRules
from assistant.storage import Note, QueueLine
from assistant.storage.queue import Place
from assistant.suggestions import Suggested
from assistant.waiting_room import Overview

__all__ = ["AgentEvent", "AgentMessageSend", "AgentMessageSent", "AgentMessages", "AgentTypes", "AgentTyping", "Colleagues",
           "ConversationLine", "ConversationPage", "NoteAdd", "NoteView", "ReadUpTo", "Release", "ServiceView", "SuggestionList",
           "Transfer", "place_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Rule = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]
SuggestionId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


def place_of(cursor: str) -> Place:
    """What `next` of a page says: microseconds and id, and before them the rank where the list is in the order of service."""
    moment, _, conversation_id = cursor.partition("-")
    rank, dot, microseconds = moment.rpartition(".")
    return Place(_EPOCH + int(microseconds) * _MICROSECOND, conversation_id, int(rank) if dot else None)


def _cursor(place: Place) -> str:
    rank = "" if place.rank is None else f"{place.rank}."
    return f"{rank}{(place.at - _EPOCH) // _MICROSECOND}-{place.id}"


class ClientLine(BaseModel):
    """What is known of who writes; all null for a visitor."""

    ref: str | None = Field(description="The same in all conversations of a client on one channel.")
    id: str | None = Field(description="Of the client's record, where the identity is known.")
    display_name: str | None = Field(description="Masked.", examples=["谷**"])
    tier: str | None


class SummaryView(BaseModel):
    """The client's own words and what became of them, masked, as of the last time the conversation changed hands."""

    asked: list[str]
    answered: list[str] = Field(description="Titles of articles.")
    failed: list[str]
    tone: str | None
    reason: str | None = Field(description="Why the assistant called a human.")


class ConversationLine(BaseModel):
    id: str
    state: State
    channel: str
    client: ClientLine
    tone: str | None = Field(description="neutral, polite, worried, angry or distressed; null until the assistant has read something.")
    waiting_since: datetime | None = Field(description="Where the state is `waiting`.")
    needed_at: datetime = Field(description="When the client last wrote, or the conversation was put into the queue.")
    summary: SummaryView | None = Field(description="Null until a human was called or stepped in.")
    unread: int = Field(description="The client's messages that this agent has not marked as read.")
    agent: str | None = Field(description="Account of who holds it.")
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    satisfaction: int | None
    satisfaction_words: str | None = Field(description="What the client said of it, masked.")
    ranked_at: datetime | None = Field(description="Where it waits: since when its waiting counts, its tier's head start included.")
    raised_at: datetime | None = Field(description="Since when anger or distress calls for somebody soon.")
    unanswered_since: datetime | None = Field(
        description="Since when the client waits for an answer of the agent who holds it: the first message that has none.")
    for_me: bool = Field(description="It waits, and the caller should take it: by skill, language, own client and room.")
    topic: str | None = Field(description="First level of the intents of what the client is about.", examples=["margin"])
    language: str | None = Field(description="What the client writes in, known since a human was called.", examples=["zh"])
    adviser: str | None = Field(description="Account of the client's own adviser.")
    last_agent: str | None = Field(description="Where a client who came back waits: account of the agent who had them before.")
    vouched: bool = Field(description="The firm's back end said who the client is.")
    tags: list[str]
    guests: list[str] = Field(description="Accounts of colleagues who were invited to read along.")

    @classmethod
    def of(cls, line: QueueLine) -> Self:
        item, name = line.conversation, line.client_name
        ref = item.client_ref and item.client_ref.rpartition(":")[2][:16]
        client = ClientLine(ref=ref, id=line.client_id, display_name=name and mask_name(name), tier=line.tier)
        return cls(
            id=item.id, state=item.state, channel=item.channel, client=client, tone=item.tone, waiting_since=item.waiting_since,
            needed_at=item.needed_at, summary=SummaryView(**item.summary) if item.summary else None, unread=line.unread,
            agent=item.agent, opened_at=item.created_at, closed_at=item.closed_at, closed_by=item.closed_by,
            satisfaction=item.satisfaction, satisfaction_words=item.satisfaction_words, ranked_at=item.ranked_at, raised_at=item.raised_at,
            unanswered_since=line.unanswered_since, for_me=line.for_me, topic=item.topic, language=item.language, adviser=line.adviser,
            last_agent=item.awaits_again,
            vouched=item.vouched, tags=list(line.tags), guests=list(line.guests))


class ConversationPage(BaseModel):
    conversations: list[ConversationLine]
    next: str | None = Field(description="`after` of the next page; null on the last one.")
    last_event_id: int = Field(description="Follow the events after this one to miss no change of the list.")

    @classmethod
    def of(cls, page: QueuePage) -> Self:
        return cls(conversations=[ConversationLine.of(line) for line in page.lines],
                   next=_cursor(page.next) if page.next else None, last_event_id=page.last_event_id)


class SkillView(BaseModel):
    name: str
    title: str
    title_en: str


class GoalsView(BaseModel):
    """In seconds."""

    wait: int = Field(description="From here on a wait is worth a look.")
    late: int = Field(description="From here on it is late.")
    reply_soon: float = Field(description="From here on the answer to a client whom an agent holds is about to be late.")
    reply_late: float = Field(description="From here on that answer is late.")


class ServiceView(BaseModel):
    """How the queue stands for the caller, and the firm's rules for it."""

    open: bool = Field(description="Whether it is within the hours of service.")
    opens_at: datetime | None = Field(description="When the next hours begin.")
    waiting: int = Field(description="How many clients wait.")
    load: int = Field(description="Conversations that the caller holds.")
    max_conversations: int
    skills: list[SkillView] = Field(description="The caller's; none for a generalist.")
    goals: GoalsView

    @classmethod
    def of(cls, overview: Overview, rules: ServiceRules, reply: Limits) -> Self:
        known = [rules.plan.skills[name] for name in overview.skills if name in rules.plan.skills]
        goals = GoalsView(wait=rules.goals.wait, late=rules.goals.late, reply_soon=reply.soon, reply_late=reply.late)
        return cls(open=overview.is_open, opens_at=overview.opens_at, waiting=overview.waiting, load=overview.load,
                   max_conversations=overview.most, goals=goals,
                   skills=[SkillView(name=item.name, title=item.title, title_en=item.title_en) for item in known])


class AgentReply(BaseModel):
    """What the assistant decided, with its reason."""

    kind: Kind
    confidence: float
    reason: str
    article: PublicArticle | None
    choices: list[PublicChoice]
    sources: list[PublicSource]
    understanding: dict[str, Any] = Field(description="normalized, intent, entities, tone and needs, masked.")
    candidates: list[dict[str, Any]]

    @classmethod
    def of(cls, said: Said) -> Self | None:
        if said.decision is None:
            return None
        outcome = said.decision.outcome
        reply = {name: value for name, value in outcome["reply"].items() if name in cls.model_fields}
        return cls(**reply, understanding=outcome["understanding"], candidates=outcome["candidates"])


class AuthorView(BaseModel):
    name: str = Field(description="Of the account.")
    display_name: str = Field(description="What the client sees.")


class AgentMessageView(BaseModel):
    id: str
    seq: int = Field(description="Counts from 1; read markers name it.")
    sender: Literal["client", "assistant", "agent", "system"]
    text: str
    at: datetime
    client_message_id: str | None = Field(description="Under which the client or the agent sent it.")
    author: AuthorView | None = Field(description="Of an agent's message.")
    acknowledged: list[str] | None = Field(description="Rules of the outgoing check whose warnings the agent overrode.")
    reply: AgentReply | None = Field(description="Of the assistant's messages.")
    helpful: bool | None = Field(description="What the client said of this reply.")
    attachment: AttachmentView | None = Field(None, description="The file that came with it; `text` may be empty then.")

    @classmethod
    def of(cls, said: Said) -> Self:
        message, author = said.message, said.author
        return cls(
            id=message.id, seq=message.seq, sender=message.sender, text=message.text, at=message.at,
            client_message_id=author.client_message_id if author else message.client_message_id,
            author=AuthorView(name=author.author, display_name=author.author_name) if author else None,
            acknowledged=list(author.acknowledged) if author and author.acknowledged else None,
            reply=AgentReply.of(said), helpful=said.helpful, attachment=AttachmentView.maybe(said.attachment))


class NoteView(BaseModel):
    """For agents only."""

    id: str
    author: AuthorView
    client_message_id: str
    text: str
    at: datetime

    @classmethod
    def of(cls, note: Note) -> Self:
        return cls(id=note.id, author=AuthorView(name=note.author, display_name=note.author_name),
                   client_message_id=note.client_message_id, text=note.text, at=note.at)


class AgentMessages(BaseModel):
    messages: list[AgentMessageView]
    notes: list[NoteView]
    last_event_id: int

    @classmethod
    def of(cls, story: Story) -> Self:
        return cls(messages=[AgentMessageView.of(said) for said in story.messages],
                   notes=[NoteView.of(note) for note in story.notes], last_event_id=story.last_event_id)


class AgentMessageSend(_In):
    client_message_id: ClientMessageId = Field(description="Unique among the agent's messages in the conversation; a retry repeats it.")
    text: str = Field(description="What goes to the client; control characters are taken out.")
    suggestion_id: SuggestionId | None = Field(None, description="The suggestion that the text is, or was made from.")
    acknowledged: list[Rule] = Field([], max_length=32, description="Rules of the outgoing check whose warnings are overridden.")

    def draft(self) -> Draft:
        return Draft(self.client_message_id, self.text, self.suggestion_id, tuple(self.acknowledged))


class AgentMessageSent(BaseModel):
    message: AgentMessageView


class NoteAdd(_In):
    client_message_id: ClientMessageId = Field(description="Unique among the agent's notes in the conversation; a retry repeats it.")
    text: str


class Transfer(_In):
    to: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = Field(
        description="Account of another agent; `queue` or null for the queue.", examples=["agent2"])


class Release(_In):
    to: Literal["assistant", "queue"] = "assistant"


class AgentTypes(_In):
    to: Literal["client", "colleagues"] = Field("client", description="Whom the agent writes to; a note is for colleagues.")


class ReadUpTo(_In):
    seq: int = Field(ge=0, le=2**31 - 1, description="`seq` of the last message that was read.")


class SuggestionView(BaseModel):
    suggestion_id: str
    article_id: str
    revision: int
    title: str
    text: str = Field(description="Approved Markdown, fit to be sent.")
    confidence: float
    sources: list[PublicSource]
    verdicts: list[FamilyVerdictView] = Field(description="On each family of products that the article is about.")

    @classmethod
    def of(cls, suggested: Suggested) -> Self:
        item = suggested.item
        return cls(suggestion_id=item.id, article_id=item.article_id, revision=item.revision, title=item.title, text=item.text,
                   confidence=item.confidence, sources=[PublicSource(**source) for source in item.sources],
                   verdicts=[FamilyVerdictView.of(verdict) for verdict in suggested.verdicts])


class SuggestionList(BaseModel):
    message_id: str | None = Field(description="The client's message that they are for.")
    suggestions: list[SuggestionView] = Field(description="Best first.")

    @classmethod
    def of(cls, items: list[Suggested]) -> Self:
        return cls(message_id=items[0].item.message_id if items else None, suggestions=[SuggestionView.of(item) for item in items])


class ColleagueView(BaseModel):
    name: str
    display_name: str
    on_duty: bool = Field(description="Signed in.")


class Colleagues(BaseModel):
    colleagues: list[ColleagueView]

    @classmethod
    def of(cls, found: Iterable[Colleague]) -> Self:
        return cls(colleagues=[ColleagueView(name=item.account.name, display_name=item.account.display_name, on_duty=item.on_duty)
                               for item in found])


class AgentEvent(BaseModel):
    """The data of one server-sent event for agents; which fields it has depends on `type`."""

    type: str
    at: datetime
    conversation_id: str
    state: str | None = None
    agent: str | None = Field(None, description="Account of who has the conversation from now on.")
    agent_name: str | None = None
    by: str | None = Field(None, description="Account of who did it.")
    reason: str | None = None
    tone: str | None = Field(None, description="Of the client, where it raised the conversation.")
    message: AgentMessageView | None = None
    note: NoteView | None = None
    reply_id: str | None = None
    helpful: bool | None = None
    satisfaction: int | None = None
    follow_up_id: str | None = None
    family: str | None = Field(None, description="Of the follow-up.")
    follow_up_state: str | None = None
    client_id: str | None = Field(None, description="Whose record was written, or who the client turned out to be.")
    tags: list[str] | None = Field(None, description="What the conversation is tagged with now.")
    guest: str | None = Field(None, description="Account of who was invited to read along, or left.")

    @classmethod
    def of(cls, told: AgentTold) -> Self:
        payload = told.event.payload
        plain = {name: payload.get(name) for name in (
            "state", "agent", "agent_name", "by", "reason", "tone", "reply_id", "helpful", "satisfaction",
            "follow_up_id", "family", "follow_up_state", "client_id", "tags", "guest")}
        return cls(type=told.event.type, at=told.event.at, conversation_id=told.event.conversation_id,
                   message=told.said and AgentMessageView.of(told.said), note=told.note and NoteView.of(told.note), **plain)


class AgentTyping(BaseModel):
    """Fleeting: without an id, and never sent again."""

    type: Literal["typing"] = "typing"
    at: datetime
    conversation_id: str
    sender: Literal["client", "agent"]
    agent: str | None = None
