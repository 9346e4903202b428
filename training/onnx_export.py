"""Export a BERT encoder to ONNX and quantise it to eight bits."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from training.smoothing import smooth

__all__ = ["export_float", "export_int8", "export_tokenizer", "quantise", "sha256"]

_OPSET = 18

logging.getLogger("torch.onnx").setLevel(logging.ERROR)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def export_tokenizer(folder: Path, output: Path) -> None:
    """The tokenizer of a model folder as serving reads it, which cuts and pads by its own settings."""
    definition = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8")) | {"truncation": None, "padding": None}
    text = json.dumps(definition, ensure_ascii=False, separators=(",", ":"))
    (output / "tokenizer.json").write_text(text + "\n", encoding="utf-8")


class _TokenEmbeddings(nn.Module):
    """(batch, length) ids and mask -> (batch, length, hidden)."""

    def __init__(self, transformer: nn.Module) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


class _Scores(nn.Module):
    """(batch, length) ids and mask -> (batch,) log-odds of a classifier with one label."""

    def __init__(self, transformer: nn.Module, classifier: nn.Module) -> None:
        super().__init__()
        self.transformer, self.classifier = transformer, classifier

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        pooled = self.transformer(input_ids=input_ids, attention_mask=attention_mask).pooler_output
        return self.classifier(pooled).squeeze(-1)


def export_int8(
    transformer: nn.Module,
    path: Path,
    *,
    max_length: int,
    calibration: Mapping[str, torch.Tensor],
    classifier: nn.Module | None = None,
) -> None:
    """Smoothing, float export, quantisation; only the quantised file stays.

    `calibration` holds `input_ids` and `attention_mask` of typical texts, (batch, length). With `classifier`, a linear
    layer on the pooled output, the file gives scores; without, the vectors of all tokens.
    """
    transformer = copy.deepcopy(transformer).cpu().float().eval()
    smooth(transformer, calibration, lambda layer: layer.startswith("encoder."))
    with tempfile.TemporaryDirectory() as folder:
        float_path = Path(folder) / "float.onnx"
        export_float(transformer, float_path, max_length=max_length, classifier=classifier)
        quantise(float_path, path)


def export_float(transformer: nn.Module, path: Path, *, max_length: int, classifier: nn.Module | None = None) -> None:
    """Inputs `input_ids`, `attention_mask`: int64 (batch, length). Output `token_embeddings` or `scores`."""
    ids = torch.ones((2, 8), dtype=torch.int64)
    mask = torch.ones((2, 8), dtype=torch.int64)
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", max=max_length)}
    shortened = _with_positions(transformer, max_length)
    whole = _Scores(shortened, copy.deepcopy(classifier).cpu().float()) if classifier else _TokenEmbeddings(shortened)
    program = torch.onnx.export(
        whole.eval(),
        (ids, mask),
        dynamo=True,
        opset_version=_OPSET,
        input_names=["input_ids", "attention_mask"],
        output_names=["scores" if classifier else "token_embeddings"],
        dynamic_shapes=(axes, axes),
        verbose=False,
    )
    program.save(str(path), external_data=False)


def _with_positions(transformer: nn.Module, count: int) -> nn.Module:
    """A copy of a BERT encoder that knows its first `count` positions only."""
    shortened = copy.deepcopy(transformer).cpu().float()
    embeddings = shortened.embeddings
    embeddings.position_embeddings = nn.Embedding.from_pretrained(embeddings.position_embeddings.weight[:count])
    embeddings.position_ids = embeddings.position_ids[:, :count]
    embeddings.token_type_ids = embeddings.token_type_ids[:, :count]
    shortened.set_attn_implementation("eager")
    return shortened


def quantise(source: Path, target: Path) -> None:
    """Matrices to int8 per output channel, activations dynamically; the word table to int8 per row.

    Weights use seven of the eight bits: on processors without VNNI, sums of two products of
    unsigned activations and full-range weights would overflow sixteen bits.
    """
    with tempfile.TemporaryDirectory() as folder:
        matrices = Path(folder) / "matrices.onnx"
        quantize_dynamic(
            source,
            matrices,
            op_types_to_quantize=["MatMul", "Gemm"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
        model = onnx.load(matrices)
    _quantise_word_table(model)
    _drop_names(model)
    onnx.checker.check_model(model)
    onnx.save(model, target)


def _quantise_word_table(model: onnx.ModelProto) -> None:
    """Replace table[ids] by float(int8_table[ids]) * scale[ids]: each word keeps its own range."""
    graph = model.graph
    gathers = [node for node in graph.node if node.op_type == "Gather" and node.input[1] == "input_ids"]
    if len(gathers) != 1:
        raise ValueError(f"expected one look-up of words by input_ids in the graph, found {len(gathers)}")
    (gather,) = gathers
    (table,) = [tensor for tensor in graph.initializer if tensor.name == gather.input[0]]
    weights = numpy_helper.to_array(table)
    scale = np.maximum(np.abs(weights).max(axis=1, keepdims=True), 1e-12).astype(np.float32) / 127
    rows = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)

    graph.initializer.remove(table)
    graph.initializer.append(numpy_helper.from_array(rows, "word_rows"))
    graph.initializer.append(numpy_helper.from_array(scale, "word_scales"))
    replacement = [
        helper.make_node("Gather", ["word_rows", "input_ids"], ["word_rows_of_ids"]),
        helper.make_node("Gather", ["word_scales", "input_ids"], ["word_scales_of_ids"]),
        helper.make_node("Cast", ["word_rows_of_ids"], ["word_rows_as_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["word_rows_as_float", "word_scales_of_ids"], list(gather.output)),
    ]
    position = list(graph.node).index(gather)
    graph.node.remove(gather)
    for offset, node in enumerate(replacement):
        graph.node.insert(position + offset, node)


def _drop_names(model: onnx.ModelProto) -> None:
    """Doc strings and metadata hold the exporter's source paths: of no use, and different on each machine."""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        value.doc_string = ""
        del value.metadata_props[:]
    del model.graph.metadata_props[:]
    del model.metadata_props[:]
