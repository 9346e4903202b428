"""From hits to ranked articles with a calibrated probability of being the right one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from knowledge.article_head import ArticleHead
from knowledge.cross_encoder import CrossEncoder, pair_text
from knowledge.found import Found, Hit
from knowledge.lexicon import load_lexicon
from knowledge.onnx import open_session
from knowledge.segment import tokens
from knowledge.surety import Surety, with_surety

__all__ = [
    "CANDIDATES",
    "CROSS_FEATURES",
    "DENSE_SCALE",
    "FEATURES",
    "LEXICAL_SCALE",
    "OFF_TOPIC",
    "SHORTLIST",
    "Curve",
    "Ranked",
    "Ranker",
    "Trees",
    "cross_features",
    "featured",
    "leads",
    "load_ranker",
    "with_cross",
]

FEATURES = (
    "dense_best", "dense_gap", "dense_mean3", "dense_answer", "dense_answer_gap",
    "lexical_best", "lexical_gap", "lexical_answer", "coverage_of_query", "coverage_of_passage", "shared_characters",
    "intent", "intent_gap", "numbers_agree", "numbers_differ", "turned_by_one_word", "query_length", "both_first",
    "dense_share", "dense_share_gap", "lexical_share", "found", "off_topic", "article", "article_gap", "refuses",
)
# What is told by the words of query and passage.
_WORDS = ("coverage_of_query", "coverage_of_passage", "shared_characters", "numbers_agree", "numbers_differ", "turned_by_one_word")
CROSS_FEATURES = (*FEATURES, "cross", "cross_gap", "cross_share")
# As many candidates as the trees read, and as the cross-encoder reads.
CANDIDATES = 20
SHORTLIST = 8
# How sure it is that an article is asked by one of its own questions, word for word.
_WORD_FOR_WORD = 0.99
# No rival at all would make a lead without end.
_NO_RIVAL = 1e-4
# What a passage that was found votes for its article: exp(scale * cosine), exp(scale * share of the question's idf).
DENSE_SCALE, LEXICAL_SCALE = 30.0, 12.0
# Log-probabilities of articles below this tell nothing more.
_FAINTEST = -12.0
# The intent of questions that are no business of a brokerage.
OFF_TOPIC = "guard.off_topic"
_NUMBER = re.compile(r"\d+(?:点\d+)?")
MODELS = Path(__file__).parent / "models" / "ranker"


@dataclass(frozen=True, slots=True)
class Ranked:
    """An article with the probability that it is the right one, and the passage that came nearest."""

    article_id: str
    probability: float
    passage: str


def featured(found: Found, query: str, intent_of: Mapping[str, str], intents: Mapping[str, float],
             voices: Mapping[str, float], idf: Callable[[str], float], refusing: Container[str]) -> tuple[list[Hit], np.ndarray]:
    """The CANDIDATES articles that look best before anything is learned, best first, and their features (n, len(FEATURES)) float64.

    How far one stands above the others is told over all that were found; what costs more to tell, only of those. `intent_of` maps
    article id to its intent, `voices` article id to the log-probability that the head over articles gives it; `refusing` has the
    ids of articles that refuse or hand over.
    """
    asked = _Asked.of(query, idf)
    dense, answer, lexical = found.dense.best(), found.dense.answers, found.lexical.best() / asked.weight
    intent = np.array([intents.get(intent_of[name], 0.0) for name in found.articles])
    first = np.zeros(len(found))
    if dense.any() and lexical.any() and int(dense.argmax()) == int(lexical.argmax()):
        first[int(dense.argmax())] = 1.0
    dense_share = found.dense.shares(DENSE_SCALE)
    article = np.maximum([voices.get(name, _FAINTEST) for name in found.articles], _FAINTEST)
    near = np.argsort(-(dense + 0.5 * lexical + 0.02 * article), kind="stable")[:CANDIDATES]
    hits = found.hits(near)
    columns = {
        "dense_best": dense, "dense_gap": dense - _best_other(dense), "dense_mean3": found.dense.mean_of_best(3),
        "dense_answer": answer, "dense_answer_gap": answer - _best_other(answer),
        "lexical_best": lexical, "lexical_gap": lexical - _best_other(lexical), "lexical_answer": found.lexical.answers / asked.weight,
        "intent": intent, "intent_gap": intent - _best_other(intent), "both_first": first,
        "dense_share": dense_share, "dense_share_gap": dense_share - _best_other(dense_share),
        "lexical_share": found.lexical.shares(LEXICAL_SCALE / asked.weight), "found": found.dense.counts(),
        "article": article, "article_gap": article - _best_other(article, _FAINTEST),
    }
    words = np.array([asked.against(hit, idf) for hit in hits], float).reshape(-1, len(_WORDS))
    told = {
        **{name: column[near] for name, column in columns.items()}, **dict(zip(_WORDS, words.T, strict=True)),
        "refuses": [hit.article_id in refusing for hit in hits],
        "query_length": np.full(len(hits), np.log1p(len(query))), "off_topic": np.full(len(hits), intents.get(OFF_TOPIC, 0.0)),
    }
    return hits, np.column_stack([told[name] for name in FEATURES]).astype(float)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What passages are compared with of a query: its tokens with their idf and the sum of that, its characters, its numbers, and the pairs
    of opposites of which it has one alone, that first."""

    tokens: Mapping[str, float]
    weight: float
    characters: frozenset[str]
    numbers: frozenset[str]
    turned: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, query: str, idf: Callable[[str], float]) -> _Asked:
        told = {token: idf(token) for token in tokens(query)}
        pairs = load_lexicon().opposites
        return cls(told, sum(told.values()) or 1.0, frozenset(query), frozenset(_NUMBER.findall(query)),
                   [(here, there) for a, b in pairs for here, there in ((a, b), (b, a)) if here in query and there not in query])

    def against(self, hit: Hit, idf: Callable[[str], float]) -> tuple[float, ...]:
        """_WORDS of a hit, told of its nearest question."""
        passage = hit.nearest
        of_query, of_passage = self._coverage(passage, idf)
        if hit.lexical_passage and hit.lexical_passage != passage:
            of_query = max(of_query, self._shared(frozenset(tokens(hit.lexical_passage))) / self.weight)
        characters = frozenset(passage)
        shared = len(self.characters & characters) / (len(self.characters | characters) or 1)
        told = frozenset(_NUMBER.findall(passage)) if self.numbers else frozenset()
        agree = bool(self.numbers & told)
        turned = any(there in passage and here not in passage for here, there in self.turned)
        return of_query, of_passage, shared, agree, bool(told) and not agree, turned

    def _coverage(self, passage: str, idf: Callable[[str], float]) -> tuple[float, float]:
        """Share of the query's idf that the passage has, and of the passage's that the query has."""
        told = frozenset(tokens(passage))
        both = self._shared(told)
        return both / self.weight, both / (sum(map(idf, told)) or 1.0)

    def _shared(self, told: frozenset[str]) -> float:
        """The idf of the query's tokens that are among these."""
        return sum([self.tokens[token] for token in told if token in self.tokens])


