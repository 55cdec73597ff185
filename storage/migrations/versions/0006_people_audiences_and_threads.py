"""People, audiences and threads."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Utc

revision = "0006"
down_revision = "0005"

UNSETTLED = sa.text("state <> 'settled'")
SPEAKS = sa.text("speaks")
LEFT = sa.text("left_on IS NOT NULL")
ERASED = sa.text("erased_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "audiences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("include", Json, nullable=False),
        sa.Column("exclude", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["staff.id"], name=op.f("fk_audiences_changed_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["staff.id"], name=op.f("fk_audiences_created_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audiences")),
        sa.UniqueConstraint("name", name=op.f("uq_audiences_name")),
    )
    op.create_table(
        "register_drafts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", Utc(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["staff.id"], name=op.f("fk_register_drafts_uploaded_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_drafts")),
    )
    op.create_table(
        "group_leavers",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("carer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["carer_id"], ["carers.id"], name=op.f("fk_group_leavers_carer_id_carers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_group_leavers_group_id_groups"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "carer_id", name=op.f("pk_group_leavers")),
    )
    with op.batch_alter_table("group_leavers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_leavers_carer_id"), ["carer_id"], unique=False)

    op.create_table(
        "threads",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("carer_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("heard_at", Utc(), nullable=False),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["carer_id"], ["carers.id"], name=op.f("fk_threads_carer_id_carers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_threads_owner_id_staff")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["staff.id"], name=op.f("fk_threads_settled_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
    )
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_threads_carer_id"), ["carer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_threads_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_threads_state", ["state", "heard_at"], unique=False)
        batch_op.create_index(
            "uq_threads_unsettled",
            ["carer_id"],
            unique=True,
            sqlite_where=UNSETTLED,
            postgresql_where=UNSETTLED,
        )

    with op.batch_alter_table("carer_messages", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("written_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("came_with", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("chat_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("message_id", sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f("ix_carer_messages_thread_id"), ["thread_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_carer_messages_thread_id_threads"),
            "threads",
            ["thread_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_carer_messages_written_by_id_staff"), "staff", ["written_by_id"], ["id"]
        )
    move_messages_into_threads()
    with op.batch_alter_table("carer_messages", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_carer_messages_answered_by_id_staff"), type_="foreignkey")
        batch_op.drop_column("answered_by_id")
        batch_op.drop_column("answered_at")
        batch_op.drop_column("urgent")
        batch_op.drop_column("state")

    with op.batch_alter_table("carers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("speaks", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("shares_chat", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("quiet_from", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("quiet_until", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("erasure_asked_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("erased_at", Utc(), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_carers_chat_id"), type_="unique")
        batch_op.create_index(batch_op.f("ix_carers_chat_id"), ["chat_id"], unique=False)
        batch_op.create_index("ix_carers_left", ["left_on"], sqlite_where=LEFT, postgresql_where=LEFT)
        batch_op.create_index("ix_carers_erased", ["erased_at"], sqlite_where=ERASED, postgresql_where=ERASED)
        batch_op.create_index(
            "uq_carers_speaking", ["chat_id"], unique=True, sqlite_where=SPEAKS, postgresql_where=SPEAKS
        )

    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("is_open", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.add_column(sa.Column("notice_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.drop_column("notice_on")

    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.drop_column("is_open")
        batch_op.drop_column("about")

    with op.batch_alter_table("carers", schema=None) as batch_op:
        batch_op.drop_index("ix_carers_erased", sqlite_where=ERASED, postgresql_where=ERASED)
        batch_op.drop_index("ix_carers_left", sqlite_where=LEFT, postgresql_where=LEFT)
        batch_op.drop_index("uq_carers_speaking", sqlite_where=SPEAKS, postgresql_where=SPEAKS)
        batch_op.drop_index(batch_op.f("ix_carers_chat_id"))
        batch_op.create_unique_constraint(batch_op.f("uq_carers_chat_id"), ["chat_id"])
        batch_op.drop_column("erased_at")
        batch_op.drop_column("erasure_asked_at")
        batch_op.drop_column("quiet_until")
        batch_op.drop_column("quiet_from")
        batch_op.drop_column("shares_chat")
        batch_op.drop_column("speaks")
        batch_op.drop_column("left_on")

    with op.batch_alter_table("carer_messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=40), server_default="open", nullable=False))
        batch_op.add_column(sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("answered_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("answered_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_carer_messages_answered_by_id_staff"), "staff", ["answered_by_id"], ["id"]
        )
    move_messages_out_of_threads()
    with op.batch_alter_table("carer_messages", schema=None) as batch_op:
        batch_op.alter_column("state", server_default=None)
        batch_op.alter_column("urgent", server_default=None)
        batch_op.drop_constraint(batch_op.f("fk_carer_messages_written_by_id_staff"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_carer_messages_thread_id_threads"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_carer_messages_thread_id"))
        batch_op.drop_column("message_id")
        batch_op.drop_column("chat_id")
        batch_op.drop_column("came_with")
        batch_op.drop_column("written_by_id")
        batch_op.drop_column("thread_id")

    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.drop_index("uq_threads_unsettled", sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)
        batch_op.drop_index("ix_threads_state")
        batch_op.drop_index(batch_op.f("ix_threads_owner_id"))
        batch_op.drop_index(batch_op.f("ix_threads_carer_id"))

    op.drop_table("threads")
    with op.batch_alter_table("group_leavers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_leavers_carer_id"))

    op.drop_table("group_leavers")
    op.drop_table("register_drafts")
    op.drop_table("audiences")


_MESSAGES = sa.table(
    "carer_messages",
    sa.column("carer_id", sa.Integer()),
    sa.column("thread_id", sa.BigInteger()),
    sa.column("written_by_id", sa.Integer()),
    sa.column("text", sa.Text()),
    sa.column("state", sa.String()),
    sa.column("urgent", sa.Boolean()),
    sa.column("received_at", Utc()),
    sa.column("answered_at", Utc()),
    sa.column("answered_by_id", sa.Integer()),
)
_THREADS = sa.table(
    "threads",
    sa.column("id", sa.BigInteger()),
    sa.column("carer_id", sa.Integer()),
    sa.column("state", sa.String()),
    sa.column("urgent", sa.Boolean()),
    sa.column("opened_at", Utc()),
    sa.column("heard_at", Utc()),
    sa.column("answered_at", Utc()),
    sa.column("settled_at", Utc()),
    sa.column("settled_by_id", sa.Integer()),
)


def move_messages_into_threads() -> None:
    """What waited for somebody becomes one open thread of each carer, what was answered or redacted one that
    is settled, by whoever settled the last of it."""
    mine, theirs = _MESSAGES.c, _THREADS.c
    urgent = sa.func.max(sa.case((mine.urgent, 1), else_=0)) == 1
    waits = mine.state == "open"
    names = ["carer_id", "state", "urgent", "opened_at", "heard_at", "answered_at", "settled_at"]
    spans = (urgent, sa.func.min(mine.received_at), sa.func.max(mine.received_at))
    nothing = (sa.cast(sa.null(), Utc()), sa.cast(sa.null(), Utc()))
    settled = (
        sa.func.max(mine.answered_at),
        sa.func.max(sa.func.coalesce(mine.answered_at, mine.received_at)),
    )
    for condition, state, ends in ((waits, "new", nothing), (~waits, "settled", settled)):
        rows = sa.select(mine.carer_id, sa.literal(state), *spans, *ends).where(condition)
        op.execute(_THREADS.insert().from_select(names, rows.group_by(mine.carer_id)))
    same = (theirs.carer_id == mine.carer_id, (theirs.state == "new") == waits)
    op.execute(
        _MESSAGES.update().values(
            thread_id=sa.select(theirs.id).where(*same).correlate(_MESSAGES).scalar_subquery()
        )
    )
    last = sa.select(sa.func.max(mine.answered_by_id)).where(
        mine.thread_id == theirs.id, mine.answered_at == theirs.answered_at
    )
    op.execute(_THREADS.update().values(settled_by_id=last.correlate(_THREADS).scalar_subquery()))


def move_messages_out_of_threads() -> None:
    """Each message stands for itself again, as its thread stood. What staff answered has no place there."""
    mine, theirs = _MESSAGES.c, _THREADS.c
    op.execute(_MESSAGES.delete().where(mine.written_by_id.is_not(None)))

    def of_thread(column: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
        return sa.select(column).where(theirs.id == mine.thread_id).correlate(_MESSAGES).scalar_subquery()

    answered = of_thread(sa.func.coalesce(theirs.settled_at, theirs.answered_at))
    done = of_thread(theirs.state).in_(("answered", "settled"))
    op.execute(
        _MESSAGES.update().values(
            state=sa.case((mine.text.is_(None), "redacted"), (done, "answered"), else_="open"),
            urgent=sa.func.coalesce(of_thread(theirs.urgent), sa.false()),
            answered_at=sa.case((done, answered), else_=sa.null()),
            answered_by_id=of_thread(theirs.settled_by_id),
        )
    )
