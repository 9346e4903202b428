"""Readers: one for each kind of file, all into the same blocks. They run in the worker only, and load their library when called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

from assistant.exchange.blocks import Block
from assistant.exchange.kinds import Kind

__all__ = ["reader_of"]


def reader_of(kind: Kind) -> Callable[[bytes], Iterator[Block]]:
    """What reads files of a kind. It may raise whatever its library does."""
    return import_module(f"assistant.exchange.readers.{kind}").read
