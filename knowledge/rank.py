"""From hits to ranked articles with a calibrated probability of being the right one."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.article_head import ArticleHead
from knowledge.cross_encoder import CrossEncoder, pair_text
from knowledge.lexicon import load_lexicon
from knowledge.onnx import open_session
from knowledge.search import Hit
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
    "nearest_text",
    "with_cross",
]

FEATURES = (
    "dense_best", "dense_gap", "dense_mean3", "dense_answer", "dense_answer_gap",
    "lexical_best", "lexical_gap", "lexical_answer", "coverage_of_query", "coverage_of_passage", "shared_characters",
    "intent", "intent_gap", "numbers_agree", "numbers_differ", "turned_by_one_word", "query_length", "both_first",
    "dense_share", "dense_share_gap", "lexical_share", "found", "off_topic", "article", "article_gap", "refuses",
)
_COMPARED = ("dense_best", "dense_gap", "dense_answer", "dense_answer_gap", "lexical_best", "lexical_gap", "intent", "intent_gap",
             "both_first", "dense_share", "dense_share_gap", "lexical_share", "article", "article_gap")
_ALONE = ("dense_mean3", "lexical_answer", "coverage_of_query", "coverage_of_passage", "shared_characters", "numbers_agree",
          "numbers_differ", "turned_by_one_word", "found", "refuses")
_EVERY = ("query_length", "off_topic")
CROSS_FEATURES = (*FEATURES, "cross", "cross_gap", "cross_share")
# As many candidates as the trees read, and as the cross-encoder reads.
CANDIDATES = 20
SHORTLIST = 8
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


def featured(hits: Sequence[Hit], query: str, intent_of: Mapping[str, str], intents: Mapping[str, float],
             voices: Mapping[str, float], idf: Callable[[str], float], refusing: Container[str]) -> tuple[list[Hit], np.ndarray]:
    """The CANDIDATES hits that look best before anything is learned, best first, and their features (n, len(FEATURES)) float64.

    How far a hit stands above the others is told over all hits; what costs more to tell, only of those. `intent_of` maps
    article id to its intent, `voices` article id to the log-probability that the head over articles gives it; `refusing` has the
    ids of articles that refuse or hand over.
    """
    asked = {token: idf(token) for token in tokens(query)}
    turned = _opposites(query)
    weight = sum(asked.values()) or 1.0
    dense = np.array([hit.dense[0] if hit.dense else 0.0 for hit in hits])
    answer = np.array([hit.answer_dense for hit in hits])
    lexical = np.array([hit.lexical[0] if hit.lexical else 0.0 for hit in hits]) / weight
    intent = np.array([intents.get(intent_of[hit.article_id], 0.0) for hit in hits])
    first = np.zeros(len(hits))
    if len(hits) and int(dense.argmax()) == int(lexical.argmax()):
        first[int(dense.argmax())] = 1.0
    dense_share = _shares([hit.dense for hit in hits], DENSE_SCALE)
    lexical_share = _shares([hit.lexical for hit in hits], LEXICAL_SCALE / weight)
    article = np.array([max(voices.get(hit.article_id, _FAINTEST), _FAINTEST) for hit in hits])
    near = np.argsort(-(dense + 0.5 * lexical + 0.02 * article), kind="stable")[:CANDIDATES]
    chosen = [hits[place] for place in near]
    compared = np.column_stack([
        dense, dense - _best_other(dense), answer, answer - _best_other(answer), lexical, lexical - _best_other(lexical), intent,
        intent - _best_other(intent), first, dense_share, dense_share - _best_other(dense_share), lexical_share,
        article, article - _best_other(article, _FAINTEST),
    ])[near]
    alone = np.array([(*_alone(hit, query, asked, weight, turned, idf), hit.article_id in refusing) for hit in chosen],
                     float).reshape(-1, len(_ALONE))
    every = np.tile([np.log1p(len(query)), intents.get(OFF_TOPIC, 0.0)], (len(chosen), 1))
    columns = dict(zip(_COMPARED + _ALONE + _EVERY, np.column_stack([compared, alone, every]).T, strict=True))
    return chosen, np.column_stack([columns[name] for name in FEATURES])


def _alone(hit: Hit, query: str, asked: Mapping[str, float], weight: float, turned: Sequence[tuple[str, str]],
           idf: Callable[[str], float]) -> tuple[float, ...]:
    """What is told of one hit whatever else was found."""
    passage = hit.passage or hit.lexical_passage
    of_query, of_passage = _coverage(asked, weight, passage, idf)
    if hit.lexical_passage and hit.lexical_passage != passage:
        of_query = max(of_query, _coverage(asked, weight, hit.lexical_passage, idf)[0])
    agree, differ = _numbers(query, passage)
    return (_mean3(hit.dense), hit.answer_lexical / weight, of_query, of_passage, _shared(query, passage), agree, differ,
            _turned(turned, passage), len(hit.dense))


def _shares(scores: Sequence[Sequence[float]], scale: float) -> np.ndarray:
    """Each article's share of all passages found, a passage counting exp(scale * score): what its neighbours vote."""
    best = max((max(listed) for listed in scores if listed), default=0.0)
    votes = np.array([sum(math.exp(scale * (score - best)) for score in listed) for listed in scores])
    return votes / (votes.sum() or 1.0)


