"""Knowledge in and out: files into previews and drafts, and versions into files."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.schemas_exchange import ImportAccept, ImportAccepted, ImportView
from api.security import Caller, requires
from api.uploading import file_in, given
from assistant.exchange.export import Format
from assistant.roles import Permission

__all__ = ["IMPORTS", "router"]

IMPORTS = "/v1/knowledge/imports"
_FILE = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {
    "type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}}}}}
router = APIRouter(prefix="/v1/knowledge", tags=["knowledge files"], dependencies=[PerAddress])
Seeing = Annotated[Caller, requires(Permission.SEE_KNOWLEDGE)]
Editing = Annotated[Caller, requires(Permission.EDIT_KNOWLEDGE)]
ImportId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", examples=["5f0c7d0e3a1b4c6e9d2f8a7b6c5d4e3f"])]
Version = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Number of a knowledge version; the newest without.")]
Since = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Only what was added, changed or removed since this version.")]
_STAFF = problems(401, 403, 422, 429, 503)
_FILES = {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}, "text/csv": {"schema": {"type": "string"}}},
          "description": "The file; `X-Knowledge-Version` says which version is in it."}


@router.post("/imports", status_code=201, openapi_extra=_FILE, responses={**_STAFF, **problems(413, 415)})
async def read_file(request: Request, caller: Editing, running: Running, response: Response) -> ImportView:
    """Read a Markdown, CSV, Excel, Word, PDF or HTML file, or an archive of Markdown, into a preview. Nothing becomes a draft yet."""
    name, content, _ = await file_in(request)
    # Some browsers send the whole path; half of a surrogate pair is no text.
    name = name.replace("\\", "/").rpartition("/")[2].encode("utf-8", "replace").decode()
    preview = await to_thread.run_sync(running.application.imports.read, name, content, caller.by)
    response.headers["Location"] = f"{IMPORTS}/{preview.id}"
    return ImportView.of(preview)


@router.get("/imports/{import_id}", responses={**_STAFF, **problems(404)})
async def see_import(import_id: ImportId, caller: Editing, running: Running) -> ImportView:
    """The preview again, for a day after the file came."""
    return ImportView.of(await to_thread.run_sync(running.application.imports.look, import_id, caller.by))


@router.post("/imports/{import_id}/accept", dependencies=[JsonBody], responses={**_STAFF, **problems(400, 404, 413, 415)})
async def accept_import(import_id: ImportId, body: ImportAccept, caller: Editing, running: Running) -> ImportAccepted:
    """Make drafts of what the file came to. The same request again makes nothing twice; nothing goes live by it."""
    return ImportAccepted.of(await to_thread.run_sync(
        partial(running.application.imports.accept, import_id, caller.by, only=body.drafts)))


@router.get("/export", response_class=Response, responses={200: _FILES, **_STAFF, **problems(404)})
async def export(caller: Seeing, running: Running, format: Format = Format.MARKDOWN, version: Version = None,
                 since: Since = None) -> Response:
    """The articles of a version, or what differs from an earlier one: Markdown in an archive, or a CSV table."""
    made = await to_thread.run_sync(partial(running.application.export.export, caller.by, format, version=version, since=since))
    response = given(made.content, name=made.name, media_type=made.media_type)
    response.headers["X-Knowledge-Version"] = str(made.version)
    return response
