"""An encoder that ships, as an ordinary sentence-transformers folder: for any tool to load, and for tuning to go on from.

    python -m training.restored OUT [--encoder FOLDER]

The eight-bit weights of FOLDER (default: the shipped encoder) become floats again, as near to what was quantised as eight bits are.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from knowledge.encoder import DEFAULT_ENCODER
from training.base_encoder import save_sentence_transformer

__all__ = ["restore"]

_MODEL, _SMOOTHED = "transformer.", ".linear"
# Of the base's architecture, and nowhere in the file.
_HEADS, _LAYER_NORM_EPS = 12, 1e-12


def restore(encoder: Path, folder: Path) -> None:
    """Write the encoder of a folder as `onnx_export` made it. Raises ValueError where the file is not a BERT that was quantised there."""
    weights = _weights(onnx.load(encoder / "model.onnx").graph)
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    words, positions = weights["embeddings.word_embeddings.weight"], weights["embeddings.position_embeddings.weight"]
    config = BertConfig(
        vocab_size=len(words), hidden_size=words.shape[1], num_attention_heads=_HEADS, layer_norm_eps=_LAYER_NORM_EPS,
        num_hidden_layers=1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer.")),
        intermediate_size=len(weights["encoder.layer.0.intermediate.dense.bias"]), max_position_embeddings=len(positions),
        type_vocab_size=len(weights["embeddings.token_type_embeddings.weight"]), pad_token_id=tokenizer.token_to_id("<pad>"))
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict({name: torch.from_numpy(np.array(values)) for name, values in weights.items()})
    save_sentence_transformer(model.eval(), tokenizer, folder)


def _weights(graph: onnx.GraphProto) -> Mapping[str, np.ndarray]:
    """By the names that a BertModel has for them."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    if "word_rows" not in stored:
        raise ValueError("the file has no table of words in eight bits")
    found = {"embeddings.word_embeddings.weight": stored["word_rows"] * stored["word_scales"]}
    for name, values in stored.items():
        plain = name.removeprefix(_MODEL)
        if plain == name or not plain.endswith((".weight", ".bias")):
            continue
        layer, _, kind = plain.rpartition(".")
        if layer.endswith(_SMOOTHED):
            layer = layer.removesuffix(_SMOOTHED)
            found[f"{layer}.weight"] = _matrix(graph, stored, bias=name, shrink=f"{_MODEL}{layer}.shrink")
        found[f"{layer}.{kind}"] = values
    return found


def _matrix(graph: onnx.GraphProto, stored: Mapping[str, np.ndarray], *, bias: str, shrink: str) -> np.ndarray:
    """(out, in): the matrix to whose product a bias is added, without what smoothing multiplied it by."""
    makes = {output: node for node in graph.node for output in node.output}
    (adds,) = [node for node in graph.node if node.op_type == "Add" and bias in node.input]
    node = makes[next(name for name in adds.input if name != bias)]
    while node.op_type != "MatMulInteger":
        node = makes[node.input[0]]
    name = node.input[1].removesuffix("_quantized")
    whole = (stored[node.input[1]].astype(np.float32) - stored[f"{name}_zero_point"]) * stored[f"{name}_scale"]
    return (whole * stored[shrink][:, None]).T


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, metavar="OUT")
    parser.add_argument("--encoder", type=Path, default=DEFAULT_ENCODER, metavar="FOLDER")
    given = parser.parse_args()
    restore(given.encoder, given.output)
