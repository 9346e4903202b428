"""From lessons of use to similar questions that an editor may accept. Nothing here changes the base. Pure."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.guard import check_guards
from assistant.lessons import Lesson, Voice
from knowledge.articles import KnowledgeBase
from knowledge.text import content, normalize

__all__ = ["Proposal", "accepted_pairs", "propose", "read_proposals", "seen_as", "write_proposals"]

# Shorter ones lean on what was said before, longer ones tell a story of one client.
_SHORTEST, _LONGEST = 4, 80
# What masking leaves behind; such a question is somebody's own.
_MASKED = "〈"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question of clients that `article_id` seems to answer. `voices`: how many of each kind said so, or the opposite.

    `accepted` is the editor's: None until they have decided. `now` is what the assistant makes of the question today.
    """

    question: str
    article_id: str
    title: str
    voices: Mapping[str, int]
    first_at: str
    last_at: str
    accepted: bool | None = None
    now: Mapping[str, Any] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """Voices for less voices against."""
        return sum(count if Voice(voice).speaks_for else -count for voice, count in self.voices.items())


def propose(lessons: Iterable[Lesson], base: KnowledgeBase) -> list[Proposal]:
    """The weightiest first. Left out: what the base has already, what rules answer, what holds personal data, what more
    voices speak against than for, and what as many voices give to another article."""
    known = _known(base)
    heard: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        query = content(normalize(lesson.question))
        if _SHORTEST <= len(query) <= _LONGEST and query not in known and _MASKED not in lesson.question:
            heard[query].append(lesson)
    found = [_best(items, base) for items in heard.values() if check_guards(normalize(items[0].question)) is None]
    return sorted((item for item in found if item), key=lambda item: (-item.weight, item.question))


def _best(lessons: Sequence[Lesson], base: KnowledgeBase) -> Proposal | None:
    by_article: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        # Only articles with similar questions are found by search.
        if lesson.article_id in base.articles and base.articles[lesson.article_id].similar:
            by_article[lesson.article_id].append(lesson)
    made = sorted((_proposal(items, base) for items in by_article.values()), key=lambda item: -item.weight)
    if not made or made[0].weight < 1 or (len(made) > 1 and made[1].weight == made[0].weight):
        return None
    return made[0]


def _proposal(lessons: Sequence[Lesson], base: KnowledgeBase) -> Proposal:
    moments: list[datetime] = sorted(lesson.at for lesson in lessons)
    article = base.articles[lessons[0].article_id]
    voices = Counter(lesson.voice.value for lesson in lessons)
    return Proposal(lessons[0].question, article.id, article.question, dict(sorted(voices.items())),
                    moments[0].isoformat(timespec="seconds"), moments[-1].isoformat(timespec="seconds"))


def read_proposals(path: Path) -> list[Proposal]:
    """Those of a file as `write_proposals` wrote and an editor changed it; none where there is no file. Raises ValueError."""
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            item = Proposal(**json.loads(line))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}:{number}: {error}") from error
        if item.accepted not in (None, True, False):
            raise ValueError(f"{path}:{number}: accepted is {item.accepted!r}; expected true, false or null")
        found.append(item)
    return found


def write_proposals(path: Path, new: Sequence[Proposal], decided: Sequence[Proposal]) -> None:
    """The new ones, and after them those that an editor has decided on, as one JSON object a line.

    What is decided stays so, whatever article it is proposed for now.
    """
    settled = {content(normalize(item.question)) for item in decided}
    fresh = [item for item in new if content(normalize(item.question)) not in settled]
    lines = [json.dumps(asdict(item), ensure_ascii=False) for item in (*fresh, *decided)]
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    scratch.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    scratch.replace(path)


def accepted_pairs(proposals: Iterable[Proposal], base: KnowledgeBase) -> list[tuple[str, str]]:
    """(query, article id) of those that an editor accepted, that the base has not got itself, and whose article there still is.

    A question that stands in the base trains as part of it, and would find itself where ranking is learned.
    """
    known = _known(base)
    pairs = ((content(normalize(item.question)), item.article_id) for item in proposals if item.accepted)
    return list(dict.fromkeys(pair for pair in pairs if pair[0] not in known and pair[1] in base.articles))


def _known(base: KnowledgeBase) -> set[str]:
    return {content(normalize(text)) for article in base.articles.values() for text in (article.question, *article.similar)}


def seen_as(item: Proposal, kind: str, article_id: str | None, confidence: float) -> Proposal:
    """With what the assistant replies today."""
    return replace(item, now={"kind": kind, "article_id": article_id, "confidence": round(confidence, 3)})
