"""A desk in a process of its own that publishes without end, to be killed; and what must hold of what it leaves behind."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

from assistant.audit import Actor
from assistant.bootstrap import Application, assemble
from assistant.editions import IndexKeeper, remake
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.revision_life import RevisionState
from assistant.revisions import sync_knowledge
from assistant.settings import Settings
from assistant.storage import Store
from assistant.trail import AuditTrail
from knowledge import dense
from knowledge.articles import KnowledgeBase
from knowledge.passages import Passage, passages_of
from knowledge.segment import tokens
from knowledge.snapshot import open_index
from knowledge.text import content, normalize
from tests.fakes.encoder import CountingEncoder
from tests.fakes.knowledge import an_article, fake_base
from tests.fakes.models import responder_on

__all__ = ["House", "publish_without_end"]

EDITOR, REVIEWER = Actor("editor"), Actor("reviewer")
DAY = date(2026, 6, 1)
_QUESTIONS = {"open-account": "怎么开户", "close-account": "怎么销户", "stamp-duty": "印花税是多少", "transfer-in": "钱怎么转进来",
              "password": "密码忘了怎么办", "hours": "几点开市"}


@dataclass(frozen=True, slots=True)
class House:
    """Store, index and what answers from them, as a start of the service opens them. `acknowledged` has a line for each step
    of an editor that was answered, written after the answer."""

    application: Application
    folder: Path

    @classmethod
    def open(cls, folder: Path, database: str) -> House:
        store, encoder = Store.open(database), CountingEncoder()
        version, base = sync_knowledge(store, _files())
        index = open_index(base, encoder, folder / "index", DAY)
        responder = responder_on(base, index, version.number, version.revisions)
        live = LiveKnowledge(store, Edition(version.number, base, version.revisions, responder), remake, around=_files(),
                             on_change=IndexKeeper(folder / "index"))
        return cls(assemble(Settings(data=folder), store, responder, knowledge=live), folder)

    @property
    def acknowledged(self) -> Path:
        return self.folder / "acknowledged.jsonl"

    def publish(self, article_id: str, body: str) -> int:
        """Write, submit, approve and publish a revision, and note each step that was acknowledged."""
        application = self.application
        story = application.desk.article(article_id, EDITOR)
        if story.open:
            application.desk.retire(article_id, story.open.revision, EDITOR)
        started = application.desk.start(article_id, {"body": body}, EDITOR)
        key = started.article_id, started.revision
        self._note("saved", started.id, body=body)
        application.desk.submit(*key, EDITOR)
        application.desk.approve(*key, REVIEWER, also=application.review.of_approval(*key, REVIEWER))
        self._note("approved", started.id, body=body)
        version = application.publishing.publish(EDITOR)
        self._note("published", started.id, body=body, version=version)
        return version

    def check(self) -> None:
        """The store opens, what answers is what the store says is live, and no acknowledged edit is lost."""
        knowledge = self.application.knowledge
        store = self.application.store
        with store.read() as work:
            newest = work.knowledge.version()
            assert newest is not None
            numbers = [item.number for item in work.knowledge.versions(limit=100_000)]
            contents = work.knowledge.contents(newest.revisions.items())
        assert numbers == list(range(newest.number, 0, -1))
        assert (knowledge.version, knowledge.current.base.digest, dict(knowledge.current.revisions)) == (
            newest.number, newest.digest, dict(newest.revisions))
        assert all(item.state is RevisionState.PUBLISHED for item in contents.values())
        self._check_index(knowledge.current)
        assert AuditTrail(store).verify().broken is None
        for name, question in _QUESTIONS.items():
            outcome = knowledge.respond(question)
            assert outcome.reply.article is not None and outcome.knowledge_version == newest.number
            assert (outcome.reply.article.id, outcome.reply.article.revision) == (name, newest.revisions[name])
            assert outcome.reply.text == contents[name].article["body"]
        for step in self._steps():
            self._check_step(step, newest.number)

    @staticmethod
    def _check_index(current: Edition) -> None:
        index = current.responder.index  # type: ignore[attr-defined]
        expected = [passage for article in current.base.articles.values() for passage in passages_of(article, current.base, DAY)]
        assert sorted(map(_key, index.passages.values())) == sorted(map(_key, expected))
        assert len(index.dense) == len(expected) and set(index.vectors()) == {passage.text for passage in expected}
        for name, question in _QUESTIONS.items():
            query = content(normalize(question))
            by_words = [index.passages[number].article_id for number, _ in index.lexical.search(tokens(query), 3)]
            by_vector = [index.passages[number].article_id for number, _ in index.dense.search(index.encoder.encode_queries([query])[0], 3)]
            assert by_words[0] == by_vector[0] == name

    def _check_step(self, step: Mapping[str, Any], newest: int) -> None:
        article_id, _, revision = step["id"].partition("@")
        with self.application.store.read() as work:
            item = work.knowledge.get(article_id, int(revision))
            version = work.knowledge.version(step["version"]) if "version" in step else None
        assert item is not None and item.article["body"] == step["body"]
        if step["step"] != "saved":
            assert item.approver == "reviewer" and item.state in (RevisionState.APPROVED, RevisionState.PUBLISHED, RevisionState.RETIRED)
        if step["step"] == "published":
            assert version is not None and version.revisions[article_id] == int(revision) and step["version"] <= newest

    def _steps(self) -> list[Mapping[str, Any]]:
        if not self.acknowledged.is_file():
            return []
        # The kill may have come in the middle of the last line.
        *lines, _ = self.acknowledged.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines]

    def _note(self, step: str, revision_id: str, **more: object) -> None:
        line = json.dumps({"step": step, "id": revision_id, **more}, ensure_ascii=False) + "\n"
        with self.acknowledged.open("ab", buffering=0) as file:
            file.write(line.encode())


def publish_without_end(folder: str, database: str, ready: Any) -> None:
    """What the process does that is killed."""
    # Who is killed clears nothing away.
    tempfile.tempdir = folder
    # Some indexes are kept beside their main part, others whole.
    dense._MOST_APART = 6
    house = House.open(Path(folder), database)
    for number, name in enumerate(cycle(_QUESTIONS)):
        house.publish(name, f"过程{os.getpid()}的第{number}版。")
        # The first one shows that what the last process left goes on.
        ready.set()


def _files() -> KnowledgeBase:
    articles = [an_article(name, question, f"{question}：文件里的答案。") for name, question in _QUESTIONS.items()]
    return fake_base(*articles, an_article("fallback", "没有答案", "没有找到。", kind="fallback", similar=()))


def _key(passage: Passage) -> tuple[str, str, str]:
    return passage.article_id, passage.kind, passage.text