def _best_other(values: np.ndarray, none: float = 0.0) -> np.ndarray:
    """For each place the largest of the other values (`none` where there is none)."""
    if len(values) < 2:
        return np.full(len(values), none)
    order = np.argsort(values)
    best, second = values[order[-1]], values[order[-2]]
    return np.where(np.arange(len(values)) == order[-1], second, best)


def _mean3(scores: Sequence[float]) -> float:
    return sum(scores[:3]) / 3 if scores else 0.0


def _coverage(asked: Mapping[str, float], weight: float, passage: str, idf: Callable[[str], float]) -> tuple[float, float]:
    """Share of the query's idf that the passage has, and of the passage's that the query has."""
    told = frozenset(tokens(passage))
    both = sum(asked[token] for token in told.intersection(asked))
    return both / weight, both / (sum(map(idf, told)) or 1.0)


def _shared(query: str, passage: str) -> float:
    """Jaccard similarity of the character sets."""
    a, b = set(query), set(passage)
    return len(a & b) / (len(a | b) or 1)


def _numbers(query: str, passage: str) -> tuple[float, float]:
    asked, told = set(_NUMBER.findall(query)), set(_NUMBER.findall(passage))
    return float(bool(asked & told)), float(bool(asked and told and not asked & told))


def _opposites(query: str) -> list[tuple[str, str]]:
    """The pairs of opposites of which the query has one alone: that first."""
    pairs = load_lexicon().opposites
    return [(here, there) for a, b in pairs for here, there in ((a, b), (b, a)) if here in query and there not in query]


def _turned(opposites: Sequence[tuple[str, str]], passage: str) -> float:
    """1 where the passage has only the other one of a pair of which the query has one alone."""
    return float(any(there in passage and here not in passage for here, there in opposites))


def with_cross(features: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(n, len(FEATURES)) and the cross-encoder's log-odds (n,) -> (n, len(CROSS_FEATURES))."""
    odds = np.exp(scores - scores.max(initial=0.0))
    return np.column_stack([features, scores, scores - _best_other(scores), odds / odds.sum()])


def cross_features(cross: CrossEncoder, query: str, hits: Sequence[Hit], features: np.ndarray, standard: Mapping[str, str]) -> np.ndarray:
    """(len(hits), len(CROSS_FEATURES)): the features of the hits with what the cross-encoder makes of them."""
    return with_cross(features, cross.scores(query, [pair_text(nearest_text(hit), standard[hit.article_id]) for hit in hits]))


def nearest_text(hit: Hit) -> str:
    """The question of the article that came nearest."""
    return hit.passage or hit.lexical_passage


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
        return [Ranked(hits[i].article_id, float(probabilities[i]), nearest_text(hits[i])) for i in chosen]


def load_ranker(folder: Path = MODELS, cross: CrossEncoder | None = None) -> Ranker:
    """The ranker of a folder; without a cross-encoder, or where the folder has no trees for one, the first trees alone."""
    first, articles = Trees(folder, "ranker", FEATURES), ArticleHead.load(folder)
    if cross is None or not (folder / "second.json").is_file():
        return Ranker(first, articles=articles)
    sure = json.loads((folder / "thresholds.json").read_text(encoding="utf-8"))["sure"]
    return Ranker(first, Trees(folder, "second", CROSS_FEATURES), cross, sure, articles)

