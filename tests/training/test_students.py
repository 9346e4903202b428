"""The encoder that ships comes back as an ordinary folder, and students learn from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.encoder import DEFAULT_ENCODER, load_encoder

pytestmark = pytest.mark.slow
NEEDS = "needs: pip install -e '.[training]'"
TEXTS = ["怎么开户", "印花税是多少", "创业板怎么开通", "创业板权限怎么取消", "银证转账几点截止", "融资利率多少", "融券费率多少", "密码忘了",
         "股票停牌了怎么办", "新股中签没缴款", "佣金能不能降", "怎么销户", "港股通门槛", "可转债要几年经验", "两融最低维持担保比例",
         "分红什么时候到账"]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sentence_transformers", reason=NEEDS)
    pytest.importorskip("datasets", reason=NEEDS)
    from training.restored import restore

    folder = tmp_path_factory.mktemp("students") / "teacher"
    restore(DEFAULT_ENCODER, folder)
    return folder


def test_what_ships_can_be_loaded_by_any_tool(teacher: Path) -> None:
    from sentence_transformers import SentenceTransformer

    found = SentenceTransformer(str(teacher), device="cpu").encode(TEXTS, prompt_name="query", normalize_embeddings=True)
    cosines = (found * load_encoder().encode_queries(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.995, "as near as quantised activations are"


@pytest.mark.parametrize("layers", [2, 0])
def test_a_student_learns_its_teacher_s_vectors(teacher: Path, tmp_path: Path, layers: int) -> None:
    from sentence_transformers import SentenceTransformer

    from training.distil import distil
    from training.encoder import encode

    taught = encode(SentenceTransformer(str(teacher), device="cpu"), TEXTS)
    nearer = []
    for steps in (1, 60):
        student = distil(teacher, tmp_path / f"student-{steps}", TEXTS, taught, layers=layers, steps=steps, batch=16)
        nearer.append(float((encode(student, TEXTS) * taught).sum(axis=1).mean()))
    assert nearer[1] > nearer[0] + 0.02, nearer
    assert np.allclose(encode(SentenceTransformer(str(tmp_path / "student-60"), device="cpu"), TEXTS), encode(student, TEXTS), atol=5e-3)


def test_tuning_goes_on_from_what_ships_and_what_comes_of_it_serves(teacher: Path, tmp_path: Path) -> None:
    from training.base_encoder import export
    from training.encoder import fine_tune

    questions = [(f"{text}{ending}", f"article-{number}") for number, text in enumerate(TEXTS) for ending in ("", "呢", "请问", "我想问下")]
    fine_tune(teacher, tmp_path / "tuned", questions, steps=4, batch=8)
    fidelity = export(tmp_path / "tuned", tmp_path / "served", name="tuned")
    assert fidelity.mean_cosine > 0.99
    served, shipped = load_encoder(str(tmp_path / "served")), load_encoder()
    assert served.fingerprint != shipped.fingerprint
    assert (served.encode_queries(TEXTS) * shipped.encode_queries(TEXTS)).sum(axis=1).min() > 0.9, "four steps turn nothing over"
