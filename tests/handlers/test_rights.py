"""What anybody's client can send: every kind of button there is, from whoever may not tap it, and nonsense.

The kinds are read from the handlers themselves, so that a new one cannot be left out here.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.event import listen, remove
from telegram.ext import CallbackQueryHandler, CommandHandler

from broadcasts.drafts import Wording, start_draft
from carers.roles import ALLOWED, Action, Role
from events.attendance import AttendanceState, tick
from events.ballot import draw_due
from events.choices import closes_at
from events.leavers import release_leavers
from events.planning import cancel_event
from events.rsvp import Choice, Party, set_needs, set_party
from events.waitlist import expire_offers
from handlers.routes import handlers
from storage.conversations import CarerMessage, Thread
from storage.deliveries import Reply
from storage.engine import Database, Session
from storage.events import Allocation, Event
from storage.nominations import Nomination
from storage.rsvp import Invitation
from tests.events.acts import HOUSEHOLD, HYBRID, IN_TWO_WEEKS, invitation_of, invited_event, taps
from tests.handlers.chats import Chats
from tests.support.cast import NOON, STRANGER_CHAT, Cast, gather
from tests.support.stock import Fill, Stock

AMAL, JO, SAM, LIN, PRIYA, TOM, DEE, ASH = 101, 102, 103, 104, 901, 902, 903, 904
STAFF = {PRIYA: Role.COORDINATOR, TOM: Role.SOCIAL_WORKER, DEE: Role.MANAGER, ASH: Role.ADMINISTRATOR}
LINK = "https://meet.example/secret-room"
SECRETS = ("Amal", "Reed", "H1", "secret-room", "step-free", "The Hall", "Panto", "Quiz", "Ring me")
"""What nobody learns of by a tap on a button that is not theirs: people, places, titles, needs, the link."""

OWN = {"settings", "events", "feed", "survey", "mydata", "group", "speak", "said", "told"}
"""Topics whose buttons name no row of anybody's: they are about whoever taps. `survey` checks its rounds,
`group` joins whoever taps to a group that is open to all, `speak` knows the carers of this chat alone."""

TOPIC_ACTIONS = {
    "newevent": Action.PLAN_EVENTS,
    "broadcast": Action.WRITE_BROADCASTS,
    "rsvps": Action.SEE_EVENTS,
    "tick": Action.TAKE_ATTENDANCE,
    "phone": Action.ANSWER_FOR_CARERS,
    "waiting": Action.PLAN_EVENTS,
    "walkin": Action.TAKE_ATTENDANCE,
    "change": Action.PLAN_EVENTS,
    "report": Action.SEE_REPORTS,
    "inbox": Action.READ_MESSAGES,
}
"""The action that each button of staff needs. An inbox that may be read may be answered by the same roles."""

STAFF_COMMANDS = {
    "newevent": Action.PLAN_EVENTS,
    "broadcast": Action.WRITE_BROADCASTS,
    "rsvps": Action.SEE_EVENTS,
    "report": Action.SEE_REPORTS,
    "inbox": Action.READ_MESSAGES,
    "console": Action.SEE_HOME,
}

REFUSALS = {"help", "help_staff", "no_console", "unknown_person", "newevent_no_right", "broadcast_no_right"}
"""What is said to whom a command is not for."""

CARERS_COMMANDS = {
    "start", "help", "message", "settings", "language", "stop", "mydata", "calendar", "events",
    "mygroups", "surveys", "nominate",
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """Amal's household goes to a picnic; Amal goes online to a group, came to a quiz, and lost a draw."""

    cast: Cast
    picnic: Event
    group: Event
    quiz: Event
    panto: Event
    reeds: Invitation
    amals: Invitation
    amals_quiz: Invitation
    reeds_panto: Invitation
    waits: Invitation
    broadcast: int
    thread: int
    sams_thread: int
    nomination: int


