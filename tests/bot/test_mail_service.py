"""The whole service with email on, a real mail server, and a Telegram that nobody can reach."""

import io
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from prometheus_client import REGISTRY
from sqlalchemy import select

from bot.app import Hearthline
from bot.settings import Settings
from broadcasts.drafts import keep_attachment
from broadcasts.launching import Confirmed
from events.planning import cancel_event, change_event, plan_of
from events.rsvp import Choice
from sandbox.server import TOKEN
from storage.deliveries import Delivery, DeliveryState
from storage.households import Carer, Channel, Language, OptOut
from storage.ledger_queries import carers_out_of_reach
from storage.rsvp import RsvpState
from tests.bot.asking import until
from tests.broadcasts.broadcasting import Desk
from tests.events import calendars
from tests.events.acts import IN_TWO_WEEKS, invitation_of, invited_event, taps
from tests.journeys.test_whole_way import MovedClock
from tests.support.cast import NOON, Cast, gather
from tests.support.logs import everything_logged
from tests.support.mail_server import PASSWORD, USER, PostOffice, mail_server
from tests.support.service import clock_from, free_port, service

SAM, AMAL, LIN = "sam@example.org", "amal@example.org", "lin@example.org"
KEY = "a secret key of more than thirty-two signs"


def settings_with(post: PostOffice, database_url: str, folder: Path, **others: Any) -> Settings:
    """A service whose Telegram is not there, and whose pages are on the internet all the same."""
    given: dict[str, Any] = {
        "telegram_token": TOKEN,
        "telegram_api_url": f"http://127.0.0.1:{free_port()}",
        "database_url": database_url,
        "data_dir": folder,
        "listen": "127.0.0.1:0",
        "public_url": "https://rowdale.example",
        "receive": "polling",
        "secret_key": KEY,
        "duty_phone": "01709 000000",
        "service_name": "Fostering Rowdale",
        "smtp_url": f"{post.url}?starttls=no",
        "mail_from": "Fostering Rowdale <fostering@rowdale.example>",
        "mail_rate": 100,
    }
    return Settings(**{**given, **others})


