"""The doors to guarded data. A route reaches a conversation only through `Admitted`."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Path
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.dependencies import Running
from assistant.errors import Unauthenticated
from assistant.storage import Conversation

__all__ = ["Admitted", "admitted"]

_bearer = HTTPBearer(auto_error=False, description="The token that opening the conversation gave.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
ConversationId = Annotated[str, Path(min_length=1, max_length=64, examples=["5f0c7d0e3a1b4c6e9d2f8a7b6c5d4e3f"])]


async def admitted(conversation_id: ConversationId, credentials: Credentials, running: Running) -> Conversation:
    """The conversation that the bearer token opens; 401 without a token, 404 with one that opens no such thing."""
    if credentials is None or not credentials.credentials:
        raise Unauthenticated()
    return await to_thread.run_sync(running.application.conversations.admit, conversation_id, credentials.credentials)


Admitted = Annotated[Conversation, Depends(admitted)]
