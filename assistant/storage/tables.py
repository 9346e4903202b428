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
    Date,
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
    false,
)
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ["agent_message", "article_revision", "audit_entry", "client", "client_identity", "conversation", "decision", "event", "feedback",
           "knowledge_gap", "knowledge_version", "message", "metadata", "note", "product", "read_marker", "sign_in_failures", "staff",
           "staff_session", "suggestion", "suggestion_use"]


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
    # What agents need to know. Accounts are named as in the audit trail, and never deleted.
    Column("agent", String(64), index=True),
    Column("waiting_since", UtcDateTime),
    Column("needed_at", UtcDateTime, nullable=False, server_default="1970-01-01 00:00:00"),
    Column("closed_at", UtcDateTime),
    Column("closed_by", String(64)),
    Column("tone", String(16)),
    Column("summary", Json),
    CheckConstraint("state IN ('assistant', 'waiting', 'agent', 'closed')", name="state"),
    CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
    Index(None, "state", "updated_at"),
    Index(None, "state", "needed_at"),
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

agent_message = Table(
    "agent_message", metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("author", String(64), nullable=False),
    Column("author_name", String(64), nullable=False),
    Column("client_message_id", String(128), nullable=False),
    Column("acknowledged", Json, nullable=False),
    UniqueConstraint("conversation_id", "author", "client_message_id"),
)

note = Table(
    "note", metadata,
    Column("id", String(40), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("author", String(64), nullable=False),
    Column("author_name", String(64), nullable=False),
    Column("client_message_id", String(128), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("conversation_id", "author", "client_message_id"),
    Index(None, "conversation_id", "at"),
)

read_marker = Table(
    "read_marker", metadata,
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True),
    Column("agent", String(64), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

suggestion = Table(
    "suggestion", metadata,
    Column("id", String(40), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("message_id", ForeignKey("message.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("article_id", String(80), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("sources", Json, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("knowledge_version", Integer, nullable=False),
    Column("models", Json, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Index(None, "message_id", "knowledge_version"),
)

suggestion_use = Table(
    "suggestion_use", metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("suggestion_id", ForeignKey("suggestion.id"), nullable=False, index=True),
    Column("agent", String(64), nullable=False),
    Column("edited", Boolean, nullable=False),
    Column("sent_text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
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
    Column("agent", String(64)),
    Column("queued", Boolean, nullable=False, server_default=false()),
    Index(None, "conversation_id", "id"),
    Index(None, "agent", "id"),
    Index(None, "queued", "id"),
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

staff = Table(
    "staff", metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("display_name", String(64), nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("roles", Json, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

staff_session = Table(
    "staff_session", metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False, index=True),
    Column("expires_at", UtcDateTime, nullable=False),
)

sign_in_failures = Table(
    "sign_in_failures", metadata,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("locked_until", UtcDateTime, nullable=False),
)

# Evidence: `at` and `details` are the very texts that were hashed. Triggers of the migration refuse every change.
audit_entry = Table(
    "audit_entry", metadata,
    Column("seq", BigId, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False, index=True),
    Column("action", String(64), nullable=False),
    Column("actor", String(80)),
    Column("subject", String(160)),
    Column("details", Text, nullable=False),
    Column("address", String(64)),
    Column("request_id", String(64)),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

client = Table(
    "client", metadata,
    Column("id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("display_name", String(128)),
    Column("tier", String(32), nullable=False),
    Column("risk_level", String(2)),
    Column("assessed_on", Date),
    Column("assessment_expires_on", Date),
    Column("lowest_class", Boolean, nullable=False),
    Column("investor_type", String(16), nullable=False),
    Column("qualified_until", Date),
    Column("birth_year", Integer),
    Column("permissions", Json, nullable=False),
    Column("holdings", Json),
    Column("wishes", Json, nullable=False),
    Column("notes", Text, nullable=False),
    Column("opted_out", Boolean, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint("risk_level IN ('C1', 'C2', 'C3', 'C4', 'C5')", name="risk_level"),
)

client_identity = Table(
    "client_identity", metadata,
    Column("channel", String(32), primary_key=True),
    Column("client_ref", String(128), primary_key=True),
    Column("client_id", ForeignKey("client.id"), nullable=False),
    UniqueConstraint("client_id", "channel"),
)

product = Table(
    "product", metadata,
    Column("code", String(32), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("family", String(32), nullable=False, index=True),
    Column("risk", String(2), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("term_days", Integer),
    Column("minimum_amount", BigInteger, nullable=False),
    Column("permissions", Json, nullable=False),
    Column("audience", String(16), nullable=False),
    Column("loss_beyond_principal", Boolean, nullable=False),
    Column("cooling_off_hours", Integer),
    Column("status", String(16), nullable=False),
    CheckConstraint("risk IN ('R1', 'R2', 'R3', 'R4', 'R5')", name="risk"),
)
