"""What an email is made of: headers that nobody can add to, threads, ways out, calendars, files, marks."""

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail_message import Letterhead, links_for, written
from bot.mail_settings import Mailbox, parse_mailbox, parse_server, sender_of, usable
from bot.mail_signature import Marks
from broadcasts.sender import MailTo
from carers.pages import Pages
from tests.support.cast import NOON
from texts.mail import Mail
from texts.message import Attachment, Calendar, Message

PAGES = Pages("k" * 32, "https://rowdale.example")
MARKS = Marks("k" * 32, "rowdale.example")
HEAD = Letterhead(Mailbox("Fostering Rowdale", "fostering@rowdale.example"), MARKS)
SAM = MailTo("sam@example.org", 3, 1, 12, "invitation", 7, 40, None, "socials", "Sam", "en")
WORDS = Mail("Picnic on Saturday", "Come along.", "<p>Come along.</p>")
BARE = Message("Come along.", subject="Picnic on Saturday")


def made(
    to: MailTo = SAM, message: Message = BARE, mail: Mail = WORDS, head: Letterhead = HEAD
) -> EmailMessage:
    envelope = written(to, usable(to.address) or "", message, mail, links_for(to, PAGES, NOON), head, NOON)
    read = message_from_bytes(envelope.content, policy=default)
    assert isinstance(read, EmailMessage)
    return read


def test_all_that_is_about_one_event_is_one_thread_whatever_came_first() -> None:
    first, second = made(), made(replace(SAM, delivery_id=13, kind="cancellation"))
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"] == second["In-Reply-To"] == "<e7.c3@rowdale.example>"
    assert made(replace(SAM, event_id=8))["References"] != first["References"]
    assert made(replace(SAM, carer_id=4))["References"] != first["References"]
    news = made(replace(SAM, kind="broadcast", event_id=None, invitation_id=None))
    assert (news["References"], news["In-Reply-To"]) == (None, None)


def test_a_survey_and_its_reminder_are_one_thread() -> None:
    survey = replace(SAM, kind="survey", event_id=None, invitation_id=None, round_id=2)
    reminder = replace(survey, kind="survey_reminder", delivery_id=90)
    assert made(survey)["References"] == made(reminder)["References"] == "<r2.c3@rowdale.example>"


def test_what_is_optional_can_be_turned_off_with_one_click_and_nothing_else_can() -> None:
    mail = made()
    assert mail["List-Unsubscribe"].startswith("<https://rowdale.example/c/")
    assert mail["List-Unsubscribe"].endswith(">")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    kept = made(replace(SAM, kind="cancellation", topic=None))
    assert (kept["List-Unsubscribe"], kept["List-Unsubscribe-Post"]) == (None, None)
    assert (
        links_for(SAM, PAGES, NOON).unsubscribe
        != links_for(replace(SAM, topic="surveys"), PAGES, NOON).unsubscribe
    )


@pytest.mark.parametrize(
    ("others", "has_page"),
    [
        ({}, True),
        ({"kind": "feedback", "invitation_id": None}, True),
        ({"kind": "survey", "event_id": None, "invitation_id": None, "round_id": 2}, True),
        ({"kind": "broadcast", "event_id": None, "invitation_id": None}, False),
    ],
)
def test_a_mail_leads_to_the_page_of_what_it_is_about(others: dict[str, Any], has_page: bool) -> None:
    links = links_for(replace(SAM, **others), PAGES, NOON)
    assert (links.page is not None) == has_page
    assert links.privacy == f"{links.home}/privacy"


def test_addresses_and_ids_stand_in_the_headers_as_they_are_however_long() -> None:
    to = replace(SAM, address=f"{'s' * 64}@{'a' * 60}.{'b' * 60}.example")
    pages = Pages("k" * 32, f"https://{'hearthline.' * 9}example")
    head = replace(HEAD, marks=Marks("k" * 32, f"{'mail.' * 20}example"))
    raw = written(to, to.address, BARE, WORDS, links_for(to, pages, NOON), head, NOON).content.decode()
    top = raw.partition("\r\n\r\n")[0].replace("\r\n ", " ").split("\r\n")
    assert f"List-Unsubscribe: <{links_for(to, pages, NOON).unsubscribe}>" in top
    assert f"Message-ID: {head.marks.message_id(12, to.address)}" in top
    assert f"References: <e7.c3@{head.marks.domain}>" in top
    assert f"To: Sam <{to.address}>" in top


def test_robots_and_holiday_notices_are_asked_to_be_silent() -> None:
    mail = made()
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "OOF, AutoReply")


