"""Whatever editors and reviewers do in whatever order: clients get what two people wanted, and nothing that was written is lost."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from assistant.audit import Actor
from assistant.clock import china_day
from assistant.condition import Condition
from assistant.desk import Desk
from assistant.drafts import ArticleDraft
from assistant.errors import ArticleOpen, IllegalStep, NotTheAuthor, OwnRevision, PreconditionRequired
from assistant.inbox import utc_now
from assistant.publication import Publishing
from assistant.revision_life import FROM_FILES, OPEN, RevisionEffect, RevisionState
from assistant.revisions import sync_knowledge
from assistant.storage import ArticleRevision, Store
from tests.fakes.knowledge import an_article, fake_base, fake_knowledge

PEOPLE = some.sampled_from(["anna", "bert", "cara"])
NAMES = some.sampled_from(["open-account", "close-account"])
REFUSALS = (ArticleOpen, IllegalStep, NotTheAuthor, OwnRevision, PreconditionRequired)
S = RevisionState
FILES = fake_base(an_article("open-account", "怎么开户", "在手机上开户。"), an_article("close-account", "怎么销户", "到营业部销户。"),
                  an_article("tax", "税多少", "税是 {{fact.rate}}。"))


@cache
def empty_store() -> bytes:
    """A database with all its tables, which take longer to make than all that a run does."""
    with tempfile.TemporaryDirectory() as folder:
        Store.open(f"sqlite:///{folder}/zhike.db").close()
        return (Path(folder) / "zhike.db").read_bytes()


class Machine(RuleBasedStateMachine):
    """Two articles. The model: which of their revisions answers, what each says, and what each version was made of."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        database = Path(self.folder.name) / "zhike.db"
        database.write_bytes(empty_store())
        self.store = Store.open(f"sqlite:///{database}")
        self.knowledge = fake_knowledge(self.store, FILES)
        self.now = utc_now()
        self.desk = Desk(self.store, self.knowledge, clock=lambda: self.now)
        self.publishing = Publishing(self.store, self.knowledge, clock=lambda: self.now)
        self.live = {"open-account": 1, "close-account": 1}
        self.words = {("open-account", 1): "在手机上开户。", ("close-account", 1): "到营业部销户。"}
        self.versions = {1: dict(self.live)}
        self.count = 0

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def expect(self, allowed: bool, call: Callable[[], Any]) -> Any:
        try:
            done = call()
        except REFUSALS as refused:
            assert not allowed, repr(refused)
            return None
        assert allowed, "was not refused"
        return done

    def history(self, name: str) -> list[ArticleRevision]:
        """Newest first."""
        with self.store.read() as work:
            return work.knowledge.of_article(name)

    def picked(self, name: str, among: int) -> ArticleRevision:
        history = self.history(name)
        return history[among % len(history)]

    @rule(name=NAMES, by=PEOPLE, knows=some.booleans(), days=some.sampled_from([0, 0, 3]))
    def start(self, name: str, by: str, knows: bool, days: int) -> None:
        story, self.count = self.desk.article(name, Actor(by)), self.count + 1
        condition = Condition(frozenset({story.head.version})) if knows else Condition()
        changes = {"body": f"第{self.count}稿。", "effective_from": self.today() + timedelta(days=days)}
        allowed = story.going is None and (knows or story.open is None)
        made = self.expect(allowed, lambda: self.desk.start(name, changes, Actor(by), condition=condition))
        if made:
            self.words[name, made.revision] = changes["body"]
            if story.open:
                assert self.desk.revision(name, story.open.revision, Actor(by)).state is S.RETIRED

    @rule(name=NAMES, by=PEOPLE, among=some.integers(0, 9))
    def save(self, name: str, by: str, among: int) -> None:
        item, self.count = self.picked(name, among), self.count + 1
        draft = ArticleDraft.model_validate({**item.article, "body": f"第{self.count}稿。"})
        allowed = item.state is S.DRAFT and item.author == by
        seen = Condition(frozenset({item.version}))
        if self.expect(allowed, lambda: self.desk.save(name, item.revision, draft, Actor(by), condition=seen)):
            self.words[name, item.revision] = draft.body

    @rule(name=NAMES, by=PEOPLE, among=some.integers(0, 3))
    def submit(self, name: str, by: str, among: int) -> None:
        item = self.picked(name, among)
        allowed = item.state is S.DRAFT and item.author == by
        self.expect(allowed, lambda: self.desk.submit(name, item.revision, Actor(by)))

    @rule(name=NAMES, by=PEOPLE, among=some.integers(0, 3))
    def approve(self, name: str, by: str, among: int) -> None:
        item = self.picked(name, among)
        self.expect(item.state is S.IN_REVIEW and item.author != by, lambda: self.desk.approve(name, item.revision, Actor(by)))

    @rule(name=NAMES, by=PEOPLE, among=some.integers(0, 3))
    def reject(self, name: str, by: str, among: int) -> None:
        item = self.picked(name, among)
        allowed = item.state in (S.IN_REVIEW, S.APPROVED) and item.author != by
        done = self.expect(allowed, lambda: self.desk.reject(name, item.revision, Actor(by)))
        if done:
            assert done.state in (S.DRAFT, S.RETIRED) and done.approver is None
            assert not (item.retires and done.state is S.DRAFT)

    @rule(name=NAMES, by=PEOPLE, among=some.integers(0, 9))
    def retire(self, name: str, by: str, among: int) -> None:
        item, story = self.picked(name, among), self.desk.article(name, Actor(by))
        asked = [other for other in story.history if other.retires and other.state in (S.IN_REVIEW, S.APPROVED)]
        allowed = item.state in (*OPEN, S.APPROVED) or (item.state is S.PUBLISHED and (bool(asked) or story.open is None))
        done = self.expect(allowed, lambda: self.desk.retire(name, item.revision, Actor(by)))
        if done and item.state is S.PUBLISHED:
            assert done.retires and done.state in (S.IN_REVIEW, S.APPROVED) and (not asked or done.id == asked[0].id)
            self.words.setdefault((name, done.revision), self.words[name, item.revision])

    @rule(by=PEOPLE)
    def publish(self, by: str) -> None:
        plan, before = self.publishing.pending(), dict(self.live)
        for name, item in plan.coming.items():
            self.live[name] = item.revision
        for name in plan.going:
            self.live.pop(name, None)
        version = self.publishing.publish(Actor(by))
        if plan:
            assert version == len(self.versions) + 1
            self.versions[version] = dict(self.live)
        assert version == len(self.versions) and (plan or self.live == before)

    @rule(days=some.integers(1, 4))
    def days_pass(self, days: int) -> None:
        """The service looks by itself whether something was approved for a day that has come."""
        self.now += timedelta(days=days)
        going = {name: max((item.revision for item in self.history(name) if item.retires and item.state is S.APPROVED), default=0)
                 for name in ("open-account", "close-account")}
        due = {item.article_id: item for name in going for item in self.history(name)[::-1]
               if item.revision > going[name] and item.state is S.APPROVED and not item.retires and item.approved_at
               and china_day(item.approved_at) < date.fromisoformat(item.article["effective_from"]) <= self.today()}
        version = self.publishing.publish_scheduled()
        assert (version is not None) == bool(due)
        if version:
            with self.store.read() as work:
                found = work.knowledge.version(version)
            assert found
            self.live = {name: revision for name, revision in found.revisions.items() if name in self.live or name in due}
            self.live.pop("tax", None)
            self.versions[version] = dict(self.live)

    @rule()
    def start_again(self) -> None:
        """The next start takes the same files in, and finds what was live."""
        version, base = sync_knowledge(self.store, FILES)
        assert version.number == len(self.versions) and base.digest == self.knowledge.current.base.digest

    @invariant()
    def clients_get_what_two_people_wanted(self) -> None:
        revisions = dict(self.knowledge.current.revisions)
        revisions.pop("tax")
        assert revisions == self.live
        for name in ("open-account", "close-account"):
            history = self.history(name)
            published = [item for item in history if item.state is S.PUBLISHED]
            assert [item.revision for item in published] == ([self.live[name]] if name in self.live else [])
            assert sum(item.state in OPEN for item in history) <= 1
            for item in history:
                assert item.article["body"] == self.words[name, item.revision]
                if item.state in (S.APPROVED, S.PUBLISHED) and item.author != FROM_FILES:
                    assert item.approver not in (None, item.author)
                assert item.state is not S.PUBLISHED or item.effect is RevisionEffect.CHANGE
            if name in self.live:
                assert self.knowledge.current.base.articles[name].body == self.words[name, self.live[name]]

    @invariant()
    def versions_stay_as_they_were(self) -> None:
        with self.store.read() as work:
            kept = {item.number: dict(item.revisions) for item in work.knowledge.versions(limit=1000)}
        assert kept == {number: {**live, "tax": 1} for number, live in self.versions.items()}

    def today(self) -> date:
        return china_day(self.now)


TestDeskMachine = Machine.TestCase
TestDeskMachine.settings = settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
