"""The pages of accounts: those of colleagues, which an administrator keeps, and one's own."""

from typing import Any

import pytest
from sqlalchemy import select

from storage.staff import AuditEntry, Role, StaffMember, WebSession
from storage.ways import note_mail
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor

pytestmark = pytest.mark.one_database

ON_ANDROID: Any = {"User-Agent": "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile"}


async def kept(console: Console, staff: StaffMember) -> StaffMember:
    async with console.database.read() as session:
        return await session.get_one(StaffMember, staff.id)


async def test_an_administrator_finds_a_colleague_and_changes_them(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.ash) as ash:
        assert "Tom Birch" in await ash.get("/staff")
        assert "Nobody has this name or address" in await ash.get("/staff?q=nobody")
        html = await ash.get("/staff?q=tom")
        assert "Tom Birch" in html
        assert "Priya Lane" not in html
        html = await ash.get(f"/staff/{cast.tom.id}/edit")
        assert "social worker of 1 household" in html
        page = f"/staff/{cast.tom.id}/edit"
        html = await ash.post(page, {"name": "", "email": "tom@", "role": "king"})
        assert ash.status == 422
        assert all(f'href="#{field}"' in html for field in ("name", "email", "role"))
        assert 'value="tom@"' in html
        typed = {"name": "Tom  Birch", "email": "tom@example.org", "role": "coordinator"}
        html = await ash.post(page, typed)
        assert ash.path.startswith(f"/staff/{cast.tom.id}")
        assert "1 household still has them as social worker" in html
    tom = await kept(console, cast.tom)
    assert (tom.name, tom.email, tom.role) == ("Tom Birch", "tom@example.org", Role.COORDINATOR)


async def test_a_form_sent_as_it_came_changes_nothing_and_says_so(console: Console, cast: Cast) -> None:
    page = f"/staff/{cast.tom.id}/edit"
    async with visitor(console, cast.ash) as ash:
        await ash.get(page)
        html = await ash.post(page, {"name": "Tom Birch", "email": "", "role": "social_worker"})
        assert ash.path.startswith(f"/staff/{cast.tom.id}?")
        assert "Nothing was changed." in html
        assert "Tom Birch is changed" not in html
    async with console.database.read() as session:
        done = await session.scalars(select(AuditEntry.action))
        assert "staff.change" not in set(done)


async def test_what_another_administrator_saved_is_shown_beside_what_was_typed(
    console: Console, cast: Cast
) -> None:
    page, as_it_was = f"/staff/{cast.dee.id}/edit", {"name": "Dee Hall", "role": "manager"}
    async with visitor(console, cast.ash) as one, visitor(console, cast.ash) as other:
        await one.get(page)
        await other.get(page)
        await one.post(page, {**as_it_was, "email": "dee@example.org"})
        html = await other.post(page, {**as_it_was, "email": "hall@example.org"})
        assert other.status == 422
        assert "it is now “dee@example.org”" in html
        assert 'value="hall@example.org"' in html
        await other.post(page, {**as_it_was, "email": "hall@example.org"})
        assert other.status == 200
    assert (await kept(console, cast.dee)).email == "hall@example.org"


async def test_what_cannot_be_is_said_beside_its_field(console: Console, cast: Cast) -> None:
    async with console.database.write() as session:
        (await session.get_one(StaffMember, cast.dee.id)).email = "dee@example.org"
    own = f"/staff/{cast.ash.id}/edit"
    async with visitor(console, cast.ash) as ash:
        await ash.get(own)
        html = await ash.post(own, {"name": "Ash Moor", "email": "", "role": "manager"})
        assert "This is the last administrator" in html
        html = await ash.post(own, {"name": "tom birch", "email": "", "role": "administrator"})
        assert "of this name works here already" in html
        html = await ash.post(own, {"name": "Ash Moor", "email": "DEE@example.org", "role": "administrator"})
        assert "has this address already" in html
        await ash.get("/staff/new")
        html = await ash.post("/staff/new", {"name": "Kit", "email": "dee@example.org", "role": "manager"})
        assert "has this address already" in html
        html = await ash.post("/staff/new", {"name": "Priya Lane", "email": "", "role": "manager"})
        assert "Change their role on their page" in html


async def test_a_new_role_holds_from_the_next_page_on(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.ash) as ash, visitor(console, cast.priya) as priya:
        assert "Make an event" in await priya.get("/events")
        page = f"/staff/{cast.priya.id}/edit"
        await ash.get(page)
        await ash.post(page, {"name": "Priya Lane", "email": "", "role": "social_worker"})
        await priya.get("/events/new")
        assert priya.status == 403


