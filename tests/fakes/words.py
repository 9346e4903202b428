"""Approved words without a knowledge base."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assistant.reply import SourceRef
from assistant.wording import Worded
from knowledge.template import NOBODY
from tests.fakes.responder import ANSWER

__all__ = ["FakeWords"]

_SOURCE = SourceRef("证券账户业务指南", "中国结算发〔2023〕1号", "中国结算", date(2023, 8, 28))


class FakeWords:
    """Knows open-account-online, transfer-in (an answer) and handover-human; `out_of_force` are left out. `products` are the families
    that each is about."""

    version = 1

    def __init__(self, *out_of_force: str) -> None:
        self._articles = {
            "open-account-online": Worded("open-account-online", 3, "怎么在网上开户？", "answer", ANSWER, (_SOURCE,)),
            "transfer-in": Worded("transfer-in", 1, "怎么把钱转进来？", "answer", "在App“银证转账”里转入。"),
            "handover-human": Worded("handover-human", 1, "转人工", "handover", "为您转人工。"),
        }
        self.products: dict[str, tuple[str, ...]] = {}
        for name in out_of_force:
            del self._articles[name]

    def worded(self, article_id: str, day: date, client: Mapping[str, str] = NOBODY) -> Worded | None:
        return self._articles.get(article_id)

    def families(self, article_id: str) -> tuple[str, ...]:
        return self.products.get(article_id, ())
