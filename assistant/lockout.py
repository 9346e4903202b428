"""How long a sign-in must wait after failures: the delay grows, and what is long past is forgotten. Pure.

An attempt counts as a failure before the password is looked at, and is forgiven when it was right, so that many
attempts at once can't slip past the count. OWASP ASVS 4.0 2.2.1 asks for at most 100 failures an hour and account;
these rules allow 15 in the first hour and 4 in each one after. NIST SP 800-63B-4 (3.2.2) asks that a password is good
for nothing after 100 failures in a row, however long they take: those are counted at the account, and never forgotten.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

__all__ = ["ACCOUNT", "ADDRESS", "FORGET", "MOST_IN_A_ROW", "Attempt", "Failures", "Rule", "account_key", "address_key", "failed",
           "forgiven", "seconds_left"]

FORGET = timedelta(hours=24)
MOST_IN_A_ROW = 100
_LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Rule:
    """`free` failures cost nothing; the next one costs `first`, and each after it twice as much as the one before."""

    free: int
    first: timedelta


ACCOUNT = Rule(free=4, first=timedelta(seconds=5))
# Many people may share the address of an office.
ADDRESS = Rule(free=20, first=timedelta(seconds=5))


@dataclass(frozen=True, slots=True)
class Failures:
    """How many in a row, when the last one was, and until when nothing more is tried."""

    count: int
    last_at: datetime
    locked_until: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was known before an attempt was counted as a failure, and after."""

    rule: Rule
    before: Failures
    counted: Failures


def seconds_left(failures: Failures | None, now: datetime) -> float:
    """How long to wait still; 0 where an attempt may be made."""
    return max(0.0, (failures.locked_until - now).total_seconds()) if failures else 0.0


def failed(failures: Failures | None, rule: Rule, now: datetime) -> Failures:
    """With one more."""
    known = failures.count if failures and now - failures.last_at < FORGET else 0
    return Failures(known + 1, now, now + _delay(known + 1, rule))


def forgiven(failures: Failures, attempt: Attempt) -> Failures:
    """Without the attempt, which was none; what others failed since then stays."""
    if failures == attempt.counted:
        return attempt.before
    count = max(0, failures.count - 1)
    return replace(failures, count=count, locked_until=failures.last_at + _delay(count, attempt.rule))


def account_key(name: str) -> str:
    """What an account's failures are kept under. A digest: somebody may have typed a password for a name."""
    return hashlib.sha256(f"account\n{name}".encode("utf-8", "replace")).hexdigest()


def address_key(address: str | None) -> str | None:
    """What an address's failures are kept under; an IPv6 client has a whole /64.

    None where nobody can be told apart: this machine itself (a proxy that names no client), or no IP address.
    """
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return None
    network = ipaddress.ip_network(f"{found}/{32 if found.version == 4 else 64}", strict=False)
    return hashlib.sha256(f"address\n{network}".encode()).hexdigest()


def _delay(count: int, rule: Rule) -> timedelta:
    over = count - rule.free
    # 2 ** 20 is past the longest already, and an attacker's count may be any number.
    return min(_LONGEST, rule.first * 2 ** min(over - 1, 20)) if over > 0 else timedelta(0)
