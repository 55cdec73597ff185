"""Series, terms, templates, rules by kind, ballots, flyers and calendar feeds."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "kind_rules",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("remind_days", Json, nullable=False),
        sa.Column("nudge", sa.Boolean(), nullable=False),
        sa.Column("feedback", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_kind_rules")),
    )
    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("starts_on", name=op.f("uq_terms_starts_on")),
    )
    op.create_table(
        "event_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("pattern", Json, nullable=False),
        sa.Column("rhythm", Json, nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["staff.id"], name=op.f("fk_event_templates_created_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_templates")),
        sa.UniqueConstraint("name", name=op.f("uq_event_templates_name")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("pattern", Json, nullable=False),
        sa.Column("rhythm", Json, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("skipped", Json, nullable=False),
        sa.Column("made_until", sa.Date(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff.id"], name=op.f("fk_series_created_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("ref", name=op.f("uq_series_ref")),
    )
    op.create_table(
        "draws",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("drawn_at", Utc(), nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["staff.id"], name=op.f("fk_draws_drawn_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_draws_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draws")),
        sa.UniqueConstraint("event_id", "mode", "number", name=op.f("uq_draws_event_id_mode_number")),
    )
    op.create_table(
        "draw_entries",
        sa.Column("draw_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invitation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=False),
        sa.Column("won", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draws.id"], name=op.f("fk_draw_entries_draw_id_draws"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_draw_entries_household_id_households")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name=op.f("fk_draw_entries_invitation_id_invitations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("draw_id", "invitation_id", name=op.f("pk_draw_entries")),
    )
    with op.batch_alter_table("draw_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draw_entries_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_draw_entries_invitation_id"), ["invitation_id"], unique=False)

    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("photo", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("calendar_sequence", sa.Integer(), nullable=True))

    with op.batch_alter_table("carers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("feed_number", sa.Integer(), nullable=True))

    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("map_url", sa.String(length=500), server_default="", nullable=False))
        batch_op.add_column(sa.Column("ballot_seed", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("drawn_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("flyer_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("occurrence_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("changed_alone", Json, server_default="[]", nullable=False))
        batch_op.create_unique_constraint(
            batch_op.f("uq_events_series_id_occurrence_on"), ["series_id", "occurrence_on"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_events_series_id_series"), "series", ["series_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_events_flyer_id_attachments"), "attachments", ["flyer_id"], ["id"]
        )

    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("photo", sa.Boolean(), server_default=sa.false(), nullable=False))

    enter_who_waited()


def enter_who_waited() -> None:
    """Whoever waits on a ballot to come enters its draw: nobody waits there any more, so that nobody would
    ever be offered a place. Who has a place keeps it. Their cards are drawn again."""
    events = sa.table("events", *map(sa.column, ("id", "allocation", "state", "starts_at")))
    ballots = sa.select(events.c.id).where(
        events.c.allocation == "ballot",
        events.c.state == "invited",
        events.c.starts_at > sa.literal_column("CURRENT_TIMESTAMP"),
    )
    parties = sa.table(
        "invitations", *map(sa.column, ("id", "event_id", "state", "queue_key", "waiting_since"))
    )
    waiting = sa.and_(parties.c.state == "waitlisted", parties.c.event_id.in_(ballots))
    cards = sa.table("cards", *map(sa.column, ("invitation_id", "stale", "wanted", "retry_at", "attempts")))
    op.execute(
        cards.update()
        .where(cards.c.invitation_id.in_(sa.select(parties.c.id).where(waiting)))
        .values(stale=sa.true(), wanted=cards.c.wanted + 1, retry_at=None, attempts=0)
    )
    entered = {"state": "ballot_entered", "queue_key": None, "waiting_since": None}
    op.execute(parties.update().where(waiting).values(**entered))


def downgrade() -> None:
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_column("photo")

    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_events_flyer_id_attachments"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_events_series_id_series"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_events_series_id_occurrence_on"), type_="unique")
        batch_op.drop_column("changed_alone")
        batch_op.drop_column("occurrence_on")
        batch_op.drop_column("series_id")
        batch_op.drop_column("flyer_id")
        batch_op.drop_column("drawn_at")
        batch_op.drop_column("ballot_seed")
        batch_op.drop_column("map_url")

    with op.batch_alter_table("carers", schema=None) as batch_op:
        batch_op.drop_column("feed_number")

    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.drop_column("calendar_sequence")
        batch_op.drop_column("photo")

    with op.batch_alter_table("draw_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draw_entries_invitation_id"))
        batch_op.drop_index(batch_op.f("ix_draw_entries_household_id"))

    op.drop_table("draw_entries")
    op.drop_table("draws")
    op.drop_table("series")
    op.drop_table("event_templates")
    op.drop_table("terms")
    op.drop_table("kind_rules")
