"""The few conversations that are raised are found without looking at the others."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

RAISED = sa.text("raised_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_conversation_raised_at", "conversation", ["raised_at"], sqlite_where=RAISED, postgresql_where=RAISED)


def downgrade() -> None:
    op.drop_index("ix_conversation_raised_at", "conversation")
