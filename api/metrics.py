"""Counts for Prometheus; a registry for each application, so that several live in one process."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

__all__ = ["Metrics"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter("zhike_requests", "HTTP requests.", ["method", "route", "status"],
                                registry=self._registry)
        self.seconds = Histogram("zhike_request_seconds", "Time to the end of the response.", ["route"],
                                 buckets=_SECONDS, registry=self._registry)
        self.replies = Counter("zhike_replies", "Replies of the assistant.", ["kind"], registry=self._registry)
        self.streams = Gauge("zhike_streams", "Event streams open now.", registry=self._registry)
        self.ready = Gauge("zhike_ready", "1 when messages can be answered.", registry=self._registry)
        self.knowledge_version = Gauge("zhike_knowledge_version", "Knowledge version in use.", registry=self._registry)

    def text(self) -> bytes:
        return generate_latest(self._registry)
