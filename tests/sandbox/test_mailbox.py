"""Mail that goes nowhere: taken by SMTP, kept, and shown on a page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import aiosmtplib
import pytest
from playwright.async_api import Page, expect

from sandbox.mailbox import Mailbox
from sandbox.server import Sandbox
from tests.support.axe import violations

LIN = "lin@example.org"


def a_mail(subject: str = "Coffee afternoon, Tuesday 3 March") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "Riverside <office@example.org>",
        f"Lin Marsh <{LIN}>",
        subject,
    )
    mail.set_content("Can you come?\n")
    mail.add_alternative(
        '<html><head><title>Coffee</title></head><body><p>Can you come?</p><a href="https://example.org/c/x">'
        "Going</a><script>document.title='run'</script></body></html>",
        subtype="html",
    )
    mail.add_alternative("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar")
    return mail


async def post(mailbox: Mailbox, mail: EmailMessage) -> None:
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=urlsplit(mailbox.url).port)


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox(folder=tmp_path / "mail")
    await mailbox.start()
    yield mailbox
    await mailbox.close()


async def test_what_is_sent_can_be_read_again_also_after_another_start(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    await post(mailbox, a_mail())
    again = Mailbox(folder=tmp_path / "mail")
    await again.start()
    await again.close()
    for kept in (mailbox, again):
        (mail,) = kept.to(LIN.upper())
        assert (mail.subject, mail.name) == ("Coffee afternoon, Tuesday 3 March", "Lin Marsh")
        assert mail.links == ["https://example.org/c/x"]
        assert (mail.text.strip(), mail.calendar[:15]) == ("Can you come?", "BEGIN:VCALENDAR")


async def test_an_address_that_is_refused_gets_nothing(mailbox: Mailbox) -> None:
    mailbox.refused.add(LIN)
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await post(mailbox, a_mail())
    assert mailbox.mails == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1200])
async def test_the_page_shows_a_mail_and_lets_nothing_in_it_run(
    page: Page, sandbox: Sandbox, width: int
) -> None:
    await sandbox.mailbox.start()
    await page.set_viewport_size({"width": width, "height": 760})
    await page.goto(f"{sandbox.url}/mail")
    await expect(page.get_by_text("No mail yet.")).to_be_visible()
    await post(sandbox.mailbox, a_mail())
    await page.get_by_role("button", name="Lin Marsh").click()
    frame = page.frame_locator("iframe")
    await expect(frame.get_by_text("Can you come?")).to_be_visible()
    assert await frame.locator("head").evaluate("head => head.ownerDocument.title") == "Coffee"
    assert (
        await frame.locator("a").evaluate("link => link.ownerDocument.querySelector('base').target")
        == "_blank"
    )
    assert await violations(page) == []
    await page.get_by_role("button", name="Calendar part").click()
    await expect(page.get_by_text("BEGIN:VCALENDAR")).to_be_visible()