async def test_somebody_is_signed_out_everywhere_ended_and_brought_back(console: Console, cast: Cast) -> None:
    here = f"/staff/{cast.tom.id}"
    async with visitor(console, cast.ash) as ash, visitor(console, cast.tom) as tom:
        link = await console.link_for(cast.tom)
        await ash.get(here)
        html = await ash.post(f"{here}/sign-out")
        assert "signed out of 1 browser" in html
        assert "Sign out" not in await tom.get("/")
        assert "does not work" in await tom.get(link)
        await ash.get(f"{here}/end")
        assert "has no access any more" in await ash.post(f"{here}/end")
        assert "Tom Birch" in await ash.get("/staff?show=left")
        await ash.get(f"{here}/edit")
        assert ash.status == 404
        await ash.get(f"{here}/back")
        html = await ash.post(f"{here}/back")
        assert "/start" in html
        assert "Personal link for Tom Birch" in html
        assert "Bring back" not in await ash.get(f"{here}/back")
    async with console.database.read() as session:
        done = [one.action for one in await session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    for action in ("staff.sign_out_everywhere", "staff.end", "staff.bring_back"):
        assert action in done


async def test_nobody_ends_or_signs_out_themselves_there(console: Console, cast: Cast) -> None:
    here = f"/staff/{cast.ash.id}"
    async with visitor(console, cast.ash) as ash:
        assert f'action="{here}/sign-out"' not in await ash.get(here)
        assert "Sign out" in await ash.post(f"{here}/sign-out", ash.hidden(f"{here}/link"))
        await ash.get(f"{here}/end")
        assert "cannot end your own access" in await ash.post(f"{here}/end")


async def test_an_address_that_refuses_mail_is_shown(console: Console, cast: Cast) -> None:
    async with console.database.write() as session:
        await note_mail(session, on=True, now=NOON)
        dee = await session.get_one(StaffMember, cast.dee.id)
        dee.email, dee.email_failed_at, dee.email_failed_reason = "d@example.org", NOON, "no_such_address"
    async with visitor(console, cast.ash) as ash, visitor(console, cast.dee) as own:
        assert "Refused" in await ash.get("/staff?q=dee")
        assert "there is no such email address" in await ash.get(f"/staff/{cast.dee.id}")
        assert "there is no such email address" in await own.get("/account")


async def test_one_sees_where_one_is_signed_in_and_signs_out_one_of_them(
    console: Console, cast: Cast
) -> None:
    link = await console.link_for(cast.dee)
    async with visitor(console, cast.dee) as desk, visitor(console) as phone, visitor(console) as third:
        await phone.get(link)
        await phone.post(link.removeprefix(console.address), **ON_ANDROID)
        link = await console.link_for(cast.dee)
        await third.get(link)
        await third.post(link.removeprefix(console.address))
        html = await desk.get("/account")
        assert "Chrome on Android" in html
        assert html.count("This one") == 1
        assert "8 hours" in html
        assert "24 hours" in html
        async with console.database.read() as session:
            rows = (await session.scalars(select(WebSession))).all()
            [mark] = [row.key_hash[:16] for row in rows if row.agent]
        html = await desk.post("/account/sign-out", {"browser": mark})
        assert "That browser is signed out" in html
        assert "Sign out" not in await phone.get("/account")
        assert "Sign out" in await third.get("/account")
        html = await desk.post("/account/sign-out-others")
        assert "signed out of 1 other browser" in html
        assert "Sign out" not in await third.get("/account")
        assert "Sign out of all others" not in await desk.get("/account")


async def test_one_signs_nobody_else_out(console: Console, cast: Cast) -> None:
    async with (
        visitor(console, cast.tom) as tom,
        visitor(console, cast.dee) as dee,
        visitor(console, cast.dee),
    ):
        async with console.database.read() as session:
            rows = await session.scalars(select(WebSession).where(WebSession.staff_id == cast.tom.id))
            [mark] = [row.key_hash[:16] for row in rows]
        await dee.get("/account")
        assert "signed out already" in await dee.post("/account/sign-out", {"browser": mark})
        assert "Sign out" in await tom.get("/")


async def test_one_chooses_how_one_is_told_and_takes_it_back(console: Console, cast: Cast) -> None:
    async with console.database.write() as session:
        await note_mail(session, on=True, now=NOON)
        (await session.get_one(StaffMember, cast.dee.id)).email = "dee@example.org"
    async with visitor(console, cast.dee) as dee, visitor(console, cast.tom) as tom:
        await dee.get("/account")
        assert "told so from now on: By email" in await dee.post("/account/way", {"way": "email"})
        assert (await kept(console, cast.dee)).channel == "email"
        await dee.undo()
        assert (await kept(console, cast.dee)).channel is None
        await dee.get("/account")
        assert "Choose how" in await dee.post("/account/way", {"way": "pigeon"})
        # Who has but one way is offered no choice, and takes none.
        assert 'action="/account/way"' not in await tom.get("/account")


async def test_a_personal_link_for_a_new_telephone_is_shown_once(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.dee) as dee:
        await dee.get("/account")
        sent = dee.hidden("/account/link")
        assert "https://t.me/riverside_bot?start=" in await dee.post("/account/link", sent)
        html = await dee.post("/account/link", sent)
        assert "shown once" in html
        assert "?start=" not in html
