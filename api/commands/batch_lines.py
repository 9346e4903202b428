"""One line of a batch: read, answered, written."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from assistant.errors import AssistantError, InvalidInput
from assistant.inbound import clean_text
from assistant.inbox import Responds
from assistant.reply import Context, Outcome

__all__ = ["Answerer"]

_EXPECTED = 'expected an object with either "q" (text) or "turns" (a list of texts)'


class LineInvalid(InvalidInput):
    """A line that asks nothing."""

    code = "invalid_request"


class LineNotJson(InvalidInput):
    """A line that is not JSON."""

    code = "invalid_json"


class Answerer:
    """Safe to call from several threads: each line is a conversation of its own."""

    def __init__(self, responder: Responds, *, max_length: int) -> None:
        self._responder = responder
        self._max_length = max_length

    def answer(self, number: int, line: bytes) -> tuple[bytes, bool]:
        """The line of output for the `number`th line of input, and whether it holds a result."""
        carried: dict[str, Any] = {}
        try:
            carried = _parsed(line)
            result = self._converse(_turns(carried)).to_dict()
        except AssistantError as error:
            return _line({**carried, "error": _problem(number, error)}), False
        return _line({**carried, "result": result}), True

    def _converse(self, turns: list[str]) -> Outcome:
        cleaned = [clean_text(turn, max_length=self._max_length) for turn in turns]
        outcome = self._responder.respond(cleaned[0], Context())
        for turn in cleaned[1:]:
            outcome = self._responder.respond(turn, outcome.context)
        return outcome


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError:
        raise LineNotJson("The line is not UTF-8.") from None
    except ValueError as error:
        raise LineNotJson(f"The line is not JSON: {error}.") from None
    except RecursionError:
        raise LineNotJson("The line is nested too deeply.") from None
    if not isinstance(value, dict):
        raise LineInvalid(f"The line is no object; {_EXPECTED}.")
    return value


def _turns(carried: dict[str, Any]) -> list[str]:
    if ("q" in carried) == ("turns" in carried):
        raise LineInvalid(f"The line has {'both' if 'q' in carried else 'neither'}; {_EXPECTED}.")
    turns = [carried["q"]] if "q" in carried else carried["turns"]
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
        raise LineInvalid(f"What is asked is not text; {_EXPECTED}.")
    return turns


def _problem(number: int, error: AssistantError) -> dict[str, Any]:
    status = HTTPStatus.BAD_REQUEST if isinstance(error, LineNotJson) else HTTPStatus.UNPROCESSABLE_ENTITY
    return {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": str(error),
            "code": error.code, "line": number}


def _line(value: dict[str, Any]) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        # A carried key may hold half of a surrogate pair, which only an escape can carry on.
        return json.dumps(value).encode() + b"\n"
