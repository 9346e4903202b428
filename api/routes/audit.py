"""The audit trail, for those who may read it."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query

from api.dependencies import PerAddress, Running
from api.errors import problems
from api.schemas_staff import AuditEntries
from api.security import requires
from assistant.roles import Permission

__all__ = ["router"]

router = APIRouter(prefix="/v1/audit", tags=["staff"], dependencies=[PerAddress])
After = Annotated[int, Query(ge=0, le=2**63 - 1, description="`seq` of an entry; later ones come.")]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("", dependencies=[requires(Permission.SEE_AUDIT)], responses=problems(401, 403, 422, 429, 503))
async def list_audit(running: Running, after: After = 0, limit: Limit = 100) -> AuditEntries:
    """Entries in order; `after` the last `seq` goes on."""
    return AuditEntries.of(await to_thread.run_sync(running.application.trail.page, after, limit))
