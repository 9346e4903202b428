"""Passwords of staff: which may be chosen, and how they are kept.

The rules are those of NIST SP 800-63B (5.1.1.2): a least length, any character, no demands on their kinds, and none
that an attacker tries first. Kept is argon2id with the parameters of OWASP's Password Storage Cheat Sheet.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.errors import PasswordRefused, UnreadableText

__all__ = ["MAX_LENGTH", "MIN_LENGTH", "check_password", "hash_password", "is_outdated", "verify_password"]

MIN_LENGTH = 10
MAX_LENGTH = 256
# OWASP: 19 MiB of memory, 2 iterations, 1 degree of parallelism.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
# Of 32 random bytes that nobody kept: what a password is held against when there is no such account.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$1Kd+r2hIJrXgSE7W6EtM/Q$YOoGZMIwz4i83l2sX7JyphoWetyQcVTsuUUpfQ6W2IU"
_SERVICE = ("zhike", "知客")
_LEAST_BESIDES_NAMES = 6
_LEAST_DIFFERENT = 5
_LONGEST_PIECE = 5
_LOOK_ALIKE = str.maketrans("@0$", "aos")


def check_password(password: str, *names: str) -> None:
    """Raises PasswordRefused or UnreadableText unless the password may be chosen by the bearer of `names`."""
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise UnreadableText()
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < MIN_LENGTH:
        raise PasswordRefused(f"it has {len(plain)} characters; at least {MIN_LENGTH} are needed, 12 or more are better")
    if len(plain) > MAX_LENGTH:
        raise PasswordRefused(f"it has {len(plain)} characters; at most {MAX_LENGTH} are taken")
    folded = plain.casefold()
    if len(_without_names(folded, names)) < _LEAST_BESIDES_NAMES:
        raise PasswordRefused("it is little more than the name of the account or of the service")
    if len(set(folded)) < _LEAST_DIFFERENT or _is_run(folded) or _is_repeated(folded):
        raise PasswordRefused("it repeats itself or runs in order, which is guessed first")
    if _reduced(folded) in _common():
        raise PasswordRefused("it is one of the commonest passwords, which are tried first")


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
    # NFKC, as NIST asks: the same password typed on another keyboard is the same.
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
    """abcdeabcdeabc."""
    return any(text == (text[:size] * len(text))[:len(text)] for size in range(1, _LONGEST_PIECE + 1))


def _reduced(folded: str) -> str:
    return re.sub(r"[\W_]+$", "", folded).translate(_LOOK_ALIKE)


@cache
def _common() -> frozenset[str]:
    lines = files("assistant").joinpath("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(_reduced(line.strip().casefold()) for line in lines if line.strip() and not line.startswith("#"))
