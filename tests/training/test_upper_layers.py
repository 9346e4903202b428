"""Layers that are trained apart from those below give what the whole encoder gives, and are its own."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="no torch here: pip install -e '.[training]'")
pytest.importorskip("sentence_transformers", reason="no sentence-transformers here: pip install -e '.[training]'")

from sentence_transformers import SentenceTransformer  # noqa: E402

from training.encoder import fine_tune  # noqa: E402
from training.upper_layers import UpperLayers, lower_states  # noqa: E402

TEXTS = ["怎么开通创业板", "开户", "我昨天转进来的钱，今天怎么还不能转出去啊", "融资利率是多少", "佣金"]


@pytest.fixture
def encoder(tmp_path) -> SentenceTransformer:
    """A small BERT that has learned nothing, over a few characters."""
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(1)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted(set("".join(TEXTS)))]
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    folder = tmp_path / "bert"
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
                            sep_token="[SEP]").save_pretrained(folder)
    config = BertConfig(vocab_size=len(words), hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32,
                        max_position_embeddings=64)
    BertModel(config).save_pretrained(folder)
    made = SentenceTransformer(modules=[transformer := Transformer(str(folder)), Pooling(transformer.get_embedding_dimension())], device="cpu")
    made.max_seq_length = 40
    return made


def test_the_upper_layers_over_what_is_kept_give_what_the_whole_gives(encoder: SentenceTransformer) -> None:
    states = lower_states(encoder, TEXTS, upper=2)
    upper = SentenceTransformer(modules=[UpperLayers(encoder, states, 2)], device="cpu")
    whole, apart = encoder.encode(TEXTS, normalize_embeddings=True), upper.encode(TEXTS)
    assert abs(whole - apart).max() < 2e-3, "what is kept has 16 bits"
    assert abs(whole @ whole.T - 1).max() > 1e-3


def test_training_them_changes_them_alone(encoder: SentenceTransformer, tmp_path) -> None:
    encoder.save(str(tmp_path / "base"))
    questions = [(text + more, text) for text in TEXTS for more in map("{}".format, range(20))]
    fine_tune(tmp_path / "base", tmp_path / "tuned", questions, steps=3, batch=4, rounds=1, hard={"开户7"}, upper=2, learning_rate=1e-2)
    before, after = (SentenceTransformer(str(tmp_path / name), device="cpu")[0].auto_model for name in ("base", "tuned"))
    same = [all(torch.equal(one, other) for one, other in zip(old.parameters(), new.parameters(), strict=True))
            for old, new in zip(before.encoder.layer, after.encoder.layer, strict=True)]
    assert same == [True, True, False, False]
    assert torch.equal(before.embeddings.word_embeddings.weight, after.embeddings.word_embeddings.weight)
