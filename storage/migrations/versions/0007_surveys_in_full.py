"""Surveys in full: forms, rounds that collect, panels, nominations, what is done about what was said."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Utc

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "standing_surveys",
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("survey", sa.String(length=40), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("open_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["staff.id"], name=op.f("fk_standing_surveys_updated_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("occasion", name=op.f("pk_standing_surveys")),
    )
    op.create_table(
        "survey_forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", Json, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("edited", sa.Integer(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", Utc(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("retired_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["staff.id"], name=op.f("fk_survey_forms_changed_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["staff.id"], name=op.f("fk_survey_forms_created_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["staff.id"], name=op.f("fk_survey_forms_published_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_forms")),
        sa.UniqueConstraint("survey", "version", name=op.f("uq_survey_forms_survey_version")),
    )
    with op.batch_alter_table("survey_forms", schema=None) as batch_op:
        batch_op.create_index(
            "uq_survey_forms_draft",
            ["survey"],
            unique=True,
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )

    op.create_table(
        "panels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("noted_at", Utc(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["households.id"],
            name=op.f("fk_panels_household_id_households"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_panels_noted_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panels")),
        sa.UniqueConstraint("household_id", "held_on", name=op.f("uq_panels_household_id_held_on")),
    )
    op.create_table(
        "nominations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nominated_by_id", sa.Integer(), nullable=True),
        sa.Column("whom", sa.String(length=200), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("carer_id", sa.Integer(), nullable=True),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["carer_id"], ["carers.id"], name=op.f("fk_nominations_carer_id_carers"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_nominations_decided_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_nominations_event_id_events"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["households.id"],
            name=op.f("fk_nominations_household_id_households"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["nominated_by_id"],
            ["carers.id"],
            name=op.f("fk_nominations_nominated_by_id_carers"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominations")),
    )
    with op.batch_alter_table("nominations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nominations_carer_id"), ["carer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_nominations_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_nominations_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_nominations_nominated_by_id"), ["nominated_by_id"], unique=False)

    op.create_table(
        "service_actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("translations", Json, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.String(length=64), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("published_at", Utc(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["staff.id"], name=op.f("fk_service_actions_created_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_service_actions_event_id_events"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_service_actions_owner_id_staff")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["staff.id"], name=op.f("fk_service_actions_published_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_service_actions_round_id_rounds"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_actions")),
    )
    with op.batch_alter_table("service_actions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_actions_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_actions_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_service_actions_published", ["published_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_actions_round_id"), ["round_id"], unique=False)

    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.add_column(sa.Column("exit_asked_at", Utc(), nullable=True))

    with op.batch_alter_table("kind_rules", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("feedback_form", sa.String(length=40), server_default="", nullable=False)
        )

    with op.batch_alter_table("round_participants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_at", Utc(), nullable=True))

    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("event_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("occasion", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("asks_until", Utc(), nullable=True))
        batch_op.add_column(sa.Column("shared_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("shared_by_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_rounds_event_id"), ["event_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_rounds_event_id_events"), "events", ["event_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_rounds_shared_by_id_staff"), "staff", ["shared_by_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_rounds_shared_by_id_staff"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_rounds_event_id_events"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_rounds_event_id"))
        batch_op.drop_column("shared_by_id")
        batch_op.drop_column("shared_at")
        batch_op.drop_column("asks_until")
        batch_op.drop_column("occasion")
        batch_op.drop_column("event_id")

    with op.batch_alter_table("round_participants", schema=None) as batch_op:
        batch_op.drop_column("asked_at")

    with op.batch_alter_table("kind_rules", schema=None) as batch_op:
        batch_op.drop_column("feedback_form")

    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.drop_column("exit_asked_at")

    with op.batch_alter_table("service_actions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_actions_round_id"))
        batch_op.drop_index("ix_service_actions_published")
        batch_op.drop_index(batch_op.f("ix_service_actions_owner_id"))
        batch_op.drop_index(batch_op.f("ix_service_actions_event_id"))

    op.drop_table("service_actions")
    with op.batch_alter_table("nominations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nominations_nominated_by_id"))
        batch_op.drop_index(batch_op.f("ix_nominations_household_id"))
        batch_op.drop_index(batch_op.f("ix_nominations_event_id"))
        batch_op.drop_index(batch_op.f("ix_nominations_carer_id"))

    op.drop_table("nominations")
    op.drop_table("panels")
    with op.batch_alter_table("survey_forms", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_survey_forms_draft",
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )

    op.drop_table("survey_forms")
    op.drop_table("standing_surveys")
