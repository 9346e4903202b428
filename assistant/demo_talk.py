"""Conversations of the demonstration, as they would have been kept had anybody had them."""

from __future__ import annotations

import hashlib
import random
import secrets
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from assistant.clock import CHINA
from assistant.conversation import State
from assistant.demo import DEMO
from assistant.events import (
    AgentReplied,
    ConversationClaimed,
    ConversationEnded,
    ConversationHandedOver,
    ConversationOpened,
    ConversationReopened,
    ConversationResumed,
    Event,
    FeedbackGiven,
    MessageReceived,
    ReplySent,
    SatisfactionGiven,
)
from assistant.identity import client_ref
from assistant.reply import ArticleRef, Candidate, Context, Kind, Outcome, Reply
from assistant.storage import Answering, Decision, Message
from assistant.summary import summarise
from assistant.wording import Worded
from intents.reading import Intent, Reading, Tone

__all__ = ["Ask", "Rows", "Talk", "floor_data", "name_of"]

_FILE = Path(__file__).with_name("demo_floor.toml")
_MODELS = {"encoder": "demo", "intents": "demo", "needs": "demo"}
_NAMES = uuid5(NAMESPACE_URL, "zhike:demo-floor")
_CHANNELS = {"web": 45, "app": 30, "wechat": 18, "qq": 7}


@dataclass(frozen=True, slots=True)
class Ask:
    """A question that an article answers."""

    article: Worded
    intent: str
    words: Sequence[str]


@dataclass(slots=True)
class Rows:
    """What is to be kept, by table, in an order in which each finds what it refers to."""

    conversation: list[dict[str, Any]] = field(default_factory=list)
    message: list[dict[str, Any]] = field(default_factory=list)
    agent_message: list[dict[str, Any]] = field(default_factory=list)
    decision: list[dict[str, Any]] = field(default_factory=list)
    suggestion: list[dict[str, Any]] = field(default_factory=list)
    suggestion_use: list[dict[str, Any]] = field(default_factory=list)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    event: list[dict[str, Any]] = field(default_factory=list)
    found: list[tuple[str, str, datetime]] = field(default_factory=list)


