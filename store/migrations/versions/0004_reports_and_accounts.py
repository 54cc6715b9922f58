"""Reports and accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "accounts",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sync_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("balance", sa.String(), nullable=False),
        sa.Column("category_id", sa.String(), nullable=True),
        sa.Column("confidence", sa.JSON(), nullable=False),
        sa.Column("impact", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "key", name=op.f("pk_accounts")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_accounts_place", ["company_id", "place"], unique=False
        )

    op.create_table(
        "category_choices",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("category_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "key", name=op.f("pk_category_choices")),
    )
    op.create_table(
        "choices",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_choices")),
    )
    op.create_table(
        "report_builds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("condemned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_builds")),
    )
    with op.batch_alter_table("report_builds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_builds_at"), ["at"], unique=False)

    op.create_table(
        "reports",
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("choices", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("build_id", sa.String(), nullable=True),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("company_id", "type", name=op.f("pk_reports")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reports_build_id"), ["build_id"], unique=False
        )

    with op.batch_alter_table("syncs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("snapshot_sync_id", sa.String(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("syncs", schema=None) as batch_op:
        batch_op.drop_column("snapshot_sync_id")

    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reports_build_id"))

    op.drop_table("reports")
    with op.batch_alter_table("report_builds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_builds_at"))

    op.drop_table("report_builds")
    op.drop_table("choices")
    op.drop_table("category_choices")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index("ix_accounts_place")

    op.drop_table("accounts")
