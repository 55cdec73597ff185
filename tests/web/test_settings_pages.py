"""The page of the settings: what an administrator changes, what is read there, and what is refused."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.decided import NAMES
from bot.in_force import settings_in_force
from bot.settings import Settings, load
from bot.settings_told import MEANINGS, SettingsTold
from broadcasts.queue import Recipient, queue_notice
from carers.audit import AuditEntry, AuditSearch, read_log
from storage.deliveries import Delivery, DeliveryState
from storage.service_settings import ServiceSetting
from storage.staff import StaffMember
from tests.support.cast import NOON, Cast
from tests.support.console import Console, Visitor, visitor
from web.staff.settings_fields import FIELDS, GROUPS, Typed

pytestmark = pytest.mark.one_database
ANOTHER = "01632 960777"


@pytest.fixture
async def ash(console: Console, cast: Cast) -> AsyncIterator[Visitor]:
    async with visitor(console, cast.ash) as one:
        yield one


async def put(one: Visitor, name: str, **fields: str) -> str:
    """Open the form of a setting and send it."""
    await one.get(f"/settings/{name}")
    return await one.post(f"/settings/{name}", {"then": "save", **fields})


async def audited(console: Console) -> Sequence[AuditEntry]:
    async with console.database.read() as session:
        search = AuditSearch(actions=["setting.change", "setting.leave"])
        return (await read_log(session, search)).entries


async def in_force(console: Console) -> Settings:
    async with console.database.read() as session:
        return await settings_in_force(session, load(duty_phone="01632 960000"))


def test_every_setting_is_either_changed_here_or_read_here() -> None:
    assert list(FIELDS) == [name for name in FIELDS if name in NAMES]
    assert set(FIELDS) == set(NAMES)
    assert len(FIELDS) == sum(map(len, GROUPS.values()))
    assert set(MEANINGS) == set(Settings.model_fields) - set(NAMES)


def test_a_secret_is_never_told() -> None:
    given = {
        "telegram_token": "12345:marker-token",
        "secret_key": "marker" * 8,
        "smtp_url": "smtps://marker:marker@mail.example",
        "database_url": "postgresql://marker:marker@host/marker",
    }
    told = SettingsTold(load(**given)).others()
    assert not [one for one in told if "marker" in one.value]
    assert sum(one.value == "Set; a secret" for one in told) == len(given)
    assert all(one.value for one in SettingsTold(load()).others())


async def test_a_setting_is_changed_and_left_to_the_server_again_and_the_log_has_both(
    console: Console, ash: Visitor
) -> None:
    html = await put(ash, "duty_phone", value=f"  {ANOTHER} ")
    assert ash.path.startswith("/settings?done=")
    assert f"Duty social worker: {ANOTHER}. It holds everywhere within ten seconds." in html
    assert "Set here by Ash Moor" in html
    assert (await in_force(console)).duty_phone == ANOTHER
    assert 'Set on the server: <span dir="auto">01632 960000</span>' in await ash.get("/settings/duty_phone")
    await ash.post("/settings/duty_phone", {"then": "server"})
    assert "Set here by" not in await ash.get("/settings")
    assert (await in_force(console)).duty_phone == "01632 960000"
    left, changed = await audited(console)
    assert (changed.action, changed.subject, left.action) == (
        "setting.change",
        "setting:duty_phone",
        "setting.leave",
    )
    assert changed.detail == {"old": "01632 960000", "new": ANOTHER}
    assert left.detail == {"old": ANOTHER, "new": "01632 960000"}


async def test_a_change_is_undone_to_what_was_there_or_in_the_server(console: Console, ash: Visitor) -> None:
    await put(ash, "office_hours", **{"from": "8:30", "until": "4.30pm"})
    assert "Office hours: 08:30 to 16:30." in ash.html
    await put(ash, "office_hours", **{"from": "8am", "until": "4pm"})
    assert "Office hours: 08:30 to 16:30." in await ash.undo()
    await ash.get("/settings/office_hours")
    await ash.post("/settings/office_hours", {"then": "server"})
    assert "Office hours: 08:30 to 16:30." in await ash.undo()
    assert len(await audited(console)) == 5


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("service_name", {"value": " "}, "the name of the service as carers know it"),
        ("service_name", {"value": "x" * 121}, "the name of the service as carers know it"),
        ("duty_phone", {"value": ""}, "the telephone number of the duty social worker"),
        ("duty_phone", {"value": "ring us"}, "the telephone number of the duty social worker"),
        ("weekly_cap", {"value": "-1"}, "a whole number from 0 (no cap) to 10000"),
        ("weekly_cap", {"value": ""}, "a whole number from 0 (no cap) to 10000"),
        ("approval_above", {"value": "many"}, "a whole number from 0 to 1000000"),
        ("reports", {"value": "weekly"}, "This should be monthly, yearly or never"),
        ("reports", {}, "This should be monthly, yearly or never"),
        ("quiet_hours", {"from": "9pm", "until": ""}, "Enter both times, or leave both empty"),
        ("quiet_hours", {"from": "7", "until": "8"}, "must be a time, such as 10:30 or 7.30pm"),
        ("quiet_hours", {"from": "21:00", "until": "21:00"}, "two local times, such as 21:00-08:00"),
        ("danger_words_pa", {"value": " + , *"}, "words parted by commas"),
        ("danger_words_en", {"value": "flood, " * 2000}, "Use 10,000 characters or fewer"),
    ],
)
async def test_a_value_that_would_stop_the_start_is_refused_in_plain_words(
    console: Console, ash: Visitor, name: str, fields: dict[str, str], said: str
) -> None:
    html = await put(ash, name, **fields)
    assert (ash.status, said in html, "There is a problem" in html) == (422, True, True)
    assert not await audited(console)


async def test_the_duty_number_cannot_be_taken_from_a_service_whose_server_has_none(
    console: Console, ash: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(ash, "duty_phone", value=ANOTHER)
    monkeypatch.setattr(SettingsTold, "of_server", lambda self, name: "")
    html = await ash.get("/settings/duty_phone")
    assert "Use what is set on the server" not in html
    assert "so one has to stand here" in html
    await ash.post("/settings/duty_phone", {"then": "server"})
    assert ash.status == 422
    assert (await in_force(console)).duty_phone == ANOTHER


async def test_who_was_overtaken_is_told_and_keeps_what_they_typed(
    console: Console, cast: Cast, ash: Visitor
) -> None:
    await ash.get("/settings/duty_phone")
    mine = ash.hidden("/settings/duty_phone")
    async with visitor(console, await _another_administrator(console)) as kim:
        await put(kim, "duty_phone", value="01632 960555")
    html = await ash.post("/settings/duty_phone", {**mine, "then": "save", "value": ANOTHER})
    assert ash.status == 422
    assert "Kim Vale changed this while you had it open" in html
    assert f'value="{ANOTHER}"' in html
    await ash.post("/settings/duty_phone", {"then": "save", "value": ANOTHER})
    assert (await in_force(console)).duty_phone == ANOTHER


async def test_a_setting_that_was_taken_back_and_set_anew_is_not_taken_for_the_one_that_was(
    console: Console, ash: Visitor
) -> None:
    await put(ash, "weekly_cap", value="3", sure="3")
    await ash.get("/settings/weekly_cap")
    old = ash.hidden("/settings/weekly_cap")
    console.now += timedelta(minutes=1)
    await ash.post("/settings/weekly_cap", {"then": "server", "sure": "5"})
    await put(ash, "weekly_cap", value="4", sure="4")
    await ash.post("/settings/weekly_cap", {**old, "then": "save", "value": "9", "sure": "9"})
    assert "changed this while you had it open" in ash.html
    assert (await in_force(console)).weekly_cap == 4


async def _another_administrator(console: Console) -> StaffMember:
    async with console.database.write() as session:
        kim = StaffMember(name="Kim Vale", role="administrator", chat_id=999, added_at=NOON, linked_at=NOON)
        session.add(kim)
        await session.flush()
    return kim


async def test_what_touches_carers_at_once_is_asked_twice_and_says_what_it_does(
    console: Console, ash: Visitor
) -> None:
    html = await put(ash, "quiet_hours", **{"from": "11am", "until": "1pm"})
    assert ash.status == 200
    assert "from <b>21:00 to 08:00</b> to <b>11:00 to 13:00</b>" in html
    assert "waits until today at 13:00" in html
    assert not await audited(console)
    await ash.post("/settings/quiet_hours")
    assert "Quiet hours: 11:00 to 13:00." in ash.html
    html = await put(ash, "weekly_cap", value="0")
    assert "No message waits because a household has had enough" in html
    await ash.post("/settings/weekly_cap")
    assert (await in_force(console)).weekly_cap == 0


async def test_who_changes_quiet_hours_or_the_cap_is_told_how_many_messages_wait(
    console: Console, cast: Cast, ash: Visitor
) -> None:
    async with console.database.write() as session:
        people = [Recipient(carer_id=carer.id) for carer in (cast.amal, cast.sam, cast.lin)]
        await queue_notice(session, "reminder", people, about="a", now=NOON, send_by=NOON + timedelta(days=1))
        rows = (await session.scalars(select(Delivery).order_by(Delivery.id))).all()
        for row, why in zip(rows, ("quiet_hours", "quiet_hours", "weekly_cap"), strict=True):
            row.state, row.reason, row.due_at = DeliveryState.HELD, why, NOON + timedelta(hours=3)
    html = await put(ash, "quiet_hours", **{"from": "", "until": ""})
    assert "2 messages wait for the end of quiet hours now. They go out at once, by these." in html
    html = await put(ash, "weekly_cap", value="9")
    assert "1 message waits because a household has had enough this week." in html


async def test_a_list_of_words_may_stand_in_lines_and_none_of_ours_is_lost_by_adding(
    console: Console, ash: Visitor
) -> None:
    html = await put(ash, "danger_words_en", value="+flood*,\n gas  leak\n")
    assert "own list, and 2 words and phrases of yours" in html
    words = (await in_force(console)).words_of_danger
    assert {"flood*", "gas leak", "suicid*"} <= set(words)


async def test_a_value_that_another_version_took_is_shown_as_not_used(console: Console, ash: Visitor) -> None:
    async with console.database.write() as session:
        session.add(ServiceSetting(name="weekly_cap", value="lots", changed_at=NOON))
    html = await ash.get("/settings")
    assert "cannot be used any more" in html
    assert (await in_force(console)).weekly_cap == 5
    await put(ash, "weekly_cap", value="6", sure="6")
    assert (await in_force(console)).weekly_cap == 6


async def test_a_coordinator_reads_the_settings_and_changes_none(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/settings")
        assert "An administrator can change these" in html
        assert "/settings/duty_phone" not in html
        assert "HEARTHLINE_SECRET_KEY" in html
        await priya.get("/settings/duty_phone")
        assert priya.status == 403


async def test_there_is_no_setting_but_those_of_the_list(ash: Visitor) -> None:
    for name in ("secret_key", "nothing"):
        await ash.get(f"/settings/{name}")
        assert ash.status == 404


def test_each_way_of_typing_is_used() -> None:
    assert {field.typed for field in FIELDS.values()} == set(Typed)
