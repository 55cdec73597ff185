"""The rules of an audience: whom each finds, what it says, and what becomes of it when its thing is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from broadcasts.queue import queue_for_audience
from carers.audience import audience_carers, audience_meant, audience_words, saved_with
from carers.audience_matching import conditions_of
from carers.audience_rules import (
    KINDS,
    Answer,
    Answered,
    Approved,
    Attended,
    ConstellationRole,
    HasWorker,
    HouseholdType,
    InArea,
    InConstellation,
    InGroup,
    Language,
    MainCarer,
    NotAttended,
    OfType,
    OnHold,
    Reads,
    Rule,
    Rules,
    Silent,
    To,
    ToldBy,
    TookPart,
    Way,
    Which,
    from_json,
    rules_from_json,
    to_json,
)
from carers.saved_audiences import Refusal, look_at, save_audience
from events.invitations import invite_newcomer, invite_the_missing, send_invitations_now
from storage.attendance import Attendance, AttendanceState
from storage.audience_queries import rename_audience_everywhere, uses_of
from storage.audiences import Audience
from storage.engine import Database, Session
from storage.events import Event, EventState, Mode, RsvpBy
from storage.households import Group, GroupMember
from storage.households_queries import current_carers
from storage.rsvp import Invitation, RsvpState
from storage.series import EventTemplate
from storage.surveys import Participant, Round
from tests.support.cast import NOON, Cast, gather

LONDON = ZoneInfo("Europe/London")
TODAY = NOON.date()


@dataclass(frozen=True)
class World:
    """A register in which every rule finds some and not others."""

    cast: Cast
    coffee: Event
    """Two months ago; Amal came, Jo did not."""
    picnic: Event
    """Next week; the Reeds go, Sam's household has not answered, Lin said no."""
    named: Round
    """Amal answered, Sam was asked."""
    secret: Round


async def build(session: Session) -> World:
    cast = await gather(session)
    cast.reeds.constellation, cast.reeds.constellation_role = "Oak", ConstellationRole.HUB
    cast.okafors.constellation, cast.okafors.constellation_role = "Elm", ConstellationRole.SATELLITE
    cast.okafors.type, cast.okafors.area = HouseholdType.SHORT_BREAK, "South"
    cast.okafors.on_hold_since = TODAY
    cast.marshes.area, cast.marshes.approved_on = None, date(2024, 5, 7)
    cast.sam.language, cast.lin.chat_id = Language.URDU, None
    group = Group(name="evening-people")
    coffee = event(1, "Coffee", NOON - timedelta(days=60), "social", RsvpBy.CARER)
    picnic = event(2, "Picnic", NOON + timedelta(days=7), "trip", RsvpBy.HOUSEHOLD)
    named, secret = survey(1, anonymous=False), survey(2, anonymous=True)
    session.add_all([group, coffee, picnic, named, secret])
    await session.flush()
    session.add(GroupMember(group_id=group.id, carer_id=cast.jo.id))
    for carer, state in ((cast.amal, AttendanceState.ATTENDED), (cast.jo, AttendanceState.NO_SHOW)):
        session.add(
            Attendance(
                event_id=1,
                carer_id=carer.id,
                household_id=carer.household_id,
                state=state,
                source="console",
                recorded_at=NOON,
            )
        )
    for home, rsvp in ((cast.reeds, "going"), (cast.okafors, "invited"), (cast.marshes, "not_going")):
        answered = None if rsvp == "invited" else NOON
        session.add(
            Invitation(
                event_id=2,
                household_id=home.id,
                party=f"h{home.id}",
                state=RsvpState(rsvp),
                invited_at=NOON,
                answered_at=answered,
            )
        )
    session.add(
        Invitation(
            event_id=1,
            household_id=cast.reeds.id,
            carer_id=cast.jo.id,
            party=f"c{cast.jo.id}",
            state=RsvpState.WAITLISTED,
            invited_at=NOON - timedelta(days=90),
            answered_at=NOON - timedelta(days=80),
        )
    )
    for round in (named, secret):
        session.add(Participant(round_id=round.id, carer_id=cast.amal.id, took_part=True))
        session.add(Participant(round_id=round.id, carer_id=cast.sam.id, took_part=False))
    await session.flush()
    return World(cast, coffee, picnic, named, secret)


def event(number: int, title: str, starts_at: datetime, kind: str, rsvp_by: RsvpBy) -> Event:
    return Event(
        id=number,
        ref=title.lower(),
        title=title,
        kind=kind,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        mode=Mode.IN_PERSON,
        rsvp_by=rsvp_by,
        state=EventState.INVITED,
        created_at=NOON,
        updated_at=NOON,
    )


