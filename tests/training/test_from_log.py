"""From use to proposals, drafts and models that are taken or not, by the command that does it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.agent import Agent
from assistant.audit import Actor
from assistant.bootstrap import open_application
from assistant.follow_up_task import Result as Came
from assistant.named_models import NamedModels
from assistant.settings import load_settings
from assistant.storage import FollowUp, Suggestion, SuggestionUse
from tests.english.desk import DATA
from training import from_log
from training.command import train_app
from training.datasets import Utterance
from training.gates import compare

ASKED = {"the red lamp on the top right keeps blinking": "locked-out", "is my granny allowed to peek over my shoulder": "two-factor",
         "how do I ring you about a lost parcel 13812345678": "deposit"}


# What a client said before an agent spoke to them, and what it must not teach.
IDLE, GOLDEN, BARE = "since the sale my balance only gathers dust", "How do I close my account?", "13812345678"


def train(*options: str) -> Result:
    return CliRunner().invoke(train_app, ["--from-log", "--data", str(DATA), *options])


@pytest.fixture
def used(english: Path) -> Path:
    """A desk where agents answered three questions by an article, and followed up what others showed."""
    application = open_application(load_settings())
    now = datetime.now(UTC)
    try:
        for number, (question, article) in enumerate(ASKED.items()):
            conversation = application.conversations.open("web", None).conversation.id
            message = application.inbox.receive(conversation, f"m{number}", question)
            assert message.reply
            offered = Suggestion(f"s{number}", conversation, message.message.id, 1, article, 1, "?", "…", [], 0.5, "recorded", 1, {}, now)
            with application.store.write() as work:
                work.suggestions.add([offered])
                work.suggestions.add_use(SuggestionUse(message.reply.message.id, offered.id, "anna", False, "…", now))
        application.golden.add(GOLDEN, Actor("cara"), kind="fallback")
        for number, text in enumerate((IDLE, GOLDEN, BARE)):
            conversation = application.conversations.open("web", None).conversation.id
            said = application.inbox.receive(conversation, f"n{number}", text).message
            item = FollowUp(f"f{number}", f"conversation:{conversation}", None, conversation, said.id, "cash", text, 0.9, {}, now, now,
                            now + timedelta(days=1), now)
            with application.store.write() as work:
                work.follow_ups.add(item)
            application.follow_ups.close(item.id, Came.INTERESTED, "", Agent("anna", "anna", Actor("anna")))
    finally:
        application.close()
    return english


def proposals(data: Path) -> list[dict]:
    return [json.loads(line) for line in (data / "proposals.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.timeout(600)
def test_the_whole_way(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = train("--only-propose", "--drafts")
    assert done.exit_code == 0 and "2 questions proposed" in done.output and "2 drafts at the desk" in done.output, done.output
    found = proposals(used)
    assert {item["question"]: item["article_id"] for item in found} == dict(list(ASKED.items())[:2]), "personal data proposes nothing"
    assert all(item["accepted"] is None and item["voices"]["sent"] == 1 and "kind" in item["now"] for item in found)
    again = train("--only-propose", "--drafts")
    assert "0 drafts at the desk" in again.output, "what somebody is working on is left to them"

    judged, train_needs = list[Utterance](), from_log.train_needs
    monkeypatch.setattr(from_log, "train_needs", lambda *given, **named: (judged.extend(named["judged"]), train_needs(*given, **named)))
    lines = [json.dumps(item | {"accepted": True}) for item in found]
    (used / "proposals.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = train("--name", "log-a")
    assert judged == [Utterance(IDLE, ("cash",))] and "1 messages with needs" in done.output, "and no golden question, nor a bare number"
    assert "0 questions proposed" in done.output and "2 accepted questions train" in done.output, done.output
    models, settings = NamedModels(used), load_settings()
    card = json.loads((models.folder("log-a") / "card.json").read_text(encoding="utf-8"))
    assert card["learned"] == {"accepted": 2, "judged": 1} and card["compared"]["with"] == "shipped"
    assert card["data"]["calibration.jsonl"]["lines"] == 120
    assert done.exit_code == (0 if card["compared"]["passed"] else 1)
    assert models.in_use() == ("log-a" if card["compared"]["passed"] else "shipped")
    models.use("log-a", force=True)
    application = open_application(settings)
    try:
        assert application.responder.respond("Set up 2FA").models["ranker"] == card["figures"]["ranker"]["version"]
        actions = [entry.action for entry in application.trail.page(0, 500)]
    finally:
        application.close()
    assert actions.count("models.learned") == 3 and actions.count("revision.started") == 2

    for name in ("train_intents", "train_needs", "train_tone"):
        monkeypatch.setattr(from_log, name, lambda folder, *_, **__: shutil.copytree(models.folder("log-a") / folder.name, folder))
    monkeypatch.setattr(from_log, "train", lambda folder, *_, **__: shutil.copytree(models.folder("log-a") / "ranker", folder))
    asked = from_log.gate_questions
    monkeypatch.setattr(from_log, "gate_questions", lambda *given: tuple(part[:9] for part in asked(*given)))
    monkeypatch.setattr(from_log, "compare", lambda old, new, groups: compare(["right"] * len(old), ["wrong"] * len(new), groups))
    worse = train("--name", "log-b")
    assert worse.exit_code == 1 and "not taken" in worse.output and models.in_use() == "log-a", worse.output
    forced = train("--name", "log-c", "--force")
    assert forced.exit_code == 0 and models.in_use() == "log-c", forced.output
    assert [item.passed for item in models.all()] == [card["compared"]["passed"], False, True]
    taken = train("--name", "log-c")
    assert taken.exit_code != 0 and "already" in str(taken.exception)
