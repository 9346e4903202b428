"""Every setting, in one typed class: from the environment (`ZHIKE_…`), one TOML file, or its default."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from assistant.errors import SettingsInvalid

__all__ = ["Setting", "Settings", "load_settings", "origins", "settings_file"]

PREFIX = "ZHIKE_"
Origin = Literal["default", "file", "environment"]
Names = Annotated[tuple[str, ...], NoDecode]


def settings_file() -> Path:
    """The TOML file that is read if it exists."""
    return Path(os.environ.get(f"{PREFIX}CONFIG") or "zhike.toml")


class Settings(BaseSettings):
    """What an engineer at the brokerage may set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    data: Path = Field(Path("data"), description="Folder for database, index and uploads.")
    database: str = Field("", description="SQLAlchemy URL of the database; empty means SQLite in the data folder.")
    encoder: str | None = Field(None, description="Name or path of the sentence encoder; unset means the shipped one.")
    cross_encoder: str | None = Field(
        None, description="Name or path of the cross-encoder; unset means the shipped one, if there is one; none switches it off.")
    models: Path | None = Field(
        None, description="Folder, or name below models/ of the data folder, of what zhike train wrote for the encoder; unset means "
                          "those that zhike models use names, or else the shipped ones.")
    max_wrong_answer_rate: float = Field(
        0.02, gt=0, le=0.5, description="Highest share of wrong automatic answers that the firm accepts.")
    knowledge: Path | None = Field(
        None, description="Folder with base/, facts/ and sources.toml; unset means the shipped knowledge.")
    firm: Path | None = Field(
        None, description="TOML file with the firm's own values; unset means firm.toml of the knowledge folder.")
    suitability: Path | None = Field(
        None, description="TOML file with the firm's own suitability policy; unset means the careful defaults.")
    service: Path | None = Field(
        None, description="TOML file with hours, skills, tiers and promises of the firm's service; unset means assistant/service.toml.")
    measures: Path | None = Field(
        None, description="TOML file with the goals of service quality and the formula of an agent's score; "
                          "unset means assistant/measures.toml.")
    follow_ups: Path | None = Field(
        None, description="TOML file with what the firm wants otherwise of follow-ups than assistant/follow_up_policy.toml.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    demo_password: SecretStr | None = Field(
        None, description="Password of the demo accounts; unset means a random one, printed at start.")
    session_idle_minutes: int = Field(
        30, ge=1, le=1440, description="Minutes without a call after which a session of staff ends.")
    session_max_hours: int = Field(
        12, ge=1, le=168, description="Hours after which a session of staff ends in any case.")
    password_min_length: int = Field(
        15, ge=15, le=64, description="Least characters of a password that a member of staff may choose.")
    outgoing_hard: Names | None = Field(
        None, description="Rules of the outgoing check that stop an agent's message, separated by commas, all others warn; "
                          "unset means as assistant/outgoing.toml says, none that no rule stops one.")
    cors_origins: Names = Field(
        (), description="Origins (https://host) of other sites that embed the widget, separated by commas.")
    trusted_proxies: str = Field(
        "127.0.0.1", description="Addresses of reverse proxies whose X-Forwarded-For is believed, separated by commas.")
    max_message_length: int = Field(2000, ge=1, le=20000, description="Longest client message, in characters.")
    max_body_bytes: int = Field(65536, ge=1024, description="Largest request body, in bytes.")
    max_import_bytes: int = Field(
        20_000_000, ge=1024, description="Largest file of knowledge that is taken for import, in bytes.")
    max_attachment_bytes: int = Field(
        10_000_000, ge=1024, le=100_000_000, description="Largest file that a client or an agent may send, in bytes.")
    orphaned_upload_hours: int = Field(
        24, ge=1, le=8760, description="Hours after which an uploaded file that belongs to no message is taken away.")
    clamd: str = Field("", description="Where clamd of ClamAV listens, the path of its socket or HOST:PORT, to look for malware in files; "
                                       "unset: files are not scanned.")
    client_token_secret: SecretStr | None = Field(
        None, description="Secret (32 bytes or more) with which the firm's back end signs client tokens by HS256; see docs/embedding.md.")
    client_token_public_key: Path | None = Field(
        None, description="PEM file with the RSA public key of client tokens that are signed by RS256, in place of a secret.")
    client_token_audience: str = Field("zhike", min_length=1, max_length=200, description="What `aud` of a client token must say.")
    messages_per_minute: int = Field(60, ge=1, description="Messages a minute that one conversation may send.")
    requests_per_minute: int = Field(
        600, ge=1, description="Requests a minute that one address may make; this machine itself is exempt.")
    streams_per_conversation: int = Field(8, ge=1, description="Event streams open at once for one conversation.")
    streams_per_agent: int = Field(16, ge=1, description="Event streams open at once for one member of staff.")
    heartbeat_seconds: float = Field(15.0, gt=0, description="Silence on an event stream before a heartbeat is sent.")
    poll_seconds: float = Field(
        1.0, gt=0, description="How often events that other processes wrote are looked for.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")

    @field_validator("cors_origins", "outgoing_hard", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("outgoing_hard")
    @classmethod
    def _none_is_empty(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return () if value == ("none",) else value

    @field_validator("cors_origins")
    @classmethod
    def _exact_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin == "*" or not origin.startswith(("https://", "http://")) or origin.count("/") != 2:
                raise ValueError(f"{origin!r} is no origin; expected https://host or https://host:port")
        return value

    @property
    def database_url(self) -> str:
        """The URL in force."""
        return self.database or f"sqlite:///{(self.data / 'zhike.db').as_posix()}"

    @property
    def indexes(self) -> Path:
        """The folder in which search indexes are kept."""
        return self.data / "index"

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, **_: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in force, fit to be shown: secrets are starred."""

    name: str
    value: str
    origin: Origin
    description: str


def load_settings(**given: Any) -> Settings:
    """Settings from `given`, environment, file and defaults, in that order. Raises SettingsInvalid."""
    path = settings_file()
    if os.environ.get(f"{PREFIX}CONFIG") and not path.is_file():
        raise SettingsInvalid(f"{PREFIX}CONFIG names {path}, which is no file.")
    try:
        return Settings(**given)
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(f"{path}: {error}") from error
    except ValidationError as error:
        raise SettingsInvalid("; ".join(_complaint(item) for item in error.errors(include_url=False))) from error


def origins(settings: Settings) -> list[Setting]:
    """Each setting with its value and where it came from."""
    environment = {name.lower() for name, value in os.environ.items() if value}
    path = settings_file()
    in_file = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def origin(name: str) -> Origin:
        if f"{PREFIX}{name}".lower() in environment:
            return "environment"
        return "file" if name in in_file else "default"

    return [Setting(name, _shown(settings, name), origin(name), field.description or "")
            for name, field in Settings.model_fields.items()]


def _complaint(item: Any) -> str:
    name = ".".join(str(part) for part in item["loc"])
    found = "" if item["type"] in ("missing", "extra_forbidden") else f" (found {item['input']!r})"
    return f"{PREFIX}{name.upper()}: {item['msg']}{found}"


def _shown(settings: Settings, name: str) -> str:
    value = settings.database_url if name == "database" else getattr(settings, name)
    if name == "database":
        return _without_password(value)
    return ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    account, at, place = rest.rpartition("@")
    user, colon, _ = account.partition(":")
    return f"{scheme}{separator}{user}{colon and ':***'}{at}{place}"
