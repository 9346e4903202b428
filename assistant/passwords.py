"""Passwords of staff: which may be chosen, and how they are kept.

The rules are those of NIST SP 800-63B-4 (3.1.1.2) for a password that is all there is to sign in with: 15 characters
or more, of any kind, no demands on their kinds, none that an attacker tries first, and none that has to be changed after a
time. Kept is argon2id with the parameters of OWASP's Password Storage Cheat Sheet.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.errors import PasswordRefused, UnreadableText
from assistant.guessable import is_guessable

__all__ = ["MAX_LENGTH", "MIN_LENGTH", "check_password", "hash_password", "is_outdated", "is_same", "new_password", "verify_password"]

MIN_LENGTH = 15
MAX_LENGTH = 256
# OWASP: 19 MiB of memory, 2 iterations, 1 degree of parallelism.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
# Of 32 random bytes that nobody kept: what a password is held against when there is no such account.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$1Kd+r2hIJrXgSE7W6EtM/Q$YOoGZMIwz4i83l2sX7JyphoWetyQcVTsuUUpfQ6W2IU"
_SERVICE = ("zhike", "知客")
_LEAST_BESIDES_NAMES = 6
_LEAST_DIFFERENT = 5
_LOOK_ALIKE = str.maketrans("@0$", "aos")
# 32 letters and digits that are not taken for one another: 5 bits each.
_CLEAR = "abcdefghijkmnpqrstuvwxyz23456789"
_IN_A_GROUP = 5
_ADVICE = "several words that have nothing to do with each other are easy to keep in mind"


def check_password(password: str, *names: str, least: int = MIN_LENGTH) -> None:
    """Raises PasswordRefused or UnreadableText unless the password may be chosen by the bearer of `names`."""
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise UnreadableText()
    plain = unicodedata.normalize("NFKC", password)
    # As typed: one sign of Arabic is eighteen letters in its other form.
    length = len(unicodedata.normalize("NFC", password))
    if length < least:
        raise PasswordRefused(f"it has {length} characters; at least {least} are needed: {_ADVICE}")
    if len(plain) > MAX_LENGTH:
        raise PasswordRefused(f"it has {len(plain)} characters; at most {MAX_LENGTH} are taken")
    folded = plain.casefold()
    if len(_without_names(folded, names)) < _LEAST_BESIDES_NAMES:
        raise PasswordRefused("it is little more than the name of the account or of the service")
    if len(set(folded)) < _LEAST_DIFFERENT or _is_run(folded) or _is_repeated(folded):
        raise PasswordRefused("it repeats itself or runs in order, which is guessed first")
    if _reduced(folded) in _common():
        raise PasswordRefused(f"it is one of the commonest passwords, which are tried first: {_ADVICE}")
    if is_guessable(folded, _common(), [unicodedata.normalize("NFKC", name).casefold() for name in names]):
        raise PasswordRefused(f"it is made of a few pieces that are tried first, such as dates, names and rows of keys: {_ADVICE}")


def new_password(least: int = MIN_LENGTH) -> str:
    """A random one to be typed once, of at least 100 bits: kxq7m-t4hzw-…."""
    groups = max(4, -(-(least + 1) // (_IN_A_GROUP + 1)))
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(_IN_A_GROUP)) for _ in range(groups))


def is_same(password: str, other: str) -> bool:
    """Whether both open the same account."""
    return _encoded(password) == _encoded(other)


def hash_password(password: str) -> str:
    """Takes tens of milliseconds and 19 MiB, on purpose."""
    return _HASHER.hash(_encoded(password))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed. Without a hash the same work is done, and it never is."""
    try:
        _HASHER.verify(password_hash or _NOBODY, _encoded(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _encoded(password: str) -> bytes:
    # The same password typed on another keyboard is the same. NIST advises NFC; NFKC makes wide letters of a Chinese
    # keyboard the usual ones, too, and is what all hashes that are kept were made with.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _without_names(folded: str, names: tuple[str, ...]) -> str:
    for name in sorted((*names, *_SERVICE), key=len, reverse=True):
        # A name of one letter is in every password.
        if len(name) > 1:
            folded = folded.replace(unicodedata.normalize("NFKC", name).casefold(), "")
    return folded


def _is_run(text: str) -> bool:
    """0123456789, zyxwvutsrq."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return len(steps) == 1 and abs(steps.pop()) <= 1


def _is_repeated(text: str) -> bool:
    """abcdeabcdeabc, passwordpassword: over and over what would be too short by itself."""
    return any(text == (text[:size] * len(text))[:len(text)] for size in range(1, min(len(text) // 2, MIN_LENGTH - 1) + 1))


def _reduced(folded: str) -> str:
    return re.sub(r"[\W_]+$", "", folded).translate(_LOOK_ALIKE)


@cache
def _common() -> frozenset[str]:
    lines = files("assistant").joinpath("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(_reduced(line.strip().casefold()) for line in lines if line.strip() and not line.startswith("#"))
