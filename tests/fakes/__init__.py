"""Doubles that keep a Protocol of the product, for tests that need no models."""

from tests.fakes.responder import ANSWER, FakeResponder
from tests.fakes.words import FakeWords

__all__ = ["ANSWER", "FakeResponder", "FakeWords"]
