"""For whoever runs the service: alive, ready, metrics."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.errors import problems
from api.metrics import Metrics
from assistant.errors import NotReady

__all__ = ["router"]

router = APIRouter(tags=["system"])


class Alive(BaseModel):
    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    status: Literal["ready"] = "ready"
    knowledge_version: int


@router.get("/healthz")
async def healthz() -> Alive:
    """The process answers."""
    return Alive()


@router.get("/readyz", responses=problems(503))
async def readyz(request: Request) -> Readiness:
    """Messages can be answered."""
    ready = request.app.state.ready
    if ready is None:
        raise NotReady()
    return Readiness(knowledge_version=ready.application.knowledge_version)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {
    "schema": {"type": "string"}}}}})
async def metrics(request: Request) -> Response:
    """For Prometheus."""
    counts: Metrics = request.app.state.metrics
    return Response(counts.text(), media_type=counts.content_type)
