"""What goes over the wire to clients: never tables, and never what is for agents only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.inbox import Exchange, Said
from assistant.service import MAX_WORDS, Opened, Told, Transcript
from assistant.service_rules import Standing
from assistant.storage import Attachment

__all__ = ["AttachmentView", "ClientMessageId", "ConversationOpen", "ConversationOpened", "ConversationState", "FeedbackGive",
           "FeedbackKept", "Kind", "MessageSend", "MessageSent", "Messages", "PublicArticle", "PublicChoice", "PublicEvent",
           "PublicMessage",
           "PublicReply", "PublicSource", "QueueState", "Queued", "ReplyFeedback", "Typing"]

Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
# Printable ASCII: what UUIDs and every counter are made of.
ClientMessageId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
ClientToken = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
ReplyId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
Kind = Literal["answer", "clarify", "handover", "decline", "smalltalk", "fallback"]


class _In(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class ConversationOpen(_In):
    channel: Channel = Field(description="Where the client writes: web, app, wechat, qq …", examples=["web"])
    client_token: ClientToken | None = Field(
        None, description="Who the client is, signed by the firm's back end; where no key is set, the channel's own word.")


class ConversationOpened(BaseModel):
    id: str
    token: str = Field(description="Bearer token of this conversation; shown once.")

    @classmethod
    def of(cls, opened: Opened) -> Self:
        return cls(id=opened.conversation.id, token=opened.token)


class MessageSend(_In):
    client_message_id: ClientMessageId = Field(description="Unique in the conversation; a retry repeats it.")
    text: str = Field(description="What the client wrote; control characters are taken out.", examples=["怎么开户"])


class PublicChoice(BaseModel):
    article_id: str
    title: str


class PublicSource(BaseModel):
    title: str
    number: str | None = None
    issuer: str
    effective_from: date


class PublicArticle(BaseModel):
    id: str
    revision: int
    title: str


class PublicReply(BaseModel):
    id: str = Field(description="Also the id of the message that holds it; feedback names it.")
    kind: Kind
    text: str = Field(description="Approved Markdown: paragraphs, bold, lists, links.")
    choices: list[PublicChoice] = []
    sources: list[PublicSource] = []
    article: PublicArticle | None = None

    @classmethod
    def of(cls, said: Said) -> Self | None:
        if said.decision is None:
            return None
        reply: dict[str, Any] = dict(said.decision.outcome["reply"])
        return cls(id=said.message.id, kind=reply["kind"], text=said.message.text, choices=reply["choices"],
                   sources=reply["sources"], article=reply["article"])


class AttachmentView(BaseModel):
    """A file; its bytes are at `…/attachments/{id}` of the conversation."""

    id: str
    name: str
    media_type: str = Field(examples=["image/png"])
    size: int = Field(description="In bytes.")
    width: int | None = Field(None, description="Of a picture, in pixels.")
    height: int | None = None

    @classmethod
    def maybe(cls, item: Attachment | None) -> Self | None:
        return item and cls(id=item.id, name=item.name, media_type=item.media_type, size=item.size, width=item.width, height=item.height)


class PublicMessage(BaseModel):
    id: str
    sender: Literal["client", "assistant", "agent", "system"]
    text: str
    at: datetime
    client_message_id: str | None = Field(None, description="Of the client's own messages.")
    name: str | None = Field(None, description="Of an agent's messages: how the agent is called.")
    reply: PublicReply | None = Field(None, description="Of the assistant's messages.")
    helpful: bool | None = Field(None, description="What the client said of this reply.")
    attachment: AttachmentView | None = Field(None, description="The file that came with it; `text` may be empty then.")

    @classmethod
    def of(cls, said: Said) -> Self:
        message = said.message
        return cls(id=message.id, sender=message.sender, text=message.text, at=message.at,
                   client_message_id=message.client_message_id, reply=PublicReply.of(said), helpful=said.helpful,
                   name=said.author and said.author.author_name, attachment=AttachmentView.maybe(said.attachment))


class MessageSent(BaseModel):
    message: PublicMessage
    reply: PublicReply | None = Field(description="Null while a human holds the conversation.")

    @classmethod
    def of(cls, exchange: Exchange) -> Self:
        return cls(message=PublicMessage.of(Said(exchange.message, attachment=exchange.attachment)),
                   reply=exchange.reply and PublicReply.of(exchange.reply))


class Messages(BaseModel):
    messages: list[PublicMessage]
    last_event_id: int = Field(description="Follow the events after this one to miss nothing and see nothing twice.")

    @classmethod
    def of(cls, transcript: Transcript) -> Self:
        return cls(messages=[PublicMessage.of(said) for said in transcript.messages],
                   last_event_id=transcript.last_event_id)


class ConversationState(BaseModel):
    state: Literal["assistant", "waiting", "agent", "closed"]


class PromiseView(BaseModel):
    """When somebody comes, in the firm's approved words."""

    kind: Literal["soon", "queue", "absent", "away"] = Field(description="`absent`: nobody is on duty; `away`: outside the hours.")
    text: str = Field(examples=["您排在第 3 位，预计约 6 分钟内由人工客服回复您。"])
    text_en: str
    opens_at: datetime | None = Field(None, description="Where it is `away`: when the hours begin.")

    model_config = ConfigDict(from_attributes=True)


