"""Mails that come back, and answers of calendars: what counts, what does not, and what a second look does."""

import mailbox
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, message_from_string
from email.message import EmailMessage, Message
from email.policy import SMTP
from pathlib import Path

import pytest
from icalendar import Calendar

from bot.mail_incoming import take_all, take_in
from bot.mail_settings import Mailbox
from bot.mail_signature import Marks
from carers.people import Carer
from events.calendar_mail import calendar_part
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Database
from storage.events import Event
from storage.households import Channel
from storage.ledger_queries import carers_out_of_reach
from storage.rsvp import Invitation, RsvpState
from storage.ways import note_mail
from tests.events.acts import invitation_of, invited_event, queued
from tests.support.cast import NOON, Cast, gather
from tests.support.console import LONDON

SAM = "sam@example.org"
MARKS = Marks("k" * 32, "rowdale.example")
ORGANISER = ("Fostering Rowdale", "fostering@rowdale.example")
BOUNCES = Mailbox("", "bounces@rowdale.example")
LATER = NOON + timedelta(minutes=5)


@dataclass
class Sent:
    """One invitation that has gone to Sam by mail."""

    database: Database
    cast: Cast
    event: Event
    delivery: Delivery

    @property
    def message_id(self) -> str:
        return MARKS.message_id(self.delivery.id, SAM)

    async def takes(self, message: Message) -> str:
        return await take_in(self.database, message.as_bytes(), MARKS, LATER, LONDON)

    async def state(self) -> tuple[DeliveryState, str | None]:
        async with self.database.read() as session:
            delivery = await session.get_one(Delivery, self.delivery.id)
            return delivery.state, delivery.reason

    async def failed(self) -> str | None:
        """Why Sam's address takes no mail."""
        async with self.database.read() as session:
            return (await session.get_one(Carer, self.cast.sam.id)).email_failed_reason

    async def calendar(self) -> str:
        """The part of the mail that Sam's calendar read."""
        async with self.database.write() as session:
            delivery = await session.get_one(Delivery, self.delivery.id)
            part = await calendar_part(session, delivery, SAM, ORGANISER, NOON)
        assert part is not None
        return part.content

    async def party(self) -> Invitation:
        async with self.database.read() as session:
            return await invitation_of(session, self.event, self.cast.sam)


@pytest.fixture
async def sent(database: Database) -> Sent:
    async with database.write() as session:
        await note_mail(session, True, NOON)
        cast = await gather(session, linked=False)
        cast.sam.email = SAM
        event = await invited_event(session, cast, rsvp_by="carer")
        await session.flush()
        delivery = next(one for one in await queued(session, "invitation") if one.carer_id == cast.sam.id)
        delivery.state, delivery.sent_at = DeliveryState.SENT, NOON
    return Sent(database, cast, event, delivery)


def report(
    message_id: str,
    status: str = "5.1.1",
    action: str = "failed",
    headers_only: bool = False,
    **headers: str,
) -> Message:
    """What a mail server sends about a mail that it could not deliver: RFC 3464."""
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    lines = [
        "From: MAILER-DAEMON@mail.example",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"',
        "",
        "--B",
        "Content-Type: text/plain",
        "",
        "I am sorry to have to inform you",
        "--B",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mail.example",
        "",
        f"Final-Recipient: rfc822; {SAM}",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; 550 {status} <{SAM}>: no such user",
        "",
        "--B",
        f"Content-Type: {kind}",
        "",
        f"From: {ORGANISER[1]}",
        f"Message-ID: {message_id}",
        "Subject: Picnic",
        "",
        "Come along.",
        "--B--",
    ]
    return message_from_string("\r\n".join(lines))


@pytest.mark.parametrize("headers_only", [True, False])
async def test_an_address_that_is_gone_is_known_from_the_report(sent: Sent, headers_only: bool) -> None:
    assert await sent.takes(report(sent.message_id, headers_only=headers_only)) == (
        "addresses that take no mail any more"
    )
    assert await sent.state() == (DeliveryState.FAILED, "bounced:no_such_address")
    assert await sent.failed() == "no_such_address"
    async with sent.database.read() as session:
        out = {one.carer_id: one.reason for one in await carers_out_of_reach(session, NOON.date())}
    assert out[sent.cast.sam.id] == "email_failed"


