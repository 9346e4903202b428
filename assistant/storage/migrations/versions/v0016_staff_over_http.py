"""An account's password may be temporary, and its failures in a row are counted for good; a session has an id that may be shown."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MADE = {"sqlite": sa.text("(lower(hex(randomblob(16))))"), "postgresql": sa.text("replace(gen_random_uuid()::text, '-', '')")}
SESSION = sa.table("staff_session", sa.column("token_hash", sa.String), sa.column("id", sa.String))


def upgrade() -> None:
    op.add_column("staff", sa.Column("password_expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff", sa.Column("failed_sign_ins", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("staff_session", sa.Column("address", sa.String(length=64), nullable=True))
    op.add_column("staff_session", sa.Column("id", sa.String(length=32), nullable=True))
    connection = op.get_bind()
    for token_hash in connection.execute(sa.select(SESSION.c.token_hash)).scalars().all():
        connection.execute(sa.update(SESSION).where(SESSION.c.token_hash == token_hash).values(id=uuid4().hex))
    with op.batch_alter_table("staff_session") as table:
        # A server of the version before, that runs on while this one starts, adds sessions without one.
        table.alter_column("id", existing_type=sa.String(length=32), nullable=False, server_default=_MADE[connection.dialect.name])
    op.create_index("ix_staff_session_id", "staff_session", ["id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_staff_session_id", "staff_session")
    op.drop_column("staff_session", "id")
    op.drop_column("staff_session", "address")
    op.drop_column("staff", "failed_sign_ins")
    op.drop_column("staff", "password_expires_at")
