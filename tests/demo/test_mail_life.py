"""Carers of the demo without the app: they press the button of the page that their mail leads to."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

import aiohttp
import pytest
from aiohttp import web

from sandbox.demo_mail_life import Form, MailLife
from sandbox.mailbox import Mail, Mailbox

PAGE = """<html><body>
<form action="/language"><button>Urdu</button></form>
<form method="post" action="/c/token/answer">
  <input type="hidden" name="seen" value="3">
  <input type="radio" name="answer" value="going" checked><input type="radio" name="answer" value="maybe">
  <button name="go" value="yes">Send</button><button name="go" value="no">Not now</button>
</form></body></html>"""


class Pages:
    """A service with one page."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.address = ""

    async def show(self, _request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def take(self, request: web.Request) -> web.Response:
        self.sent.append({name: str(value) for name, value in (await request.post()).items()})
        return web.Response()


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    pages = Pages()
    app = web.Application()
    app.router.add_get("/c/token", pages.show)
    app.router.add_post("/c/token/answer", pages.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    pages.address = f"http://127.0.0.1:{runner.addresses[0][1]}/c/token"
    yield pages
    await runner.cleanup()


def a_mail(number: int, recipient: str, link: str) -> Mail:
    html = f'<a href="{link}?answer=going">Going</a>'
    raw = f"Subject: Coffee\r\nContent-Type: text/html\r\n\r\n{html}".encode()
    return Mail(number, "office@example.org", recipient, datetime(2026, 2, 3, tzinfo=UTC), raw)


async def test_a_reader_presses_the_first_button_of_the_page_and_leaves_the_first_mailbox_to_the_visitor(
    pages: Pages,
) -> None:
    mailbox = Mailbox()
    mailbox.mails = [a_mail(number, f"reader{number}@example.org", pages.address) for number in range(1, 9)]
    life = MailLife(mailbox, Random(4))
    async with aiohttp.ClientSession() as browser:
        pressed = [await life.act_once(browser) for _ in range(9)]
    assert sum(pressed) == len(pages.sent) > 2
    assert pages.sent[0] == {"seen": "3", "answer": "going", "go": "yes"}
    only_the_visitors = MailLife(Mailbox(), Random(4))
    only_the_visitors.mailbox.mails = mailbox.mails[:1] * 5
    async with aiohttp.ClientSession() as browser:
        assert not any([await only_the_visitors.act_once(browser) for _ in range(5)])


async def test_a_page_that_is_gone_is_let_be() -> None:
    mailbox = Mailbox()
    mailbox.mails = [
        a_mail(number, f"r{number}@example.org", "http://127.0.0.1:9/c/x") for number in (1, 2, 3)
    ]
    life = MailLife(mailbox, Random(1))
    async with aiohttp.ClientSession() as browser:
        assert not any([await life.act_once(browser) for _ in range(3)])


def test_a_page_without_a_form_has_nothing_to_press() -> None:
    assert Form.first_in("<p>Too late</p><form action='/x'></form>", "http://x/") is None
