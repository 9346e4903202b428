"""A responder that decides by keyword, in microseconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from assistant.reply import ArticleRef, Candidate, Choice, Context, Kind, Outcome, Reply, SourceRef
from intents.reading import Intent, Need, Reading, Tone

__all__ = ["ANSWER", "FakeResponder"]

ANSWER = "您可以在手机上开户，全程约 10 分钟。"
_ARTICLE = ArticleRef("open-account-online", 3, "怎么在网上开户？")
_CHOICES = (Choice("transfer-in", "怎么把钱转进来？"), Choice("transfer-out", "怎么把钱转出去？"))
_SOURCE = SourceRef("证券账户业务指南", "中国结算发〔2023〕1号", "中国结算", date(2023, 8, 28))
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("人工", "handover"), ("推荐", "decline"), ("你好", "smalltalk"), ("转钱", "clarify"), ("开户", "answer"))


class FakeResponder:
    """Answers 开户, clarifies 转钱, hands over at 人工, declines 推荐, greets 你好, and falls back on all else.

    Idle cash shows as a latent need where a message speaks of 利息, and anger where it speaks of a 骗子.
    `seen` records each text with the context it came in; `before` runs first and may block or raise.
    """

    def __init__(self, before: Callable[[str], None] | None = None) -> None:
        self.seen: list[tuple[str, Context]] = []
        self.before = before
        self._lock = threading.Lock()

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        if self.before:
            self.before(text)
        with self._lock:
            self.seen.append((text, context))
        kind = next((kind for word, kind in _KINDS if word in text), "fallback")
        reading = Reading(text, text.lower(), Intent("account.open", 0.9), needs=(Need("cash", 0.8, text),) if "利息" in text else (),
                          tone=Tone("angry" if "骗子" in text else "neutral", 0.9))
        return Outcome(
            reply=_reply(kind), reading=reading, candidates=(Candidate(_ARTICLE.id, _ARTICLE.title, 0.97),),
            knowledge_version=1, models={"encoder": "fake"}, took_ms=0.1,
            context=replace(context, question=text, turns=context.turns + 1,
                            failures=context.failures + 1 if kind == "fallback" else 0))


def _reply(kind: Kind) -> Reply:
    if kind == "answer":
        return Reply(kind, ANSWER, 0.97, "score over threshold", article=_ARTICLE, sources=(_SOURCE,))
    if kind == "clarify":
        return Reply(kind, "您想问哪一个？", 0.5, "two candidates are close", choices=_CHOICES)
    return Reply(kind, f"（{kind}）", 0.9, "keyword")