class QueueState(BaseModel):
    """Where the client stands in the queue; all null where they do not wait."""

    place: int | None = Field(None, description="From 1.")
    waiting: int | None = Field(None, description="How many wait.")
    expected_seconds: int | None = Field(None, description="About; null where nobody can know.")
    promise: PromiseView | None = None

    @classmethod
    def of(cls, standing: Standing | None) -> Self:
        if standing is None:
            return cls()
        expected = standing.expected
        return cls(place=standing.place, waiting=standing.waiting, promise=PromiseView.model_validate(standing.promise),
                   expected_seconds=None if expected is None else int(expected.total_seconds()))


class Queued(QueueState):
    """Fleeting, as `typing`: what has changed in the queue for the client who follows."""

    type: Literal["queue"] = "queue"
    at: datetime


class ConversationFeedback(_In):
    satisfaction: int = Field(ge=1, le=5, description="1 is worst, 5 is best.")
    words: str | None = Field(None, max_length=MAX_WORDS, description="Why, in the client's words; kept masked.")


class ReplyFeedback(_In):
    reply_id: ReplyId
    helpful: bool
    satisfaction: int | None = Field(None, ge=1, le=5)


FeedbackGive = ReplyFeedback | ConversationFeedback


class FeedbackKept(BaseModel):
    reply_id: str | None = None
    helpful: bool | None = None
    satisfaction: int | None = None


class PublicAgent(BaseModel):
    name: str = Field(description="How the agent is called.")


class Typing(BaseModel):
    """Fleeting: without an id, and never sent again."""

    type: Literal["typing"] = "typing"
    at: datetime
    sender: Literal["client", "agent"]
    name: str | None = None


class PublicEvent(BaseModel):
    """The data of one server-sent event; which fields it has depends on `type`."""

    type: str
    at: datetime
    state: str | None = None
    agent: PublicAgent | None = Field(None, description="Who has the conversation from now on, where an agent has.")
    message: PublicMessage | None = None
    reply_id: str | None = None
    helpful: bool | None = None
    satisfaction: int | None = None
    promise: PromiseView | None = Field(None, description="With `conversation.handed_over`: when somebody comes.")

    @classmethod
    def of(cls, told: Told) -> Self:
        payload = told.event.payload
        name = payload.get("agent_name")
        return cls(
            type=told.event.type, at=told.event.at, state=payload.get("state"), reply_id=payload.get("reply_id"),
            agent=PublicAgent(name=name) if name else None,
            message=told.said and PublicMessage.of(told.said), helpful=payload.get("helpful"),
            satisfaction=payload.get("satisfaction"), promise=payload.get("promise"))
