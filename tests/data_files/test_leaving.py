"""A register that says that a household has left gives its places to others at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.cli import hearthline
from events.choices import Choice
from events.invitations import send_invitations_now
from events.planning import plan_event
from events.rsvp import answer
from storage.engine import open_database
from storage.events import Event
from storage.households import Carer
from storage.rsvp import Invitation, RsvpState
from tests.data_files.files import AMAL, SAM, csv_of
from tests.events.acts import plan

NOW = datetime.now(UTC)


def imported(file: Path, *rows: dict[str, str], dry: bool = False) -> str:
    file.write_bytes(csv_of(list(rows)))
    result = CliRunner().invoke(hearthline, ["import", str(file), *(["--dry-run"] if dry else [])])
    assert result.exit_code == 0, result.output
    return result.output


async def everybody_comes(url: str) -> None:
    """An event with one place: Amal has it, and Sam waits."""
    database = open_database(url)
    async with database.write() as session:
        event = await plan_event(session, plan(starts_at=NOW + timedelta(days=9), capacity=1), None, NOW)
        await send_invitations_now(session, event.id, None, NOW)
        for carer in await session.scalars(select(Carer).order_by(Carer.ref)):
            party = select(Invitation.id).where(Invitation.carer_id == carer.id)
            await answer(session, (await session.scalars(party)).one(), carer, Choice.GOING, NOW)
    await database.close()


async def states(url: str) -> tuple[int, list[RsvpState]]:
    database = open_database(url)
    async with database.read() as session:
        taken = (await session.scalars(select(Event.taken))).one()
        found = list(await session.scalars(select(Invitation.state).order_by(Invitation.party)))
    await database.close()
    return taken, found


def test_an_import_passes_on_what_a_household_that_has_left_held(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "DATABASE_URL": sqlite_url,
        "DATA_DIR": str(tmp_path),
        "DUTY_PHONE": "01709 1",
    }.items():
        monkeypatch.setenv(f"HEARTHLINE_{name}", value)
    register = tmp_path / "register.csv"
    imported(register, AMAL, SAM)
    asyncio.run(everybody_comes(sqlite_url))
    gone = AMAL | {
        "ended_on": NOW.date().isoformat(),
        "end_route": "resignation",
        "end_reasons": "retired",
    }
    withdrawn = "invitations withdrawn from households that have left: 1"
    assert withdrawn not in imported(register, gone, dry=True)
    assert asyncio.run(states(sqlite_url)) == (1, [RsvpState.GOING, RsvpState.WAITLISTED])
    assert withdrawn in imported(register, gone)
    assert asyncio.run(states(sqlite_url)) == (1, [RsvpState.CANCELLED, RsvpState.OFFERED])
