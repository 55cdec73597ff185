"""What is kept too long goes, what is not stays, and the documents say the same periods."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from care.retention import DAY, YEAR, Keeping, last_purge, note_purge, periods, purge
from carers.audit import record
from carers.people import person_of_chat
from storage.attendance import Feedback
from storage.base import Base
from storage.check_ins import CheckIn, CheckInHow
from storage.conversations import CarerMessage, Conversation
from storage.deliveries import Notice
from storage.engine import Database
from storage.links import LinkAttempt, LinkToken, Stranger
from storage.nominations import Nomination
from storage.register_drafts import RegisterDraft
from tests.events.acts import invited_event
from tests.support.cast import NOON, Cast, gather

DOCS = Path(__file__).parents[2] / "docs"
A_MINUTE = timedelta(minutes=1)


def rows(cast: Cast, at: datetime, event_id: int) -> Sequence[Base]:
    """One of each that the purge deletes by its age alone."""
    return (
        CarerMessage(carer_id=cast.amal.id, text="x", received_at=at),
        Feedback(event_id=event_id, carer_id=cast.amal.id, rating=3, comment="x", given_at=at),
        Nomination(nominated_by_id=cast.amal.id, whom="x", words="x", created_at=at),
        Notice(key="staff_alert:x", kind="staff_alert", created_at=at),
        Stranger(chat_id=1, name="x", first_seen_at=at, last_seen_at=at),
        RegisterDraft(name="x", content=b"x", uploaded_at=at, uploaded_by_id=cast.priya.id),
        LinkToken(token_hash="0" * 64, carer_id=cast.amal.id, created_at=at, used_at=at),
        Conversation(chat_id=5, topic="needs", updated_at=at),
        LinkAttempt(chat_id=5, at=at),
    )


KEPT = {
    "messages": 90 * DAY,
    "nominations": 90 * DAY,
    "comments": 90 * DAY,
    "alerts": 90 * DAY,
    "strangers": 90 * DAY,
    "drafts": DAY,
    "links": 30 * DAY,
    "questions": 90 * DAY,
    "attempts": DAY,
}


async def test_each_goes_when_its_time_is_over_and_not_before(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        session.add_all(rows(cast, NOON, event.id))
        session.add(LinkToken(token_hash="1" * 64, carer_id=cast.sam.id, created_at=NOON))  # unused
    gone: dict[str, timedelta] = {}
    ages = sorted({age + shift for age in KEPT.values() for shift in (-A_MINUTE, A_MINUTE)})
    for age in ages:
        async with database.write() as session:
            counts = await purge(session, NOON + age, Keeping())
        gone |= {key: age - A_MINUTE for key, count in counts.items() if count and key in KEPT}
    assert gone == KEPT
    async with database.read() as session:
        feedback = (await session.get_one(Feedback, 1)).rating, (await session.get_one(Feedback, 1)).comment
        assert feedback == (3, None)
        assert await session.get(LinkToken, 2) is not None


async def test_whose_approval_ended_is_a_stranger_in_their_chat_after_90_days(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.sam.household.ended_on = NOON.date()
        chat = cast.sam.chat_id
        assert chat is not None
        for days, gone in ((89, 0), (90, 1), (91, 0)):
            assert (await purge(session, NOON + days * DAY, Keeping()))["chats"] == gone
            assert (await person_of_chat(session, chat)).is_stranger is (days >= 90)
        assert cast.amal.chat_id is not None


async def test_a_check_in_is_kept_for_two_years_from_its_day(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        held = {"household_id": cast.reeds.id, "how": CheckInHow.VISIT, "noted_at": NOON}
        session.add_all([CheckIn(made_on=NOON.date() - days * DAY, **held) for days in (730, 731)])
        counts = [(await purge(session, NOON + days * DAY, Keeping()))["check-ins"] for days in (0, 1, 2)]
        assert counts == [1, 1, 0]


@pytest.mark.parametrize("years", [1, 6])
async def test_the_audit_log_is_kept_for_as_many_years_as_the_service_says(
    database: Database, years: int
) -> None:
    async with database.write() as session:
        await record(session, NOON, None, "register.import")
        keeping = Keeping(audit_years=years)
        assert (await purge(session, NOON + years * YEAR - DAY, keeping))["audit"] == 0
        assert (await purge(session, NOON + years * YEAR + DAY, keeping))["audit"] == 1


async def test_staff_see_what_the_last_purge_deleted(database: Database) -> None:
    async with database.write() as session:
        assert await last_purge(session) is None
        await note_purge(session, {"messages": 2}, NOON)
        last = await last_purge(session)
        assert last is not None
        assert (last.at, dict(last.counts)) == (NOON, {"messages": 2})


def test_the_documents_say_the_same_periods() -> None:
    assessment = (DOCS / "dpia-template.md").read_text(encoding="utf-8")
    for period in periods(Keeping()):
        assert f"| {period.what} | {period.kept} | {period.why} |" in assessment
    notice = (DOCS / "privacy-notice.md").read_text(encoding="utf-8")
    kept = {period.key: period.kept for period in periods(Keeping())}
    for what, key in (
        ("access and dietary needs", "needs"),
        ("messages between you and us", "messages"),
        ("names and words of nominations", "nominations"),
        ("comments on an event", "comments"),
        ("your name, email and telephone number", "contacts"),
        ("what staff did about you", "audit"),
    ):
        assert f"| {what} | {kept[key].replace('they leave', 'you leave')}" in notice
