"""What agents said came of follow-ups, as utterances that train the head of needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from assistant.follow_up_lessons import teaches
from knowledge.text import content, normalize
from training.utterances import Utterance

__all__ = ["judged_utterances"]


def judged_utterances(lines: Iterable[Mapping[str, Any]], known: Collection[str] = ()) -> list[Utterance]:
    """Of lines as `zhike follow-up export` writes them, each text once, without those that are `known`, which have no fillers.

    A family that more agents found than missed is a label; one that more missed is none. Where no agent said or as many as not,
    nobody knows (`perhaps`); a text of which nothing is known is left out.
    """
    texts, votes = dict[str, str](), defaultdict[str, dict[str, int]](dict)
    for line in lines:
        said = content(normalize(line["text"]))
        if said in known or not teaches(line["text"]):
            continue
        texts.setdefault(said, line["text"])
        of_text = votes[said]
        for family in (line["family"], *line["perhaps"]):
            of_text.setdefault(family, 0)
        if line["label"] is not None:
            of_text[line["family"]] += 1 if line["label"] else -1
    return [Utterance(texts[said], tuple(sorted(family for family, vote in of_text.items() if vote > 0)),
                      tuple(sorted(family for family, vote in of_text.items() if not vote)))
            for said, of_text in votes.items() if any(of_text.values())]