def survey(number: int, *, anonymous: bool) -> Round:
    return Round(
        id=number,
        ref=f"r{number}",
        survey="pulse",
        title="Pulse",
        anonymous=anonymous,
        definition={},
        opens_at=NOON,
        closes_at=NOON + timedelta(days=7),
        created_at=NOON,
    )


def every_rule(world: World) -> list[tuple[Rule, str, str]]:
    """A rule, the refs of those whom it finds, and what it says."""
    tom = world.cast.tom.id
    return [
        (OfType((HouseholdType.SHORT_BREAK,)), "C3", "of short break households"),
        (InArea(("North",)), "C1 C2", "in the North"),
        (InArea(("North", "South")), "C1 C2 C3", "in the North or the South"),
        (InConstellation(Which.ANY), "C1 C2 C3", "whose household is in a constellation"),
        (InConstellation(Which.NONE), "C4", "whose household is in no constellation"),
        (
            InConstellation(Which.ANY, (), ConstellationRole.HUB),
            "C1 C2",
            "whose household is the hub of a constellation",
        ),
        (
            InConstellation(Which.NAMED, ("Elm",), ConstellationRole.SATELLITE),
            "C3",
            "whose household is a satellite of constellation Elm",
        ),
        (InConstellation(Which.NAMED, ("Elm",), ConstellationRole.HUB), "", ""),
        (InGroup(("evening-people",)), "C2", "who are in Evening people"),
        (Reads((Language.URDU, Language.ARABIC)), "C3", "who read Urdu or Arabic"),
        (Approved(True, 1), "C1 C2 C3", "who have been approved for 1 year or more"),
        (Approved(False, 1), "C4", "who have been approved for less than 1 year"),
        (HasWorker((tom,)), "C1 C2", "whose social worker is Tom Birch"),
        (HasWorker((), nobody=True), "C3 C4", "who have no social worker"),
        (HasWorker((tom,), nobody=True), "C1 C2 C3 C4", "whose social worker is Tom Birch or nobody"),
        (OnHold(), "C3", "whose household is on hold"),
        (MainCarer(), "C1 C3 C4", "who are the main carer"),
        (ToldBy((Way.APP,)), "C1 C2 C3", "who are told in the app"),
        (ToldBy((Way.NONE,)), "C4", "who are told in no way at all"),
        (Attended(), "C1", "who came to something"),
        (Attended(months=3), "C1", "who came to something in the last 3 months"),
        (Attended(months=1), "", "who came to something in the last month"),
        (Attended(To.KIND, "social", months=3), "C1", "who came to a social event in the last 3 months"),
        (Attended(To.KIND, "trip"), "", "who came to a trip event"),
        (Attended(since=date(2025, 3, 1)), "C1", "who came to something since 1 March 2025"),
        (Attended(To.EVENT, event_id=1), "C1", "who came to Coffee on 7 March 2025"),
        (NotAttended(months=3), "C2 C3 C4", "who came to nothing in the last 3 months"),
        (NotAttended(), "C2 C3 C4", "who never came to anything"),
        (NotAttended(To.EVENT, event_id=1), "C2 C3 C4", "who did not come to Coffee on 7 March 2025"),
        (Answered(2, (Answer.NONE,)), "C3", "who have not answered Picnic on 13 May 2025"),
        (Answered(2, (Answer.ANY,)), "C1 C2 C4", "who answered Picnic on 13 May 2025"),
        (Answered(2, (Answer.NOT_GOING, Answer.GOING)), "C1 C2 C4", ""),
        (Answered(1, (Answer.WAITING,)), "C2", "who wait for a place at Coffee on 7 March 2025"),
        (Silent(1), "C3", "who were invited but answered nothing in the last month"),
        (TookPart(1, answered=True), "C1", "who answered the survey Pulse of 6 May 2025"),
        (TookPart(1, answered=False), "C3", ""),
    ]


async def refs(session: Session, rules: Rules) -> list[str]:
    conditions = await conditions_of(session, rules, TODAY)
    return [carer.ref for carer in await current_carers(session, TODAY, *conditions)]


