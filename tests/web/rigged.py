"""A server whose replies and failures a test chooses, with the doors that only staff have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from api.app import create_app
from assistant.conversation import Holding, State
from assistant.events import Event
from assistant.reply import Context, Outcome
from assistant.settings import Settings
from tests.api.conftest import open_fake, serving
from tests.fakes import FakeResponder, FakeWords

__all__ = ["ALWAYS_OPEN", "Rigged"]

ALWAYS_OPEN = Path(__file__).parents[1] / "fakes" / "always_open.toml"
LONG = "不用到现场，按提示操作即可。\n\n1. 拍摄**身份证**正反面。\n2. 完成风险测评。\n\n详见[规则](https://example.com/rules)。"


class _Responder(FakeResponder):
    """The fake, with an answer to each choice that it offers, in Markdown."""

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        offered = "转进来" in text or "转出去" in text
        outcome = super().respond("怎么开户" if offered else text, context, at)
        return replace(outcome, reply=replace(outcome.reply, text=LONG)) if offered else outcome


@dataclass(frozen=True, slots=True)
class _Moved(Event):
    type: ClassVar[str] = "conversation.moved"

    state: str
    message_id: str | None = None


class Rigged:
    def __init__(self, folder: Path, **settings: Any) -> None:
        self.responder, self.words = _Responder(), FakeWords()
        self.settings = Settings(**{"data": folder, "poll_seconds": 0.1, "service": ALWAYS_OPEN, **settings})
        self.app = create_app(self.settings, open_fake(self.settings, self.responder, self.words))
        self._serving = serving(self.app)

    def __enter__(self) -> Rigged:
        self.url = self._serving.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._serving.__exit__()

    @property
    def _store(self) -> Any:
        return self.app.state.ready.application.store

    def move(self, conversation_id: str, state: State, saying: str = "") -> None:
        """What the console does: take, give back or close a conversation, and write in it."""
        now, message_id = datetime.now(UTC), uuid4().hex
        with self._store.write() as work:
            conversation = work.conversations.hold(conversation_id)
            if saying:
                work.conversations.add_message(conversation_id, id=message_id, sender="agent", text=saying, at=now)
            work.conversations.change(conversation, now, holding=Holding(state))
            work.outbox.append(conversation_id, now, _Moved(state.value, message_id if saying else None))
        self.app.state.ready.application.bell.ring(conversation_id)
