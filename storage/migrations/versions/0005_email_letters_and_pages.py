"""Email, letters and pages."""

import sqlalchemy as sa
from alembic import op

from storage.types import Utc

revision = "0005"
down_revision = "0004"

WAITING = sa.text("state IN ('queued', 'held', 'retrying')")
NO_WAY = sa.text("state = 'skipped' AND reason = 'no_app'")


def upgrade() -> None:
    op.create_table(
        "page_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("carer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("about", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["carer_id"], ["carers.id"], name=op.f("fk_page_codes_carer_id_carers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_page_codes_code_hash")),
    )
    with op.batch_alter_table("page_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_codes_carer_id"), ["carer_id"], unique=False)

    op.create_table(
        "calendar_copies",
        sa.Column("invitation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("carer_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["carer_id"], ["carers.id"], name=op.f("fk_calendar_copies_carer_id_carers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name=op.f("fk_calendar_copies_invitation_id_invitations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("invitation_id", "carer_id", name=op.f("pk_calendar_copies")),
    )
    with op.batch_alter_table("calendar_copies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_copies_carer_id"), ["carer_id"], unique=False)
    move_calendar_sequences()
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.drop_column("calendar_sequence")

    with op.batch_alter_table("carers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("email_failed_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("email_failed_reason", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("page_number", sa.Integer(), server_default="1", nullable=False))
    end_feeds_of_lost_phones()

    op.drop_index("ix_deliveries_waiting", table_name="deliveries")
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["channel", "priority", "due_at", "id"],
        unique=False,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(
        "ix_deliveries_no_way",
        "deliveries",
        ["send_by"],
        unique=False,
        sqlite_where=NO_WAY,
        postgresql_where=NO_WAY,
    )


def move_calendar_sequences() -> None:
    """What a carer took into their calendar no longer hangs on a card, which only the app has."""
    cards = sa.table("cards", *map(sa.column, ("invitation_id", "carer_id", "calendar_sequence")))
    copies = sa.table("calendar_copies", *map(sa.column, ("invitation_id", "carer_id", "sequence")))
    taken = sa.select(cards.c.invitation_id, cards.c.carer_id, cards.c.calendar_sequence).where(
        cards.c.calendar_sequence.is_not(None)
    )
    op.execute(copies.insert().from_select(["invitation_id", "carer_id", "sequence"], taken))


def end_feeds_of_lost_phones() -> None:
    """A feed went quiet with the chat; now that it needs none, those of disconnected carers end for good."""
    carers = sa.table("carers", *map(sa.column, ("feed_number", "chat_id")))
    lost = sa.and_(carers.c.chat_id.is_(None), carers.c.feed_number > 0)
    op.execute(carers.update().where(lost).values(feed_number=-carers.c.feed_number))


def downgrade() -> None:
    op.drop_index("ix_deliveries_no_way", table_name="deliveries")
    op.drop_index("ix_deliveries_waiting", table_name="deliveries")
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["priority", "due_at", "id"],
        unique=False,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )

    with op.batch_alter_table("carers", schema=None) as batch_op:
        batch_op.drop_column("page_number")
        batch_op.drop_column("email_failed_reason")
        batch_op.drop_column("email_failed_at")
        batch_op.drop_column("channel")

    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("calendar_sequence", sa.Integer(), nullable=True))
    cards = sa.table("cards", *map(sa.column, ("invitation_id", "carer_id", "calendar_sequence")))
    copies = sa.table("calendar_copies", *map(sa.column, ("invitation_id", "carer_id", "sequence")))
    number = sa.select(copies.c.sequence).where(
        copies.c.invitation_id == cards.c.invitation_id, copies.c.carer_id == cards.c.carer_id
    )
    op.execute(cards.update().values(calendar_sequence=number.scalar_subquery()))
    op.drop_table("calendar_copies")
    op.drop_table("page_codes")
