"""The sender of email against a real mail server: what every answer, silence and broken line comes to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from telegram.error import TelegramError

from bot.mail_files import NotToHand, TelegramFiles
from bot.mail_message import letterhead_of
from bot.mail_outcomes import explain
from bot.mail_sender import MailSender, try_server
from bot.mail_settings import Mailbox, MailSettings, parse_mailbox, parse_server
from bot.telegram import connected, make_bot
from broadcasts.sender import (
    NOT_CONNECTED,
    MailTo,
    NotYet,
    Outcome,
    Refused,
    Retry,
    Sent,
    Unknown,
    Unreachable,
)
from carers.pages import Pages
from tests.bot.asking import until
from tests.support.cast import NOON
from tests.support.console import LONDON
from tests.support.mail_server import (
    CLOSE,
    HANG,
    PASSWORD,
    USER,
    certificate,
    mail_server,
)
from tests.support.service import clock_from, free_port, sandbox_from, settings_for
from texts.message import Attachment, Message
from texts.render import Service, Texts

LOGIN = f"{USER}:p%40ss%20word%2F1@"
SAM = "sam@example.org"
NEWS = Message("The hall is <b>open</b>.", subject="News")


def to(address: str = SAM, delivery_id: int = 1, **others: Any) -> MailTo:
    given: dict[str, Any] = {
        "address": address,
        "carer_id": 3,
        "page_number": 1,
        "delivery_id": delivery_id,
        "kind": "broadcast",
        "event_id": None,
        "invitation_id": None,
        "round_id": None,
        "topic": None,
        "first_name": "Sam",
        "language": "en",
    }
    return MailTo(**{**given, **others})


async def no_file(file: Attachment) -> bytes | None:
    return None


@asynccontextmanager
async def sender_to(url: str, **others: Any) -> AsyncIterator[MailSender]:
    mail = MailSettings(parse_server(url), parse_mailbox("Fostering Rowdale <fostering@rowdale.example>"))
    sender = MailSender(
        mail.server,
        lambda: letterhead_of(mail, "k" * 32),
        Pages("k" * 32, "https://rowdale.example"),
        Texts(Service("Fostering Rowdale", "01709 000000"), LONDON),
        lambda: NOON,
        **{"fetch": no_file, "answer_seconds": 0.3, **others},
    )
    try:
        yield sender
    finally:
        await sender.close()


async def outcome_at(stage: str, answer: str) -> Outcome:
    """What comes of a mail where the server answers one stage like this."""
    async with mail_server() as post, sender_to(post.url) as sender:
        post.always[stage] = answer
        outcome = await sender.send(to(), NEWS)
        assert not post.arrived
        return outcome


async def test_a_mail_arrives_with_its_words_in_both_forms() -> None:
    async with mail_server() as post, sender_to(post.url) as sender:
        assert await sender.send(to(), NEWS) == Sent(None)
        mail = post.to(SAM)[0]
        assert (mail["Subject"], str(mail["To"])) == ("News", "Sam <sam@example.org>")
        assert "The hall is open." in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "<!DOCTYPE html>" in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert post.arrived[0].sender == "fostering@rowdale.example"


UNREACHABLE = [
    ("RCPT", "550 5.1.1 No such user", "no_such_address"),
    ("RCPT", "550 no mailbox here", "no_such_address"),
    ("RCPT", "551 user has moved", "no_such_address"),
    ("RCPT", "553 mailbox name not allowed", "no_such_address"),
    ("RCPT", "556 5.1.10 Domain takes no mail", "no_such_address"),
    ("RCPT", "550 5.2.1 Mailbox disabled", "mailbox_disabled"),
    ("BODY", "550 5.1.1 No such user after all", "no_such_address"),
]
REFUSED = [
    ("RCPT", "550 5.7.1 Your mail looks like advertising", "rejected:5.7.1"),
    ("RCPT", "554 5.7.1 Relay access denied", "rejected:5.7.1"),
    ("RCPT", "552 5.2.2 Mailbox full", "mailbox_full"),
    ("RCPT", "552 over quota", "mailbox_full"),
    ("MAIL", "552 5.3.4 Too large", "rejected:5.3.4"),
    ("DATA", "554 no valid recipients", "rejected:554"),
    ("BODY", "552 too much", "rejected:552"),
    ("BODY", "554 5.7.1 Refused by policy", "rejected:5.7.1"),
    ("BODY", "554 sam@example.org does not want it", "rejected:554"),
]
ONE_WAITS = [
    ("RCPT", "450 4.2.0 Greylisted", "busy:4.2.0"),
    ("RCPT", "451 later", "busy:451"),
    ("BODY", "451 4.3.0 Try again", "busy:4.3.0"),
    ("BODY", "452 4.2.2 Mailbox full for now", "busy:4.2.2"),
]
ALL_WAIT = [
    ("EHLO", "421 shutting down", NOT_CONNECTED),
    ("MAIL", "421 shutting down", NOT_CONNECTED),
    ("MAIL", "421 4.7.0 Too many mails from you", "flood"),
    ("MAIL", "450 4.7.1 Slow down", "flood"),
    ("MAIL", "451 4.3.0 Local error", "busy"),
    ("MAIL", "553 5.7.1 Not your address", "sender_refused"),
    ("MAIL", "530 5.7.0 Authentication required", "login_needed"),
    ("RCPT", "550 5.1.8 Sender's domain does not exist", "sender_refused"),
    ("RCPT", "421 shutting down", NOT_CONNECTED),
    ("DATA", "421 shutting down", NOT_CONNECTED),
    ("EHLO", CLOSE, NOT_CONNECTED),
    ("MAIL", CLOSE, NOT_CONNECTED),
    ("RCPT", CLOSE, NOT_CONNECTED),
    ("DATA", CLOSE, NOT_CONNECTED),
    ("MAIL", HANG, NOT_CONNECTED),
    ("DATA", HANG, NOT_CONNECTED),
]


@pytest.mark.parametrize(("stage", "answer", "reason"), UNREACHABLE)
async def test_an_address_that_is_gone_is_told_from_a_mail_that_is_not_wanted(
    stage: str, answer: str, reason: str
) -> None:
    assert await outcome_at(stage, answer) == Unreachable(reason)


@pytest.mark.parametrize(("stage", "answer", "reason"), REFUSED)
async def test_what_is_refused_says_nothing_of_the_address_and_quotes_no_server(
    stage: str, answer: str, reason: str
) -> None:
    assert await outcome_at(stage, answer) == Refused(reason)


@pytest.mark.parametrize(("stage", "answer", "reason"), ONE_WAITS)
async def test_one_mail_that_is_put_off_holds_up_no_other(stage: str, answer: str, reason: str) -> None:
    outcome = await outcome_at(stage, answer)
    assert isinstance(outcome, Retry)
    assert (outcome.reason, outcome.everyone) == (reason, False)


@pytest.mark.parametrize(("stage", "answer", "reason"), ALL_WAIT)
async def test_where_the_server_is_what_fails_all_mail_waits(stage: str, answer: str, reason: str) -> None:
    outcome = await outcome_at(stage, answer)
    assert isinstance(outcome, Retry)
    assert (outcome.reason, outcome.everyone) == (reason, True)


@pytest.mark.parametrize("answer", [CLOSE, HANG])
async def test_a_mail_that_went_out_and_was_not_answered_may_have_arrived(answer: str) -> None:
    assert await outcome_at("BODY", answer) == Unknown("no_answer")


async def test_a_mail_that_was_taken_before_the_line_broke_is_in_doubt_and_there() -> None:
    async with mail_server() as post, sender_to(post.url) as sender:
        post.lose = True
        assert await sender.send(to(), NEWS) == Unknown("no_answer")
        assert len(post.arrived) == 1


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        ("554 5.7.1 We do not know you", "turned_away"),
        ("421 4.3.2 Not now", NOT_CONNECTED),
        ("what?", NOT_CONNECTED),
        ("", NOT_CONNECTED),
    ],
)
async def test_a_server_that_does_not_say_hello_keeps_all_mail_waiting(greeting: str, reason: str) -> None:
    async with mail_server(greeting=greeting) as post, sender_to(post.url) as sender:
        outcome = await sender.send(to(), NEWS)
        assert isinstance(outcome, Retry)
        assert (outcome.reason, outcome.everyone) == (reason, True)


async def test_a_server_that_is_not_there_is_told_within_a_minute_and_never_before() -> None:
    async with mail_server() as gone:
        pass
    async with sender_to(gone.url) as sender:
        outcome = await sender.send(to(), NEWS)
        assert isinstance(outcome, Retry)
        assert (outcome.reason, sender.trouble()) == (NOT_CONNECTED, None)


@pytest.mark.parametrize(
    "address",
    ["n/a", "sam", "sam@", "@example.org", "sam@exa mple.org", "sam@example.org\r\nRCPT TO:<x@y.z>", ""],
)
async def test_what_is_no_address_is_never_sent_to(address: str) -> None:
    async with mail_server() as post, sender_to(post.url) as sender:
        assert await sender.send(to(address), NEWS) == Unreachable("not_an_address")
        assert post.connections == 0


async def test_a_domain_outside_ascii_is_written_as_servers_take_it() -> None:
    async with mail_server() as post, sender_to(post.url) as sender:
        assert await sender.send(to("sam@bücher.example"), NEWS) == Sent(None)
        assert post.arrived[0].recipient == "sam@xn--bcher-kva.example"


async def test_one_connection_carries_many_mails_refused_ones_among_them() -> None:
    async with mail_server() as post, sender_to(post.url) as sender:
        post.refuse["gone@example.org"] = "550 5.1.1 No such user"
        for number, address in enumerate([SAM, "gone@example.org", "jo@example.org", SAM]):
            await sender.send(to(address, number), NEWS)
        assert (len(post.arrived), post.connections) == (3, 1)


async def test_a_connection_that_the_server_closed_meanwhile_costs_no_mail() -> None:
    async with mail_server() as post, sender_to(post.url) as sender:
        await sender.send(to(), NEWS)
        post.will("MAIL", "421 4.4.2 You were silent for too long")
        assert await sender.send(to(), NEWS) == Sent(None)
        assert (len(post.arrived), post.connections) == (2, 2)


async def test_a_connection_without_work_is_closed() -> None:
    async with mail_server() as post, sender_to(post.url, idle_seconds=0.01) as sender:
        await sender.send(to(), NEWS)
        assert post.open == 1

        async def is_closed() -> bool:
            return post.open == 0

        await until(is_closed)


async def test_several_at_once_have_a_connection_each() -> None:
    async with mail_server() as post, sender_to(post.url) as sender:
        outcomes = await asyncio.gather(*(sender.send(to(delivery_id=number), NEWS) for number in range(4)))
        assert outcomes == [Sent(None)] * 4
        assert (len(post.arrived), post.connections) == (4, 4)


# Files that Telegram keeps.

PHOTO = Attachment("hall.jpg", b"", "image/jpeg", is_photo=True, file_id="AgAD")


@pytest.mark.parametrize("content", [b"\xff\xd8\xff", None])
async def test_a_photo_that_telegram_keeps_goes_along_and_the_words_without_it_where_it_is_gone(
    content: bytes | None,
) -> None:
    async def fetched(file: Attachment) -> bytes | None:
        assert file == PHOTO
        return content

    async with mail_server() as post, sender_to(post.url, fetch=fetched) as sender:
        assert await sender.send(to(), replace(NEWS, attachment=PHOTO)) == Sent(None)
        files = [file.get_content() for file in post.to(SAM)[0].iter_attachments()]
        assert files == ([content] if content else [])


async def test_a_mail_waits_for_a_photo_that_cannot_be_had_now_and_holds_up_no_other() -> None:
    async def away(file: Attachment) -> bytes | None:
        raise NotToHand

    async with mail_server() as post, sender_to(post.url, fetch=away) as sender:
        outcome = await sender.send(to(), replace(NEWS, attachment=PHOTO))
        assert isinstance(outcome, NotYet)
        assert await sender.send(to(), NEWS) == Sent(None)
        assert len(post.arrived) == 1


async def test_telegram_is_asked_once_for_a_file_that_goes_to_many(tmp_path: Path) -> None:
    async with sandbox_from(clock_from()) as sandbox:
        kept = sandbox.add_user("Priya").send_photo().file
        assert kept is not None
        photo = replace(PHOTO, file_id=kept.file_id)
        settings = settings_for(sandbox, "sqlite:///unused.db", tmp_path, "polling")
        async with connected(settings) as bot:
            files = TelegramFiles(bot)
            assert await files(photo) == kept.content
            assert await files(replace(PHOTO, file_id="unknown")) is None
        # Telegram is gone by now, and so is the way to it.
        assert await files(photo) == kept.content


async def test_a_file_that_telegram_cannot_be_asked_for_is_asked_for_again(tmp_path: Path) -> None:
    nowhere = {"telegram_api_url": f"http://127.0.0.1:{free_port()}"}
    async with sandbox_from(clock_from()) as sandbox:
        bot = make_bot(settings_for(sandbox, "sqlite:///unused.db", tmp_path, "polling", **nowhere))
    with pytest.raises(TelegramError):
        await bot.initialize()
    with pytest.raises(NotToHand):
        await TelegramFiles(bot)(PHOTO)
    await bot.shutdown()


# Encryption and login.


@pytest.fixture
def encryption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's encryption whose certificate this machine trusts."""
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    return context


