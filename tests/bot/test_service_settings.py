"""What an administrator sets in the console goes before the environment, in every process at once."""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

import bot.in_force
from bot.app import running
from bot.checks import check_all
from bot.decided import NAMES, read, text_of
from bot.in_force import InForce, settings_in_force
from bot.settings import Settings, WrongSettings, load
from broadcasts.engine import Engine
from broadcasts.pace import Pace
from broadcasts.policy import Why
from broadcasts.queue import Recipient, queue_notice
from care.report_notices import HowOften
from care.service_settings import Change, Outcome, console_settings, held_back, set_in_console
from sandbox.server import Sandbox
from storage.engine import Database, open_database
from storage.service_settings import ServiceSetting
from storage.service_settings_queries import add_setting, change_setting, drop_setting, setting_rows
from storage.staff import StaffMember
from tests.bot.asking import until, until_ready
from tests.support.cast import NOON, gather
from tests.support.delivery import PlainComposer, PlainTexts, drain
from tests.support.fake_sender import FakeSender
from tests.support.service import service, settings_for

DUTY, ANOTHER = "01709 000000", "01709 111111"
EVENING = NOON + timedelta(hours=9, minutes=30)
"""21:30 in London: quiet by the usual hours."""

CONSOLE = {
    "service_name": "Fostering Newdale",
    "duty_phone": ANOTHER,
    "quiet_hours": "22:00-07:00",
    "weekly_cap": "0",
    "approval_above": "",
    "office_hours": "08:00-16:00",
    "reports": "yearly",
    "danger_words_en": "+flood*",
}


def server(folder: Path, **others: object) -> Settings:
    return load(duty_phone=DUTY, service_name="Fostering Rowdale", data_dir=folder, **others)


async def administrator(database: Database) -> StaffMember:
    async with database.write() as session:
        return (await gather(session)).ash


async def put(database: Database, by: StaffMember, name: str, value: str) -> Outcome:
    """An administrator sets this, having seen what is there."""
    async with database.write() as session:
        present = (await console_settings(session)).get(name)
        change = Change(name, server="of the server", seen=present.mark if present else "")
        return await set_in_console(session, change, value, by, NOON)


async def look(in_force: InForce, database: Database) -> bool:
    async with database.read() as session:
        return await in_force.look(session)


async def test_all_that_is_kept_follows_the_console_in_each_process(
    database: Database, tmp_path: Path
) -> None:
    ash = await administrator(database)
    processes = [InForce(server(tmp_path, smtp_url="smtp://mail.example")) for _ in range(2)]
    for name, value in CONSOLE.items():
        assert await put(database, ash, name, value) is Outcome.DONE
    for one in processes:
        assert await look(one, database)
        assert not await look(one, database)
        assert one.from_console == tuple(name for name in NAMES if name in CONSOLE)
        assert one.texts.service.name == one.texts.service_present.name == "Fostering Newdale"
        assert ANOTHER in one.texts.render("went_wrong", {}, "en").text
        assert one.policy.quiet.span == (time(22), time(7))
        assert (one.policy.weekly_cap, one.policy.approval_above) == (None, None)
        assert one.settings.reports is HowOften.YEARLY
        assert (one.desk.opens, one.desk.is_urgent("the cellar is flooded")) == (time(8), True)
        assert one.letterhead is not None
        assert one.letterhead.sender.name == "Fostering Newdale"


async def test_what_holds_is_what_the_server_says_once_the_console_says_nothing(
    database: Database, tmp_path: Path
) -> None:
    ash = await administrator(database)
    in_force = InForce(server(tmp_path, quiet_hours=""))
    await put(database, ash, "quiet_hours", "22:00-07:00")
    assert await look(in_force, database)
    async with database.write() as session:
        await session.delete(await session.get_one(ServiceSetting, "quiet_hours"))
    assert await look(in_force, database)
    assert (in_force.policy.quiet.span, in_force.from_console) == (None, ())


async def test_a_setting_taken_away_and_set_once_more_is_not_the_one_that_was_seen(
    database: Database,
) -> None:
    by = await administrator(database)
    await put(database, by, "weekly_cap", "3")
    async with database.write() as session:
        [seen] = await setting_rows(session)
        assert await drop_setting(session, seen)
        await add_setting(session, "weekly_cap", "4", NOON + timedelta(seconds=1), by.id)
        assert not await change_setting(session, seen, "5", NOON, by.id)
        assert not await drop_setting(session, seen)


