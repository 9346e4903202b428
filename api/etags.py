"""`ETag`, `If-Match` and `If-None-Match` (RFC 9110) as versions and conditions on them."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from assistant.condition import Condition

__all__ = ["Conditional", "etag"]

_LONGEST = 1000
_TAG = re.compile(r'"(\d{1,18})"')


def etag(version: int) -> str:
    return f'"{version}"'


async def _condition(
    if_match: Annotated[str | None, Header(
        max_length=_LONGEST, description="ETag of the version that the change was made on; 412 if it is another now.")] = None,
    if_none_match: Annotated[str | None, Header(
        max_length=_LONGEST, description="`*`: only if there is nothing yet; 412 otherwise.")] = None,
) -> Condition:
    exists = None
    if if_none_match is not None and if_none_match.strip() == "*":
        exists = False
    if if_match is None:
        return Condition(exists=exists)
    if if_match.strip() == "*":
        return Condition(exists=True)
    # A tag that is not ours, or a weak one, matches no version.
    versions = frozenset(int(tag[1]) for part in if_match.split(",") if (tag := _TAG.fullmatch(part.strip())))
    return Condition(versions=versions, exists=exists)


Conditional = Annotated[Condition, Depends(_condition)]