async def world(session: Session) -> World:
    cast = await gather(session)
    picnic = await invited_event(session, cast, title="Picnic", rsvp_by=HOUSEHOLD, capacity=2)
    group = await invited_event(session, cast, title="Group", mode=HYBRID, online_url=LINK)
    soon = NOON + timedelta(minutes=30)
    quiz = await invited_event(session, cast, title="Quiz", starts_at=soon, mode=HYBRID, online_url=LINK)
    tickets: dict[str, Any] = {"allocation": Allocation.BALLOT, "rsvp_by": HOUSEHOLD, "capacity": 1}
    panto = await invited_event(session, cast, title="Panto", **tickets)
    for carer in (cast.amal, cast.sam, cast.lin):
        await taps(session, panto, carer, Choice.GOING)
        await taps(session, picnic, carer, Choice.GOING)
    reeds_panto = await invitation_of(session, panto, cast.amal)
    await set_party(session, reeds_panto.id, cast.amal, Party(adults=2), NOON)  # too many to be drawn
    await taps(session, group, cast.amal, Choice.ONLINE)
    await taps(session, quiz, cast.amal, Choice.ONLINE)
    reeds = await invitation_of(session, picnic, cast.amal)
    await set_needs(session, reeds.id, cast.amal, "step-free", NOON)
    await tick(session, quiz.id, cast.amal.id, AttendanceState.ATTENDED, cast.priya, NOON)
    await draw_due(session, closes_at(panto))
    wording = Wording({"en": "The hall is closed."}, "all", None, None, None)
    broadcast = await start_draft(session, wording, cast.priya, NOON)
    threads = [Thread(carer_id=each.id, opened_at=NOON, heard_at=NOON) for each in (cast.amal, cast.sam)]
    nomination = Nomination(nominated_by_id=cast.amal.id, whom="Lin", words="Kind", created_at=NOON)
    session.add_all([*threads, nomination])
    await session.flush()
    session.add_all(
        CarerMessage(carer_id=each.carer_id, thread_id=each.id, text="Ring me", received_at=NOON)
        for each in threads
    )
    await session.flush()
    return World(
        cast,
        picnic,
        group,
        quiz,
        panto,
        reeds,
        await invitation_of(session, group, cast.amal),
        await invitation_of(session, quiz, cast.amal),
        reeds_panto,
        await invitation_of(session, picnic, cast.lin),
        broadcast.id,
        threads[0].id,
        threads[1].id,
        nomination.id,
    )


def of_carers(there: World) -> dict[str, list[str]]:
    """Buttons of Amal's, by topic, each of which does or tells something if she taps it."""
    reeds, amals, quiz, panto = (
        each.id for each in (there.reeds, there.amals, there.amals_quiz, there.reeds_panto)
    )
    return {
        "rsvp": [f"rsvp:{reeds}:not_going", f"rsvp:{amals}:in_person", f"rsvp:{panto}:not_going"],
        "party": [f"party:{reeds}", f"party:{reeds}:done", f"party:{reeds}:2:0:0:0:0"],
        "needs": [f"needs:{reeds}", f"needs:{amals}"],
        "join": [f"join:{quiz}"],
        "ballot": [f"ballot:{panto}"],
        "calendar": [f"calendar:{reeds}", f"calendar:{amals}"],
        "event": [f"event:{reeds}", f"event:{amals}"],
        "feedback": [f"feedback:{there.quiz.id}:5"],
        "nominate": [f"nominate:back:{there.nomination}"],
    }


def of_staff(there: World) -> dict[str, list[str]]:
    """Buttons of the coordinator's, by topic."""
    picnic, sam, waits = there.picnic.id, there.cast.sam.id, there.waits.id
    thread = f"inbox:{there.thread}"
    return {
        "newevent": ["newevent:templates", "newevent:send"],
        "broadcast": [f"broadcast:{there.broadcast}:{deed}" for deed in ("open", "drop", "send:1", "cancel")],
        "rsvps": ["rsvps:list", f"rsvps:{picnic}"],
        "tick": [f"tick:{picnic}:1", f"tick:{picnic}:1:{sam}:attended"],
        "phone": [f"phone:{picnic}", f"phone:{picnic}:{waits}", f"phone:{picnic}:{waits}:not_going"],
        "waiting": [f"waiting:{picnic}", f"waiting:{picnic}:{waits}", f"waiting:{picnic}:{waits}:1"],
        "walkin": [f"walkin:{picnic}", f"walkin:{picnic}:{sam}", f"walkin:{there.quiz.id}:rest:yes"],
        "report": ["report:2025"],
        "change": [f"change:{picnic}", f"change:{picnic}:cancel", f"change:{picnic}:do"],
        "inbox": [
            "inbox:list",
            thread,
            *(f"{thread}:{deed}" for deed in ("take", "hand", "words", "answer")),
        ],
    }


