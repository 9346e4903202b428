"""Words and sounds: what the tokeniser and the table of readings promise whoever builds on them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.lexicon import load_lexicon
from knowledge.segment import cut, everyday_names, frequency, words


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    assert "".join(cut(text)) == text


def test_the_trade_s_words_stay_whole() -> None:
    assert words("可转债转股价下修后印花税怎么收") == ["可转债", "转股价", "下修", "后", "印花税", "怎么", "收"]


def test_names_that_everybody_uses_are_known_before_the_market_s_are_learned() -> None:
    assert {"机器人", "太阳能"} <= everyday_names() and "贵州茅台" not in everyday_names()
    assert frequency("股票") > 1000 and frequency("股瓢") == 0


def test_many_threads_may_cut_first() -> None:
    code = ("from concurrent.futures import ThreadPoolExecutor as Pool; from knowledge.segment import tokens\n"
            "with Pool(8) as pool: print(len(set(pool.map(lambda _: tokens('科创板开通条件'), range(64)))))")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "1"


def test_each_character_of_a_word_has_its_sound() -> None:
    sounds = load_lexicon().sounds
    assert len(sounds) > 9_000 and all(len(text) == len(read) for text, read in sounds.items())
    assert sounds["行"] == ("xing",) and sounds["银行"] == ("yin", "hang")


@pytest.mark.parametrize("module", ["pypinyin", "jieba"])
def test_serving_loads_no_dictionary_twice(module: str) -> None:
    code = f"import sys, assistant.turn, assistant.bootstrap; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
