"""Needs are read once by the head, and where it is not sure again by the tuned reader; both together flag."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from intents.layered_head import LayeredHead
from intents.needs import NeedReader, together
from intents.tuned_head import SHARED, TUNED, TunedHead
from intents.understand import Understander
from knowledge.encoder import DEFAULT_ENCODER, load_encoder
from tests.fakes.encoder import CountingEncoder
from tests.fakes.told import Told
from training.heads import Shape, fit_layered_head

IDLE, STEADY, NONE = "闲钱放着可惜", "想要稳当一点的", "几点开盘"
TEXTS = [f"{start}{text}{ending}" for text in (IDLE, STEADY, NONE) for start in ("请问", "我", "那个", "") for ending in ("呢", "啊", "")]
LABELS = [{"cash"} if IDLE in text else {"fixed_income"} if STEADY in text else set() for text in TEXTS]


@pytest.fixture(scope="module")
def head() -> LayeredHead:
    found = fit_layered_head(TEXTS, CountingEncoder(64).encode_passages(TEXTS), LABELS, Shape(hidden=32), multi_label=True)
    return replace(found, thresholds={"cash": 0.5, "fixed_income": 0.5})


def tuned(encoder: Told, **other: float) -> TunedHead:
    zeros = np.zeros(2, np.float32)
    return TunedHead(("cash", "fixed_income"), encoder, zeros, np.eye(2, dtype=np.float32), zeros, **other)


def families(reader: NeedReader, text: str) -> list[str]:
    return [need.family for need in reader.read(text, CountingEncoder(64).encode_queries([text])[0])]


def test_the_head_alone(head: LayeredHead) -> None:
    reader = NeedReader(head)
    assert [families(reader, text) for text in (IDLE, STEADY, NONE, "钱")] == [["cash"], ["fixed_income"], [], []]
    assert reader.versions == {"needs": head.version}


def test_both_together_decide_and_the_words_are_the_client_s(head: LayeredHead) -> None:
    against, besides = Told((-30.0, -30.0)), Told((30.0, 30.0))
    assert families(NeedReader(head, tuned(against)), IDLE) == [] and against.asked == 1
    reader = NeedReader(head, tuned(besides, threshold=0.6))
    assert families(reader, IDLE)[0] == "cash", "the surest first"
    (need, *_) = reader.read(IDLE, CountingEncoder(64).encode_queries([IDLE])[0])
    assert need.evidence in IDLE and need.probability > 0.6
    assert reader.versions == {"needs": head.version, "needs_tuned": tuned(besides).version}
    assert families(reader.alone(), IDLE) == ["cash"] and besides.asked == 2


def test_what_shows_no_need_is_not_read_again(head: LayeredHead) -> None:
    never = Told((9.0, 9.0))
    assert families(NeedReader(head, tuned(never, passing=0.4)), NONE) == [] and never.asked == 0


def test_together_is_the_mean_of_log_odds() -> None:
    assert together(np.array([0.5, 0.9, 1.0]), np.array([0.0, -np.log(9), -40.0])) == pytest.approx([0.5, 0.5, 0.0], abs=1e-5)


def test_readers_of_other_families_do_not_go_together(head: LayeredHead) -> None:
    with pytest.raises(ValueError, match="zhike train needs --transformer"):
        NeedReader(head, replace(tuned(Told((0.0, 0.0))), labels=("cash", "gold")))


def test_kept_and_loaded_a_tuned_head_is_the_same(tmp_path: Path) -> None:
    assert TunedHead.load(tmp_path) is None
    TunedHead.encoder_folder(tmp_path).symlink_to(DEFAULT_ENCODER, target_is_directory=True)
    encoder, draw = load_encoder(), np.random.default_rng(0)
    kept = TunedHead(("cash", "gold"), encoder, draw.normal(size=384).astype(np.float32), draw.normal(size=(384, 2)).astype(np.float32),
                     np.array([-1.0, 2.0], np.float32), passing=0.01, threshold=0.44)
    kept.save(tmp_path, {"texts": 3})
    loaded = TunedHead.load(tmp_path)
    assert loaded is not None and (loaded.labels, loaded.passing, loaded.threshold, loaded.version) == (
        kept.labels, 0.01, 0.44, kept.version)
    assert loaded.log_odds("账上的钱放着有利息吗") == pytest.approx(kept.log_odds("账上的钱放着有利息吗"))


def test_heads_share_a_transformer_and_say_where_it_is_missing(tmp_path: Path) -> None:
    zeros, opened = np.zeros(384, np.float32), {}
    for name in ("needs", "sensitive"):
        (tmp_path / name / TUNED).mkdir(parents=True)
        TunedHead(("cash", "gold"), load_encoder(), zeros, np.zeros((384, 2), np.float32), np.zeros(2, np.float32),
                  encoder_at=SHARED).save(tmp_path / name / TUNED)
    with pytest.raises(FileNotFoundError, match="--transformer"):
        TunedHead.load(tmp_path / "needs" / TUNED)
    (tmp_path / TUNED).symlink_to(DEFAULT_ENCODER, target_is_directory=True)
    first, second = (TunedHead.load(tmp_path / name / TUNED, opened) for name in ("needs", "sensitive"))
    assert first is not None and second is not None and first.encoder is second.encoder and len(opened) == 1


def test_what_ships_hears_what_is_meant_and_leaves_plain_questions_alone() -> None:
    encoder = load_encoder()
    understander = Understander.open((), encoder)
    assert {"needs", "needs_tuned", "sensitive", "sensitive_tuned"} <= understander.versions.keys(), "both readers ship"
    heard = {text: [need.family for need in understander.read(text).reading.needs] for text in (
        "请问卖了股票的钱放账上好久没动了,有没有利息", "别家佣金只要你们的一半,再不降我就走了", "孩子三岁,想每个月给他存点钱以后上大学用",
        "请问港股通要怎么样开通呢", "打新要多少市值", "期权开户要放够几天资金", "印花税是多少", "密码忘了怎么办")}
    found = list(heard.values())
    assert "cash" in found[0] and "retention" in found[1] and "plan" in found[2], heard
    assert not any(found[3:]), heard
    (need, *_) = understander.read("请问卖了股票的钱放账上好久没动了,有没有利息").reading.needs
    assert "钱" in need.evidence and need.evidence in "请问卖了股票的钱放账上好久没动了,有没有利息"


def test_past_questions_are_read_again_without_the_second_reader() -> None:
    replaying = Understander.open((), load_encoder()).replaying()
    assert "cash" in [need.family for need in replaying.read("卖了股票的钱放账上好久没动了,有没有利息").reading.needs]
    assert replaying._needs.versions.keys() == {"needs"}