def topics() -> set[str]:
    """Every topic that a handler listens to."""
    patterns = [
        handler.pattern.pattern  # type: ignore[union-attr]  # each is a regular expression, as the next line says
        for handler in handlers()
        if isinstance(handler, CallbackQueryHandler) and handler.pattern is not None
    ]
    return {pattern.removeprefix("^").partition(":")[0].removesuffix("(") for pattern in patterns}


_ids = count(1)


async def send(chats: Chats, session: Session, chat_id: int, data: str) -> None:
    """This button is tapped in this chat, within this transaction. Raises what its handler raised."""
    person = {"id": chat_id, "is_bot": False, "first_name": "Somebody"}
    message = {"message_id": 1, "date": 0, "chat": {"id": chat_id, "type": "private"}, "from": person}
    tap = {"id": "1", "from": person, "chat_instance": "1", "data": data, "message": message}
    await chats._turns.handle(session, {"update_id": next(_ids), "callback_query": tap})


async def write(chats: Chats, session: Session, chat_id: int, text: str) -> None:
    """This command is written in this chat, within this transaction."""
    person = {"id": chat_id, "is_bot": False, "first_name": "Somebody"}
    entity = {"type": "bot_command", "offset": 0, "length": len(text)}
    chat = {"id": chat_id, "type": "private"}
    message = {"message_id": 1, "date": 0, "chat": chat, "from": person, "text": text, "entities": [entity]}
    await chats._turns.handle(session, {"update_id": next(_ids), "message": message})


@contextmanager
def written() -> Iterator[list[str]]:
    """What is written to the database meanwhile, but for answers to the tap and a stranger's knock."""
    statements: list[str] = []

    def note(*details: Any) -> None:
        verb, *rest = str(details[2]).split()
        names = " ".join(rest)
        if verb in ("INSERT", "UPDATE", "DELETE") and not names.startswith(
            ("INTO replies", "INTO strangers")
        ):
            statements.append(str(details[2]))

    listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        remove(Engine, "before_cursor_execute", note)


async def the_world(database: Database) -> World:
    async with database.write() as session:
        return await world(session)


@pytest.fixture
def filled_by(request: pytest.FixtureRequest) -> Fill | None:
    return the_world if "there" in request.fixturenames else None


@pytest.fixture
def there(stock: Stock, database: Database) -> World:
    found: World = stock.told(database.dialect, the_world)
    return found


@asynccontextmanager
async def tried(chats: Chats) -> AsyncIterator[Session]:
    """A transaction in which all is tried, and of which nothing stays."""
    async with chats.database.write() as session:
        yield session
        await session.rollback()


async def does_nothing(chats: Chats, session: Session, chat_id: int, data: str) -> None:
    """The tap changes nothing, and what it is answered says nothing of anybody."""
    await session.execute(delete(Reply))
    with written() as statements:
        await send(chats, session, chat_id, data)
        await session.flush()
    assert not statements, (chat_id, data, statements)
    for reply in (await session.scalars(select(Reply))).all():
        told = f"{reply.kind} {reply.params}"
        assert not [secret for secret in SECRETS if secret in told], (chat_id, data, told)


def test_every_topic_is_tried_here() -> None:
    example = World(*[_Anything()] * 10, 1, 1, 1, 1)  # type: ignore[arg-type,call-arg]  # only numbers are asked of it
    assert topics() == {*of_carers(example), *of_staff(example), *OWN}


class _Anything:
    id = 1

    def __getattr__(self, name: str) -> "_Anything":
        return self


async def test_the_buttons_tried_do_something_for_whom_they_are_meant(chats: Chats, there: World) -> None:
    for chat_id, buttons in ((AMAL, of_carers(there)), (PRIYA, of_staff(there))):
        for data in (data for some in buttons.values() for data in some):
            async with tried(chats) as session:
                await send(chats, session, chat_id, data)
                kinds = set(await session.scalars(select(Reply.kind)))
                waits_for_a_question = data.startswith("newevent") or data.endswith(":do")
                assert waits_for_a_question or "toast_old_button" not in kinds, data