class Talk:
    """One conversation in the making, told in the past tense by the methods below; each goes on a little in time."""

    def __init__(self, name: str, at: datetime, chance: random.Random, asks: Sequence[Ask], rows: Rows) -> None:
        self.name, self.began, self.at, self.chance, self.asks = name, at, at, chance, asks
        self._rows = rows
        self._messages: list[Message] = []
        self._decisions: dict[str, Decision] = {}
        self._helpful: dict[str, bool] = {}
        self._agent: str | None = None
        self._last_question = ""
        self.row: dict[str, Any] = {
            "id": name, "channel": chance.choices(list(_CHANNELS), list(_CHANNELS.values()))[0], "client_ref": None,
            "token_hash": hashlib.sha256(secrets.token_bytes(32)).hexdigest(), "state": State.ASSISTANT.value, "context": None,
            "satisfaction": None, "turn": 1, "created_at": at, "updated_at": at, "needed_at": at, "agent": None, "waiting_since": None,
            "closed_at": None, "closed_by": None, "last_agent": None, "tone": "neutral", "summary": None}
        # Half of those on the website are the demonstration's clients.
        if self.row["channel"] == "web" and chance.random() < 0.6:
            self.row["client_ref"] = client_ref(f"demo-{chance.randrange(1, 201):03}")
        elif self.row["channel"] != "web":
            self.row["client_ref"] = client_ref(name)

    def open(self) -> Ask:
        self._tell(ConversationOpened(self.row["channel"]))
        return self.chance.choice(self.asks)

    def wait(self, *, seconds: float = 0, hours: float = 0) -> None:
        self.at += timedelta(seconds=seconds, hours=hours)

    def wait_until(self, at: datetime) -> None:
        self.at = max(self.at, at)

    def line(self, name: str) -> str:
        return self.chance.choice(_lines()[name])

    def ask(self, ask: Ask) -> None:
        self.client(self.chance.choice(ask.words))
        self.reply("answer", ask.intent, ask.article.text, ask.article)

    def client(self, text: str, answering: Answering = Answering.ANSWERED) -> None:
        self.wait(seconds=self.chance.uniform(4, 18))
        held = self.row["state"] in (State.WAITING, State.AGENT)
        self._message("client", text, Answering.HELD if held else answering)
        self.row["needed_at"] = self.at
        self._last_question = text
        self._tell(MessageReceived(self._messages[-1].id))

    def reply(self, kind: Kind, intent: str, text: str, article: Worded | None = None, tone: str = "neutral") -> None:
        asked = self._messages[-1]
        ref = article and ArticleRef(article.article_id, article.revision, article.title)
        confidence = round(self.chance.uniform(0.82, 0.99) if kind != "fallback" else self.chance.uniform(0.2, 0.5), 3)
        outcome = Outcome(
            Reply(kind, text, confidence, "演示数据", article=ref, sources=article.sources if article else ()),
            Reading(asked.text, asked.text.lower(), Intent(intent, confidence), tone=Tone(tone, 0.9)),
            (Candidate(ref.id, ref.title, confidence),) if ref else (), 1, _MODELS, Context())
        message = self._message("assistant", text, Answering.NONE, in_reply_to=asked.id)
        decision = Decision(message.id, self.name, kind, confidence, "演示数据", ref and ref.id, ref and ref.revision, 1, _MODELS,
                            outcome.to_dict(), self.at)
        self._decisions[message.id] = decision
        self._rows.decision.append({name: getattr(decision, name) for name in decision.__dataclass_fields__})
        self.row["tone"] = tone
        self._tell(ReplySent(message.id, kind, asked.id))

    def judge(self, *, helpful: bool) -> None:
        self.wait(seconds=self.chance.uniform(5, 40))
        reply = next(message.id for message in reversed(self._messages) if message.sender == "assistant")
        self._helpful[reply] = helpful
        self._rows.feedback.append({"message_id": reply, "conversation_id": self.name, "helpful": helpful, "at": self.at})
        self._tell(FeedbackGiven(reply, helpful))

    def call(self, *, complaint: bool = False) -> None:
        """The client asks for a human."""
        self.client(self.line("complaint" if complaint else "human"))
        intent, tone = ("guard.complaint", "angry") if complaint else ("guard.human", "neutral")
        self.reply("handover", intent, "正在为您转接人工客服，请稍候。", tone=tone)
        self._move(State.WAITING)
        self._tell(ConversationHandedOver(State.WAITING.value, "client asks for a human"))

    def leave(self) -> None:
        """The client stops waiting."""
        self._move(State.ASSISTANT)
        self._tell(ConversationResumed(State.ASSISTANT.value))

    def claim(self, agent: str) -> None:
        self._move(State.AGENT, agent)
        self._tell(ConversationClaimed(State.AGENT.value, agent, DEMO[agent][0]))

    def serve(self, agent: str, ask: Ask, complaint: bool) -> None:
        """An agent takes it, answers, closes; the client rates. One of the two is quicker than the other."""
        chance, slow = self.chance, agent == "agent2"
        busy = 1.6 if self.at.astimezone(CHINA).hour in (9, 10, 13) else 1.0
        self.wait(seconds=min(900.0, chance.lognormvariate(3.3, 0.9) * busy))
        self.claim(agent)
        self.wait(seconds=chance.lognormvariate(2.6 if slow else 2.2, 0.6))
        self.agent_says(agent, self.line("greeting").format(name=DEMO[agent][0]))
        for _ in range(chance.randint(1, 3)):
            self.client(chance.choice(ask.words) if chance.random() < 0.5 else "那我现在要怎么做")
            self.wait(seconds=chance.lognormvariate(3.6 if slow else 3.3, 0.5))
            if chance.random() < (0.45 if slow else 0.65):
                self.suggested(agent, ask.article)
            else:
                self.agent_says(agent, self.line("checking"))
        if chance.random() < (0.05 if slow else 0.02):
            self._rows.found.append((agent, self.name, self.at))
        self.client(self.line("thanks"))
        self.wait(seconds=chance.uniform(10, 60))
        self.agent_says(agent, self.line("closing"))
        self.wait(seconds=chance.uniform(20, 240))
        self._move(State.CLOSED, agent)
        self._tell(ConversationEnded(State.CLOSED.value, agent))
        if chance.random() < 0.62:
            weights = (35, 30, 20, 10, 5) if complaint else (7, 8, 10, 35, 40) if slow else (2, 3, 6, 34, 55)
            (stars,) = chance.choices((1, 2, 3, 4, 5), weights)
            self.wait(seconds=chance.uniform(3, 90))
            self.row["satisfaction"] = stars
            self._tell(SatisfactionGiven(stars))
        if chance.random() < 0.05:
            self._again(agent)

    def _again(self, agent: str) -> None:
        """The client is back with the same an hour later."""
        self.wait(hours=1)
        self._move(State.AGENT, agent)
        self._tell(ConversationReopened(State.AGENT.value, agent, DEMO[agent][0]))
        self.client("还是不行，能再帮我看一下吗")
        self.wait(seconds=self.chance.uniform(20, 90))
        self.agent_says(agent, self.line("checking"))
        self.wait(seconds=120)
        self._move(State.CLOSED, agent)
        self._tell(ConversationEnded(State.CLOSED.value, agent))

    def agent_says(self, agent: str, text: str) -> Message:
        self.wait(seconds=self.chance.uniform(3, 8))
        message = self._message("agent", text, Answering.NONE)
        self._rows.agent_message.append({
            "message_id": message.id, "conversation_id": self.name, "author": agent, "author_name": DEMO[agent][0],
            "client_message_id": f"demo-{message.seq}", "acknowledged": []})
        self._tell(AgentReplied(message.id))
        return message

    def suggested(self, agent: str, article: Worded) -> None:
        """The agent sends a suggestion, now and then edited."""
        asked = next(message.id for message in reversed(self._messages) if message.sender == "client")
        edited = self.chance.random() < 0.3
        offered = {
            "id": name_of(f"{self.name}:s{len(self._messages)}"), "conversation_id": self.name, "message_id": asked, "place": 0,
            "article_id": article.article_id, "revision": article.revision, "title": article.title, "text": article.text,
            "sources": [], "confidence": 0.9, "origin": "computed", "knowledge_version": 1, "models": _MODELS, "at": self.at}
        message = self.agent_says(agent, f"{'您好，' if edited else ''}{article.text}")
        self._rows.suggestion.append(offered)
        self._rows.suggestion_use.append({"message_id": message.id, "suggestion_id": offered["id"], "agent": agent, "edited": edited,
                                          "sent_text": message.text, "at": message.at})

    def keep(self) -> None:
        self.row |= {"updated_at": self.at, "context": Context(question=self._last_question, turns=len(self._decisions)).to_dict()}
        if self.row["state"] != State.ASSISTANT.value or self._agent:
            self.row["summary"] = summarise(self._messages, self._decisions, self._helpful).to_dict()
        self._rows.conversation.append(self.row)

    def _message(self, sender: str, text: str, answering: Answering, in_reply_to: str | None = None) -> Message:
        seq = len(self._messages) + 1
        client_message_id = f"demo-{seq}" if sender == "client" else None
        message = Message(
            name_of(f"{self.name}:{seq}"), self.name, seq, sender, text, client_message_id, in_reply_to, answering, 0, self.at)
        self._messages.append(message)
        self._rows.message.append({name: getattr(message, name) for name in message.__dataclass_fields__})
        return message

    def _move(self, state: State, agent: str | None = None) -> None:
        waits, closed = state is State.WAITING, state is State.CLOSED
        self._agent = agent or self._agent
        self.row |= {"state": state.value, "agent": agent if state is State.AGENT else None, "waiting_since": self.at if waits else None,
                     "closed_at": self.at if closed else None, "closed_by": agent if closed else None,
                     "last_agent": self.row["agent"] or self.row["last_agent"]}
        if waits:
            self.row["needed_at"] = self.at

    def _tell(self, event: Event) -> None:
        self._rows.event.append({
            "conversation_id": self.name, "type": event.type, "payload": asdict(event), "at": self.at, "agent": self.row["agent"],
            "queued": event.changes_hands or self.row["state"] == State.WAITING.value})


@cache
def floor_data() -> Mapping[str, Any]:
    """What is asked and said: demo_floor.toml."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def name_of(what: str) -> str:
    """An id that is always the same for the same thing."""
    return uuid5(_NAMES, what).hex


def _lines() -> Mapping[str, Sequence[str]]:
    return floor_data()["lines"]
