"""The console: settings, long work, check-ins, how staff sign in and are told, more versions."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Utc

revision = "0008"
down_revision = "0007"

PARTIAL = (
    ("ix_deliveries_troubled", "id", "state IN ('unknown', 'failed', 'missed')"),
    ("ix_deliveries_staff_id", "staff_id", "staff_id IS NOT NULL"),
)
"""Indexes of a few deliveries among all: name, column, which rows."""


def upgrade() -> None:
    op.create_table(
        "service_settings",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["staff.id"], name=op.f("fk_service_settings_changed_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_service_settings")),
    )
    op.create_table(
        "works",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("started_at", Utc(), nullable=True),
        sa.Column("beat_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("seen_at", Utc(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("outcome", Json, nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("kept_until", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff.id"], name=op.f("fk_works_asked_by_id_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_works")),
    )
    with op.batch_alter_table("works", schema=None) as batch_op:
        batch_op.create_index("ix_works_asked_by_id_asked_at", ["asked_by_id", "asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_works_state"), ["state"], unique=False)

    op.create_table(
        "check_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("noted_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["households.id"],
            name=op.f("fk_check_ins_household_id_households"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_check_ins_noted_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
    )
    with op.batch_alter_table("check_ins", schema=None) as batch_op:
        batch_op.create_index("ix_check_ins_household_id_made_on", ["household_id", "made_on"], unique=False)

    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("way", sa.String(length=40), server_default="chat", nullable=False))

    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("email_failed_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("email_failed_reason", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("way", sa.String(length=40), server_default="chat", nullable=False))
        batch_op.add_column(sa.Column("agent", sa.String(length=80), server_default="", nullable=False))

    for name, column, which in PARTIAL:
        condition = sa.text(which)
        op.create_index(name, "deliveries", [column], sqlite_where=condition, postgresql_where=condition)
    op.create_index("ix_invitations_household_answered", "invitations", ["household_id", "answered_at"])
    op.drop_index("ix_invitations_household_id", "invitations")


def downgrade() -> None:
    op.create_index("ix_invitations_household_id", "invitations", ["household_id"])
    op.drop_index("ix_invitations_household_answered", "invitations")
    for name, _, _ in PARTIAL:
        op.drop_index(name, "deliveries")

    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.drop_column("agent")
        batch_op.drop_column("way")

    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("email_failed_reason")
        batch_op.drop_column("email_failed_at")
        batch_op.drop_column("channel")

    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.drop_column("way")

    with op.batch_alter_table("check_ins", schema=None) as batch_op:
        batch_op.drop_index("ix_check_ins_household_id_made_on")

    op.drop_table("check_ins")
    with op.batch_alter_table("works", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_works_state"))
        batch_op.drop_index("ix_works_asked_by_id_asked_at")

    op.drop_table("works")
    op.drop_table("service_settings")