async def test_each_rule_finds_whom_it_says_and_leaves_out_exactly_those(database: Database) -> None:
    async with database.write() as session:
        world = await build(session)
        tried = set()
        for rule, found, _ in every_rule(world):
            tried.add(rule.kind)
            assert await refs(session, Rules((rule,))) == found.split(), rule
            others = [ref for ref in ("C1", "C2", "C3", "C4") if ref not in found.split()]
            assert await refs(session, Rules((), (rule,))) == others, f"without {rule}"
            assert from_json(to_json(rule)) == rule
        assert tried == set(KINDS)


@pytest.mark.one_database
async def test_each_rule_is_said_in_words(database: Database) -> None:
    async with database.write() as session:
        world = await build(session)
        for rule, _, said in every_rule(world):
            found = await look_at(session, Rules((rule,)), TODAY, LONDON)
            assert not said or found.include == (said,)


@pytest.mark.one_database
async def test_all_rules_together_make_a_sentence(database: Database) -> None:
    async with database.write() as session:
        await build(session)
        types = OfType((HouseholdType.MAINSTREAM, HouseholdType.SHORT_BREAK))
        wide = Rules(
            (InGroup(("evening-people",)), types, InArea(("North",))), (OnHold(), Attended(months=6))
        )
        for rules, said in (
            (
                wide,
                "Mainstream or short break carers in the North who are in Evening people, but not carers"
                " whose household is on hold or who came to something in the last 6 months.",
            ),
            (Rules(), "All carers."),
            (Rules((), (OnHold(),)), "All carers, but not carers whose household is on hold."),
            (
                Rules((Reads((Language.URDU, Language.PUNJABI)), MainCarer())),
                "Carers who read Urdu or Punjabi, and who are the main carer.",
            ),
        ):
            assert (await look_at(session, rules, TODAY, LONDON)).sentence == said


async def test_a_rule_whose_thing_is_gone_adds_nobody_and_leaves_out_nobody(database: Database) -> None:
    async with database.write() as session:
        await build(session)
        lost: Sequence[Rule] = (
            InGroup(("gone",)),
            InArea(("Nowhere",)),
            InConstellation(Which.NAMED, ("Ash",)),
            HasWorker((999,)),
            Attended(To.EVENT, event_id=999),
            NotAttended(To.EVENT, event_id=999),
            Answered(999, (Answer.NONE,)),
            TookPart(999, answered=False),
        )
        for rule in lost:
            assert await refs(session, Rules((rule,))) == []
            assert len(await refs(session, Rules((), (rule,)))) == 4
            assert len((await look_at(session, Rules((rule,)), TODAY, LONDON)).gone) == 1
        assert await refs(session, Rules((InGroup(("gone", "evening-people")),))) == ["C2"]


async def test_who_took_part_in_an_anonymous_round_cannot_be_found_out(database: Database) -> None:
    async with database.write() as session:
        world = await build(session)
        for answered in (True, False):
            rule = TookPart(world.secret.id, answered=answered)
            assert await refs(session, Rules((rule,))) == []
            assert len(await refs(session, Rules((), (rule,)))) == 4
            found = await look_at(session, Rules((rule,)), TODAY, LONDON)
            assert found.gone == ("A survey is gone: its rule finds nobody for it.",)


async def test_a_saved_audience_is_found_anew_each_time_and_queued_in_one_statement(
    database: Database,
) -> None:
    async with database.write() as session:
        world = await build(session)
        rules = Rules((InArea(("North",)),), (Attended(months=3),))
        await save_audience(session, "Not seen", rules, world.cast.priya, NOON, LONDON)
        carers = await audience_carers(session, "saved:Not seen", TODAY)
        assert [carer.ref for carer in carers] == ["C2"]
        later = await audience_carers(session, "saved:Not seen", TODAY + timedelta(days=60))
        assert [carer.ref for carer in later] == ["C1", "C2"]
        _, queued = await queue_for_audience(
            session,
            "broadcast",
            "saved:Not seen",
            about="x",
            now=NOON,
            today=TODAY,
            send_by=NOON + timedelta(days=1),
        )
        assert queued == 1
        used = {"all", "saved:Not seen", "saved:Nothing of the kind"}
        assert await saved_with(session, world.cast.jo, used, TODAY) == {"saved:Not seen"}
        assert await saved_with(session, world.cast.amal, used, TODAY) == set()


