"""A file in a second place, without a second copy of it where the file system can."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

__all__ = ["linked"]


def linked(source: str | Path, target: str | Path) -> None:
    """Put `source` at `target` too; neither may be written to afterwards, only replaced. Raises FileNotFoundError or FileExistsError."""
    try:
        os.link(source, target)
    except (FileNotFoundError, FileExistsError):
        # To write into a file that is there would change whatever it is linked with.
        raise
    except OSError:
        # Another file system, or one without links.
        shutil.copyfile(source, target)
