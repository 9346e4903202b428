"""A file as multipart/form-data (RFC 7578), read only after the doors have let its sender in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.schemas import ClientMessageId
from assistant.errors import UploadInvalid

__all__ = ["ROOM_FOR_FIELDS", "FileSend", "Upload", "document", "file_in", "given", "received"]

# Around the file: names of fields, and the text beside it.
ROOM_FOR_FIELDS = 65_536


class FileSend(BaseModel):
    """What comes beside the file."""

    model_config = ConfigDict(extra="ignore")

    client_message_id: ClientMessageId
    text: Annotated[str, Field(max_length=40_000)] = ""
    acknowledged: Annotated[str, Field(pattern=r"^[a-z_,]{0,400}$")] = ""


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    data: bytes
    fields: FileSend


async def received(request: Request) -> Upload:
    """Raises UploadInvalid, RequestValidationError, or HTTPException 413 and 415."""
    name, data, fields = await file_in(request)
    return Upload(name, data, _read(fields))


async def file_in(request: Request) -> tuple[str, bytes, dict[str, str]]:
    """(name, content, other fields) of the form. Raises UploadInvalid, or HTTPException 413 and 415."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, "Send the file as multipart/form-data.")
    try:
        async with request.form(max_files=1, max_fields=8, max_part_size=ROOM_FOR_FIELDS) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise UploadInvalid()
            data = await file.read()
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
    except ClientDisconnect as error:
        raise UploadInvalid() from error
    except HTTPException as error:
        # A body that is no form; one that is too large keeps its own status.
        raise (error if error.status_code == 413 else UploadInvalid()) from error
    return file.filename or "", data, fields


def _read(fields: dict[str, str]) -> FileSend:
    try:
        return FileSend.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]) from error


def document(*, by_agent: bool = False) -> dict[str, Any]:
    """What the OpenAPI document says of such a body."""
    properties: dict[str, Any] = {
        "file": {"type": "string", "format": "binary",
                 "description": "PNG, JPEG, WebP, GIF, PDF, DOCX, XLSX or plain text, told by its content."},
        "client_message_id": {"type": "string", "pattern": "^[!-~]{1,128}$", "description": "As of a message; a retry repeats it."},
        "text": {"type": "string", "maxLength": 40_000, "description": "Words beside the file, or none."},
    }
    if by_agent:
        properties["acknowledged"] = {"type": "string", "pattern": "^[a-z_,]{0,400}$",
                                      "description": "Rules of the outgoing check whose warnings are overridden, separated by commas."}
    schema = {"type": "object", "required": ["file", "client_message_id"], "properties": properties}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def given(data: bytes, *, name: str, media_type: str) -> Response:
    """A file on its way to who may see it: saved rather than opened, never guessed at, never kept, and without any rights."""
    return Response(data, media_type=media_type, headers={
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "X-Content-Type-Options": "nosniff"})
