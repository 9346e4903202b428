"""Has a file read by the worker, and takes what it found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant import errors
from assistant.errors import FileTooLarge, KnowledgeFileRefused
from assistant.exchange.blocks import NotTaken, Pair, Place, Split
from assistant.exchange.kinds import Kind, kind_by_name
from assistant.exchange.limits import MAX_SECONDS

__all__ = ["FileRead", "read_file", "taken"]


@dataclass(frozen=True, slots=True)
class FileRead:
    kind: Kind
    split: Split


def read_file(name: str, content: bytes, *, seconds: float = MAX_SECONDS) -> FileRead:
    """What is in a file named so. Raises KnowledgeFileRefused."""
    kind_by_name(name)
    # Nothing of this process is handed on but where Python finds its modules: no password of a database in the environment.
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": "utf-8", "LANG": "C.UTF-8"}
    try:
        worker = subprocess.run([sys.executable, "-m", "assistant.exchange.worker", name[-255:]], input=content, timeout=seconds,
                                capture_output=True, env=environment, check=False)
    except subprocess.TimeoutExpired as error:
        raise FileTooLarge(f"Reading the file takes more than {seconds:.0f} s. Split it.") from error
    if worker.returncode != 0:
        raise KnowledgeFileRefused("The file can't be read: it is damaged, or needs more memory or time than an import may take.")
    return taken(json.loads(worker.stdout))


def taken(result: Mapping[str, Any]) -> FileRead:
    """What the worker's result says. Raises KnowledgeFileRefused."""
    if "refused" in result:
        refusal: type[KnowledgeFileRefused] = getattr(errors, result["refused"])
        raise refusal() if refusal is errors.FileEncrypted else refusal(result["detail"])
    pairs = tuple(Pair(**{**pair, "place": Place(**pair["place"]), "similar": tuple(pair["similar"])}) for pair in result["pairs"])
    not_taken = tuple(NotTaken(**{**item, "place": Place(**item["place"])}) for item in result["not_taken"])
    return FileRead(Kind(result["kind"]), Split(pairs, not_taken))
