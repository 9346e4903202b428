"""Settings: where each comes from, what is refused, and that all are documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import SettingsInvalid
from assistant.settings import PREFIX, Settings, load_settings, origins

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def origin(settings: Settings) -> dict[str, str]:
    return {setting.name: setting.origin for setting in origins(settings)}


def test_defaults() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite:///data/zhike.db"
    assert settings.max_wrong_answer_rate == 0.02
    assert set(origin(settings).values()) == {"default"}


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "zhike.toml").write_text('port = 9000\nhost = "0.0.0.0"\ncors_origins = ["https://www.example.com"]\n')
    monkeypatch.setenv("ZHIKE_PORT", "9001")
    settings = load_settings()
    assert (settings.port, settings.host, settings.cors_origins) == (9001, "0.0.0.0", ("https://www.example.com",))
    found = origin(settings)
    assert (found["port"], found["host"], found["data"]) == ("environment", "file", "default")


def test_the_file_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("port = 9002\n")
    monkeypatch.setenv("ZHIKE_CONFIG", str(tmp_path / "other.toml"))
    assert load_settings().port == 9002
    monkeypatch.setenv("ZHIKE_CONFIG", str(tmp_path / "missing.toml"))
    with pytest.raises(SettingsInvalid, match=r"missing\.toml"):
        load_settings()


@pytest.mark.parametrize(("name", "value", "complaint"), [
    ("PORT", "70000", "ZHIKE_PORT"), ("PORT", "abc", "'abc'"), ("MAX_WRONG_ANSWER_RATE", "0", "MAX_WRONG_ANSWER_RATE"),
    ("MAX_WRONG_ANSWER_RATE", "0.6", "0.6"), ("CORS_ORIGINS", "*", "no origin"), ("LOG_LEVEL", "loud", "loud"),
    ("CORS_ORIGINS", "https://a.example/path", "no origin"), ("MAX_MESSAGE_LENGTH", "0", "MAX_MESSAGE_LENGTH"),
])
def test_what_can_not_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str) -> None:
    monkeypatch.setenv(f"ZHIKE_{name}", value)
    with pytest.raises(SettingsInvalid, match=complaint.replace("*", r"\*")):
        load_settings()


def test_an_unknown_name_or_bad_toml_in_the_file_is_refused(tmp_path: Path) -> None:
    for content, complaint in (("prot = 1\n", "ZHIKE_PROT"), ("port = \n", r"zhike\.toml")):
        (tmp_path / "zhike.toml").write_text(content)
        with pytest.raises(SettingsInvalid, match=complaint):
            load_settings()


def test_several_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKE_CORS_ORIGINS", "https://a.example, https://b.example:8443")
    assert load_settings().cors_origins == ("https://a.example", "https://b.example:8443")


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKE_DATABASE", "postgresql://zhike:hunter2@db.example/zhike")
    monkeypatch.setenv("ZHIKE_DEMO_PASSWORD", "hunter2")
    shown = repr(origins(load_settings())) + repr(load_settings())
    assert "hunter2" not in repr(origins(load_settings()))
    assert "postgresql://zhike:***@db.example/zhike" in shown


@pytest.mark.parametrize("name", [*Settings.model_fields, "config"])
def test_every_setting_is_documented(name: str) -> None:
    assert f"`ZHIKE_{name.upper()}`" in DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_means(name: str) -> None:
    assert Settings.model_fields[name].description
