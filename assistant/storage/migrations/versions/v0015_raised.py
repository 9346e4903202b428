"""What anger or distress has raised is found fast among all conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None

RAISED = sa.text("raised_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_conversation_raised", "conversation", ["needed_at"], unique=False, sqlite_where=RAISED, postgresql_where=RAISED)


def downgrade() -> None:
    op.drop_index("ix_conversation_raised", "conversation")
