"""A small base that is served live by a responder without models: it answers the article whose question shares most characters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from assistant.bootstrap import Application, assemble
from assistant.clock import china_day
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.reply import ArticleRef, Candidate, Context, Outcome, Reply
from assistant.revisions import in_order, sync_knowledge
from assistant.settings import Settings
from assistant.storage import Store
from intents.reading import Intent, Reading
from knowledge.articles import Article, KnowledgeBase
from knowledge.facts import Fact, FactValue

__all__ = ["FakeKnowledgeResponder", "an_article", "fake_application", "fake_base", "fake_knowledge"]


def an_article(name: str, question: str, body: str, **fields: object) -> Article:
    return Article(**{"id": name, "category": "account", "intent": "account.open", "question": question, "similar": (question,),  # type: ignore[arg-type]
                      "effective_from": date(2026, 1, 1), "body": body, **fields})


def fake_base(*articles: Article) -> KnowledgeBase:
    """Of the articles, or open-account and close-account; with one fact, `rate`."""
    shown = articles or (
        an_article("open-account", "怎么开户", "在手机上开户。"), an_article("close-account", "怎么销户", "到营业部销户。"))
    value = FactValue(value="0.05%", start=date(2023, 8, 28))  # type: ignore[call-arg]
    return KnowledgeBase(in_order(shown), {"rate": Fact(name="rate", title="税率", certainty="verified", values=(value,))}, {}, {})


class FakeKnowledgeResponder:
    """Keeps the Protocol `Responds`, on one version."""

    def __init__(self, base: KnowledgeBase, revisions: Mapping[str, int], version: int) -> None:
        self.base, self.revisions, self.version = base, revisions, version

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        live = [article for article in self.base.articles.values() if self.base.can_answer(article, china_day(at))]
        scores = {article.id: len(set(text) & set(article.question)) / len(set(text) | set(article.question)) for article in live}
        ranked = sorted(live, key=lambda article: -scores[article.id])
        reply = Reply("fallback", "没有找到。", 0.0, "nothing")
        if ranked and scores[ranked[0].id]:
            best = ranked[0]
            reference = ArticleRef(best.id, self.revisions[best.id], best.question)
            reply = Reply("answer", self.base.render(best, china_day(at)).text, scores[best.id], "nearest", reference)
        found = tuple(Candidate(article.id, article.question, scores[article.id]) for article in ranked[:3] if scores[article.id])
        return Outcome(reply, Reading(text, text, Intent("account.open", 0.9)), found, self.version, {"encoder": "fake"}, context)


def fake_knowledge(store: Store, base: KnowledgeBase) -> LiveKnowledge:
    """The base, taken into the store and live."""
    version, live = sync_knowledge(store, base)
    responder = FakeKnowledgeResponder(live, version.revisions, version.number)
    return LiveKnowledge(store, Edition(version.number, live, version.revisions, responder),
                         lambda _, base, revisions, number: FakeKnowledgeResponder(base, revisions, number))


def fake_application(settings: Settings, store: Store, base: KnowledgeBase | None = None) -> Application:
    knowledge = fake_knowledge(store, base or fake_base())
    return assemble(settings, store, knowledge.current.responder, knowledge=knowledge)
