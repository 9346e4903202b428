"""The shape of the house: who imports whom, and what the project says of itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_imports_go_one_way():
    pytest.importorskip("importlinter")
    result = subprocess.run([sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
                            cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_folder_of_tests_is_a_package():
    """Without it a folder named api would hide the real one."""
    for folder in (ROOT / "tests").rglob("*"):
        if folder.is_dir() and list(folder.glob("test_*.py")):
            assert (folder / "__init__.py").is_file(), folder


@pytest.mark.parametrize("path", [path for path in ROOT.glob("*/**/*.py") if ".venv" not in path.parts and path.parts[-2] != "data"],
                         ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_a_drawer(path):
    assert path.stem not in ("utils", "helpers", "common", "misc")
    assert not re.search(r"except Exception:\s*pass|except:\s", path.read_text(encoding="utf-8"))
