"""Which passwords may be chosen, and how they are kept."""

from __future__ import annotations

import re

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from assistant import passwords
from assistant.errors import PasswordRefused, UnreadableText
from assistant.passwords import MAX_LENGTH, check_password, hash_password, is_outdated, verify_password

GOOD = ["correct horse battery", "tea and 8 birds", "春眠不觉晓处处闻啼鸟", "xK9#mLq2vT", "ten chars!", "好 好 学 习 天 天 向 上 吧",
        "a" * 5 + "bcdefghi" + "z" * 50, "agent1 likes tea a lot"]
REFUSED = {
    "": "0 characters", "short": "5 characters", "123456789": "9 characters", "好" * 9: "9 characters",
    "x1y2z3" * 50: "at most", "agent1agent1": "name", "Agent1-2026": "name", "ＡＧＥＮＴ１agent1": "name", "zhike-2026": "name",
    "知客知客知客agent1": "name", "王小明王小明王小明1": "name", "aaaaaaaaaa": "repeats", "ababababab": "repeats", "1234512345": "repeats",
    "0123456789": "in order", "9876543210": "in order", "abcdefghijkl": "in order", "qwertyuiop": "commonest", "Password123": "commonest",
    "P@ssw0rd123": "commonest", "password123!!!": "commonest", "woaini1314520": "commonest", "5201314520": "repeats|commonest",
    "1q2w3e4r5t": "commonest", "WoAiNi5201314": "commonest", "ｐａｓｓｗｏｒｄ１２３": "commonest", "gongxifacai": "commonest",
    "correcthorsebatterystaple": "commonest",
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
    check_password("a banana tea", "a")


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
