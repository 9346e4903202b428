"""Verdicts that agents were shown beside no follow-up, and what they rest on, each once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "judgement_input",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_judgement_input")
    )
    op.create_table(
        "judgement",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=True),
        sa.Column("products", sa.String(length=64), nullable=False),
        sa.Column("firm", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=16), nullable=True),
        sa.Column("refusal", sa.String(length=16), nullable=True),
        sa.Column("verdict", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["client"], ["judgement_input.digest"], name="fk_judgement_client"),
        sa.ForeignKeyConstraint(["firm"], ["judgement_input.digest"], name="fk_judgement_firm"),
        sa.ForeignKeyConstraint(["products"], ["judgement_input.digest"], name="fk_judgement_products"),
        sa.PrimaryKeyConstraint("digest", name="pk_judgement")
    )


def downgrade() -> None:
    op.drop_table("judgement")
    op.drop_table("judgement_input")
