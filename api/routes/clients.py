"""The records of clients, for those who serve them."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Response

from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.etags import Conditional, etag
from api.schemas_clients import ClientPage, ClientView
from api.security import Caller, requires
from assistant.client_record import CLIENT_ID, ClientFields
from assistant.roles import Permission

__all__ = ["router"]

router = APIRouter(prefix="/v1/agent/clients", tags=["clients"], dependencies=[PerAddress])
Seeing = Annotated[Caller, requires(Permission.SEE_CLIENTS)]
Editing = Annotated[Caller, requires(Permission.EDIT_CLIENTS)]
ClientId = Annotated[str, Path(pattern=CLIENT_ID, description="The firm's own number for the client.", examples=["DEMO-001"])]
After = Annotated[str, Query(max_length=64, pattern=r"^[!-~]*$", description="Id of a client; greater ones come.")]
Words = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$", description="How the id begins, or what the name has in it.")]
Limit = Annotated[int, Query(ge=1, le=100)]
_STAFF = problems(401, 403, 422, 429, 503)


@router.get("", responses=_STAFF)
async def list_clients(caller: Seeing, running: Running, after: After = "", q: Words = "", limit: Limit = 50) -> ClientPage:
    """Clients in the order of their ids, with names masked; `after` the last id goes on."""
    clients = running.application.clients
    return ClientPage.of(await to_thread.run_sync(partial(clients.page, caller.by, after=after, limit=limit, words=q)))


@router.get("/{client_id}", responses={**_STAFF, **problems(404)})
async def see_client(client_id: ClientId, caller: Seeing, running: Running, response: Response) -> ClientView:
    """The record. Every look is kept in the audit trail."""
    clients = running.application.clients
    record = await to_thread.run_sync(clients.look, client_id, caller.by)
    response.headers["ETag"] = etag(record.version)
    return ClientView.of(record, clients.assessed(record))


@router.put("/{client_id}", dependencies=[JsonBody], responses={
    201: {"description": "There was no record; now there is.", "model": ClientView},
    **_STAFF, **problems(400, 409, 412, 413, 415)})
async def put_client(client_id: ClientId, body: ClientFields, caller: Editing, running: Running, condition: Conditional,
                     response: Response) -> ClientView:
    """Write into the record, or make one. What is left out stays as it is; null takes a value away."""
    clients = running.application.clients
    put = await to_thread.run_sync(partial(clients.put, client_id, body, caller.by, condition=condition))
    response.status_code = 201 if put.created else 200
    response.headers["ETag"] = etag(put.record.version)
    return ClientView.of(put.record, clients.assessed(put.record))
