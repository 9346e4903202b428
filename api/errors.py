"""Errors as `application/problem+json` (RFC 9457): type, title, status, detail, code, and `errors` for validation."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from assistant.errors import (
    AlreadyClaimed,
    AssistantError,
    Conflict,
    DraftRefused,
    Forbidden,
    GoldenBroken,
    InvalidInput,
    NotFound,
    NotReady,
    OutgoingRefused,
    PreconditionFailed,
    PreconditionRequired,
    ScannerUnavailable,
    StorageUnavailable,
    TooManyRequests,
    Unauthenticated,
)
from assistant.outgoing import Severity

__all__ = ["Problem", "install", "problem", "problems", "unexpected"]

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[AssistantError], int], ...] = (
    (InvalidInput, 422), (NotFound, 404), (Conflict, 409), (PreconditionFailed, 412), (PreconditionRequired, 428), (Unauthenticated, 401),
    (Forbidden, 403), (TooManyRequests, 429), (NotReady, 503), (StorageUnavailable, 503), (ScannerUnavailable, 503))
_CODES = {400: "invalid_json", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large",
          415: "unsupported_media_type", 429: "too_many_requests"}
_DETAILS = {400: "The body is not JSON.", 404: "There is nothing at this address.", 
            405: "This address does not take this method; see Allow."}


class Detail(BaseModel):
    """One thing that is wrong with a request; `pointer` is a JSON pointer into it."""

    pointer: str
    detail: str


class OutgoingFinding(BaseModel):
    """What the outgoing check found in an agent's text: characters `start` to `end`, end exclusive."""

    rule: str
    words: str
    start: int
    end: int
    severity: Severity
    advice: str
    advice_en: str

    model_config = ConfigDict(from_attributes=True)


class BrokenQuestion(BaseModel):
    """A golden question, the kind of reply and the article that it must get, and what it would get."""

    golden_id: str
    question: str
    expected_kind: str
    expected_article_id: str | None
    kind: str
    article_id: str | None


class Problem(BaseModel):
    """RFC 9457. `code` is stable; `detail` is for people and may change."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "type": "about:blank", "title": "Not Found", "status": 404, "code": "conversation_not_found",
        "detail": "There is no conversation with this id that this token opens."}})

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    errors: list[Detail] | None = Field(None, description="Only with codes invalid_request and draft_refused.")
    agent: str | None = Field(None, description="Only with code already_claimed: account of who has the conversation.")
    findings: list[OutgoingFinding] | None = Field(None, description="Only with code outgoing_check.")
    broken: list[BrokenQuestion] | None = Field(None, description="Only with code golden_broken.")


def problem(status: int, code: str, detail: str, *, errors: list[Detail] | None = None,
            headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """`members` are those that only some codes have."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, errors=errors, **members)
    return JSONResponse(body.model_dump(exclude_none=True), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route, for the OpenAPI document."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}} for status in statuses}


def install(app: FastAPI) -> None:
    app.add_exception_handler(AssistantError, _assistant_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    # Only faults of the middlewares themselves come here; `Faults` takes the others.
    app.add_exception_handler(Exception, lambda _, __: unexpected())


def _assistant_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, AssistantError)
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    if status >= 500 and not isinstance(error, NotReady):
        structlog.get_logger().error("failed", code=error.code, error=type(error).__name__, exc_info=error)
        return problem(status, error.code, "The service can't do this now. Try again later.",
                       headers={"Retry-After": "5"})
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests | NotReady):
        headers["Retry-After"] = str(getattr(error, "retry_after", 5))
    return problem(status, error.code, str(error), headers=headers, **_members(error))


def _members(error: AssistantError) -> dict[str, Any]:
    if isinstance(error, AlreadyClaimed):
        return {"agent": error.agent}
    if isinstance(error, DraftRefused):
        return {"errors": [Detail(pointer=f"/article/{field}", detail=fault) for field, fault in error.faults]}
    if isinstance(error, GoldenBroken):
        return {"broken": [BrokenQuestion(
            golden_id=item.golden_id, question=item.question, expected_kind=item.expected_kind,
            expected_article_id=item.expected_article_id, kind=item.after.kind, article_id=item.after.article_id)
            for item in error.broken]}
    if isinstance(error, OutgoingRefused):
        return {"findings": [OutgoingFinding.model_validate(finding) for finding in error.findings]}
    return {}


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "http_error")
    headers = dict(error.headers or {})
    if error.status_code == 405 and (methods := _methods(request)):
        # The router names the methods of the first route of this path only.
        headers["Allow"] = ", ".join(sorted(methods))
    detail = _DETAILS.get(error.status_code, str(error.detail))
    return problem(error.status_code, code, detail, headers=headers)


def _methods(request: Request) -> set[str]:
    documented = request.app.openapi()["paths"].items()
    return {method.upper() for path, methods in documented for method in methods
            if compile_path(path)[0].match(request.scope["path"])}


def _invalid_request(_: Request, error: Exception) -> Response:
    """What is wrong and where; never the value, which may be a client's words or no valid text."""
    assert isinstance(error, RequestValidationError)
    details = [Detail(pointer=_pointer(item["loc"]), detail=item["msg"]) for item in error.errors()]
    if any(item["type"] == "json_invalid" for item in error.errors()):
        return problem(400, "invalid_json", "The body is not JSON.")
    if any(item["type"] == "string_unicode" and item["loc"][-1:] == ("text",) for item in error.errors()):
        return problem(422, "unreadable_text",
                       "The text holds half of a surrogate pair, which is no character. Send valid Unicode.")
    return problem(422, "invalid_request", "The request does not have the expected form; see errors.", errors=details)


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901) whose first part says body, path, query or header; names are made safe to print."""
    parts = (str(part).encode("utf-8", "replace").decode()[:100] for part in location)
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def unexpected() -> Response:
    """What a caller sees of a fault of ours: nothing that names it."""
    return problem(500, "internal_error", "Something went wrong here. The request may be sent again.")