def _best_other(values: np.ndarray, none: float = 0.0) -> np.ndarray:
    """For each place the largest of the other values (`none` where there is none)."""
    if len(values) < 2:
        return np.full(len(values), none)
    order = np.argsort(values)
    best, second = values[order[-1]], values[order[-2]]
    return np.where(np.arange(len(values)) == order[-1], second, best)


def with_cross(features: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(n, len(FEATURES)) and the cross-encoder's log-odds (n,) -> (n, len(CROSS_FEATURES))."""
    odds = np.exp(scores - scores.max(initial=0.0))
    return np.column_stack([features, scores, scores - _best_other(scores), odds / odds.sum()])


def cross_features(cross: CrossEncoder, query: str, hits: Sequence[Hit], features: np.ndarray, standard: Mapping[str, str]) -> np.ndarray:
    """(len(hits), len(CROSS_FEATURES)): the features of the hits with what the cross-encoder makes of them."""
    return with_cross(features, cross.scores(query, [pair_text(hit.nearest, standard[hit.article_id]) for hit in hits]))


def leads(log_odds: np.ndarray) -> np.ndarray:
    """(n,) -> (n, 2): each candidate's log-odds, and how far they stand above the odds of all its rivals together.

    Two articles that both look likely take certainty from each other; trees see one candidate at a time and can't know.
    """
    odds = np.exp(np.clip(log_odds.astype(float), -30.0, 30.0))
    rivals = odds.sum() - odds
    return np.column_stack([log_odds, log_odds - np.log(np.maximum(rivals, _NO_RIVAL))])


@dataclass(frozen=True, slots=True)
class Curve:
    """Makes log-odds a probability that holds: Platt scaling (Platt 1999) of a candidate's log-odds and of its lead.

    P(right) = sigmoid(slope * log_odds + lead * (log_odds - log of the rivals' odds) + intercept).
    """

    slope: float
    lead: float
    intercept: float

    def probabilities(self, led: np.ndarray) -> np.ndarray:
        """(n, 2) as `leads` gives them -> (n,)."""
        return 1 / (1 + np.exp(-(led @ np.array([self.slope, self.lead]) + self.intercept)))


class Trees:
    """Gradient-boosted trees in ONNX with the curve that makes their log-odds a probability, and where there were questions enough
    to learn it, what tells how sure the best candidate is; see the card beside the model."""

    def __init__(self, folder: Path, name: str, features: Sequence[str]) -> None:
        described = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        if tuple(described["features"]) != tuple(features):
            raise ValueError(f"{folder}/{name}.json: trained on other features; run zhike train ranker")
        self._session = open_session(folder / f"{name}.onnx")
        self._curve = Curve(**described["curve"])
        self._surety = Surety(folder / f"{name}-surety.onnx", features, described["surety"]) if described["surety"] else None
        self.version: str = described["version"]

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(n,) for features (n, f)."""
        log_odds = self._session.run(["log_odds"], {"features": features.astype(np.float32)})[0][:, 0]
        probabilities = self._curve.probabilities(leads(log_odds))
        if self._surety is None:
            return probabilities
        return with_surety(probabilities, int(log_odds.argmax()), self._surety.probability(features, log_odds))


class Ranker:
    """Ranks what search found: trees first, and where they are not sure, trees that know the cross-encoder's opinion too.

    `sure` is the first trees' probability from which they settle a question alone. `articles`: the head whose log-probabilities
    the trees know.
    """

    def __init__(self, first: Trees, second: Trees | None = None, cross: CrossEncoder | None = None, sure: float = 1.0,
                 articles: ArticleHead | None = None) -> None:
        self._first, self._second, self._cross, self._sure = first, second, cross, sure
        self.articles = articles
        self.versions = {"ranker": first.version}
        if second is not None and cross is not None:
            self.versions.update(ranker=second.version, cross_encoder=cross.name)

    def rank(self, query: str, hits: Sequence[Hit], features: np.ndarray, standard: Mapping[str, str]) -> list[Ranked]:
        """Best first. `hits` and `features` as `featured` gives them; `standard`: article id to its standard question."""
        if not hits:
            return []
        probabilities = self._first.probabilities(features)
        chosen = np.argsort(-probabilities, kind="stable")
        if self._second is not None and self._cross is not None and probabilities[chosen[0]] < self._sure:
            near = hits[:SHORTLIST]
            probabilities = self._second.probabilities(cross_features(self._cross, query, near, features[:SHORTLIST], standard))
            chosen = np.argsort(-probabilities, kind="stable")
        return _word_for_word(query, [Ranked(hits[i].article_id, float(probabilities[i]), hits[i].nearest) for i in chosen])


def _word_for_word(query: str, ranked: list[Ranked]) -> list[Ranked]:
    """Where one article alone has the query among its questions, it is first: an editor said so. The trees would often doubt it, for they
    learned from questions that stand nowhere."""
    same = [item for item in ranked if item.passage == query]
    if len(same) != 1:
        return ranked
    others = [replace(item, probability=min(item.probability, 1 - _WORD_FOR_WORD)) for item in ranked if item is not same[0]]
    return [replace(same[0], probability=max(same[0].probability, _WORD_FOR_WORD)), *others]


def load_ranker(folder: Path = MODELS, cross: CrossEncoder | None = None) -> Ranker:
    """The ranker of a folder; without a cross-encoder, or where the folder has no trees for one, the first trees alone."""
    first, articles = Trees(folder, "ranker", FEATURES), ArticleHead.load(folder)
    if cross is None or not (folder / "second.json").is_file():
        return Ranker(first, articles=articles)
    sure = json.loads((folder / "thresholds.json").read_text(encoding="utf-8"))["sure"]
    return Ranker(first, Trees(folder, "second", CROSS_FEATURES), cross, sure, articles)