async def test_a_password_is_sent_once_the_line_is_encrypted(encryption: ssl.SSLContext) -> None:
    async with (
        mail_server(tls=encryption, login=True) as post,
        sender_to(f"smtp://{LOGIN}127.0.0.1:{post.port}") as sender,
    ):
        assert await sender.send(to(), NEWS) == Sent(None)
        assert (post.encrypted, post.logins) == (1, [(USER, PASSWORD)])


async def test_smtps_is_encrypted_from_the_first_byte(encryption: ssl.SSLContext) -> None:
    async with (
        mail_server(tls=encryption, wrapped=True, login=True) as post,
        sender_to(f"smtps://{LOGIN}127.0.0.1:{post.port}") as sender,
    ):
        assert await sender.send(to(), NEWS) == Sent(None)
        assert post.encrypted == 1


async def test_encryption_is_used_where_it_is_offered(encryption: ssl.SSLContext) -> None:
    async with mail_server(tls=encryption) as post:
        async with sender_to(post.url) as sender:
            await sender.send(to(), NEWS)
        async with sender_to(f"{post.url}?starttls=no") as sender:
            await sender.send(to(), NEWS)
        assert (len(post.arrived), post.encrypted) == (2, 1)


async def test_no_password_goes_over_an_open_line_unless_the_settings_say_so() -> None:
    async with mail_server(login=True) as post:
        url = f"smtp://{LOGIN}127.0.0.1:{post.port}"
        async with sender_to(url) as sender:
            outcome = await sender.send(to(), NEWS)
            assert isinstance(outcome, Retry)
            assert (outcome.reason, post.logins) == ("not_encrypted", [])
        async with sender_to(f"{url}?starttls=no") as sender:
            assert await sender.send(to(), NEWS) == Sent(None)