def test_every_button_of_staff_has_an_action() -> None:
    example = World(*[_Anything()] * 10, 1, 1, 1, 1)  # type: ignore[arg-type,call-arg]  # as above
    assert set(TOPIC_ACTIONS) == set(of_staff(example))


def test_every_command_is_a_carers_or_has_an_action() -> None:
    there_are = {name for one in handlers() if isinstance(one, CommandHandler) for name in one.commands}
    assert there_are == CARERS_COMMANDS | set(STAFF_COMMANDS)


@pytest.mark.one_database
@pytest.mark.parametrize("chat_id", STAFF)
async def test_a_button_of_staff_works_for_the_roles_of_the_table_and_for_no_other(
    chats: Chats, there: World, chat_id: int
) -> None:
    for topic, buttons in of_staff(there).items():
        allowed = STAFF[chat_id] in ALLOWED[TOPIC_ACTIONS[topic]]
        for data in buttons:
            async with tried(chats) as session:
                if not allowed:
                    await does_nothing(chats, session, chat_id, data)
                    continue
                await send(chats, session, chat_id, data)
                refused = "toast_old_button" in set(await session.scalars(select(Reply.kind)))
                of_a_step = data.startswith("newevent") or data.endswith(":do")
                assert not refused or of_a_step or (chat_id == TOM and data in of_others(there)), data


def of_others(there: World) -> list[str]:
    """Buttons that the coordinator has and Tom has not: what they do is to a household that is not his."""
    waits = f"phone:{there.picnic.id}:{there.waits.id}"
    sam = there.cast.sam.id
    return [
        waits,
        f"{waits}:not_going",
        f"tick:{there.picnic.id}:1:{sam}:attended",
        f"walkin:{there.picnic.id}:{sam}",
    ]


@pytest.mark.one_database
@pytest.mark.parametrize("command", STAFF_COMMANDS)
async def test_a_command_of_staff_answers_the_roles_of_the_table_and_nobody_else(
    chats: Chats, there: World, command: str
) -> None:
    for chat_id in (*STAFF, AMAL, STRANGER_CHAT):
        role = STAFF.get(chat_id)
        async with tried(chats) as session:
            await write(chats, session, chat_id, f"/{command}")
            kinds = set(await session.scalars(select(Reply.kind)))
            refused = bool(kinds & REFUSALS)
            assert refused is (role is None or role not in ALLOWED[STAFF_COMMANDS[command]]), (chat_id, kinds)


@pytest.mark.one_database
async def test_a_social_worker_reads_and_answers_no_conversation_of_the_households_of_others(
    chats: Chats, there: World
) -> None:
    sams = f"inbox:{there.sams_thread}"
    deeds = (
        "take",
        "back",
        "hand",
        f"hand:{there.cast.dee.id}",
        "answer",
        "send",
        "drop",
        "settle",
        "reopen",
        "words",
    )
    async with tried(chats) as session:
        for data in (sams, *(f"{sams}:{deed}" for deed in deeds)):
            await does_nothing(chats, session, TOM, data)
        await send(chats, session, TOM, "inbox:list")
        told = [f"{reply.params}" for reply in await session.scalars(select(Reply))]
        assert "Okafor" not in " ".join(told)


async def test_a_carers_buttons_are_nobody_elses(chats: Chats, there: World) -> None:
    async with tried(chats) as session:
        for data in (data for some in of_carers(there).values() for data in some):
            for chat_id in (STRANGER_CHAT, SAM, LIN, TOM, PRIYA):
                await does_nothing(chats, session, chat_id, data)


async def test_what_one_carer_of_a_household_is_asked_the_other_cannot_answer(
    chats: Chats, there: World
) -> None:
    number = there.amals.id
    async with tried(chats) as session:
        for data in (f"rsvp:{number}:not_going", f"needs:{number}", f"calendar:{number}", f"event:{number}"):
            await does_nothing(chats, session, JO, data)
        await does_nothing(chats, session, JO, f"join:{there.amals_quiz.id}")
        await does_nothing(chats, session, JO, f"party:{number}:2:0:0:0:0")
        await does_nothing(chats, session, JO, f"feedback:{there.quiz.id}:5")


