"""What the knowledge desk needs: articles as a whole, the life of a revision, comments, who published."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "state IN ('draft', 'in_review', 'approved', 'published', 'retired')"
OPEN = sa.text("state IN ('draft', 'in_review')")


def upgrade() -> None:
    op.create_table(
        "article",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_article")
    )
    op.execute(
        "INSERT INTO article (id, version, file_digest, created_at) SELECT article_id, revision, digest, created_at FROM article_revision "
        "WHERE NOT EXISTS (SELECT 1 FROM article_revision newer WHERE newer.article_id = article_revision.article_id "
        "AND newer.revision > article_revision.revision)")
    with op.batch_alter_table("article_revision") as batch:
        for column in (
            sa.Column("author", sa.String(length=80), nullable=False, server_default="os:files"),
            sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
            sa.Column("based_on", sa.Integer(), nullable=True),
            sa.Column("updated_at", MOMENT, nullable=False, server_default="1970-01-01 00:00:00"),
            sa.Column("submitted_at", MOMENT, nullable=True),
            sa.Column("approver", sa.String(length=80), nullable=True),
            sa.Column("approved_at", MOMENT, nullable=True),
        ):
            batch.add_column(column)
        batch.create_check_constraint("state", STATES)
        batch.create_check_constraint("two_people", "approver <> author")
    op.execute("UPDATE article_revision SET updated_at = created_at")
    # Only the newest of those that came with the files can be live.
    op.execute("UPDATE article_revision SET state = 'retired' WHERE EXISTS (SELECT 1 FROM article_revision newer "
               "WHERE newer.article_id = article_revision.article_id AND newer.revision > article_revision.revision)")
    op.create_index("ix_article_revision_state_article_id", "article_revision", ["state", "article_id"], unique=False)
    op.create_index("uq_article_revision_open", "article_revision", ["article_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "revision_comment",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("article_id", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["article_id", "revision"], ["article_revision.article_id", "article_revision.revision"],
                                name="fk_revision_comment_article_id"),
        sa.PrimaryKeyConstraint("id", name="pk_revision_comment")
    )
    op.create_index("ix_revision_comment_article_id_revision_at", "revision_comment", ["article_id", "revision", "at"], unique=False)
    op.add_column("knowledge_version", sa.Column("publisher", sa.String(length=80), nullable=True))


def downgrade() -> None:
    op.drop_column("knowledge_version", "publisher")
    op.drop_table("revision_comment")
    op.drop_index("uq_article_revision_open", "article_revision")
    op.drop_index("ix_article_revision_state_article_id", "article_revision")
    with op.batch_alter_table("article_revision") as batch:
        for name in ("two_people", "state"):
            batch.drop_constraint(name, type_="check")
        for name in ("approved_at", "approver", "submitted_at", "updated_at", "based_on", "version", "author"):
            batch.drop_column(name)
    op.drop_table("article")
