"""What the dashboard counts: contacts, and the entries of the audit trail by action."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("client_ref", sa.String(length=128), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("complaint", sa.Boolean(), nullable=False),
        sa.Column("handed_over", sa.Boolean(), nullable=False),
        sa.Column("abandoned", sa.Boolean(), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("waited", sa.Float(), nullable=True),
        sa.Column("first_response", sa.Float(), nullable=True),
        sa.Column("handled", sa.Float(), nullable=True),
        sa.Column("agent_messages", sa.Integer(), nullable=False),
        sa.Column("suggestions_used", sa.Integer(), nullable=False),
        sa.Column("suggestions_edited", sa.Integer(), nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("blamed_article", sa.String(length=80), nullable=True),
        sa.Column("last_event_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_contact_conversation_id"),
        sa.PrimaryKeyConstraint("conversation_id", "number", name="pk_contact")
    )
    op.create_index("ix_contact_started_at", "contact", ["started_at"], unique=False)
    op.create_index("ix_contact_last_event_id", "contact", ["last_event_id"], unique=False)
    op.create_index("ix_audit_entry_action_at", "audit_entry", ["action", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_entry_action_at", "audit_entry")
    op.drop_table("contact")