async def test_the_buttons_of_staff_do_nothing_for_carers_strangers_and_who_has_left(
    chats: Chats, there: World
) -> None:
    async with tried(chats) as session:
        there.cast.dee.left_on = NOON.date()
        await session.merge(there.cast.dee)
        await session.flush()
        for data in (data for some in of_staff(there).values() for data in some):
            for chat_id in (STRANGER_CHAT, AMAL, DEE):
                await does_nothing(chats, session, chat_id, data)


async def test_a_social_worker_plans_nothing_and_notes_nothing_for_the_households_of_others(
    chats: Chats, there: World
) -> None:
    picnic, sam, waits = there.picnic.id, there.cast.sam.id, there.waits.id
    buttons = of_staff(there)
    async with tried(chats) as session:
        for data in [*buttons["newevent"], *buttons["broadcast"], *buttons["waiting"], *buttons["change"]]:
            await does_nothing(chats, session, TOM, data)
        for data in (f"phone:{picnic}:{waits}", f"phone:{picnic}:{waits}:not_going"):
            await does_nothing(chats, session, TOM, data)
        await does_nothing(chats, session, TOM, f"phone:{picnic}:{waits}:going:1:0:0:0:0:save")
        for data in (f"tick:{picnic}:1:{sam}:attended", f"walkin:{picnic}:{sam}"):
            await session.execute(delete(Reply))
            with written() as statements:
                await send(chats, session, TOM, data)
            assert not [each for each in statements if "conversations" not in each], (data, statements)
            told = [f"{reply.kind} {reply.params}" for reply in await session.scalars(select(Reply))]
            assert "Okafor" not in " ".join(told)


ODD = ("", "0", "-1", "२", "2147483647", "9" * 30, "rest", "'")


@pytest.mark.one_database
@pytest.mark.parametrize("chat_id", [AMAL, PRIYA])
async def test_nonsense_under_any_topic_is_answered_kindly_and_changes_no_answer(
    chats: Chats, there: World, chat_id: int
) -> None:
    async with tried(chats) as session:
        before = await standing(session)
        for topic in sorted(topics()):
            await send(chats, session, chat_id, topic)
            for odd in ODD:
                await send(chats, session, chat_id, f"{topic}:{odd}")
                await send(chats, session, chat_id, f"{topic}:{there.reeds.id}:{odd}")
            for many in range(3, 9):
                await send(chats, session, chat_id, ":".join([topic, *["9" * 20] * many]))
        session.expire_all()
        assert await standing(session) == before


async def standing(session: Session) -> list[tuple[Any, ...]]:
    """Where every party stands and who is coming with it."""
    await session.flush()
    rows = await session.execute(
        select(Invitation.id, Invitation.state, Invitation.mode, Invitation.adults).order_by(Invitation.id)
    )
    return [tuple(row) for row in rows]


async def test_after_the_event_a_tap_changes_no_answer(chats: Chats, there: World) -> None:
    chats.now = IN_TWO_WEEKS + timedelta(hours=3)
    async with tried(chats) as session:
        await expire_offers(session, chats.now)
        before = await standing(session)
        await try_all(chats, session, there)
        assert await standing(session) == before


async def test_after_a_cancellation_a_tap_changes_no_answer(chats: Chats, there: World) -> None:
    async with tried(chats) as session:
        for event in (there.picnic, there.group, there.panto, there.quiz):
            await cancel_event(session, event.id, "Snow", there.cast.priya, NOON)
        before = await standing(session)
        await try_all(chats, session, there)
        assert await standing(session) == before
        kinds = set(await session.scalars(select(Reply.kind)))
        assert not kinds & {"join_link", "party", "needs_ask"}


async def test_who_has_left_answers_nothing_and_gets_no_link(chats: Chats, there: World) -> None:
    async with tried(chats) as session:
        reeds = await session.merge(there.cast.reeds)
        reeds.ended_on = NOON.date()
        await session.flush()
        await release_leavers(session, NOON)
        before = await standing(session)
        await try_all(chats, session, there)
        assert await standing(session) == before
        kinds = set(await session.scalars(select(Reply.kind)))
        assert not kinds & {"join_link", "party", "needs_ask"}


async def try_all(chats: Chats, session: Session, there: World) -> None:
    for data in (data for some in of_carers(there).values() for data in some):
        await send(chats, session, AMAL, data)
    session.expire_all()
