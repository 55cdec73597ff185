"""Broadcasts."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Utc

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("is_photo", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("telegram_file_id", sa.String(length=200), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("texts", Json, nullable=False),
        sa.Column("audience", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=True),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("repeat_meant", sa.Boolean(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("send_at", Utc(), nullable=True),
        sa.Column("confirmed_at", Utc(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", Utc(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", Utc(), nullable=True),
        sa.Column("started_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("corrected_at", Utc(), nullable=True),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["staff.id"], name=op.f("fk_broadcasts_approved_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_broadcasts_attachment_id_attachments")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["staff.id"], name=op.f("fk_broadcasts_confirmed_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["staff.id"], name=op.f("fk_broadcasts_created_by_id_staff")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_broadcasts_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_broadcasts_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index(batch_op.f("ix_broadcasts_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index(
            "ix_broadcasts_open",
            ["state", "starts_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('scheduled', 'sending', 'paused')"),
            postgresql_where=sa.text("state IN ('scheduled', 'sending', 'paused')"),
        )

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("errand", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("errand_at", Utc(), nullable=True))
        batch_op.create_index(
            "ix_deliveries_errands",
            ["id"],
            unique=False,
            sqlite_where=sa.text("errand IS NOT NULL"),
            postgresql_where=sa.text("errand IS NOT NULL"),
        )

    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_column("topic")

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deliveries_errands",
            sqlite_where=sa.text("errand IS NOT NULL"),
            postgresql_where=sa.text("errand IS NOT NULL"),
        )
        batch_op.drop_column("errand_at")
        batch_op.drop_column("errand")

    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_broadcasts_open",
            sqlite_where=sa.text("state IN ('scheduled', 'sending', 'paused')"),
            postgresql_where=sa.text("state IN ('scheduled', 'sending', 'paused')"),
        )
        batch_op.drop_index(batch_op.f("ix_broadcasts_notice_id"))
        batch_op.drop_index(batch_op.f("ix_broadcasts_fingerprint"))

    op.drop_table("broadcasts")
    op.drop_table("attachments")