async def test_a_certificate_that_nobody_vouches_for_is_not_taken(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    for wrapped, scheme in ((False, "smtp"), (True, "smtps")):
        async with (
            mail_server(tls=context, wrapped=wrapped) as post,
            sender_to(f"{scheme}://127.0.0.1:{post.port}") as sender,
        ):
            outcome = await sender.send(to(), NEWS)
            assert isinstance(outcome, Retry)
            assert (outcome.reason, outcome.everyone, post.arrived) == ("certificate", True, [])


async def test_a_wrong_password_waits_five_minutes_and_is_told_at_once() -> None:
    async with (
        mail_server(login=True) as post,
        sender_to(f"smtp://{USER}:wrong@127.0.0.1:{post.port}?starttls=no") as sender,
    ):
        outcome = await sender.send(to(), NEWS)
        assert isinstance(outcome, Retry)
        assert (outcome.reason, outcome.everyone, outcome.after.total_seconds()) == (
            "wrong_password",
            True,
            300,
        )
        assert sender.trouble() == explain("wrong_password")


async def test_the_check_says_in_plain_words_what_is_wrong(encryption: ssl.SSLContext) -> None:
    async def said(url: str) -> str | None:
        return await try_server(parse_server(url), Mailbox("", "fostering@rowdale.example"), 0.3)

    async with mail_server(tls=encryption, login=True) as post:
        at = f"127.0.0.1:{post.port}"
        assert await said(f"smtp://{LOGIN}{at}") is None
        assert "user and password" in str(await said(f"smtp://{USER}:wrong@{at}"))
        assert "encrypt" in str(await said(f"smtps://{LOGIN}{at}"))
    assert "cannot be reached" in str(await said(f"smtp://{LOGIN}{at}"))
    async with mail_server() as post:
        assert "encrypt" in str(await said(f"smtp://{LOGIN}127.0.0.1:{post.port}"))
        post.will("MAIL", "553 5.7.1 Not yours")
        assert "HEARTHLINE_MAIL_FROM" in str(await said(f"smtp://127.0.0.1:{post.port}"))
        assert post.arrived == []
    async with mail_server(login=True) as post:
        assert "add them" in str(await said(f"smtp://127.0.0.1:{post.port}"))
