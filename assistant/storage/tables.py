"""The tables. Changes go through a migration, and a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ["article_revision", "conversation", "decision", "event", "feedback", "knowledge_gap", "knowledge_version",
           "message", "metadata"]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC on every backend; SQLite itself knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
})
Json = JSON().with_variant(JSONB(), "postgresql")
# SQLite hands out increasing ids only for INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")

conversation = Table(
    "conversation", metadata,
    Column("id", String(40), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("client_ref", String(128), index=True),
    Column("token_hash", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("context", Json),
    Column("satisfaction", Integer),
    Column("turn", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint("state IN ('assistant', 'waiting', 'agent', 'closed')", name="state"),
    CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
    Index(None, "state", "updated_at"),
)

message = Table(
    "message", metadata,
    Column("id", String(40), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("sender", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("client_message_id", String(128)),
    Column("in_reply_to", ForeignKey("message.id"), unique=True),
    Column("answering", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("conversation_id", "seq"),
    UniqueConstraint("conversation_id", "client_message_id"),
    CheckConstraint("sender IN ('client', 'assistant', 'agent', 'system')", name="sender"),
)

decision = Table(
    "decision", metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("article_id", String(80)),
    Column("article_revision", Integer),
    Column("knowledge_version", Integer, nullable=False),
    Column("models", Json, nullable=False),
    Column("outcome", Json, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

event = Table(
    "event", metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("type", String(64), nullable=False),
    Column("payload", Json, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "conversation_id", "id"),
    sqlite_autoincrement=True,
)

feedback = Table(
    "feedback", metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("helpful", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

knowledge_gap = Table(
    "knowledge_gap", metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("question", Text, nullable=False),
    Column("normalized", Text, nullable=False),
    Column("miss", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    sqlite_autoincrement=True,
)

article_revision = Table(
    "article_revision", metadata,
    Column("article_id", String(80), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("article", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

knowledge_version = Table(
    "knowledge_version", metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("revisions", Json, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
