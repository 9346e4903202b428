"""What is put in order by itself now and then, while a server runs."""

from __future__ import annotations

import asyncio

import structlog
from anyio import to_thread

from assistant.bootstrap import Application
from assistant.errors import AssistantError

__all__ = ["Housekeeping"]

_FIRST_SECONDS = 300.0
_EVERY_SECONDS = 3600.0


class Housekeeping:
    """In each process; that several do it at once does no harm. Begins a while after the start, which has enough to do."""

    def __init__(self, application: Application, *, first: float = _FIRST_SECONDS, seconds: float = _EVERY_SECONDS) -> None:
        self._application = application
        self._first = first
        self._seconds = seconds
        self._going_round = asyncio.create_task(self._go_round())

    async def close(self) -> None:
        self._going_round.cancel()
        await asyncio.gather(self._going_round, return_exceptions=True)

    async def _go_round(self) -> None:
        await asyncio.sleep(self._first)
        while True:
            await self._sweep()
            await asyncio.sleep(self._seconds)

    async def _sweep(self) -> None:
        log = structlog.get_logger()
        try:
            removed = await to_thread.run_sync(self._application.files.sweep)
        except (AssistantError, OSError) as error:
            log.warning("uploads_not_swept", error=type(error).__name__)
            return
        if removed:
            log.info("uploads_swept", removed=removed)
