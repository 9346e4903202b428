"""Doubles that keep a Protocol of the product, for tests that need no models."""

from tests.fakes.responder import ANSWER, FakeResponder

__all__ = ["ANSWER", "FakeResponder"]
