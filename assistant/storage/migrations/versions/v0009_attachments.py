"""Files in conversations, tags, personal quick replies, colleagues who were invited, and who was vouched for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("conversation", sa.Column("vouched", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "client_token_use",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_client_token_use")
    )
    op.create_index("ix_client_token_use_expires_at", "client_token_use", ["expires_at"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_attachment_conversation_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_attachment_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
        sa.UniqueConstraint("message_id", name="uq_attachment_message_id")
    )
    op.create_index("ix_attachment_conversation_id", "attachment", ["conversation_id"], unique=False)
    op.create_table(
        "conversation_tag",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_conversation_tag_conversation_id"),
        sa.PrimaryKeyConstraint("conversation_id", "tag", name="pk_conversation_tag")
    )
    op.create_index("ix_conversation_tag_tag", "conversation_tag", ["tag"], unique=False)
    op.create_table(
        "conversation_guest",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_conversation_guest_conversation_id"),
        sa.PrimaryKeyConstraint("conversation_id", "agent", name="pk_conversation_guest")
    )
    op.create_index("ix_conversation_guest_agent", "conversation_guest", ["agent"], unique=False)
    op.create_table(
        "quick_reply",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("shortcut", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quick_reply"),
        sa.UniqueConstraint("owner", "shortcut", name="uq_quick_reply_owner_shortcut")
    )


def downgrade() -> None:
    for table in ("quick_reply", "conversation_guest", "conversation_tag", "attachment", "client_token_use"):
        op.drop_table(table)
    op.drop_column("conversation", "vouched")
