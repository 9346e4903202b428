"""Golden questions, replays of past questions, reasons given for publishing against them, values of rules, what became of gaps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
IN_FORCE = sa.text("removed_at IS NULL")
OPEN = sa.text("state IN ('proposed', 'approved')")


def upgrade() -> None:
    op.create_table(
        "golden_question",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("normalized", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("article_id", sa.String(length=80), nullable=True),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("removed_by", sa.String(length=80), nullable=True),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_golden_question")
    )
    op.create_index("uq_golden_question_normalized", "golden_question", ["normalized"], unique=True, sqlite_where=IN_FORCE,
                    postgresql_where=IN_FORCE)
    op.create_table(
        "golden_waiver",
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("golden_id", sa.String(length=40), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["golden_id"], ["golden_question.id"], name="fk_golden_waiver_golden_id"),
        sa.PrimaryKeyConstraint("subject", "golden_id", name="pk_golden_waiver")
    )
    op.create_table(
        "question_vector",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "digest", name="pk_question_vector")
    )
    op.create_table(
        "impact",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("knowledge_version", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("models", JSON, nullable=False),
        sa.Column("result", JSON, nullable=False),
        sa.Column("computed_for", sa.String(length=80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_impact")
    )
    op.create_index("ix_impact_subject_at", "impact", ["subject", "at"], unique=False)
    op.create_table(
        "fact_change",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("fact", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("sources", JSON, nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("approver", sa.String(length=80), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'published', 'rejected')", name="ck_fact_change_state"),
        sa.CheckConstraint("state IN ('proposed', 'rejected') OR approver <> author", name="ck_fact_change_two_people"),
        sa.PrimaryKeyConstraint("id", name="pk_fact_change")
    )
    op.create_index("ix_fact_change_fact", "fact_change", ["fact"], unique=False)
    op.create_index("uq_fact_change_open", "fact_change", ["fact"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "gap_outcome",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("article_id", sa.String(length=80), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("outcome IN ('dismissed', 'drafted', 'added')", name="ck_gap_outcome_outcome"),
        sa.PrimaryKeyConstraint("id", name="pk_gap_outcome")
    )
    op.create_index("ix_gap_outcome_at", "gap_outcome", ["at"], unique=False)


def downgrade() -> None:
    for table in ("gap_outcome", "fact_change", "impact", "question_vector", "golden_waiver", "golden_question"):
        op.drop_table(table)
