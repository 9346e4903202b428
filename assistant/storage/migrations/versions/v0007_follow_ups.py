"""Follow-ups, the verdicts that agents were shown with them, and who refused them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=192), nullable=False),
        sa.Column("live_key", sa.String(length=240), nullable=True),
        sa.Column("client_id", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("family", sa.String(length=32), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("models", JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("snoozed_until", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'claimed', 'snoozed', 'done', 'dismissed', 'expired', 'withdrawn')",
                           name="ck_follow_up_state"),
        sa.CheckConstraint("outcome IN ('reached', 'interested', 'done', 'not_wanted', 'wrong_flag')", name="ck_follow_up_outcome"),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="fk_follow_up_client_id"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_follow_up_conversation_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_follow_up_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up"),
        sa.UniqueConstraint("live_key", name="uq_follow_up_live_key")
    )
    op.create_index("ix_follow_up_agent", "follow_up", ["agent"], unique=False)
    op.create_index("ix_follow_up_conversation_id", "follow_up", ["conversation_id"], unique=False)
    op.create_index("ix_follow_up_state_due_at", "follow_up", ["state", "due_at"], unique=False)
    op.create_index("ix_follow_up_subject_family", "follow_up", ["subject", "family"], unique=False)
    op.create_table(
        "follow_up_verdict",
        sa.Column("follow_up_id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("verdict", JSON, nullable=False),
        sa.Column("inputs", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"], name="fk_follow_up_verdict_follow_up_id"),
        sa.PrimaryKeyConstraint("follow_up_id", "digest", name="pk_follow_up_verdict")
    )
    op.create_table(
        "follow_up_refusal",
        sa.Column("subject", sa.String(length=192), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_follow_up_refusal")
    )


def downgrade() -> None:
    for table in ("follow_up_refusal", "follow_up_verdict", "follow_up"):
        op.drop_table(table)
