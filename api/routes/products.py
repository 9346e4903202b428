"""The firm's products, and which of them may be offered to a client."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query

from api.dependencies import PerAddress, Running
from api.errors import problems
from api.schemas_clients import ProductPage
from api.security import Caller, requires
from assistant.client_record import CLIENT_ID
from assistant.roles import Permission
from assistant.suitability import Place
from intents.catalogue import FAMILIES

__all__ = ["router"]

router = APIRouter(prefix="/v1/agent/products", tags=["clients"], dependencies=[PerAddress])
Seeing = Annotated[Caller, requires(Permission.SEE_CLIENTS)]
Family = Annotated[Literal[FAMILIES] | None, Query(description="Only this family of needs.")]  # type: ignore[valid-type]
ForClient = Annotated[str | None, Query(pattern=CLIENT_ID, description="Id of a client: each product comes with the verdict.")]
AtPlace = Annotated[Place | None, Query(description="Where the sale is to take place.")]
After = Annotated[str, Query(max_length=32, pattern=r"^[!-~]*$", description="Code of a product; greater ones come.")]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("", responses=problems(401, 403, 404, 422, 429, 503))
async def list_products(caller: Seeing, running: Running, family: Family = None, client: ForClient = None,
                        place: AtPlace = None, after: After = "", limit: Limit = 100) -> ProductPage:
    """Products in the order of their codes; `after` the last code goes on. For a client, with the verdict of suitability."""
    catalogue = running.application.catalogue
    read = (partial(catalogue.page_for, client, caller.by, place=place, after=after, limit=limit, family=family) if client
            else partial(catalogue.page, after=after, limit=limit, family=family))
    return ProductPage.of(await to_thread.run_sync(read))