async def test_the_address_made_for_one_mail_tells_which_it_was(sent: Sent) -> None:
    bounces = f"bounces+{sent.message_id[1:].partition('@')[0].upper()}@rowdale.example"
    assert "no mail any more" in await sent.takes(report("<cut@off>", To=bounces))


async def test_a_report_read_twice_changes_nothing_the_second_time(sent: Sent) -> None:
    await sent.takes(report(sent.message_id))
    async with sent.database.write() as session:
        carer = await session.get_one(Carer, sent.cast.sam.id)
        carer.email_failed_at = carer.email_failed_reason = None  # staff know better
    assert await sent.takes(report(sent.message_id)) == "known already"
    assert await sent.failed() is None


@pytest.mark.parametrize(
    ("status", "action", "state", "reason"),
    [
        ("5.2.2", "failed", DeliveryState.FAILED, "bounced:mailbox_full"),
        ("5.7.1", "failed", DeliveryState.FAILED, "bounced:rejected:5.7.1"),
        ("4.4.7", "failed", DeliveryState.FAILED, "bounced:gave_up:4.4.7"),
        ("nonsense", "failed", DeliveryState.FAILED, "bounced:rejected:5.0.0"),
        ("4.4.1", "delayed", DeliveryState.SENT, None),
        ("2.0.0", "relayed", DeliveryState.SENT, None),
        ("2.0.0", "delivered", DeliveryState.SENT, None),
    ],
)
@pytest.mark.one_database
async def test_what_says_nothing_for_good_leaves_the_address_alone(
    sent: Sent, status: str, action: str, state: DeliveryState, reason: str | None
) -> None:
    await sent.takes(report(sent.message_id, status, action))
    assert await sent.state() == (state, reason)
    assert await sent.failed() is None


@pytest.mark.one_database
async def test_a_report_that_somebody_made_up_changes_nothing(sent: Sent) -> None:
    number = sent.delivery.id
    for message_id in (
        f"<d{number}.0123456789abcdef.01234567@rowdale.example>",
        Marks("x" * 32, "rowdale.example").message_id(number, SAM),
        MARKS.message_id(number, SAM).replace(f"d{number}", f"d{number + 1}"),
        MARKS.of_calendar(BOUNCES, sent.cast.sam.id, SAM),
        "",
    ):
        assert await sent.takes(report(message_id)) == "not for us"
    assert (await sent.state())[0] is DeliveryState.SENT


@pytest.mark.one_database
async def test_a_bounce_of_the_address_before_says_nothing_of_the_one_that_the_carer_has_now(
    sent: Sent,
) -> None:
    async with sent.database.write() as session:
        (await session.get_one(Carer, sent.cast.sam.id)).email = "sam.new@example.org"
    assert await sent.takes(report(sent.message_id)) == "mails not delivered"
    assert await sent.failed() is None


async def test_what_bounced_goes_by_the_app_where_the_carer_has_that_too(sent: Sent) -> None:
    async with sent.database.write() as session:
        carer = await session.get_one(Carer, sent.cast.sam.id)
        carer.chat_id, carer.channel = 103, Channel.EMAIL
    await sent.takes(report(sent.message_id))
    async with sent.database.read() as session:
        delivery = await session.get_one(Delivery, sent.delivery.id)
    assert (delivery.state, delivery.channel) == (DeliveryState.QUEUED, Channel.APP)


# Answers of calendars.


def reply(calendar: str, said: str, headers: Mapping[str, str], stamped: str = "20250506T110200Z") -> Message:
    """What a calendar sends when its owner answers."""
    read = Calendar.from_ical(calendar)
    read["method"] = "REPLY"
    (entry,) = read.walk("VEVENT")
    entry["attendee"].params["partstat"] = said
    text = read.to_ical().decode()
    stamp = next(line for line in text.split("\r\n") if line.startswith("DTSTAMP"))
    text = text.replace(stamp, f"DTSTAMP:{stamped}")
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["Subject"] = SAM, f"{said}: Coffee"
    for name, value in headers.items():
        mail[name] = value
    mail.set_content("I answered.")
    mail.add_alternative(text, subtype="calendar", params={"method": "REPLY"})
    return message_from_bytes(mail.as_bytes())


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("ACCEPTED", RsvpState.GOING),
        ("TENTATIVE", RsvpState.MAYBE),
        ("DECLINED", RsvpState.NOT_GOING),
    ],
)
async def test_an_answer_in_the_calendar_is_an_answer(sent: Sent, said: str, state: RsvpState) -> None:
    answer = reply(await sent.calendar(), said, {"In-Reply-To": sent.message_id})
    assert await sent.takes(answer) == "answers of calendars taken"
    assert (await sent.party()).state is state


