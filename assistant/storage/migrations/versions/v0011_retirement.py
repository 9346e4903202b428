"""To take an article away takes two people, as any change does; and the store itself wants to know who approved what is live."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NEWEST = "(SELECT revisions FROM knowledge_version ORDER BY number DESC LIMIT 1)"
IS_LIVE = {
    "postgresql": f"CAST(revision AS text) = (CAST({NEWEST} AS jsonb) ->> article_id)",
    "sqlite": f"EXISTS (SELECT 1 FROM json_each({NEWEST}) AS live WHERE live.key = article_id AND live.value = revision)",
}


def upgrade() -> None:
    # What one person alone had marked to go with the next publication is live, and stays so until two want it gone.
    op.execute(f"UPDATE article_revision SET state = 'published' WHERE state = 'retired' AND {IS_LIVE[op.get_bind().dialect.name]}")
    # SQLite takes constraints with a new column only, unless the table is copied, which comments on its rows forbid.
    op.execute(sa.text(
        "ALTER TABLE article_revision ADD COLUMN effect VARCHAR(16) DEFAULT 'change' NOT NULL "
        "CONSTRAINT ck_article_revision_effect CHECK (effect IN ('change', 'retire')) "
        "CONSTRAINT ck_article_revision_approved CHECK "
        r"(state NOT IN ('approved', 'published') OR approver IS NOT NULL OR author = 'os\:files')"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("approved", "article_revision", type_="check")
    op.drop_column("article_revision", "effect")
