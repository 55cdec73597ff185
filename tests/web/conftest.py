"""A cast and a served console for the tests of the web."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from broadcasts.drafts import Wording, keep_attachment, start_draft
from broadcasts.ledger_views import DeliveryState
from care.check_ins import CheckInHow, note_check_in
from carers.audience_rules import InArea, OnHold, Rules
from carers.file_outcome import FileOutcome
from carers.panels import About, note_panel, panels_of
from carers.register_drafts import Preview
from carers.register_shown import as_file, in_short
from carers.saved_audiences import save_audience
from events.invitations import send_invitations_now
from events.pattern import Pattern
from events.planning import EventPlan, plan_event
from events.rhythm import NAMED
from events.rsvp import Choice, answer, set_needs
from events.series import SeriesPlan, plan_series
from events.templates import save_template
from storage.actions import ServiceAction
from storage.conversations import CarerMessage, Thread
from storage.deliveries import Delivery
from storage.engine import Database, open_database
from storage.events import Mode, RsvpBy
from storage.households import Group, GroupMember
from storage.links import Stranger
from storage.nominations import Nomination
from storage.register_drafts import RegisterDraft
from storage.rsvp import Invitation
from storage.rsvp_queries import invitations_of_event
from storage.works import Work, WorkState
from surveys.editing import move_question
from surveys.keys import RoundKeys
from surveys.publishing import begin
from surveys.rounds import open_due, plan_round
from tests.support.cast import NOON, Cast, gather
from tests.support.console import LONDON, Console, served
from tests.support.stock import Fill, Stock
from tests.surveys.closed_rounds import closed_round, health_sheets

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""The smallest photo there is."""

REGISTER = b"household_ref,household_type,approved_on,carer_ref,area\nH2,mainstream,2019-06-01,C3,South\n"

SERIES_ON = date(2025, 6, 12)
"""The first of the two days of the series."""

HELD_ON = date(2025, 5, 5)
"""The day of the Reeds' panel."""


