"""What agents need: who holds a conversation and who is to see an event, their messages, notes, suggestions and read markers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.Column("waiting_since", MOMENT, nullable=True),
        sa.Column("needed_at", MOMENT, nullable=False, server_default="1970-01-01 00:00:00"),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("tone", sa.String(length=16), nullable=True),
        sa.Column("summary", JSON, nullable=True),
    ):
        op.add_column("conversation", column)
    op.execute("UPDATE conversation SET needed_at = updated_at")
    op.execute("UPDATE conversation SET waiting_since = updated_at WHERE state = 'waiting'")
    op.create_index("ix_conversation_agent", "conversation", ["agent"], unique=False)
    op.create_index("ix_conversation_state_needed_at", "conversation", ["state", "needed_at"], unique=False)
    op.add_column("event", sa.Column("agent", sa.String(length=64), nullable=True))
    op.add_column("event", sa.Column("queued", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE event SET queued = %s WHERE type IN ('conversation.handed_over', 'conversation.resumed')" % (
        "true" if op.get_bind().dialect.name == "postgresql" else "1"))
    op.create_index("ix_event_agent_id", "event", ["agent", "id"], unique=False)
    op.create_index("ix_event_queued_id", "event", ["queued", "id"], unique=False)
    op.create_table(
        "agent_message",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.String(length=64), nullable=False),
        sa.Column("client_message_id", sa.String(length=128), nullable=False),
        sa.Column("acknowledged", JSON, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_agent_message_conversation_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_agent_message_message_id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_agent_message"),
        sa.UniqueConstraint("conversation_id", "author", "client_message_id",
                            name="uq_agent_message_conversation_id_author_client_message_id")
    )
    op.create_table(
        "note",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.String(length=64), nullable=False),
        sa.Column("client_message_id", sa.String(length=128), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_note_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
        sa.UniqueConstraint("conversation_id", "author", "client_message_id",
                            name="uq_note_conversation_id_author_client_message_id")
    )
    op.create_index("ix_note_conversation_id_at", "note", ["conversation_id", "at"], unique=False)
    op.create_table(
        "read_marker",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_read_marker_conversation_id"),
        sa.PrimaryKeyConstraint("conversation_id", "agent", name="pk_read_marker")
    )
    op.create_table(
        "suggestion",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sources", JSON, nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("knowledge_version", sa.Integer(), nullable=False),
        sa.Column("models", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_suggestion_conversation_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_suggestion_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_suggestion")
    )
    op.create_index("ix_suggestion_at", "suggestion", ["at"], unique=False)
    op.create_index("ix_suggestion_conversation_id", "suggestion", ["conversation_id"], unique=False)
    op.create_index("ix_suggestion_message_id_knowledge_version", "suggestion", ["message_id", "knowledge_version"], unique=False)
    op.create_table(
        "suggestion_use",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("suggestion_id", sa.String(length=40), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("sent_text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_suggestion_use_message_id"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestion.id"], name="fk_suggestion_use_suggestion_id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_suggestion_use")
    )
    op.create_index("ix_suggestion_use_suggestion_id", "suggestion_use", ["suggestion_id"], unique=False)


def downgrade() -> None:
    for table in ("suggestion_use", "suggestion", "read_marker", "note", "agent_message"):
        op.drop_table(table)
    op.drop_index("ix_event_queued_id", "event")
    op.drop_index("ix_event_agent_id", "event")
    for name in ("queued", "agent"):
        op.drop_column("event", name)
    op.drop_index("ix_conversation_state_needed_at", "conversation")
    op.drop_index("ix_conversation_agent", "conversation")
    for name in ("summary", "tone", "closed_by", "closed_at", "needed_at", "waiting_since", "agent"):
        op.drop_column("conversation", name)
