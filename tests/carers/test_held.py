"""All that is held about a carer: theirs, nobody else's, and nothing that an anonymous round forgets."""

import json
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from carers.audit import record
from carers.choices import set_topic
from carers.held import everything_held
from carers.linking import new_link
from carers.pages import Purpose, new_code
from carers.topics import Topic
from events.rsvp import Choice, set_needs
from storage.attendance import Attendance, AttendanceState, Feedback
from storage.base import Base
from storage.check_ins import CheckIn, CheckInHow
from storage.conversations import CarerMessage, Thread, ThreadState
from storage.engine import Database
from storage.households import Carer, Group, GroupLeaver, GroupMember
from storage.nominations import Nomination, NominationState
from storage.rsvp import CalendarCopy
from surveys.closing import close_rounds
from surveys.held import surveys_held
from surveys.keys import RoundKeys
from surveys.rounds import remind_due
from tests.events.acts import invitation_of, invited_event, taps
from tests.support.cast import NOON, Cast, gather
from tests.surveys.stories import CLOSES, answer, open_round

FULL = {"warm": 4, "with": [1, 3], "again": 1, "wish": "Biscuits, please"}


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


@pytest.fixture
def keys(tmp_path: Path) -> RoundKeys:
    return RoundKeys(tmp_path / "keys")


async def held(database: Database, carer: Carer) -> dict[str, Any]:
    async with database.read() as session:
        carer = await session.get_one(Carer, carer.id)
        facts = await everything_held(session, carer)
        return {**facts, "surveys": await surveys_held(session, carer, "en")}


