"""The upper layers of an encoder as a model of their own, over what the lower ones make of known texts.

While the lower layers stay as they are, what they make of a text is computed once: a step costs half of one through all
twelve layers, or less. `training.encoder` trains it as any other sentence-transformers model; the layers are the
encoder's own, so it learns with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import InputModule
from torch import nn
from torch.nn import functional

__all__ = ["UpperLayers", "lower_states"]

_TOGETHER = 96
# Of texts of a training step; like lengths together spare padding.
_ALIKE = 20


def lower_states(encoder: SentenceTransformer, texts: Sequence[str], upper: int) -> dict[str, torch.Tensor]:
    """Text → (its tokens, d) float16: what all layers but the `upper` last make of it. The encoder is a BERT."""
    bert, tokenizer, longest = encoder[0].auto_model, encoder[0].tokenizer, encoder.max_seq_length
    layers = bert.encoder.layer[:len(bert.encoder.layer) - upper]
    states = {}
    bert.eval()
    with torch.no_grad():
        for part in _parts(sorted(set(texts), key=len), _TOGETHER):
            tokens = tokenizer(list(part), truncation=True, max_length=longest)["input_ids"]
            ids = nn.utils.rnn.pad_sequence([torch.tensor(one) for one in tokens], batch_first=True, padding_value=bert.config.pad_token_id)
            hidden = _through(layers, bert.embeddings(input_ids=ids), _mask([len(one) for one in tokens]))
            states.update((text, hidden[row, :len(tokens[row])].half().clone()) for row, text in enumerate(part))
    return states


class UpperLayers(InputModule):
    """Gives the mean of the last layer as `sentence_embedding`, of the texts whose states it was given and of no others."""

    def __init__(self, encoder: SentenceTransformer, states: Mapping[str, torch.Tensor], upper: int) -> None:
        super().__init__()
        self.layers = encoder[0].auto_model.encoder.layer[-upper:]
        # On a CPU it takes a tenth of each step, and a question is seen once or twice.
        for module in self.layers.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        self.tokenizer = encoder[0].tokenizer
        self._dimension = encoder.get_embedding_dimension()
        self._place = {text: place for place, text in enumerate(states)}
        self._states = list(states.values())

    def preprocess(self, inputs: list[str], prompt: str | None = None, **kwargs: object) -> dict[str, torch.Tensor]:
        # The trainer knows a text by this name.
        return {"input_ids": torch.tensor([self._place[(prompt or "") + text] for text in inputs])}

    def forward(self, features: dict[str, torch.Tensor], **kwargs: object) -> dict[str, torch.Tensor]:
        states = [self._states[place].float() for place in features["input_ids"]]
        order = sorted(range(len(states)), key=lambda row: len(states[row]))
        means = []
        for part in _parts(order, _ALIKE):
            mask = _mask([len(states[row]) for row in part])
            hidden = _through(self.layers, nn.utils.rnn.pad_sequence([states[row] for row in part], batch_first=True), mask)
            means.append((hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True))
        back = torch.tensor(order).argsort()
        features["sentence_embedding"] = functional.normalize(torch.cat(means)[back], dim=1)
        return features

    def get_embedding_dimension(self) -> int:
        return self._dimension

    def save(self, output_path: str, *args: object, **kwargs: object) -> None:
        raise NotImplementedError("the layers belong to an encoder: save that")


def _parts(items: Sequence, size: int) -> Iterator[Sequence]:
    return (items[start:start + size] for start in range(0, len(items), size))


def _mask(lengths: Sequence[int]) -> torch.Tensor:
    """(texts, longest) float: 1 where there is a token."""
    return (torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]).float()


def _through(layers: Sequence[nn.Module], hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    hides = (1.0 - mask[:, None, None, :]) * torch.finfo(hidden.dtype).min
    for layer in layers:
        passed = layer(hidden, attention_mask=hides)
        hidden = passed[0] if isinstance(passed, tuple) else passed
    return hidden
