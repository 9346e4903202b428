"""Looks, while a server runs, for what others published and for what was scheduled for a day that has come."""

from __future__ import annotations

import threading

import structlog

from assistant.live_knowledge import LiveKnowledge
from assistant.publication import Publishing

__all__ = ["KnowledgeWatch"]


class KnowledgeWatch:
    """A thread from `start` to `stop`; a failure is logged, and the next look tries again."""

    def __init__(self, knowledge: LiveKnowledge, publishing: Publishing, *, seconds: float) -> None:
        self._knowledge = knowledge
        self._publishing = publishing
        self._seconds = seconds
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="knowledge-watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Returns when the look that is under way is over."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> None:
        """Publish what is due by itself, and take what others published."""
        self._publishing.publish_scheduled()
        self._knowledge.catch_up()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            try:
                self.look()
            except Exception as error:
                structlog.get_logger().error("knowledge_not_followed", error=type(error).__name__, exc_info=error)
