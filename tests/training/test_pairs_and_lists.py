"""What encoder and cross-encoder are trained on, and that their losses are what they are said to be."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from knowledge.article_head import NO_ARTICLE

pytestmark = pytest.mark.slow
NEEDS = "needs: pip install -e '.[training]'"
ARTICLES = "abcdefghij"
QUESTIONS = [(f"{article}{number}怎么办", article) for article in ARTICLES for number in range(6)]
STANDARD = {article: f"{article}的标准问题" for article in ARTICLES}
OWNER = dict(QUESTIONS)


@pytest.fixture
def torch():
    pytest.importorskip("sentence_transformers", reason=NEEDS)
    pytest.importorskip("datasets", reason=NEEDS)
    return pytest.importorskip("torch", reason=NEEDS)


@pytest.fixture
def vectors() -> np.ndarray:
    """Questions of one article lie together, each article in a direction of its own."""
    drawn = np.random.default_rng(7)
    middles = np.repeat(drawn.normal(size=(len(ARTICLES), 16)), 6, axis=0)
    spread = (middles + 0.1 * drawn.normal(size=middles.shape)).astype(np.float32)
    return spread / np.linalg.norm(spread, axis=1, keepdims=True)


@pytest.fixture
def tiny(torch, tmp_path: Path) -> Path:
    """A sentence-transformers folder of one untrained layer that knows the characters of the questions."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(3)
    signs = sorted({sign for text in [*OWNER, *STANDARD.values(), "query: /"] for sign in text if not sign.isspace()})
    names = {name: number for number, name in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *signs])}
    tokenizer = Tokenizer(models.WordPiece(names, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Split("", "isolated")])
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", names["[SEP]"]), ("[CLS]", names["[CLS]"]))
    folder = tmp_path / "bert"
    BertModel(BertConfig(vocab_size=len(names), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
                         hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
                            sep_token="[SEP]").save_pretrained(folder)
    modules = [Transformer(str(folder), max_seq_length=48), Pooling(32, "mean"), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(str(tmp_path / "tiny"), create_model_card=False)
    return tmp_path / "tiny"


def test_a_positive_is_kin_and_every_negative_is_not(torch, vectors: np.ndarray) -> None:
    from training.encoder import PREFIX, tuples

    hard = {"a0怎么办"}
    rows = tuples(QUESTIONS, vectors, 400, negatives=3, hard=hard)
    assert list(rows) == ["anchor", "positive", "negative_1", "negative_2", "negative_3"]
    told = {name: [text.removeprefix(PREFIX) for text in column] for name, column in rows.items()}
    kin = [OWNER[text] for text in told["positive"]]
    assert [kin.count(article) for article in ARTICLES] == [40] * len(ARTICLES), "every article is drawn alike"
    for name in ("negative_1", "negative_2", "negative_3"):
        assert all(OWNER[text] != article for text, article in zip(told[name], kin, strict=True))
    others = list(zip(*(map(OWNER.get, told[f"negative_{place}"]) for place in (1, 2, 3)), strict=True))
    assert all(len(set(row)) == 3 for row in others), "near misses of a row are of different articles"
    unspoilt = [(text, article) for text, article in zip(told["anchor"], kin, strict=True) if text in OWNER]
    assert len(unspoilt) > 300 and all(OWNER[text] == article for text, article in unspoilt)
    of_a = [text for text, article in unspoilt if article == "a"]
    assert of_a.count("a0怎么办") > len(of_a) / 3, "what is hard comes more often than one in six"


def test_near_misses_are_the_nearest_of_other_articles(torch, vectors: np.ndarray) -> None:
    from training.encoder import near_misses

    for number, missed in enumerate(near_misses([article for _, article in QUESTIONS], vectors)):
        owners = [QUESTIONS[other][1] for other in missed]
        assert len(set(owners)) == len(owners) == 8 and QUESTIONS[number][1] not in owners
        alike = vectors @ vectors[number]
        others = [place for place, (_, article) in enumerate(QUESTIONS) if article != QUESTIONS[number][1]]
        assert missed[0] == max(others, key=lambda place: alike[place])


def test_the_loss_by_length_is_the_library_s(torch, tiny: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    from training.encoder import ByLength

    encoder = SentenceTransformer(str(tiny), device="cpu").eval()
    columns = [[f"{article}{number}怎么办" * (1 + place % 3) for place, article in enumerate(ARTICLES)] for number in range(3)]
    features = [encoder.preprocess(column) for column in columns]
    expected = MultipleNegativesRankingLoss(encoder, scale=30.0)([dict(item) for item in features], torch.zeros(0))
    found = ByLength(encoder, scale=30.0)([dict(item) for item in features], torch.zeros(0))
    assert found.item() == pytest.approx(expected.item(), abs=1e-4)


def test_a_list_has_one_right_candidate_and_off_topic_ones_have_none(torch, vectors: np.ndarray) -> None:
    from training.cross_encoder import candidates_of

    listed = candidates_of(QUESTIONS, vectors, QUESTIONS, vectors, STANDARD, wrong=5, choose=random.Random(1))
    assert len(listed) == len(QUESTIONS)
    for item, (text, article) in zip(listed, QUESTIONS, strict=True):
        assert item.labels == (1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        owners = [OWNER[passage.split(" / ")[0]] for passage in item.passages]
        assert owners[0] == article and article not in owners[1:] and len(set(owners)) == 6
        assert not item.passages[0].startswith(f"{text} / "), "a question is never shown to itself"
    stranger = [("没人问过的", QUESTIONS[0][1])]
    (asked,) = candidates_of(stranger, vectors[1:2], QUESTIONS, vectors, STANDARD, wrong=5, choose=random.Random(1))
    assert asked.query == "没人问过的" and OWNER[asked.passages[0].split(" / ")[0]] == QUESTIONS[0][1]
    (off,) = candidates_of([("银行卡", NO_ARTICLE)], vectors[:1], QUESTIONS, vectors, STANDARD, wrong=3, choose=random.Random(1))
    assert off.labels == (0.0,) * 4 and len({OWNER[passage.split(" / ")[0]] for passage in off.passages}) == 4


def test_the_loss_of_lists_holds_for_lists_of_any_length(torch, tiny: Path) -> None:
    """Against the same by hand: cross-entropy of the right one among its rivals, and of every candidate alone."""
    from sentence_transformers import CrossEncoder

    from training.cross_encoder import ListLoss, drop_layers

    start = drop_layers(tiny, tiny.parent / "start", 1)
    model = CrossEncoder(str(start), num_labels=1, device="cpu").eval()
    queries, passages = ["a0", "b0", "x"], [["a1", "b1", "c1"], ["b1怎么办", "a1"], ["a1怎么办", "c1"]]
    labels = [torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0]), torch.tensor([0.0, 0.0])]
    found = ListLoss(model)([queries, passages], labels).item()
    scores = [[float(model.predict([(query, passage)], activation_fn=torch.nn.Identity())[0]) for passage in listed]
              for query, listed in zip(queries, passages, strict=True)]
    alone = [-math.log(1 / (1 + math.exp(-score if wanted else score)))
             for listed, part in zip(scores, labels, strict=True) for score, wanted in zip(listed, part.tolist(), strict=True)]
    among = [math.log(sum(map(math.exp, listed))) - listed[int(part.argmax())]
             for listed, part in zip(scores, labels, strict=True) if part.any()]
    assert found == pytest.approx(sum(alone) / len(alone) + sum(among) / len(among), abs=1e-4)
