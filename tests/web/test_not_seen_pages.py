"""Households without contact in the console: the list, noting that somebody spoke to one, taking it back."""

from datetime import timedelta

import pytest

from care.check_ins import check_ins_of
from storage.engine import Database
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from web.staff import not_seen

pytestmark = pytest.mark.one_database

LATER = NOON + timedelta(days=30)


def spoken(day: int, month: int = 6, **more: str) -> dict[str, str]:
    return {"on-day": str(day), "on-month": str(month), "on-year": "2025", "how": "phone", **more}


async def test_a_check_in_takes_a_household_off_the_list_and_undo_puts_it_back(
    console: Console, cast: Cast, database: Database
) -> None:
    console.now = LATER
    form = f"/households/{cast.reeds.id}/check-ins/new"
    async with visitor(console, cast.tom) as tom:
        html = await tom.get("/not-seen")
        assert "Amal Reed and Jo Reed" in html
        assert "None known" in html
        assert "Okafor" not in html
        await tom.get(f"{form}?from=not-seen")
        html = await tom.post(form, spoken(4))
        assert tom.path.startswith("/not-seen?done=")
        assert "Noted: Amal Reed and Jo Reed." in html
        assert "We have heard from everybody in your households." in html
        html = await tom.post(f"/households/{cast.reeds.id}/check-ins/1/back")
        assert "It is taken back." in html
        assert "We spoke" in html
    async with database.read() as session:
        assert await check_ins_of(session, cast.reeds.id) == []


async def test_a_try_is_noted_with_one_button_and_told_as_such(console: Console, cast: Cast) -> None:
    console.now = LATER
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/not-seen")
        assert "Tom Birch" in html
        assert "No social worker" in html
        assert 'name="on-day" value="5"' in html
        tried = spoken(5, how="no_answer")
        html = await priya.post(f"/households/{cast.okafors.id}/check-ins/new", tried)
        assert "Noted: you tried to reach Sam Okafor." in html
        assert "1 try, the last Thu 5 Jun" in html
        html = await priya.get(f"/households/{cast.okafors.id}")
        assert "Tried to reach them, no answer" in html
        assert "Noted that somebody spoke" not in html  # told once
        html = await priya.get(f"/not-seen?worker={cast.tom.id}")
        assert "Amal Reed" in html
        assert "Okafor" not in html


async def test_a_day_that_cannot_be_is_said_beside_the_field_and_kept(console: Console, cast: Cast) -> None:
    console.now = LATER
    form = f"/households/{cast.reeds.id}/check-ins/new"
    async with visitor(console, cast.tom) as tom:
        await tom.get(form)
        for typed, said in (
            (spoken(6), "today or before"),
            (spoken(31, 2), "must be a real date"),
            (spoken(4, how="gossip"), "Choose how it was"),
            ({**spoken(4), "on-year": "2023"}, "within the last year"),
        ):
            html = await tom.post(form, typed)
            assert tom.status == 422
            assert said in html
            assert f'value="{typed["on-day"]}"' in html


async def test_a_large_service_is_shown_one_social_worker_at_a_time(
    console: Console, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(not_seen, "ALL_AT_ONCE", 2)
    async with visitor(console, cast.dee) as dee:
        html = await dee.get("/not-seen")
        assert "Amal Reed" in html
        assert "Okafor" not in html
        assert "Okafor" in await dee.get("/not-seen?worker=0")


async def test_the_administrator_has_no_such_list(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.ash) as ash:
        await ash.get("/not-seen")
        assert ash.status == 403
        assert "Check-ins" not in await ash.get(f"/households/{cast.reeds.id}")
