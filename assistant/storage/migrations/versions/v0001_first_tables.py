"""The first tables: conversations, decisions, events, revisions of knowledge."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("feedback", "decision", "message", "event", "knowledge_version", "knowledge_gap", "conversation",
          "article_revision")


def upgrade() -> None:
    op.create_table(
        "article_revision",
        sa.Column("article_id", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("article", JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "revision", name="pk_article_revision")
    )
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("client_ref", sa.String(length=128), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("context", JSON, nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('assistant', 'waiting', 'agent', 'closed')", name=op.f("ck_conversation_state")),
        sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name=op.f("ck_conversation_satisfaction")),
        sa.PrimaryKeyConstraint("id", name="pk_conversation")
    )
    op.create_index("ix_conversation_client_ref", "conversation", ["client_ref"], unique=False)
    op.create_index("ix_conversation_state_updated_at", "conversation", ["state", "updated_at"], unique=False)
    op.create_table(
        "knowledge_gap",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("normalized", sa.Text(), nullable=False),
        sa.Column("miss", sa.String(length=32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_gap"),
        sqlite_autoincrement=True
    )
    op.create_index("ix_knowledge_gap_at", "knowledge_gap", ["at"], unique=False)
    op.create_table(
        "knowledge_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("revisions", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_knowledge_version")
    )
    op.create_table(
        "event",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_event_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sqlite_autoincrement=True
    )
    op.create_index("ix_event_conversation_id_id", "event", ["conversation_id", "id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("client_message_id", sa.String(length=128), nullable=True),
        sa.Column("in_reply_to", sa.String(length=40), nullable=True),
        sa.Column("answering", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("sender IN ('client', 'assistant', 'agent', 'system')", name=op.f("ck_message_sender")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_message_conversation_id"),
        sa.ForeignKeyConstraint(["in_reply_to"], ["message.id"], name="fk_message_in_reply_to"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("conversation_id", "client_message_id",
                            name="uq_message_conversation_id_client_message_id"),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_message_conversation_id_seq"),
        sa.UniqueConstraint("in_reply_to", name="uq_message_in_reply_to")
    )
    op.create_table(
        "decision",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("article_id", sa.String(length=80), nullable=True),
        sa.Column("article_revision", sa.Integer(), nullable=True),
        sa.Column("knowledge_version", sa.Integer(), nullable=False),
        sa.Column("models", JSON, nullable=False),
        sa.Column("outcome", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_decision_conversation_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_decision_message_id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_decision")
    )
    op.create_index("ix_decision_at", "decision", ["at"], unique=False)
    op.create_index("ix_decision_conversation_id", "decision", ["conversation_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_feedback_conversation_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_feedback_message_id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_feedback")
    )
    op.create_index("ix_feedback_conversation_id", "feedback", ["conversation_id"], unique=False)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
