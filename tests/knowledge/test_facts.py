from datetime import date

import pytest

from knowledge.errors import KnowledgeError
from knowledge.facts import load_facts

TOML = """
[stamp]
title = "印花税率"
certainty = "verified"
values = [ { value = "0.05%", from = 2023-08-28, sources = ["law"] }, { value = "0.1%", from = 2008-09-19, to = 2023-08-27 } ]
"""


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_values_hold_on_their_days(tmp_path):
    fact = load_facts(write(tmp_path, fees=TOML))["stamp"]
    assert fact.on(date(2023, 8, 28)).value == "0.05%"
    assert fact.on(date(2023, 8, 27)).value == "0.1%"
    assert fact.on(date(2000, 1, 1)) is None
    assert fact.before(date(2026, 1, 1)).value == "0.1%"
    assert fact.before(date(2010, 1, 1)) is None
    assert fact.first_day == date(2008, 9, 19)


def test_overlapping_values_are_told(tmp_path):
    fact = load_facts(write(tmp_path, fees=TOML.replace(", to = 2023-08-27", "")))["stamp"]
    assert len(fact.overlaps()) == 1


@pytest.mark.parametrize(("files", "says"), [
    ({"a": TOML, "b": TOML}, "second time"), ({"a": "[x]\ntitle = 't'"}, "x"), ({"a": "not toml"}, "a.toml"),
    ({"a": TOML.replace("verified", "sure")}, "certainty"),
])
def test_bad_files_are_refused_with_the_place(tmp_path, files, says):
    with pytest.raises(KnowledgeError, match=says):
        load_facts(write(tmp_path, **files))