@pytest.fixture
async def post() -> AsyncIterator[PostOffice]:
    async with mail_server() as opened:
        yield opened


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that the process logs, as it would stand in the log of a service, from DEBUG on."""
    with everything_logged((KEY, TOKEN, PASSWORD)) as stream:
        yield stream


@asynccontextmanager
async def serving(
    settings: Settings, clock: Callable[[], datetime] | None = None
) -> AsyncIterator[tuple[Hearthline, Cast]]:
    """The service with the cast, of whom nobody has the app and three have an address."""
    async with service(settings, clock or clock_from()) as app:
        async with app.database.write() as session:
            cast = await gather(session, linked=False)
            cast.sam.email, cast.amal.email, cast.lin.email = SAM, AMAL, LIN
        yield app, cast


async def arrived(post: PostOffice, address: str, count: int) -> list[EmailMessage]:
    async def are_there() -> bool:
        return len(post.to(address)) >= count

    await until(are_there)
    assert len(post.to(address)) == count
    return post.to(address)


async def settled(app: Hearthline, kind: str, carer: Carer) -> Delivery:
    """The delivery of this kind to this carer, once something has come of it."""
    found: list[Delivery] = []

    async def is_settled() -> bool:
        query = select(Delivery).where(Delivery.kind == kind, Delivery.carer_id == carer.id)
        async with app.database.read() as session:
            found[:] = (await session.scalars(query)).all()
        return bool(found) and found[0].state not in (DeliveryState.QUEUED, DeliveryState.SENDING)

    await until(is_settled)
    return found[0]


def calendar_of(mail: EmailMessage) -> str:
    (part,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    text = str(part.get_content())
    assert part["Content-Type"].params["method"] == calendars.method_of(text)
    return text


async def test_invitation_change_and_cancellation_arrive_as_one_thread_that_calendars_follow(
    post: PostOffice, database_url: str, tmp_path: Path
) -> None:
    async with serving(settings_with(post, database_url, tmp_path)) as (app, cast):
        async with app.database.write() as session:
            event = await invited_event(session, cast, rsvp_by="carer")
        app.wake()
        (invitation,) = await arrived(post, SAM, 1)
        async with app.database.write() as session:
            carer = await session.get_one(Carer, cast.sam.id)
            await taps(session, event, carer, Choice.GOING, app.clock())
        async with app.database.write() as session:
            later = IN_TWO_WEEKS + timedelta(hours=1)
            moved = replace(plan_of(event), starts_at=later, ends_at=later + timedelta(hours=2))
            await change_event(session, event.id, moved, cast.priya, app.clock())
        app.wake()
        change = (await arrived(post, SAM, 2))[1]
        async with app.database.write() as session:
            await cancel_event(session, event.id, "Snow", cast.priya, app.clock())
        app.wake()
        cancellation = (await arrived(post, SAM, 3))[2]
        sent = await settled(app, "cancellation", cast.sam)
        assert app.readiness()["mail"] is None
        assert app.readiness()["telegram"] is not None
        assert (REGISTRY.get_sample_value("hearthline_mail_total", {"what": "sent"}) or 0) >= 5
        assert (sent.state, sent.channel, sent.message_id) == (DeliveryState.SENT, Channel.EMAIL, None)

    mails = [invitation, change, cancellation]
    assert len({mail["Message-ID"] for mail in mails}) == 3
    assert {mail["References"] for mail in mails} == {f"<e{event.id}.c{cast.sam.id}@rowdale.example>"}
    texts = [calendar_of(mail) for mail in mails]
    assert [calendars.method_of(text) for text in texts] == ["REQUEST", "REQUEST", "CANCEL"]
    entries = [calendars.read(text)[0] for text in texts]
    assert len({entry.uid for entry in entries}) == 1
    assert [entry.sequence for entry in entries] == sorted({entry.sequence for entry in entries})
    assert entries[1].starts == later
    assert "https://rowdale.example/c/" in invitation.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert [mail["List-Unsubscribe"] is not None for mail in mails] == [True, False, False]


async def test_an_address_that_is_gone_ends_on_the_list_of_who_is_not_reached_and_in_no_log(
    post: PostOffice, database_url: str, tmp_path: Path, log: io.StringIO
) -> None:
    post.refuse[SAM] = f"550 5.1.1 <{SAM}>: no such user here"
    post.refuse[LIN] = f"554 5.7.1 <{LIN}>: not wanted"
    async with serving(settings_with(post, database_url, tmp_path)) as (app, cast):
        async with app.database.write() as session:
            await invited_event(session, cast, rsvp_by="carer")
        app.wake()
        await arrived(post, AMAL, 1)
        gone, refused = await settled(app, "invitation", cast.sam), await settled(app, "invitation", cast.lin)
        assert (gone.state, gone.reason) == (DeliveryState.FAILED, "no_such_address")
        assert (refused.state, refused.reason) == (DeliveryState.FAILED, "rejected:5.7.1")
        async with app.database.read() as session:
            out = {one.carer_id: one.reason for one in await carers_out_of_reach(session, NOON.date())}
        assert out == {cast.sam.id: "email_failed", cast.jo.id: "no_app"}
    said = log.getvalue()
    assert "running" in said
    for secret in (SAM, AMAL, LIN, "example.org", KEY, TOKEN, "/c/"):
        assert secret not in said


async def test_a_mail_server_that_comes_back_gets_what_waited_once(
    post: PostOffice, database_url: str, tmp_path: Path, log: io.StringIO
) -> None:
    post.always["MAIL"] = "421 4.3.2 shutting down"
    async with serving(settings_with(post, database_url, tmp_path)) as (app, cast):
        async with app.database.write() as session:
            await invited_event(session, cast, rsvp_by="carer")
        app.wake()

        async def waits() -> bool:
            return "mail waits" in log.getvalue()

        await until(waits)
        post.always.clear()
        for address in (SAM, AMAL, LIN):
            await arrived(post, address, 1)


async def test_a_wrong_password_shows_at_once_and_the_password_never(
    database_url: str, tmp_path: Path, log: io.StringIO
) -> None:
    async with mail_server(login=True) as guarded:
        url = f"smtp://{USER}:not-the-{PASSWORD.replace('@', '%40').replace('/', '%2F').replace(' ', '%20')}"
        given = f"{url}@127.0.0.1:{guarded.port}?starttls=no"
        async with serving(settings_with(guarded, database_url, tmp_path, smtp_url=given)) as (app, _cast):

            async def is_told() -> bool:
                return "user and password" in str(app.readiness().get("mail"))

            await until(is_told)
    assert "not-the" not in log.getvalue()


@pytest.mark.one_database
async def test_the_links_of_a_mail_open_and_one_click_turns_a_kind_off(
    post: PostOffice, database_url: str, tmp_path: Path
) -> None:
    here = settings_with(post, database_url, tmp_path, public_url=None)
    async with serving(here) as (app, cast), ClientSession() as scanner:
        async with app.database.write() as session:
            event = await invited_event(session, cast, rsvp_by="carer")
        app.wake()
        (mail,) = await arrived(post, SAM, 1)
        words = mail.get_body(("plain",))
        assert words is not None
        links = set(re.findall(r"http://\S+/c/[^\s>)]+", words.get_content()))
        assert len(links) >= 3
        for link in links:  # as a scanner of mails does
            async with scanner.get(link) as page:
                assert page.status == 200, link
        async with app.database.read() as session:
            assert (await invitation_of(session, event, cast.sam)).state is RsvpState.INVITED
            assert not (await session.scalars(select(OptOut))).all()
        one_click = mail["List-Unsubscribe"].strip("<>")
        async with scanner.post(one_click, data={"List-Unsubscribe": "One-Click"}) as answer:
            assert answer.status == 200
        async with app.database.read() as session:
            off = (await session.scalars(select(OptOut))).all()
        assert [(one.carer_id, one.topic) for one in off] == [(cast.sam.id, "socials")]


@pytest.mark.one_database
async def test_a_message_to_many_reaches_who_has_no_app_with_its_file_and_in_their_language(
    post: PostOffice, database_url: str, tmp_path: Path
) -> None:
    clock = MovedClock()
    async with serving(settings_with(post, database_url, tmp_path), clock) as (app, cast):
        async with app.database.write() as session:
            (await session.get_one(Carer, cast.lin.id)).language = Language.URDU
        desk = Desk(app.database, cast, now=clock())
        paper = {"filename": "Plan.pdf", "mime": "application/pdf", "content": b"%PDF-1.7"}
        number = await desk.draft(
            "Hello {first_name}, the plan",
            texts={"ur": "ہیلو {first_name}"},
            attachment_id=await desk.do(keep_attachment, now=clock(), **paper),
        )
        assert await desk.confirm(number) is Confirmed.SCHEDULED
        clock.move_to(clock() + timedelta(seconds=61))
        (english,) = await arrived(post, SAM, 1)
        (urdu,) = await arrived(post, LIN, 1)
    (file,) = english.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Plan.pdf", b"%PDF-1.7")
    words = [mail.get_body(("plain",)) for mail in (english, urdu)]
    assert "Hello Sam, the plan" in words[0].get_content()  # type: ignore[union-attr]
    assert "ہیلو Lin" in words[1].get_content()  # type: ignore[union-attr]
    assert (english["Content-Language"], urdu["Content-Language"]) == ("en", "ur")


@pytest.mark.one_database
async def test_quiet_hours_and_the_weekly_cap_hold_for_mail(
    post: PostOffice, database_url: str, tmp_path: Path
) -> None:
    night = NOON.replace(hour=21, minute=30)
    async with serving(settings_with(post, database_url, tmp_path, weekly_cap=1), clock_from(night)) as (
        app,
        cast,
    ):
        async with app.database.write() as session:
            await invited_event(session, cast, night, rsvp_by="carer")
        app.wake()
        held = await settled(app, "invitation", cast.sam)
        assert (held.state, held.reason) == (DeliveryState.HELD, "quiet_hours")
        assert not post.arrived
    morning = NOON + timedelta(days=1)
    async with service(settings_with(post, database_url, tmp_path, weekly_cap=1), clock_from(morning)) as app:
        await arrived(post, SAM, 1)
        async with app.database.write() as session:
            await invited_event(session, cast, morning, rsvp_by="carer", title="Walk")
        app.wake()

        async def is_held() -> bool:
            query = select(Delivery.reason).where(
                Delivery.carer_id == cast.sam.id, Delivery.state == DeliveryState.HELD
            )
            async with app.database.read() as session:
                return (await session.scalars(query)).all() == ["weekly_cap"]

        await until(is_held)
        assert len(post.to(SAM)) == 1


@pytest.mark.one_database
async def test_without_a_mail_server_nothing_changes_for_anybody(
    post: PostOffice, database_url: str, tmp_path: Path
) -> None:
    async with serving(settings_with(post, database_url, tmp_path, smtp_url=None)) as (app, cast):
        async with app.database.write() as session:
            await invited_event(session, cast, rsvp_by="carer")
        assert "mail" not in app.readiness()
        async with app.database.read() as session:
            delivery = (await session.scalars(select(Delivery))).first()
        assert delivery is not None
        assert delivery.channel == Channel.APP
    assert post.connections == 0


@pytest.mark.one_database
async def test_what_waited_for_an_app_goes_by_mail_once_the_service_has_mail(
    post: PostOffice, database_url: str, tmp_path: Path
) -> None:
    without = settings_with(post, database_url, tmp_path, smtp_url=None)
    async with serving(without) as (app, cast), app.database.write() as session:
        event = await invited_event(session, cast, rsvp_by="carer")
    async with service(settings_with(post, database_url, tmp_path), clock_from()) as app:
        await arrived(post, SAM, 1)
        async with app.database.read() as session:
            carer = await session.get_one(Carer, cast.sam.id)
            assert (await invitation_of(session, event, carer)).state is RsvpState.INVITED


async def test_stopping_takes_no_longer_with_a_mail_server_that_hangs(
    post: PostOffice, sqlite_url: str, tmp_path: Path
) -> None:
    post.always["BODY"] = "hang"
    clock = clock_from()
    async with serving(settings_with(post, sqlite_url, tmp_path)) as (app, cast):
        async with app.database.write() as session:
            await invited_event(session, cast, rsvp_by="carer")
        app.wake()

        async def is_asked() -> bool:
            return post.connections > 0

        await until(is_asked)
        begun = clock()
    assert clock() - begun < timedelta(seconds=2.5)
