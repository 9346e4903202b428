"""Looks, while a server runs, for what others published and for what was scheduled for a day that has come; and makes ready
what waits to be published."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from assistant.live_knowledge import LiveKnowledge
from assistant.publication import Publishing

__all__ = ["KnowledgeWatch"]


class KnowledgeWatch:
    """Two threads from `start` to `stop`; a failure is logged, and the next look tries again."""

    def __init__(self, knowledge: LiveKnowledge, publishing: Publishing, *, seconds: float) -> None:
        self._knowledge = knowledge
        self._publishing = publishing
        self._seconds = seconds
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        if self._threads:
            return
        # To make something ready takes seconds, for which what others published should not wait.
        for name, look in (("knowledge-watch", self.look), ("knowledge-ready", self._publishing.prepare)):
            self._threads.append(threading.Thread(target=self._run, args=(look,), name=name, daemon=True))
            self._threads[-1].start()

    def stop(self) -> None:
        """Returns when the looks that are under way are over."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def look(self) -> None:
        """Publish what is due by itself, and take what others published."""
        self._publishing.publish_scheduled()
        self._knowledge.catch_up()

    def _run(self, look: Callable[[], None]) -> None:
        while not self._stopped.wait(self._seconds):
            try:
                look()
            except Exception as error:
                structlog.get_logger().error("knowledge_not_followed", error=type(error).__name__, exc_info=error)
