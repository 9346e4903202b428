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
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ["agent_message", "article", "article_revision", "attachment", "audit_entry", "client", "client_identity", "client_token_use",
           "contact", "conversation", "conversation_guest", "conversation_tag", "decision", "event", "fact_change", "feedback",
           "follow_up", "follow_up_refusal", "follow_up_verdict", "gap_outcome", "golden_question", "golden_waiver", "heard_refusal",
           "impact", "knowledge_gap", "knowledge_version", "message", "metadata", "note", "product", "question_vector",
           "quick_reply", "read_marker", "revision_comment", "sign_in_failures", "staff", "staff_session", "suggestion", "suggestion_use"]


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
    # By what the queue is ordered and routed: since when a wait counts, what it is about, in which language, whether it is urgent.
    Column("ranked_at", UtcDateTime),
    Column("raised_at", UtcDateTime),
    Column("topic", String(32)),
    Column("language", String(8)),
    Column("satisfaction_words", Text),
    # The firm's back end has said who the client is.
    Column("vouched", Boolean, nullable=False, server_default=false()),
    # Who held it before, and until when one who came back and waits is rather theirs.
    Column("last_agent", String(64)),
    Column("last_agent_until", UtcDateTime),
    CheckConstraint("state IN ('assistant', 'waiting', 'agent', 'closed')", name="state"),
    CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
    Index(None, "state", "updated_at"),
    Index(None, "state", "needed_at"),
    Index(None, "state", "ranked_at"),
    # Few are, and they are asked for every few seconds.
    Index("ix_conversation_raised_at", "raised_at", sqlite_where=text("raised_at IS NOT NULL"),
          postgresql_where=text("raised_at IS NOT NULL")),
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

