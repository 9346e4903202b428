"""A client's no to offers that was heard holds until an agent confirms it or undoes it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard_refusal",
        sa.Column("subject", sa.String(length=192), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_heard_refusal_conversation_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_heard_refusal_message_id"),
        sa.PrimaryKeyConstraint("subject", name="pk_heard_refusal")
    )


def downgrade() -> None:
    op.drop_table("heard_refusal")
