"""An account may belong to a team, by whose figures service is looked at; and files that no message has are found fast."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("team", sa.String(length=32), nullable=True))
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_attachment_sha256", "attachment")
    op.drop_column("staff", "team")