async def test_who_comes_to_be_in_the_audience_of_an_open_event_is_invited(database: Database) -> None:
    async with database.write() as session:
        world = await build(session)
        await save_audience(
            session, "Reads Urdu", Rules((Reads((Language.URDU,)),)), world.cast.priya, NOON, LONDON
        )
        supper = event(3, "Supper", NOON + timedelta(days=9), "social", RsvpBy.CARER)
        supper.audience, supper.state = "saved:Reads Urdu", EventState.DRAFT
        session.add(supper)
        await session.flush()
        sent = await send_invitations_now(session, supper.id, world.cast.priya, NOON, LONDON)
        assert sent.carers == 1
        for carer in (world.cast.jo, world.cast.lin):
            carer.language = Language.URDU
        await session.flush()
        assert await invite_newcomer(session, world.cast.jo, NOON, LONDON) == 2, "the supper and the picnic"
        assert await invite_the_missing(session, NOON, LONDON) == 1, "Lin"
        parties = (await session.scalars(select(Invitation.party).where(Invitation.event_id == 3))).all()
        assert set(parties) == {f"c{one.id}" for one in (world.cast.sam, world.cast.jo, world.cast.lin)}


async def test_a_new_name_follows_in_all_that_is_for_the_group_or_names_it(database: Database) -> None:
    async with database.write() as session:
        world = await build(session)
        world.picnic.audience = "evening-people"
        rules = Rules((InGroup(("evening-people", "others")),))
        await save_audience(session, "Evenings", rules, world.cast.priya, NOON, LONDON)
        pattern = {"title": "Supper", "audience": "evening-people"}
        template = EventTemplate(name="Supper", pattern=pattern, created_at=NOON, updated_at=NOON)
        session.add(template)
        await session.flush()
        uses = await uses_of(session, "evening-people", NOON)
        assert [(one.what, one.title) for one in uses] == [
            ("event", "Picnic"),
            ("template", "Supper"),
            ("audience", "Evenings"),
        ]
        await rename_audience_everywhere(session, "evening-people", "late-people")
        await session.refresh(world.picnic)
        assert (world.picnic.audience, template.pattern["audience"]) == ("late-people", "late-people")
        assert not await uses_of(session, "evening-people", NOON)
        assert len(await uses_of(session, "late-people", NOON)) == 3
        row = await session.get_one(Audience, 1, populate_existing=True)
        assert row.include == [{"kind": "group", "names": ["late-people", "others"]}]


async def test_of_two_who_take_a_name_at_once_the_second_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing_yet(*_: object) -> list[str]:
        return []

    async with database.write() as session:
        cast = await gather(session)
        monkeypatch.setattr("carers.saved_audiences.audience_names", nothing_yet)
        rules = Rules((OnHold(),))
        assert await save_audience(session, "On hold", rules, cast.priya, NOON, LONDON) == 1
        second = await save_audience(session, " On  hold ", rules, cast.dee, NOON, LONDON)
        assert second is Refusal.NAME_TAKEN


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"kind": "area"},
        {"kind": "area", "values": []},
        {"kind": "area", "values": "North"},
        {"kind": "area", "values": ["North", "North"]},
        {"kind": "area", "values": ["a\nb"]},
        {"kind": "area", "values": ["North"], "names": []},
        {"kind": "household_type", "values": ["castle"]},
        {"kind": "years_approved", "at_least": 1, "years": 2},
        {"kind": "years_approved", "at_least": True, "years": True},
        {"kind": "years_approved", "at_least": True, "years": 0},
        {"kind": "constellation", "which": "named"},
        {"kind": "social_worker"},
        {"kind": "social_worker", "ids": [2**40]},
        {"kind": "attended", "to": "event"},
        {"kind": "attended", "months": 2, "since": "2025-01-01"},
        {"kind": "attended", "since": "yesterday"},
        {"kind": "attended", "to": "kind", "event_kind": ""},
        {"kind": "answered", "event_id": 1, "values": []},
        {"kind": "silent", "months": 100_000},
        {"kind": "survey", "round_id": -1, "answered": True},
    ],
)
def test_what_is_no_rule_in_order_is_refused(broken: object) -> None:
    with pytest.raises(ValueError, match=r"rule|valid|isoformat"):
        rules_from_json([broken], [])


def test_an_audience_is_meant_by_its_name_or_by_what_it_is_called() -> None:
    names = ["all", "evening-people", "saved:Not seen", "constellation:Oak"]
    assert audience_meant(" everyone ", names) == "all"
    assert audience_meant("Evening People", names) == "evening-people"
    assert audience_meant("not seen", names) == "saved:Not seen"
    assert audience_meant("saved:not seen", names) == "saved:Not seen"
    assert audience_meant("somebody", names) is None
    assert audience_words("saved:Not seen") == "Not seen"