def test_the_event_is_the_last_of_the_alternatives_with_its_method() -> None:
    calendar = Calendar("REQUEST", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n", "picnic.ics")
    mail = made(message=replace(BARE, calendar=calendar))
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert mail.get_content_type() == "multipart/alternative"
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    part = list(mail.iter_parts())[-1]
    assert part["Content-Type"].params["method"] == "REQUEST"
    assert part.get_content() == calendar.content


def test_a_file_goes_beside_the_words_and_what_telegram_alone_has_does_not() -> None:
    photo = Attachment("Fête \r\nX: y.jpg", b"\xff\xd8\xff", "image/jpeg", is_photo=True)
    mail = made(message=replace(BARE, attachment=photo))
    assert mail.get_content_type() == "multipart/mixed"
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Fête X: y.jpg", b"\xff\xd8\xff")
    known = replace(photo, content=b"", file_id="AgAD")
    assert not list(made(message=replace(BARE, attachment=known)).iter_attachments())


@pytest.mark.parametrize(
    "name", ["Zoë", "امل", "ਅਮਲ", 'Jo "Bear" O\'Neil', "Reed, Amal", "A" * 200, "ё" * 20]
)
def test_names_arrive_as_they_are_written(name: str) -> None:
    mail = made(replace(SAM, first_name=name))
    (address,) = mail["To"].addresses
    assert (address.display_name, address.addr_spec) == (name, "sam@example.org")


LINES = st.text(st.sampled_from('\r\n\t\0\x0b\x85\u2028 :;,<>"()@=?_aé😀ا'), max_size=120)


@settings(max_examples=40)
@given(name=LINES, subject=LINES, service=LINES, filename=LINES)
def test_nothing_that_is_typed_makes_a_header_of_its_own(
    name: str, subject: str, service: str, filename: str
) -> None:
    head = replace(HEAD, sender=Mailbox(service, "fostering@rowdale.example"))
    photo = Attachment(filename + "\r\nBcc: x@example.org", b"\xff", "image/jpeg")
    mail = made(
        replace(SAM, first_name=name + "\r\nBcc: x@example.org"),
        replace(BARE, attachment=photo),
        replace(WORDS, subject=subject + "\nBcc: x@example.org\n\nAll of it"),
        head,
    )
    assert mail["Bcc"] is None
    assert sorted(mail.keys()) == sorted([*made(message=replace(BARE, attachment=photo)).keys()])
    assert [one.addr_spec for one in mail["To"].addresses] == ["sam@example.org"]
    assert [one.addr_spec for one in mail["From"].addresses] == ["fostering@rowdale.example"]


def test_what_cannot_be_delivered_comes_back_with_a_mark_where_there_is_an_address_for_it() -> None:
    links = links_for(SAM, PAGES, NOON)
    plain = written(SAM, SAM.address, BARE, WORDS, links, HEAD, NOON)
    assert plain.sender == "fostering@rowdale.example"
    marked = replace(HEAD, bounces=Mailbox("", "bounces@rowdale.example"))
    sender = written(SAM, SAM.address, BARE, WORDS, links, marked, NOON).sender
    assert sender.startswith("bounces+d12.")
    mark = MARKS.find(sender)
    assert mark is not None
    assert (mark.delivery_id, mark.trace) == (12, MARKS.trace_of("SAM@example.org "))


def test_a_mark_that_somebody_made_up_or_changed_is_none() -> None:
    ours = MARKS.message_id(12, "sam@example.org")
    assert MARKS.find(ours.upper()) is not None
    for forged in (
        ours.replace("d12", "d13"),
        ours.replace("d12", "c12"),
        Marks("x" * 32, "rowdale.example").message_id(12, "sam@example.org"),
        "<d12.0123456789abcdef.01234567@rowdale.example>",
        "",
    ):
        assert MARKS.find(forged) is None
    assert MARKS.find(f"<x@y> {ours}") is not None


def test_a_calendar_sends_its_answers_to_the_same_address_in_every_mail() -> None:
    head = replace(HEAD, bounces=Mailbox("", "bounces@rowdale.example"))
    name, address = head.organiser(3, "sam@example.org")
    assert (name, address) == ("Fostering Rowdale", head.organiser(3, "sam@example.org")[1])
    mark = MARKS.find(address)
    assert mark is not None
    assert (mark.delivery_id, mark.carer_id) == (None, 3)
    assert HEAD.organiser(3, "sam@example.org")[1] == "fostering@rowdale.example"


def test_the_sender_is_the_service_at_an_address_that_is_one() -> None:
    def address(url: str, given: str | None = None) -> str:
        return str(sender_of(parse_server(url), "Fostering Rowdale", given).as_header())

    assert (
        address("smtp://post%40rowdale.example:x@mail.example") == "Fostering Rowdale <post@rowdale.example>"
    )
    assert address("smtp://user:x@mail.example") == "Fostering Rowdale <hearthline@mail.example>"
    assert address("smtp://mail.example", "Fostering <f@rowdale.example>") == "Fostering <f@rowdale.example>"
    assert address("smtp://mail.example", "f@rowdale.example") == "Fostering Rowdale <f@rowdale.example>"


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example",
        "smtp://",
        "smtp://mail.example/path",
        "smtp://mail.example?verify=no",
        "smtp://mail.example?starttls=perhaps",
        "smtps://mail.example?starttls=no",
        "smtp://mail.example:99999",
        "smtp://:secret@mail.example",
        "smtp://user:%0d%0aRCPT@mail.example",
    ],
)
def test_what_names_no_mail_server_is_not_taken(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the settings turn it into a sentence
        parse_server(url)


@pytest.mark.parametrize("text", ["", "Fostering", "a@b@c", "x@y.z\r\nBcc: a@b.c", '"a b"@example.org'])
def test_what_is_no_mailbox_is_not_taken(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_mailbox(text)