async def test_a_value_that_is_none_is_left_out_and_the_service_runs_on(
    database: Database, tmp_path: Path
) -> None:
    async with database.write() as session:
        session.add(ServiceSetting(name="duty_phone", value="ring us", changed_at=NOON))
        session.add(ServiceSetting(name="of_a_later_version", value="?", changed_at=NOON))
        session.add(ServiceSetting(name="weekly_cap", value="3", changed_at=NOON))
    async with database.read() as session:
        settings = await settings_in_force(session, server(tmp_path))
    assert (settings.duty_phone, settings.weekly_cap) == (DUTY, 3)


async def test_what_the_old_quiet_hours_held_back_goes_out_once_the_new_ones_hold(
    database: Database, tmp_path: Path
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await queue_notice(
            session,
            "reminder",
            [Recipient(carer_id=cast.sam.id)],
            about="a",
            now=EVENING,
            send_by=EVENING + timedelta(days=2),
        )
    in_force, sender = InForce(server(tmp_path)), FakeSender()
    engine = Engine(
        database,
        sender,
        PlainComposer(),
        PlainTexts(),
        lambda: in_force.policy,
        pace=Pace(math.inf, per_chat=0),
    )
    await drain(engine, EVENING)
    await put(database, cast.ash, "quiet_hours", "23:00-07:00")
    await drain(engine, EVENING)
    async with database.read() as session:
        assert await held_back(session) == {Why.QUIET_HOURS: 1}
    assert not sender.arrived
    assert await in_force._look_and_judge(database, EVENING)
    await drain(engine, EVENING)
    assert len(sender.sent_to(103)) == 1


async def test_while_the_database_is_away_what_held_before_holds_and_it_is_asked_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force, looks, woken = InForce(server(tmp_path)), [True, False, False], asyncio.Event()

    async def away(_session: object) -> bool:
        if not looks.pop():
            raise ConnectionError
        return True

    monkeypatch.setattr(bot.in_force, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(in_force, "look", away)
    following = asyncio.create_task(in_force.follow(database, lambda: NOON, woken.set))
    async with asyncio.timeout(5):
        await woken.wait()
    following.cancel()
    assert in_force.texts.service.duty_phone == DUTY


async def test_a_running_service_takes_up_another_number_and_tells_telegram(
    sandbox: Sandbox,
    sqlite_url: str,
    tmp_path: Path,
    clock: Callable[[], datetime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bot.in_force, "EVERY_SECONDS", 0.02)
    database = open_database(sqlite_url)
    ash = await administrator(database)
    await put(database, ash, "duty_phone", DUTY)
    async with service(settings_for(sandbox, sqlite_url, tmp_path, "polling", duty_phone=None), clock) as app:
        await until_ready(app)
        assert app.parts().texts.service.duty_phone == DUTY
        await put(database, ash, "duty_phone", ANOTHER)
        await put(database, ash, "weekly_cap", "2")

        async def taken_up() -> bool:
            return app.parts().texts.service.duty_phone == ANOTHER and app.parts().policy.weekly_cap == 2

        await until(taken_up)
        await app.menus.set_missing()
    await database.close()
    said = [str(request.arguments) for request in sandbox.requests_of("setMyDescription")]
    assert DUTY in said[0]
    assert ANOTHER in said[-1]


async def test_without_a_duty_number_in_either_place_nothing_starts(
    sandbox: Sandbox, sqlite_url: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongSettings, match="HEARTHLINE_DUTY_PHONE is not set"):
        async with running(settings_for(sandbox, sqlite_url, tmp_path, "polling", duty_phone=None)):
            pass


async def test_check_says_what_comes_from_the_console_and_what_of_it_is_wrong(
    sandbox: Sandbox, sqlite_url: str, tmp_path: Path
) -> None:
    database = open_database(sqlite_url)
    await put(database, await administrator(database), "duty_phone", ANOTHER)
    async with database.write() as session:
        session.add(ServiceSetting(name="weekly_cap", value="lots", changed_at=NOON))
    await database.close()
    settings = settings_for(sandbox, sqlite_url, tmp_path, "polling", duty_phone=None)
    found = {finding.text: finding for finding in await check_all(lambda: settings)}
    assert all(finding.ok for finding in found.values())
    assert f"Carers are told to ring {ANOTHER} for the duty social worker." in found
    assert f"HEARTHLINE_DUTY_PHONE comes from the console: '{ANOTHER}'." in found
    [wrong] = [text for text, finding in found.items() if finding.warns]
    assert "HEARTHLINE_WEEKLY_CAP was set in the console to 'lots', which is wrong and not used" in wrong


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_of_a_value_is_read_as_the_same_value(name: str) -> None:
    value = read(name, CONSOLE.get(name, "999"))
    assert read(name, text_of(value)) == value
