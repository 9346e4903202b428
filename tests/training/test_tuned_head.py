"""A transformer learns labels, and what comes of it reads beside the heads that are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from intents.head import TextHead
from intents.tuned_head import TUNED, TunedHead, put_beside, read_twice, take_away
from knowledge.encoder import DEFAULT_ENCODER, OnnxEncoder, load_encoder
from training.heads import fit_head

SAVING = ["钱放着可惜", "卖了股票钱空着", "活期利息太低", "闲钱放哪里好", "有笔钱半年不用", "工资发了先不买"]
LEAVING = ["别家佣金更低", "我要转走了", "手续费太贵想销户", "再不降费就换券商", "对你们很失望", "朋友那家便宜一半"]
TEXTS = [f"{start}{text}" for text in SAVING + LEAVING for start in ("", "我说", "请问", "那个")]
NAMES = ["cash", "retention"]
LABELS = [NAMES[int(any(text.endswith(words) for words in LEAVING))] for text in TEXTS]


def test_two_heads_read_together(tmp_path: Path) -> None:
    encoder = load_encoder()
    vectors = encoder.encode_queries(TEXTS)
    head = fit_head(TEXTS, vectors, LABELS)
    head.save(tmp_path)
    assert isinstance(read_twice(tmp_path), TextHead)
    TunedHead.encoder_folder(tmp_path / TUNED).parent.mkdir()
    TunedHead.encoder_folder(tmp_path / TUNED).symlink_to(DEFAULT_ENCODER, target_is_directory=True)
    against = np.zeros((encoder.dimension, 2), np.float32)
    TunedHead(tuple(NAMES), encoder, against[:, 0], against, np.array([0.0, 9.0], np.float32)).save(tmp_path / TUNED)
    both = read_twice(tmp_path)
    told = both.probabilities(TEXTS[0], vectors[0])
    alone = head.probabilities(TEXTS[0], vectors[0])
    assert told.sum() == pytest.approx(1.0) and told[1] > alone[1]
    assert np.log(told[1] / told[0]) == pytest.approx((np.log(alone[1] / alone[0]) + 9) / 2, abs=1e-3)
    assert both.dimension == head.dimension and both.version.startswith(f"{head.version}+")
    TunedHead(("cash", "gold"), encoder, against[:, 0], against, np.zeros(2, np.float32)).save(tmp_path / TUNED)
    with pytest.raises(ValueError, match="--transformer"):
        read_twice(tmp_path)


def test_it_takes_the_place_of_an_earlier_one_whole_and_goes_whole(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name / "encoder").mkdir(parents=True)
        (tmp_path / name / "encoder" / f"{name}.onnx").write_text(name)
        put_beside(tmp_path, tmp_path / name)
    assert [path.name for path in (tmp_path / TUNED).rglob("*") if path.is_file()] == ["new.onnx"]
    assert take_away(tmp_path) and not take_away(tmp_path) and not (tmp_path / TUNED).exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("named", [False, True], ids=["shipped", "a model by its folder"])
def test_a_transformer_learns_to_tell_labels(tmp_path: Path, named: bool) -> None:
    needs = "needs: pip install -e '.[training]'"
    pytest.importorskip("sentence_transformers", reason=needs)
    pytest.importorskip("datasets", reason=needs)
    from training.restored import restore
    from training.tuned_head import SERVED, SHIPPED, Task, tune, tune_beside

    if named:
        restore(DEFAULT_ENCODER, tmp_path / "model")
    base = str(tmp_path / "model") if named else SHIPPED
    targets = np.array([[label == name for name in NAMES] for label in LABELS], float)
    task = Task(NAMES, targets, np.ones(len(TEXTS), bool))
    (tuned,) = tune(base, tmp_path / "work", TEXTS, [task], name="tuned", epochs=8, batch=8)
    tuned.save(tmp_path / "work" / SERVED)
    (tmp_path / "head").mkdir()
    put_beside(tmp_path / "head", tmp_path / "work" / SERVED)
    loaded = TunedHead.load(tmp_path / "head" / TUNED)
    assert loaded is not None and isinstance(loaded.encoder, OnnxEncoder) != named
    fresh = {"闲着的钱怎么放才不亏": 0, "打算把户头转到别家去": 1}
    for text, label in fresh.items():
        told = loaded.log_odds(text)
        assert told[label] > told[1 - label], (text, told)
        assert told == pytest.approx(tuned.log_odds(text), abs=1e-4)
    if not named:
        encoder = load_encoder()
        vectors = encoder.encode_queries(TEXTS)
        fit_head(TEXTS, vectors, LABELS).save(tmp_path / "one")
        tune_beside(base, tmp_path / "one", TEXTS, LABELS, name="one", work=tmp_path / "work-one", epochs=8)
        assert not (tmp_path / "work-one").exists(), "what is finished is not to be gone on from"
        both = read_twice(tmp_path / "one")
        assert NAMES[int(both.probabilities("别家佣金更低", encoder.encode_queries(["别家佣金更低"])[0]).argmax())] == "retention"


@pytest.mark.slow
def test_what_counts_three_times_and_what_learns(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="needs: pip install -e '.[training]'")
    pytest.importorskip("datasets", reason="needs: pip install -e '.[training]'")
    import torch
    from sentence_transformers import SentenceTransformer

    from training.restored import restore
    from training.tuned_head import Task, _hold_still, _Labels

    restore(DEFAULT_ENCODER, tmp_path)
    for lower_half, learning, dropped in ((False, 12, 0.1), (True, 6, 0.0)):
        model = SentenceTransformer(str(tmp_path), device="cpu")
        _hold_still(model, lower_half=lower_half)
        bert = model[0].auto_model
        layers = [layer for layer in bert.encoder.layer if all(one.requires_grad for one in layer.parameters())]
        assert layers == list(bert.encoder.layer)[12 - learning:]
        assert not any(one.requires_grad for one in bert.embeddings.parameters())
        assert {part.p for part in bert.encoder.modules() if isinstance(part, torch.nn.Dropout)} == {dropped}

    def loss(weight: float, known: bool = True) -> float:
        tasks = [Task(NAMES, np.ones((1, 2)), np.array([known]), weight=weight),
                 Task(["a", "b"], np.eye(2)[:1], np.ones(1), one_holds=True)]
        given = torch.tensor([[0.5, -1.0, 2.0, 0.0]])
        told = torch.tensor([[1.0, 1.0, float(known), 1.0, 0.0, 1.0]])
        return float(_Labels(lambda column: {"sentence_embedding": given}, tasks)([{}], told))

    first, second = np.log1p(np.exp(-0.5)) + np.log1p(np.exp(1.0)), np.log1p(np.exp(-2.0))
    assert loss(1.0) == pytest.approx(first + second, abs=1e-5)
    assert loss(3.0) == pytest.approx(3 * first + second, abs=1e-5)
    assert loss(3.0, known=False) == pytest.approx(second, abs=1e-5)
