"""The calendar file: one entry for ever, replaced when the event moves, taken out when it is off."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from icalendar import Calendar

from events.calendar import calendar_file
from events.planning import cancel_event, change_event, plan_of
from events.rsvp import Choice
from storage.engine import Database
from tests.events.acts import HYBRID, IN_TWO_WEEKS, invitation_of, invited_event, taps
from tests.support.cast import NOON, gather


async def test_an_entry_keeps_its_uid_and_counts_its_changes(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(
            session, cast, title="Tea, cake; more", mode=HYBRID, online_url="https://x.example/"
        )
        await taps(session, event, cast.amal, Choice.ONLINE)
        invitation = await invitation_of(session, event, cast.amal)
        files = [await calendar_file(session, invitation.id, cast.amal, NOON)]
        moved = replace(plan_of(event), starts_at=IN_TWO_WEEKS + timedelta(hours=1))
        await change_event(session, event.id, moved, cast.priya, NOON)
        files.append(await calendar_file(session, invitation.id, cast.amal, NOON))
        await cancel_event(session, event.id, "", cast.priya, NOON)
        files.append(await calendar_file(session, invitation.id, cast.amal, NOON))
        calendars: list[Any] = [Calendar.from_ical(file.content) for file in files if file is not None]
        entries = [calendar.walk("VEVENT")[0] for calendar in calendars]
        assert len({str(entry["uid"]) for entry in entries}) == 1
        assert [int(entry["sequence"]) for entry in entries] == [0, 1, 2]
        assert [str(calendar["method"]) for calendar in calendars] == ["PUBLISH", "PUBLISH", "CANCEL"]
        assert [str(entry["status"]) for entry in entries] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
        assert entries[0]["dtstart"].dt == IN_TWO_WEEKS
        assert entries[1]["dtstart"].dt == IN_TWO_WEEKS + timedelta(hours=1)
        assert str(entries[0]["summary"]) == "Tea, cake; more"
        assert str(entries[0]["location"]) == "Online"
        assert not any("x.example" in file.content for file in files if file is not None)


async def test_nobody_gets_the_file_of_somebody_elses_invitation(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        invitation = await invitation_of(session, event, cast.amal)
        assert await calendar_file(session, invitation.id, cast.sam, NOON) is None
