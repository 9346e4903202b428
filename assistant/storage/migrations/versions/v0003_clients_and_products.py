"""Records of clients with their identities, and the catalogue of products."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.String(length=128), nullable=True),
        sa.Column("tier", sa.String(length=32), nullable=False),
        sa.Column("risk_level", sa.String(length=2), nullable=True),
        sa.Column("assessed_on", sa.Date(), nullable=True),
        sa.Column("assessment_expires_on", sa.Date(), nullable=True),
        sa.Column("lowest_class", sa.Boolean(), nullable=False),
        sa.Column("investor_type", sa.String(length=16), nullable=False),
        sa.Column("qualified_until", sa.Date(), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("permissions", JSON, nullable=False),
        sa.Column("holdings", JSON, nullable=True),
        sa.Column("wishes", JSON, nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("risk_level IN ('C1', 'C2', 'C3', 'C4', 'C5')", name=op.f("ck_client_risk_level")),
        sa.PrimaryKeyConstraint("id", name="pk_client")
    )
    op.create_table(
        "client_identity",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("client_ref", sa.String(length=128), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="fk_client_identity_client_id"),
        sa.PrimaryKeyConstraint("channel", "client_ref", name="pk_client_identity"),
        sa.UniqueConstraint("client_id", "channel", name="uq_client_identity_client_id_channel")
    )
    op.create_table(
        "product",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("family", sa.String(length=32), nullable=False),
        sa.Column("risk", sa.String(length=2), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("term_days", sa.Integer(), nullable=True),
        sa.Column("minimum_amount", sa.BigInteger(), nullable=False),
        sa.Column("permissions", JSON, nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("loss_beyond_principal", sa.Boolean(), nullable=False),
        sa.Column("cooling_off_hours", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.CheckConstraint("risk IN ('R1', 'R2', 'R3', 'R4', 'R5')", name=op.f("ck_product_risk")),
        sa.PrimaryKeyConstraint("code", name="pk_product")
    )
    op.create_index("ix_product_family", "product", ["family"], unique=False)


def downgrade() -> None:
    for table in ("product", "client_identity", "client"):
        op.drop_table(table)
