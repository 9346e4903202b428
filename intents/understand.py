"""One message, understood: normalised, repaired, encoded once, and read by every reader."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from intents.entities import EntityReader
from intents.head import TextHead
from intents.layered_head import LayeredHead
from intents.needs import NeedReader
from intents.reading import Intent, Reading
from intents.repair import Repairer
from intents.sensitive import UNHEARD, Overtone, SensitiveReader
from intents.tone import ToneReader
from intents.tuned_head import TUNED, ReadTwice, TunedHead, read_twice
from knowledge.encoder import Encoder
from knowledge.lexicon import load_lexicon
from knowledge.text import content, normalize

__all__ = ["MODELS", "Understander", "Understood"]

MODELS = Path(__file__).parent / "models"
_SURE_ENOUGH = 0.25


@dataclass(frozen=True, slots=True)
class Understood:
    """A reading with what search needs: the query without fillers, its vector (d,), and all intents' probabilities.

    `overtone`: what the words may say between the lines.
    """

    reading: Reading
    query: str
    vector: np.ndarray
    intents: Mapping[str, float]
    overtone: Overtone = UNHEARD


class Understander:
    """Reads messages. Built once for a knowledge base, whose `questions`, normalised, resolve typos."""

    def __init__(self, questions: Iterable[str], encoder: Encoder, *, intents: TextHead | ReadTwice, tone: ToneReader, needs: NeedReader,
                 sensitive: SensitiveReader | None = None) -> None:
        lexicon = load_lexicon()
        self._repairer = Repairer(lexicon, questions)
        self._entities = EntityReader(lexicon)
        self._encoder, self._intents, self._tone, self._needs, self._sensitive = encoder, intents, tone, needs, sensitive
        self.versions = {"intents": intents.version}

    @classmethod
    def open(cls, questions: Iterable[str], encoder: Encoder, folder: Path = MODELS) -> Understander:
        """With the heads shipped in `folder` (`intents`, `tone`, `needs`, `sensitive`), which belong to one encoder.

        A folder that was trained without `sensitive` goes without: the rules stand by themselves.
        """
        intents, tone = (read_twice(folder / name) for name in ("intents", "tone"))
        needs, net = LayeredHead.load(folder / "needs"), LayeredHead.load(folder / "sensitive") if (folder / "sensitive").is_dir() else None
        # Needs and the net read again with one transformer.
        opened: dict[Path, Encoder] = {}
        flags = NeedReader(needs, TunedHead.load(folder / "needs" / TUNED, opened))
        sensitive = SensitiveReader(net, TunedHead.load(folder / "sensitive" / TUNED, opened)) if net else None
        heads = {"intents": intents, "tone": tone, "needs": needs, **({"sensitive": net} if net else {})}
        for name, head in heads.items():
            if head.dimension != encoder.dimension:
                raise ValueError(f"{folder / name} reads vectors of {head.dimension} numbers, the encoder {encoder.name} gives "
                                 f"{encoder.dimension}; train models for it with zhike train all, and name their folder in ZHIKE_MODELS")
        understander = cls(questions, encoder, intents=intents, tone=ToneReader(tone), needs=flags, sensitive=sensitive)
        understander.versions.update({"tone": tone.version, **flags.versions, **(sensitive.versions if sensitive else {})})
        return understander

    def replaying(self, encoder: Encoder | None = None) -> Understander:
        """The same readers, to read past questions again for their replies: with vectors from another encoder that gives the same, and
        needs, which no reply depends on, by the head alone."""
        same = copy.copy(self)
        same._encoder, same._needs = encoder or self._encoder, self._needs.alone()
        return same

    def repaired(self, text: str) -> str:
        """The normalised text with typos by sound resolved."""
        return self._repairer.repair(normalize(text))

    def entity_types(self, text: str) -> set[str]:
        """What types of entities the client's words hold."""
        return {entity.type for entity in self._entities.read(text)}

    def overhear(self, text: str) -> tuple[Reading, np.ndarray]:
        """The tone of a client's words and the needs that they show, and nothing else of them; and their vector (d,)."""
        said = self.repaired(text)
        vector = self._encoder.encode_queries([content(said)])[0]
        return Reading(text, said, Intent("unknown", 0.0), tone=self._tone.read(said, vector), needs=self._needs.read(said, vector)), vector

    def overtone(self, said: str, vector: np.ndarray) -> Overtone:
        """What a repaired text, whose content has this vector, may say between the lines."""
        return self._sensitive.read(content(said), vector) if self._sensitive else UNHEARD

    def read(self, text: str, *, said: str | None = None, as_question: str | None = None) -> Understood:
        """Understand a client's words.

        `said` is `repaired(text)` where the caller has it; `as_question` is the full question that the words stand for
        in a conversation.
        """
        said = self.repaired(text) if said is None else said
        normalized = self.repaired(as_question) if as_question and as_question != said else said
        query = content(normalized)
        vector = self._encoder.encode_queries([query])[0]
        said_vector = vector if said == normalized else self._encoder.encode_queries([content(said)])[0]
        probabilities = self._intents.probabilities(query, vector)
        intents = dict(zip(self._intents.labels, map(float, probabilities), strict=True))
        name = max(intents, key=intents.__getitem__)
        reading = Reading(text, normalized, Intent(name if intents[name] >= _SURE_ENOUGH else "unknown", intents[name]),
                          self._entities.read(text), self._tone.read(said, said_vector), self._needs.read(said, said_vector))
        return Understood(reading, query, vector, intents, self.overtone(said, said_vector))
