"""How much of what clients may say the guards hear: many phrasings in many situations, beside harmless look-alikes.

The cases stand in `guard_cases/`, one file a set: [guard], then a situation, then a phrasing a line; [harmless] calls none.
"""

import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import guard
from assistant.guard import check_guards, load_guards

SETS = {path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((Path(__file__).parent / "guard_cases").glob("*.toml"))}
# These must hardly ever be missed: they are about a life, a death, money on its way out.
URGENT = {"distress", "bereavement", "fraud"}


def phrasings(sets: str, guard: str) -> Iterator[str]:
    for block in SETS[sets][guard].values():
        yield from block.strip().splitlines()


@pytest.mark.parametrize(("sets", "guard"), [(name, guard) for name, cases in SETS.items() for guard in cases if guard != "harmless"])
def test_a_guard_hears_many_phrasings(call, sets, guard):
    said = list(phrasings(sets, guard))
    missed = [text for text in said if call(text) != guard]
    assert len(missed) <= len(said) * (0.05 if guard in URGENT else 0.1), missed


@pytest.mark.parametrize("sets", sorted(SETS))
def test_look_alikes_are_left_alone(call, sets):
    said = list(phrasings(sets, "harmless"))
    alarmed = [text for text in said if call(text)]
    assert len(alarmed) <= len(said) * 0.02, alarmed


def test_every_guard_has_cases_and_every_case_a_guard():
    named = {guard for cases in SETS.values() for guard in cases} - {"harmless"}
    assert named == {guard.name for guard in load_guards()}


@pytest.mark.parametrize("piece", [
    "我", "不是我", "钱被", "会不会涨", "推荐股票的", "要不要,", "死", "了了了", "a", "1", "转人", "亏了你们", "听说重组",
])
def test_repeats_take_no_time_that_grows_beyond_their_length(piece):
    def seconds(text: str) -> float:
        best = float("inf")
        for _ in range(3):
            guard._checked.cache_clear()
            start = time.process_time()
            check_guards(text)
            best = min(best, time.process_time() - start)
        return best

    short, long = (piece * (length // len(piece)) for length in (500, 4_000))
    check_guards(short)
    assert seconds(long) < 24 * seconds(short) + 0.05


def test_words_of_two_sentences_are_not_taken_together():
    assert check_guards("系统崩了。今天天气不错。赔率是什么") is None


def test_a_turn_of_phrase_is_set_aside_and_what_else_is_said_still_heard():
    assert check_guards("亏死了") is None
    assert check_guards("亏死了,我真的不想活了").name == "distress"