async def test_an_answer_comes_to_the_address_made_for_the_carers_calendar(sent: Sent) -> None:
    to = MARKS.of_calendar(BOUNCES, sent.cast.sam.id, SAM)
    answer = reply(await sent.calendar(), "ACCEPTED", {"To": f"Fostering Rowdale <{to}>"})
    assert await sent.takes(answer) == "answers of calendars taken"
    assert (await sent.party()).answered_by_id == sent.cast.sam.id


@pytest.mark.one_database
async def test_an_answer_without_our_mark_is_nobodys(sent: Sent) -> None:
    calendar = await sent.calendar()
    of_amal = MARKS.of_calendar(BOUNCES, sent.cast.amal.id, SAM)
    for headers in ({}, {"To": "fostering@rowdale.example"}, {"To": of_amal}, {"In-Reply-To": "<x@y>"}):
        assert await sent.takes(reply(calendar, "ACCEPTED", headers)) == "not for us"
    assert (await sent.party()).state is RsvpState.INVITED


# Where mails are read from.


@pytest.mark.one_database
async def test_a_maildir_is_read_once_an_mbox_and_a_file_as_often_as_asked(
    sent: Sent, tmp_path: Path
) -> None:
    folder = mailbox.Maildir(tmp_path / "Maildir")
    folder.add(report(sent.message_id))
    folder.add(b"Subject: Hello\r\n\r\nNothing for us.\r\n")
    box = mailbox.mbox(tmp_path / "box")
    box.add(report(sent.message_id))
    box.flush()
    single = tmp_path / "one.eml"
    single.write_bytes(report(sent.message_id).as_bytes())

    async def taken(*sources: Path) -> dict[str, int]:
        return await take_all(sent.database, [str(source) for source in sources], MARKS, LATER, LONDON)

    assert await taken(tmp_path / "Maildir") == {"addresses that take no mail any more": 1, "not for us": 1}
    assert await taken(tmp_path / "Maildir") == {}
    assert len(folder) == 2
    assert all("S" in one.get_flags() for one in folder)
    assert await taken(tmp_path / "box", single) == {"known already": 2}
    with pytest.raises(OSError, match="nowhere"):
        await taken(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00" * 50,
        b"Content-Type: multipart/report; boundary=B\r\n\r\n--B\r\nContent-Type: message/delivery-status\r\n",
        b"Content-Type: text/calendar; charset=nonsense\r\nTo: d1.0@x\r\n\r\nBEGIN:VCALENDAR",
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\nAction: failed",
    ],
)
@pytest.mark.one_database
async def test_what_is_no_proper_mail_is_passed_over(sent: Sent, raw: bytes) -> None:
    assert await sent.takes(message_from_bytes(raw)) == "not for us"


@pytest.mark.parametrize(
    "poison",
    [
        b"Content-Type: multipart/report; boundary=B\r\n\r\n--B\r\n"
        b"Content-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; x\r\n\r\nAction: failed\r\n\r\n--B\r\n"
        b"Content-Type: text/rfc822-headers; charset=undefined\r\n\r\nMessage-ID: <a@b>\r\n--B--",
        b"Content-Type: message/rfc822\r\n\r\n" * 3000,
    ],
    ids=["letters that raise", "too deep"],
)
@pytest.mark.one_database
async def test_a_mail_made_to_break_the_reader_does_not_hold_up_those_behind_it(
    sent: Sent, tmp_path: Path, poison: bytes
) -> None:
    folder, box = tmp_path / "Maildir", tmp_path / "box"
    mailbox.Maildir(folder)
    (folder / "new" / "1").write_bytes(poison)
    (folder / "new" / "2").write_bytes(report(sent.message_id).as_bytes())
    box.write_bytes(b"From a@b Tue May  6 11:00:00 2025\n" + poison.replace(b"\r\n", b"\n") + b"\n")
    counts = await take_all(sent.database, [str(folder), str(box)], MARKS, LATER, LONDON)
    assert counts == {"that cannot be read": 2, "addresses that take no mail any more": 1}
    assert list((folder / "new").iterdir()) == []
