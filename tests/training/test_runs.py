"""A working folder holds one run, and what is not a run's is never thrown away."""

from pathlib import Path

import pytest

from training.heads import CannotTune
from training.runs import begin_run


def test_a_run_finds_its_own_checkpoints_and_no_other_run_s(tmp_path: Path) -> None:
    work = tmp_path / "work"
    begin_run(work, ["one", 3])
    (work / "checkpoint").write_text("half done")
    begin_run(work, ["one", 3])
    assert (work / "checkpoint").is_file()
    begin_run(work, ["one", 4])
    assert not (work / "checkpoint").exists()


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("mine")
    with pytest.raises(CannotTune, match="not empty"):
        begin_run(tmp_path, ["one"])
    assert (tmp_path / "letters").is_file()
