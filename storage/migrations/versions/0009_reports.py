"""Reports: the rollup that they read and the triggers that keep it, comments, kept figures, themes."""

# ruff: noqa: S608 - the statements are made of the constants below, of nothing that anybody types
import sqlalchemy as sa
from alembic import op

from storage.types import Json, Utc

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "kept_reports",
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("data_date", sa.Date(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("report", Json, nullable=False),
        sa.PrimaryKeyConstraint("year", "public", name=op.f("pk_kept_reports")),
    )
    op.create_table(
        "report_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kept_numbers", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", Utc(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["staff.id"], name=op.f("fk_report_comments_written_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_comments")),
        sa.UniqueConstraint("year", "section", name=op.f("uq_report_comments_year_section")),
    )
    op.create_table(
        "carer_years",
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("carer_id", sa.Integer(), nullable=False),
        sa.Column("attended", sa.Integer(), nullable=False),
        sa.Column("trained", sa.Integer(), nullable=False),
        sa.Column("first_at", Utc(), nullable=False),
        sa.Column("last_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["carer_id"], ["carers.id"], name=op.f("fk_carer_years_carer_id_carers")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_carer_years_household_id_households")
        ),
        sa.PrimaryKeyConstraint("year", "household_id", "carer_id", name=op.f("pk_carer_years")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_carer_years_carer_id"), "carer_years", ["carer_id"])
    op.drop_index(op.f("ix_invitations_event_state"), "invitations")
    op.create_index(
        "ix_invitations_event_state_answered", "invitations", ["event_id", "state", "answered_at"]
    )
    with op.batch_alter_table("rounds") as batch_op:
        batch_op.add_column(sa.Column("themes", Json, nullable=True))
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(_count("sqlite" if sqlite else "postgresql"))
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("attendance_noted", "attendance_changed", "attendance_gone", "events_moved"):
            op.execute(f"DROP TRIGGER {name}_count_carers")
    else:
        for name in ("attendance_noted", "attendance_changed", "attendance_gone"):
            op.execute(f"DROP TRIGGER {name}_count_carers ON attendance")
        op.execute("DROP TRIGGER events_moved_count_carers ON events")
        op.execute("DROP FUNCTION count_carers_of_attendance")
        op.execute("DROP FUNCTION count_carers_of_events")
        op.execute("DROP FUNCTION count_carers")
        op.execute("DROP FUNCTION hold_counts_of_carers")
    with op.batch_alter_table("rounds") as batch_op:
        batch_op.drop_column("themes")
    op.drop_index("ix_invitations_event_state_answered", "invitations")
    op.create_index(op.f("ix_invitations_event_state"), "invitations", ["event_id", "state"])
    op.drop_table("carer_years")
    op.drop_table("report_comments")
    op.drop_table("kept_reports")


# The fostering year begins on 1 April at local midnight. In the United Kingdom that is summer time, one hour
# ahead of UTC: an hour on and three months back, the calendar's year is that in which it began.
YEAR = {
    "sqlite": "CAST(strftime('%Y', e.starts_at, '+1 hour', '-3 months') AS INTEGER)",
    "postgresql": (
        "CAST(EXTRACT(YEAR FROM e.starts_at AT TIME ZONE 'UTC' + INTERVAL '1 hour' - INTERVAL '3 months')"
        " AS SMALLINT)"
    ),
}
COLUMNS = "carer_years (year, household_id, carer_id, attended, trained, first_at, last_at)"
MORE = """
ON CONFLICT (year, household_id, carer_id) DO UPDATE SET
    attended = carer_years.attended + excluded.attended,
    trained = carer_years.trained + excluded.trained,
    first_at = {least}(carer_years.first_at, excluded.first_at),
    last_at = {greatest}(carer_years.last_at, excluded.last_at)
"""


def _count(dialect: str, whose: str = "TRUE") -> str:
    """Count what these carers came to: all of it, from the attendance. They have no row yet."""
    return f"""
    INSERT INTO {COLUMNS}
    SELECT {YEAR[dialect]}, a.household_id, a.carer_id, COUNT(*),
           SUM(CASE e.kind WHEN 'training' THEN 1 ELSE 0 END), MIN(e.starts_at), MAX(e.starts_at)
    FROM attendance AS a JOIN events AS e ON e.id = a.event_id
    WHERE a.state = 'attended' AND {whose}
    GROUP BY 1, 2, 3"""


def _anew(dialect: str, whose: str) -> str:
    return f"DELETE FROM carer_years WHERE carer_id {whose}; {_count(dialect, f'a.carer_id {whose}')};"


_NOTED = f"""
    INSERT INTO {COLUMNS}
    SELECT {YEAR["sqlite"]}, NEW.household_id, NEW.carer_id, 1, e.kind = 'training', e.starts_at, e.starts_at
    FROM events AS e WHERE e.id = NEW.event_id
    {MORE.format(least="MIN", greatest="MAX")};
"""
_OF_MOVED = "IN (SELECT carer_id FROM attendance WHERE event_id = NEW.id)"

SQLITE = (
    f"""CREATE TRIGGER attendance_noted_count_carers AFTER INSERT ON attendance
    WHEN NEW.state = 'attended' BEGIN {_NOTED} END""",
    f"""CREATE TRIGGER attendance_changed_count_carers
    AFTER UPDATE OF event_id, carer_id, household_id, state ON attendance
    BEGIN {_anew("sqlite", "IN (OLD.carer_id, NEW.carer_id)")} END""",
    f"""CREATE TRIGGER attendance_gone_count_carers AFTER DELETE ON attendance
    WHEN OLD.state = 'attended' BEGIN {_anew("sqlite", "= OLD.carer_id")} END""",
    f"""CREATE TRIGGER events_moved_count_carers AFTER UPDATE OF starts_at, kind ON events
    WHEN OLD.starts_at <> NEW.starts_at OR OLD.kind <> NEW.kind
    BEGIN {_anew("sqlite", _OF_MOVED)} END""",
)

# Two transactions that note the same carer at two events would each count without the other's: whoever counts
# holds the carers' counts first. A statement that follows a lock sees what was committed while it waited. It
# is a lock of its own and not that of the carers' rows: a register that is taken in holds those for long and
# then wants events, which whoever notes an attendance has held from the beginning. There are a thousand of
# them, since the server has room for so many. Who counts many takes all or none, so as to hold up nobody who
# holds one and wants another; after half a second they wait in one order, and it is the server that finds out
# whether two wait for each other.
_HELD = """
CREATE FUNCTION hold_counts_of_carers(who INTEGER[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parts INTEGER[] := ARRAY(SELECT DISTINCT id % 1000 FROM unnest(who) AS id ORDER BY 1);
    part INTEGER;
BEGIN
    FOR attempt IN 1..50 LOOP
        EXIT WHEN cardinality(parts) < 2;
        BEGIN
            IF (SELECT bool_and(pg_try_advisory_xact_lock(7240518, one)) FROM unnest(parts) AS one) THEN
                RETURN;
            END IF;
            RAISE lock_not_available;
        EXCEPTION WHEN lock_not_available THEN  -- gives back what was taken since BEGIN
            PERFORM pg_sleep(0.01);
        END;
    END LOOP;
    FOREACH part IN ARRAY parts LOOP
        PERFORM pg_advisory_xact_lock(7240518, part);
    END LOOP;
END $$
"""
_ANEW = f"""
CREATE FUNCTION count_carers(who INTEGER[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold_counts_of_carers(who);
    {_anew("postgresql", "= ANY(who)")}
END $$
"""
# An INSERT that updates what is there already fires both triggers, that of the update first: what that has
# counted anew is not to be added to once more.
_OF_ATTENDANCE = f"""
CREATE FUNCTION count_carers_of_attendance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND current_setting('hearthline.counted_anew', true) = 'yes' THEN
        PERFORM set_config('hearthline.counted_anew', '', true);
        PERFORM count_carers(ARRAY(SELECT DISTINCT carer_id FROM fresh WHERE state = 'attended'));
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM hold_counts_of_carers(ARRAY(SELECT carer_id FROM fresh WHERE state = 'attended'));
        {_count("postgresql").replace("FROM attendance AS a", "FROM fresh AS a")} ORDER BY 1, 2, 3
        {MORE.format(least="LEAST", greatest="GREATEST")};
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM count_carers(ARRAY(SELECT carer_id FROM stale UNION SELECT carer_id FROM fresh));
        PERFORM set_config('hearthline.counted_anew', 'yes', true);
    ELSE
        PERFORM count_carers(ARRAY(SELECT DISTINCT carer_id FROM stale WHERE state = 'attended'));
    END IF;
    RETURN NULL;
END $$
"""
# Whoever notes somebody at this event holds its key until the end of their transaction: that is waited for,
# and who comes later reads where the event has moved to.
_OF_EVENTS = """
CREATE FUNCTION count_carers_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM events WHERE id = NEW.id FOR UPDATE;
    PERFORM count_carers(ARRAY(SELECT DISTINCT carer_id FROM attendance WHERE event_id = NEW.id));
    RETURN NULL;
END $$
"""
_TABLES = {
    "noted": "INSERT ON attendance REFERENCING NEW TABLE AS fresh",
    "changed": "UPDATE ON attendance REFERENCING OLD TABLE AS stale NEW TABLE AS fresh",
    "gone": "DELETE ON attendance REFERENCING OLD TABLE AS stale",
}
POSTGRESQL = (
    _HELD,
    _ANEW,
    _OF_ATTENDANCE,
    _OF_EVENTS,
    *(
        f"CREATE TRIGGER attendance_{name}_count_carers AFTER {when} "
        "FOR EACH STATEMENT EXECUTE FUNCTION count_carers_of_attendance()"
        for name, when in _TABLES.items()
    ),
    """CREATE TRIGGER events_moved_count_carers AFTER UPDATE OF starts_at, kind ON events FOR EACH ROW
    WHEN (OLD.starts_at <> NEW.starts_at OR OLD.kind <> NEW.kind)
    EXECUTE FUNCTION count_carers_of_events()""",
)