attachment = Table(
    "attachment", metadata,
    Column("id", String(40), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, unique=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("name", String(160), nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("size", Integer, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
)

conversation_tag = Table(
    "conversation_tag", metadata,
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True),
    Column("tag", String(32), primary_key=True, index=True),
    Column("author", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

conversation_guest = Table(
    "conversation_guest", metadata,
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True),
    Column("agent", String(64), primary_key=True, index=True),
    Column("invited_by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

quick_reply = Table(
    "quick_reply", metadata,
    Column("id", String(40), primary_key=True),
    # An account; empty for the team's, which have an order, and rules of the outgoing check for whose finds they are offered.
    Column("owner", String(64), nullable=False),
    Column("title", String(40), nullable=False),
    Column("shortcut", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # Of the title, kept so that reading them takes no dictionary.
    Column("initials", String(32), nullable=False, server_default=""),
    Column("pinyin", String(240), nullable=False, server_default=""),
    Column("instead_of", Json, nullable=False, server_default=text("'[]'")),
    Column("position", Integer, nullable=False, server_default="0"),
    UniqueConstraint("owner", "shortcut"),
)

# Tokens that may be used once, until they would have expired anyway.
client_token_use = Table(
    "client_token_use", metadata,
    Column("digest", String(64), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
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

# Made from the events, and made again when there are newer ones: nothing here is told anywhere else than there.
contact = Table(
    "contact", metadata,
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("channel", String(32), nullable=False),
    Column("client_ref", String(128)),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("last_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("state", String(16), nullable=False),
    Column("agent", String(64)),
    Column("category", String(32)),
    Column("asked", Boolean, nullable=False),
    Column("complaint", Boolean, nullable=False),
    Column("handed_over", Boolean, nullable=False),
    Column("abandoned", Boolean, nullable=False),
    Column("solved", Boolean, nullable=False),
    Column("waited", Float),
    Column("first_response", Float),
    Column("handled", Float),
    Column("agent_messages", Integer, nullable=False),
    Column("suggestions_used", Integer, nullable=False),
    Column("suggestions_edited", Integer, nullable=False),
    Column("satisfaction", Integer),
    Column("blamed_article", String(80)),
    Column("last_event_id", BigId, nullable=False, index=True),
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

# One row an article, locked by whoever changes anything of it. `version` counts those changes; `file_digest` is of the
# article as the files had it when they were last taken in.
article = Table(
    "article", metadata,
    Column("id", String(80), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("file_digest", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
)

article_revision = Table(
    "article_revision", metadata,
    Column("article_id", String(80), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("article", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # `version` counts the changes of this row. Accounts are named as in the audit trail, and never deleted.
    Column("author", String(80), nullable=False, server_default="os:files"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("based_on", Integer),
    Column("updated_at", UtcDateTime, nullable=False, server_default="1970-01-01 00:00:00"),
    Column("submitted_at", UtcDateTime),
    Column("approver", String(80)),
    Column("approved_at", UtcDateTime),
    Column("effect", String(16), nullable=False, server_default="change"),
    CheckConstraint("state IN ('draft', 'in_review', 'approved', 'published', 'retired')", name="state"),
    CheckConstraint("effect IN ('change', 'retire')", name="effect"),
    CheckConstraint("approver <> author", name="two_people"),
    # What came with the files nobody approves here.
    CheckConstraint("state NOT IN ('approved', 'published') OR approver IS NOT NULL OR author = 'os:files'", name="approved"),
    Index(None, "state", "article_id"),
    Index("uq_article_revision_open", "article_id", unique=True, sqlite_where=text("state IN ('draft', 'in_review')"),
          postgresql_where=text("state IN ('draft', 'in_review')")),
)

revision_comment = Table(
    "revision_comment", metadata,
    Column("id", String(40), primary_key=True),
    Column("article_id", String(80), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("author", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["article_id", "revision"], ["article_revision.article_id", "article_revision.revision"]),
    Index(None, "article_id", "revision", "at"),
)

knowledge_version = Table(
    "knowledge_version", metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("revisions", Json, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("publisher", String(80)),
)

golden_question = Table(
    "golden_question", metadata,
    Column("id", String(40), primary_key=True),
    Column("question", Text, nullable=False),
    Column("normalized", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("article_id", String(80)),
    Column("origin", String(16), nullable=False),
    Column("added_by", String(80), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    # Taken out, never deleted: what guarded a publication stays known.
    Column("removed_by", String(80)),
    Column("removed_at", UtcDateTime),
    Index("uq_golden_question_normalized", "normalized", unique=True, sqlite_where=text("removed_at IS NULL"),
          postgresql_where=text("removed_at IS NULL")),
)

# Why a revision may be published although it breaks a golden question.
golden_waiver = Table(
    "golden_waiver", metadata,
    Column("subject", String(160), primary_key=True),
    Column("golden_id", ForeignKey("golden_question.id"), primary_key=True),
    Column("because", Text, nullable=False),
    Column("by", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Vectors of what clients asked (masked), under the encoder that made them: float32, little-endian.
question_vector = Table(
    "question_vector", metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

impact = Table(
    "impact", metadata,
    Column("id", String(40), primary_key=True),
    Column("subject", String(160), nullable=False),
    Column("knowledge_version", Integer, nullable=False),
    Column("basis", String(64), nullable=False),
    Column("models", Json, nullable=False),
    Column("result", Json, nullable=False),
    Column("computed_for", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "subject", "at"),
)

# Values of rules that were changed at the desk; from the knowledge version `version` on they are part of the base.
fact_change = Table(
    "fact_change", metadata,
    Column("id", String(40), primary_key=True),
    Column("fact", String(80), nullable=False, index=True),
    Column("value", Text, nullable=False),
    Column("starts", Date, nullable=False),
    Column("sources", Json, nullable=False),
    Column("because", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("author", String(80), nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("approver", String(80)),
    Column("decided_at", UtcDateTime),
    Column("version", Integer),
    CheckConstraint("state IN ('proposed', 'approved', 'published', 'rejected')", name="state"),
    CheckConstraint("state IN ('proposed', 'rejected') OR approver <> author", name="two_people"),
    Index("uq_fact_change_open", "fact", unique=True, sqlite_where=text("state IN ('proposed', 'approved')"),
          postgresql_where=text("state IN ('proposed', 'approved')")),
)

# What became of a group of questions that knowledge did not serve; `question` (masked) stands for the group.
gap_outcome = Table(
    "gap_outcome", metadata,
    Column("id", String(40), primary_key=True),
    Column("question", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("article_id", String(80)),
    Column("because", Text, nullable=False),
    Column("by", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    CheckConstraint("outcome IN ('dismissed', 'drafted', 'added')", name="outcome"),
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
    Column("skills", Json, nullable=False, server_default="[]"),
    Column("max_conversations", Integer),
    Column("team", String(32)),
    Column("password_expires_at", UtcDateTime),
    Column("failed_sign_ins", Integer, nullable=False, server_default="0"),
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
    Column("id", String(32), nullable=False, index=True, unique=True),
    Column("address", String(64)),
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
    Index(None, "action", "at"),
)

client = Table(
    "client", metadata,
    Column("id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("display_name", String(128)),
    Column("tier", String(32), nullable=False),
    Column("adviser", String(64)),
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

# `live_key` names family and subject while somebody may still work it, so that there is one at a time; null afterwards.
follow_up = Table(
    "follow_up", metadata,
    Column("id", String(40), primary_key=True),
    Column("subject", String(192), nullable=False),
    Column("live_key", String(240), unique=True),
    Column("client_id", ForeignKey("client.id")),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("message_id", ForeignKey("message.id"), nullable=False),
    Column("family", String(32), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("probability", Float, nullable=False),
    Column("models", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("agent", String(64), index=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("snoozed_until", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("outcome", String(16)),
    Column("note", Text, nullable=False),
    CheckConstraint("state IN ('open', 'claimed', 'snoozed', 'done', 'dismissed', 'expired', 'withdrawn')", name="state"),
    CheckConstraint("outcome IN ('reached', 'interested', 'done', 'not_wanted', 'wrong_flag')", name="outcome"),
    Index(None, "subject", "family"),
    Index(None, "state", "due_at"),
)

# Each verdict that an agent was shown with a follow-up, once, with what it rests on; `digest` is SHA-256 as hex of both.
follow_up_verdict = Table(
    "follow_up_verdict", metadata,
    Column("follow_up_id", ForeignKey("follow_up.id"), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("outcome", String(16), nullable=False),
    Column("verdict", Json, nullable=False),
    Column("inputs", Json, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What verdicts rest on: a client's, a list of products', a firm's terms; `digest` is SHA-256 as hex of `content`.
judgement_input = Table(
    "judgement_input", metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", Json, nullable=False),
)

# Verdicts that an agent was shown together beside no follow-up, once; `client`, null where nobody knew who, `products` and `firm`
# are digests of what they rest on. `digest` is SHA-256 as hex of all of it but `at`, when it was first shown; who saw it, and
# when, is in the audit trail.
judgement = Table(
    "judgement", metadata,
    Column("digest", String(64), primary_key=True),
    Column("client", ForeignKey("judgement_input.digest")),
    Column("products", ForeignKey("judgement_input.digest"), nullable=False),
    Column("firm", ForeignKey("judgement_input.digest"), nullable=False),
    Column("place", String(16)),
    Column("refusal", String(16)),
    Column("verdict", Json, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Visitors who want no follow-ups and have no record that could say so.
follow_up_refusal = Table(
    "follow_up_refusal", metadata,
    Column("subject", String(192), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# What clients said that sounds like it, until an agent confirms it or undoes it.
heard_refusal = Table(
    "heard_refusal", metadata,
    Column("subject", String(192), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("message_id", ForeignKey("message.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
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