async def _cast_alone(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


@pytest.fixture
def filled_by(request: pytest.FixtureRequest) -> Fill | None:
    """A test that asks for the cast or a busy day finds them there."""
    if {"busy", "shown"} & set(request.fixturenames):
        return busy_day
    return _cast_alone if "cast" in request.fixturenames else None


@pytest.fixture
def cast(stock: Stock, filled_by: Fill, database: Database) -> Cast:
    told = stock.told(database.dialect, filled_by)
    cast: Cast = told if filled_by is _cast_alone else told[0]
    return cast


@pytest.fixture
async def console(database: Database, cast: Cast) -> AsyncIterator[Console]:
    """A console at noon, with the cast in its database."""
    async with served(database) as running:
        yield running


@dataclass(frozen=True)
class Busy:
    """What there is on a busy day, by id."""

    coffee: int
    picnic: int
    group: int
    draft: int
    amals: int
    sams: int
    reeds: int
    message: int
    thread: int
    """What Amal wrote; nobody has taken it."""
    delivery: int
    round: int
    planned: int
    """A round that has not opened."""
    check_in: int
    """With the Reeds, the day before."""
    panel: int
    """Of the Reeds, held the day before and noted today: nobody has been asked about it."""
    broadcast: int
    flyer: int
    series: int
    template: int
    audience: int
    circle: int
    """A group of carers, with Amal in it."""
    register: int
    """A file of the register that waits."""
    work: int
    """Priya's, ended: it looked at that file."""
    nomination: int
    """Of Lin by Amal, new."""
    action: int
    """Planned, read by nobody yet."""
    closed: int
    """A survey's round with names, closed and with results."""


async def busy_day(database: Database) -> tuple[Cast, Busy]:
    """Put the cast into the database, and a day of theirs."""
    cast = await _cast_alone(database)
    with TemporaryDirectory() as folder:
        return cast, await fill(database, cast, Path(folder))


@pytest.fixture
def busy(stock: Stock, filled_by: Fill, database: Database) -> Busy:
    """A day with something of everything: Amal and Jo are going for coffee, Sam waits, the Reeds picnic."""
    there: Busy = stock.told(database.dialect, filled_by)[1]
    return there


async def fill(database: Database, cast: Cast, folder: Path) -> Busy:
    """The day of this cast; the keys of its rounds go into the folder."""

    def plan(title: str, days: int, **more: object) -> EventPlan:
        starts = NOON + timedelta(days=days)
        usual = {"kind": "social", "venue": "The Mill", "draft": True}
        return EventPlan(
            title=title,
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            **{**usual, **more},  # type: ignore[arg-type]  # the plan's own fields
        )

    async with database.write() as session:
        photo = await keep_attachment(session, filename="hall.png", mime="image/png", content=PIXEL, now=NOON)
        shown = plan("Coffee afternoon", 9, capacity=2, flyer_id=photo)
        coffee = await plan_event(session, shown, cast.priya, NOON)
        household = plan("Picnic", 12, rsvp_by=RsvpBy.HOUSEHOLD, capacity=20)
        picnic = await plan_event(session, household, cast.priya, NOON)
        hybrid = plan("Evening group", 3, mode=Mode.HYBRID, online_url="https://meet.example/secret-room")
        group = await plan_event(session, hybrid, cast.priya, NOON)
        draft = await plan_event(session, plan("Alpaca walk", 30), cast.priya, NOON)
        for event in (coffee, picnic, group):
            await send_invitations_now(session, event.id, cast.priya, NOON, LONDON)
        mine = {row.carer_id: row for row in await invitations_of_event(session, coffee.id)}
        for carer in (cast.amal, cast.jo, cast.sam):
            await answer(session, mine[carer.id].id, carer, Choice.GOING, NOON, LONDON)
        await set_needs(session, mine[cast.amal.id].id, cast.amal, "A ramp, please", NOON)
        families = {row.household_id: row for row in await invitations_of_event(session, picnic.id)}
        await answer(session, families[cast.reeds.id].id, cast.amal, Choice.GOING, NOON, LONDON)
        thread = Thread(carer_id=cast.amal.id, opened_at=NOON, heard_at=NOON)
        session.add(thread)
        await session.flush()
        message = CarerMessage(
            carer_id=cast.amal.id, thread_id=thread.id, text="Please ring me", received_at=NOON
        )
        session.add_all([message, Stranger(chat_id=77, name="Robin", first_seen_at=NOON, last_seen_at=NOON)])
        cast.lin.chat_id = None
        lost = await session.get_one(Delivery, 1)
        lost.state, lost.reason = DeliveryState.UNKNOWN, "timeout"
        survey = await plan_round(
            session,
            "pulse",
            "all",
            NOON,
            NOON + timedelta(days=7),
            anonymous=True,
            by=cast.priya,
            now=NOON,
        )
        await open_due(session, NOON, RoundKeys(folder / "keys"), LONDON)
        planned = await plan_round(
            session,
            "health-check-short",
            "all",
            NOON + timedelta(days=10),
            NOON + timedelta(days=20),
            anonymous=True,
            by=cast.priya,
            now=NOON,
        )
        await note_panel(session, cast.reeds.id, HELD_ON, About.REVIEW, cast.priya, NOON, LONDON)
        [panel] = await panels_of(session, cast.reeds.id)
        visit = CheckInHow.VISIT
        spoke = await note_check_in(session, cast.reeds.id, HELD_ON, visit, cast.tom, NOON, LONDON)
        await begin(session, "pulse", cast.priya, NOON)
        await move_question(session, "pulse", 1, "more", -1, cast.priya, NOON)
        pattern = Pattern("Youth club", "youth_club", time(17), 90, venue="The Mill", draft=True)
        weekly = SeriesPlan(pattern, NAMED["weekly"], SERIES_ON, SERIES_ON + timedelta(weeks=1))
        series = await plan_series(session, weekly, cast.priya, NOON, LONDON)
        template = await save_template(session, "Youth club", pattern, weekly.rhythm, cast.priya, NOON)
        wording = Wording({"en": "*Hello {first_name}*, the hall is closed."}, "all", None, photo, None)  # type: ignore[arg-type]  # it was not refused
        broadcast = await start_draft(session, wording, cast.priya, NOON)
        circle = Group(name="Evening support group", is_open=True)
        register = RegisterDraft(
            name="register.csv", content=REGISTER, uploaded_at=NOON, uploaded_by_id=cast.priya.id
        )
        nomination = Nomination(
            nominated_by_id=cast.amal.id, whom="Lin Marsh", words="Always there", created_at=NOON
        )
        action = ServiceAction(said="Breakfasts begin too early", created_at=NOON, changed_at=NOON)
        asked = [cast.amal.id, cast.jo.id, cast.sam.id, cast.lin.id]
        closed = await closed_round(session, "health-check-short", health_sheets(60), carers=asked, id=50)
        session.add_all([circle, register, nomination, action])
        await session.flush()
        looked = Preview("register.csv", FileOutcome(done=False), "mark", register.id)
        work = Work(
            kind="register.look",
            params={"draft": register.id, "name": "register.csv"},
            state=WorkState.DONE,
            asked_by_id=cast.priya.id,
            asked_at=NOON,
            started_at=NOON,
            ended_at=NOON,
            seen_at=NOON,
            outcome={"said": "Households: 0 new.", "href": "/register", "link": "To the register"},
            file=as_file(in_short(looked)),
            file_name="register.json",
            kept_until=NOON + timedelta(days=1),
        )
        session.add(work)
        rules = Rules((InArea(("North",)),), (OnHold(),))
        audience = await save_audience(session, "The North", rules, cast.priya, NOON, LONDON)
        session.add(GroupMember(group_id=circle.id, carer_id=cast.amal.id))
        await session.merge(cast.lin)
        await session.flush()
        return Busy(
            coffee=coffee.id,
            picnic=picnic.id,
            group=group.id,
            draft=draft.id,
            amals=mine[cast.amal.id].id,
            sams=mine[cast.sam.id].id,
            reeds=families[cast.reeds.id].id,
            message=message.id,
            thread=thread.id,
            delivery=lost.id,
            round=survey.id,  # type: ignore[union-attr]  # it was not refused
            planned=planned.id,  # type: ignore[union-attr]  # it was not refused
            panel=panel.id,
            check_in=spoke.check_in_id,
            broadcast=broadcast.id,
            flyer=photo,  # type: ignore[arg-type]  # it was not refused
            series=series.id,
            template=template,  # type: ignore[arg-type]  # it was not refused
            audience=audience,  # type: ignore[arg-type]  # it was not refused
            circle=circle.id,
            register=register.id,
            work=work.id,
            nomination=nomination.id,
            action=action.id,
            closed=closed,
        )


async def invitation_of(database: Database, invitation_id: int) -> Invitation:
    async with database.read() as session:
        return await session.get_one(Invitation, invitation_id)


@pytest.fixture
async def shown(sqlite_url: str, stock: Stock) -> AsyncIterator[tuple[Console, Cast, Busy]]:
    """A busy console on SQLite alone, for what a browser sees: the database makes no difference there."""
    database = open_database(sqlite_url)
    cast, there = stock.told("sqlite", busy_day)
    async with served(database) as running:
        yield running, cast, there
    await database.close()