async def test_all_that_has_their_name_on_it_is_told_as_plain_json(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        amal = await session.merge(cast.amal)
        event = await invited_event(session, cast, title="Tea at the mill")
        await taps(session, event, amal, Choice.GOING)
        invitation = await invitation_of(session, event, amal)
        await set_needs(session, invitation.id, amal, "A ramp, please", NOON)
        group, left = Group(name="Baby carers"), Group(name="Choir")
        thread = Thread(carer_id=amal.id, state=ThreadState.ANSWERED, opened_at=NOON, heard_at=NOON)
        session.add_all([group, left, thread])
        await session.flush()
        who = {"event_id": event.id, "carer_id": amal.id}
        session.add_all(
            [
                GroupMember(group_id=group.id, carer_id=amal.id),
                Attendance(
                    **who,
                    household_id=amal.household_id,
                    state=AttendanceState.ATTENDED,
                    source="poster",
                    recorded_at=NOON,
                ),
                Feedback(**who, rating=4, comment="Good cake", given_at=NOON),
                GroupLeaver(group_id=left.id, carer_id=amal.id),
                CarerMessage(carer_id=amal.id, thread_id=thread.id, text="Please ring me", received_at=NOON),
                CarerMessage(
                    carer_id=amal.id,
                    thread_id=thread.id,
                    written_by_id=cast.priya.id,
                    text="I will at two",
                    received_at=NOON + timedelta(minutes=5),
                ),
                CarerMessage(carer_id=cast.sam.id, text="Sam's own words", received_at=NOON),
                CalendarCopy(invitation_id=invitation.id, carer_id=amal.id, sequence=1),
            ]
        )
        session.add_all(
            [
                Nomination(nominated_by_id=amal.id, whom="Lin Marsh", words="Always there", created_at=NOON),
                Nomination(
                    nominated_by_id=cast.sam.id,
                    carer_id=amal.id,
                    household_id=amal.household_id,
                    whom="Amal",
                    words="Sam's own words",
                    citation="For ten years of kindness",
                    state=NominationState.CELEBRATED,
                    created_at=NOON,
                ),
                Nomination(
                    household_id=amal.household_id,
                    citation="Not read out yet",
                    created_at=NOON - timedelta(1),
                ),
            ]
        )
        await set_topic(session, amal, Topic.TICKETS, False, NOON)
        amal.quiet_from, amal.quiet_until = time(20), time(9, 30)
        spoke = {"made_on": NOON.date(), "how": CheckInHow.VISIT, "noted_at": NOON}
        session.add_all([CheckIn(household_id=home.id, **spoke) for home in (cast.reeds, cast.okafors)])
        await new_link(session, amal, NOON)
        await new_code(session, amal, Purpose.HOME, 0, "k" * 32, NOON)
        await record(session, NOON, cast.priya, "carer.unlink", f"carer:{amal.ref}")
    facts = await held(database, cast.amal)
    text = json.dumps(facts)
    assert facts["register"]["social_worker"] == "Tom Birch"
    assert facts["register"]["groups"] == ["Baby carers"]
    assert facts["settings"]["unwanted"] == ["tickets"]
    assert facts["settings"]["telegram_chat"] == cast.amal.chat_id
    [invited] = facts["invitations"]
    assert (invited["title"], invited["state"], invited["needs_noted"]) == ("Tea at the mill", "going", True)
    assert facts["attendance"][0]["source"] == "poster"
    assert facts["feedback"][0]["comment"] == "Good cake"
    said = [(one["text"], one["from_the_service"]) for one in facts["messages"]]
    assert said == [("I will at two", True), ("Please ring me", False)]
    assert facts["conversations"][0]["state"] == "answered"
    assert facts["register"]["groups_left"] == ["Choir"]
    assert (facts["settings"]["quiet_from"], facts["settings"]["quiet_until"]) == ("20:00", "09:30")
    [nominated] = facts["nominations"]
    assert (nominated["whom"], nominated["words"]) == ("Lin Marsh", "Always there")
    read_out = [(one["state"], one["for_the_household"], one["read_out"]) for one in facts["nominated"]]
    assert read_out == [("celebrated", False, "For ten years of kindness"), ("new", True, None)]
    assert "invitation" in {one["kind"] for one in facts["notices"]}
    assert facts["check_ins"] == [{"made_on": NOON.date().isoformat(), "how": "visit"}]
    assert facts["done_by_staff"] == [{"at": NOON.isoformat(), "action": "carer.unlink"}]
    assert len(facts["app_links"]) == len(facts["letter_codes"]) == len(facts["calendar"]) == 1
    for others in ("Sam", "Okafor", "Priya", "ramp", "Not read out"):
        assert others not in text


async def test_answers_of_a_named_survey_are_told_in_words(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    round = await open_round(database, keys, anonymous=False)
    await answer(database, keys, round, cast.amal, {"warm": 4}, send=False)
    [begun] = (await held(database, cast.amal))["surveys"]
    assert (begun["sent"], begun["answers"]) == (False, [{"question": "The tea is warm.", "answer": "Often"}])
    await answer(database, keys, round, cast.amal, FULL)
    await close_rounds(database, CLOSES, keys)
    [sent] = (await held(database, cast.amal))["surveys"]
    assert sent["sent"]
    assert [one["answer"] for one in sent["answers"]] == ["Often", "Milk, Lemon", "Yes", "Biscuits, please"]
    [others] = (await held(database, cast.jo))["surveys"]
    assert (others["sent"], others["answers"]) == (None, [])


async def test_of_an_anonymous_survey_nothing_is_told_that_says_who_took_part(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    round = await open_round(database, keys)
    await answer(database, keys, round, cast.amal, FULL)
    async with database.write() as session:
        await remind_due(session, CLOSES - timedelta(days=1))
    first, second = await held(database, cast.amal), await held(database, cast.jo)
    assert first["surveys"] == second["surveys"]
    assert first["surveys"][0]["sent"] is None
    assert (
        [one["kind"] for one in first["notices"]] == [one["kind"] for one in second["notices"]] == ["survey"]
    )
    assert "Biscuits" not in json.dumps(first)
    await close_rounds(database, CLOSES, keys)
    assert (await held(database, cast.amal))["surveys"] == []


def test_every_table_with_a_carer_in_it_is_told_or_is_known_not_to_be() -> None:
    """Whoever adds such a table decides which it is."""
    told = {
        "attendance",
        "calendar_copies",
        "carer_messages",
        "deliveries",
        "feedback",
        "group_leavers",
        "group_members",
        "invitations",
        "link_tokens",
        "named_drafts",
        "nominations",
        "opt_outs",
        "page_codes",
        "responses",
        "round_participants",
        "survey_comments",
        "threads",
    }
    of_the_chat = {"cards", "replies"}  # where a message stands in it, and what is about to be sent there
    counted = {"carer_years"}  # of the attendance, which is told
    named = {
        table.name
        for table in Base.metadata.tables.values()
        if any(key.column.table.name == "carers" for key in table.foreign_keys)
    }
    assert named == told | of_the_chat | counted
