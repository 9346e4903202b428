"""Skills, tiers and service goals of the queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("ranked_at", MOMENT, nullable=True),
        sa.Column("raised_at", MOMENT, nullable=True),
        sa.Column("topic", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("satisfaction_words", sa.Text(), nullable=True),
    ):
        op.add_column("conversation", column)
    op.execute("UPDATE conversation SET ranked_at = waiting_since WHERE state = 'waiting'")
    op.create_index("ix_conversation_state_ranked_at", "conversation", ["state", "ranked_at"], unique=False)
    op.add_column("staff", sa.Column("skills", JSON, nullable=False, server_default="[]"))
    op.add_column("staff", sa.Column("max_conversations", sa.Integer(), nullable=True))
    op.add_column("client", sa.Column("adviser", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("client", "adviser")
    for name in ("max_conversations", "skills"):
        op.drop_column("staff", name)
    op.drop_index("ix_conversation_state_ranked_at", "conversation")
    for name in ("satisfaction_words", "language", "topic", "raised_at", "ranked_at"):
        op.drop_column("conversation", name)
