"""Files between clients and agents."""

from __future__ import annotations

from functools import partial
from pathlib import Path as FilePath
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Request, Response

from api.dependencies import PerAddress, Running
from api.errors import problems
from api.routes.console import Id, Replying, Seeing, agent_of
from api.schemas import MessageSent
from api.schemas_console import AgentMessageSent, AgentMessageView
from api.security import Admitted
from api.uploading import Upload, document, given, received
from assistant.agent_messages import Draft
from assistant.attaching import TakenFile
from assistant.audit import SYSTEM, Actor
from assistant.storage import Attachment

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["files"], dependencies=[PerAddress])
AttachmentId = Annotated[str, Path(pattern=r"^[0-9a-f]{1,40}$", examples=["5f0c7d0e3a1b4c6e9d2f8a7b6c5d4e3f"])]
_SENDS = problems(401, 404, 409, 413, 415, 422, 429, 503)
_GETS = {200: {"description": "The file, to be saved.", "content": {"application/octet-stream": {"schema": {
    "type": "string", "format": "binary"}}}}, **problems(401, 404, 422, 429, 503)}
_STAFF = problems(403)


@router.post("/conversations/{conversation_id}/attachments", responses=_SENDS, openapi_extra=document())
async def send_attachment(conversation: Admitted, request: Request, running: Running) -> MessageSent:
    """Send a file, with or without words beside it. To words the assistant replies; into files it does not look."""
    running.messages.take(conversation.id)
    upload = await received(request)
    file = await _taken(running, upload, conversation.id)
    receive = partial(running.application.inbox.receive, conversation.id, upload.fields.client_message_id, upload.fields.text, file=file)
    sent = MessageSent.of(await to_thread.run_sync(receive, limiter=running.turns))
    if sent.reply:
        running.metrics.replies.labels(sent.reply.kind).inc()
    return sent


@router.get("/conversations/{conversation_id}/attachments/{attachment_id}", response_class=Response, responses=_GETS)
async def get_attachment(conversation: Admitted, attachment_id: AttachmentId, running: Running) -> Response:
    """A file of the conversation, or of the client's earlier ones where the client was vouched for."""
    return await _given(partial(running.application.files.for_client, conversation, attachment_id))


@router.post("/agent/conversations/{conversation_id}/attachments", responses={**_SENDS, **_STAFF}, openapi_extra=document(by_agent=True))
async def send_agent_attachment(conversation_id: Id, request: Request, caller: Replying, running: Running) -> AgentMessageSent:
    """Send the client a file. Words beside it go through the outgoing check; the file itself does not."""
    running.typing.take(f"{caller.signed_in.account.name} files")
    agent = agent_of(caller)
    await to_thread.run_sync(running.application.console.check_holds, conversation_id, agent)
    upload = await received(request)
    acknowledged = tuple(rule for rule in upload.fields.acknowledged.split(",") if rule)
    file = await _taken(running, upload, conversation_id, caller.by)
    draft = Draft(upload.fields.client_message_id, upload.fields.text, acknowledged=acknowledged, file=file)
    sent = await to_thread.run_sync(running.application.agent_messages.send, conversation_id, draft, agent)
    return AgentMessageSent(message=AgentMessageView.of(sent))


@router.get("/agent/conversations/{conversation_id}/attachments/{attachment_id}", response_class=Response, responses={**_GETS, **_STAFF})
async def get_agent_attachment(conversation_id: Id, attachment_id: AttachmentId, caller: Seeing, running: Running) -> Response:
    """A file of the conversation. Every look is kept in the audit trail."""
    return await _given(partial(running.application.files.for_agent, conversation_id, attachment_id, agent_of(caller)))


async def _taken(running: Running, upload: Upload, conversation_id: str, by: Actor = SYSTEM) -> TakenFile:
    take = partial(running.application.files.take, upload.name, upload.data, conversation_id=conversation_id, by=by)
    return await to_thread.run_sync(take, limiter=running.pictures)


async def _given(find: partial[tuple[Attachment, FilePath]]) -> Response:
    def read() -> Response:
        found, path = find()
        return given(path.read_bytes(), name=found.name, media_type=found.media_type)

    return await to_thread.run_sync(read)
