"""Conversations know who held them before; quick replies are found by pinyin, and the team's are kept beside the agents' own."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import assistant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SHIPPED = Path(assistant.__file__).parent / "quick_replies.toml"
QUICK_REPLY = sa.table("quick_reply", *map(sa.column, ("id", "owner", "title", "shortcut", "text", "initials", "pinyin", "position")),
                       sa.column("instead_of", JSON), sa.column("updated_at", sa.DateTime(timezone=True)))


def upgrade() -> None:
    op.add_column("conversation", sa.Column("last_agent", sa.String(length=64), nullable=True))
    op.add_column("conversation", sa.Column("last_agent_until", sa.DateTime(timezone=True), nullable=True))
    # So far a client came back to who had closed.
    op.execute("UPDATE conversation SET last_agent = closed_by WHERE state = 'closed'")
    op.add_column("quick_reply", sa.Column("initials", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("quick_reply", sa.Column("pinyin", sa.String(length=240), nullable=False, server_default=""))
    op.add_column("quick_reply", sa.Column("instead_of", JSON, nullable=False, server_default=sa.text("'[]'")))
    op.add_column("quick_reply", sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
    connection = op.get_bind()
    _spell(connection)
    _take_in_shipped(connection)


def downgrade() -> None:
    op.execute("DELETE FROM quick_reply WHERE owner = ''")
    for column in ("position", "instead_of", "pinyin", "initials"):
        op.drop_column("quick_reply", column)
    op.drop_column("conversation", "last_agent_until")
    op.drop_column("conversation", "last_agent")


def _spell(connection: sa.Connection) -> None:
    """The pinyin of those that are there."""
    titles = connection.execute(sa.select(QUICK_REPLY.c.id, QUICK_REPLY.c.title)).all()
    if not titles:
        return
    from assistant.phrases import initials, spelled

    for reply_id, title in titles:
        connection.execute(sa.update(QUICK_REPLY).where(QUICK_REPLY.c.id == reply_id).values(
            initials=initials(title), pinyin=spelled(title)))


def _take_in_shipped(connection: sa.Connection) -> None:
    """What the team has at first. What is shipped later is not taken in: from now on they are the firm's."""
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["phrase"]
    kept = [{name: phrase[name] for name in ("title", "initials", "pinyin", "text")} | {"instead_of": phrase.get("instead_of", [])}
            for phrase in shipped]
    connection.execute(sa.insert(QUICK_REPLY), [
        {**phrase, "id": uuid4().hex, "owner": "", "shortcut": phrase["initials"], "position": position, "updated_at": datetime.now(UTC)}
        for position, phrase in enumerate(kept, start=1)])
