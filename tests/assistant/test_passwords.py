"""Which passwords may be chosen, and how they are kept."""

from __future__ import annotations

import re

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type
from hypothesis import given, settings
from hypothesis import strategies as some

from assistant import passwords
from assistant.errors import PasswordRefused, UnreadableText
from assistant.guessable import MOST, fewest_pieces, is_guessable, pieces
from assistant.passwords import MAX_LENGTH, check_password, hash_password, is_outdated, is_same, new_password, verify_password

GOOD = ["correct horse battery", "tea and 8 little birds", "春眠不觉晓处处闻啼鸟花落知多少", "xK9#mLq2vT!wR7zQ", "fifteen chars!!",
        "好 好 学 习 天 天 向 上 吧", "agent1 likes tea a lot", "4821937502641837", "quiet river maple stone",
        "zhike-tea-2026-07", "Monday-Tuesday-2026"]
REFUSED = {
    "": "0 characters", "short": "5 characters", "12345678901234": "14 characters", "好" * 14: "14 characters",
    "\ufdfa": "1 characters", "e\u0301" * 14: "14 characters", "x1y2z3" * 50: "at most",
    "agent1agent1agent1": "name", "Agent1-20190728!": "name", "ＡＧＥＮＴ１agent1ＡＧＥＮＴ１": "name",
    "zhike-20260728-!": "name", "知客知客知客知客知客agent1": "name", "王小明王小明王小明王小明王小明1": "name",
    "passwordpasswordpassword": "repeats", "!@#$%^&*()!@#$%^&*()": "repeats",
    "!@#$%^&*()19900101": "pieces",
    "qwertyuiopasdfghjklzxcvbnm": "pieces", "a" * 15: "repeats",
    "ab" * 8: "repeats", "1234512345123451": "repeats", "aaaaabbbbbccccc": "repeats",
    "abcdefghijklmnopq": "in order", "zyxwvutsrqponmlkj": "in order",
    "correcthorsebatterystaple": "commonest", "iloveyou5201314": "commonest", "1q2w3e4r5t6y7u8i": "commonest",
    "ManchesterUnited!!": "commonest",
    # Walks over the keyboard, dates, telephone numbers, names in pinyin, words of common passwords; and what stands between and for them.
    "qwertyuiop[]asdfgh": "pieces", "1qaz2wsx3edc4rf": "pieces", "!QAZ2wsx#EDC4rfv": "pieces", "poiuytrewq09876": "pieces",
    "password1234567890": "pieces", "P@ssw0rd-123456789": "pieces", "ｐａｓｓｗｏｒｄ１２３４５６７": "pieces",
    "Wednesday-20260701": "pieces", "january19900101!": "pieces", "zhangxiaoming19900101": "pieces", "Zhang.Wei.19900101": "pieces",
    "wangwei13812345678": "pieces", "woaini-201314!!": "pieces", "shieryue20261231": "pieces", "administrator_202607": "pieces",
    "gongxifacai888888": "pieces", "lishu.wangweijun": "pieces", "bbbbbbbbb201314": "pieces", "administrator1234": "pieces",
}


@pytest.mark.parametrize("password", GOOD)
def test_any_long_password_is_taken_whatever_its_characters(password: str) -> None:
    check_password(password, "agent1", "王小明")


@pytest.mark.parametrize(("password", "reason"), REFUSED.items())
def test_what_is_guessed_first_is_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(PasswordRefused, match=reason) as refused:
        check_password(password, "agent1", "王小明")
    assert not password or password not in str(refused.value)


def test_a_name_of_one_letter_takes_nothing_away() -> None:
    check_password("a banana and tea", "a")


def test_a_name_counts_as_a_piece() -> None:
    check_password("20260701-brzeczyszczykiewicz", "agent1")
    with pytest.raises(PasswordRefused, match="pieces"):
        check_password("20260701-brzeczyszczykiewicz", "grzegorz", "Brzeczyszczykiewicz")


def test_a_firm_may_ask_for_more() -> None:
    check_password("fifteen chars!!")
    with pytest.raises(PasswordRefused, match="at least 20"):
        check_password("fifteen chars!!", least=20)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnreadableText):
        check_password("correct horse \ud800", "agent1")


def test_the_longest_is_taken() -> None:
    check_password(("tea and 8 birds " * 20)[:MAX_LENGTH], "agent1")


def test_a_hash_is_argon2id_with_the_parameters_of_owasp() -> None:
    password_hash = hash_password("correct horse battery")
    found = extract_parameters(password_hash)
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (Type.ID, 19_456, 2, 1)
    assert not is_outdated(password_hash) and password_hash != hash_password("correct horse battery")
    # Who is unknown must cost the same as who is known.
    assert extract_parameters(passwords._NOBODY) == found


def test_only_the_same_password_verifies() -> None:
    password_hash = hash_password("correct horse é")
    assert verify_password(password_hash, "correct horse é")
    assert verify_password(password_hash, "correct horse e\u0301"), "typed on another keyboard"
    for other in ("correct horse e", "", "correct horse é ", "\ud800"):
        assert not verify_password(password_hash, other)


@pytest.mark.parametrize("password_hash", [None, "", "nonsense", "$argon2id$v=19$m=19456,t=2,p=1$$"])
def test_nothing_verifies_without_a_hash(password_hash: str | None) -> None:
    assert not verify_password(password_hash, "correct horse battery")


def test_a_hash_with_other_parameters_is_outdated() -> None:
    assert is_outdated(re.sub("t=2", "t=1", hash_password("correct horse battery")))


def test_the_list_of_common_passwords_is_read() -> None:
    assert len(passwords._common()) > 400
    assert len(pieces(passwords._common())) > 13_000
    assert fewest_pieces("zhangxiaoming", pieces(passwords._common())) == 1, "any surname with any given name"


@given(some.lists(some.sampled_from(["qwerty", "2026", "zhangwei", "password", "19900101", "woaini", "december", "13812345678"]),
                  min_size=1, max_size=MOST), some.sampled_from(["", "-", " ", "!", "."]))
@settings(max_examples=40, deadline=None)
def test_whatever_is_made_of_a_few_pieces_is_guessable(parts: list[str], between: str) -> None:
    assert is_guessable(between.join(parts), passwords._common())
    assert fewest_pieces("".join(parts), pieces(passwords._common())) <= len(parts)


@pytest.mark.parametrize("least", [15, 20, 64])
def test_a_new_password_is_random_and_may_be_chosen(least: int) -> None:
    made = {new_password(least) for _ in range(20)}
    assert len(made) == 20
    for password in made:
        check_password(password, "agent1", least=least)


def test_two_that_open_the_same_account_are_the_same() -> None:
    assert is_same("ｐass é", "pass e\u0301") and not is_same("pass", "Pass")
