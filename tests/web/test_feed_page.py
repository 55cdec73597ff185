"""The calendar feed as a calendar app reads it over the web."""

import logging
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from events.feed import Feeds, new_feed
from events.planning import cancel_event
from events.rsvp import Choice
from tests.events import calendars
from tests.events.acts import invited_event, taps
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from web.carer import feed

KEY = "k" * 32
"""What `tests.support.console` signs with."""


async def link_of(console: Console, cast: Cast) -> str:
    """Amal's feed, with one event that she is going to."""
    async with console.database.write() as session:
        amal = await session.merge(cast.amal)
        await new_feed(session, amal, NOON)
        event = await invited_event(session, cast, title="Tea")
        await taps(session, event, amal, Choice.GOING)
        link = Feeds(KEY, console.address).link_of(amal)
    assert link is not None
    return link


async def got(link: str, method: str = "GET", **headers: str) -> tuple[ClientResponse, str]:
    async with ClientSession() as client, client.request(method, link, headers=headers) as answer:
        return answer, await answer.text()


async def test_a_calendar_app_reads_it_without_signing_in(console: Console, cast: Cast) -> None:
    answer, text = await got(await link_of(console, cast))
    assert answer.status == 200
    assert [shown.title for shown in calendars.read(text)] == ["Tea"]
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


async def test_what_a_calendar_has_already_is_not_sent_again(console: Console, cast: Cast) -> None:
    link = await link_of(console, cast)
    first, _ = await got(link)
    tag = first.headers["ETag"]
    same, nothing = await got(link, **{"If-None-Match": f'"other", {tag}'})
    assert (same.status, nothing, same.headers["ETag"]) == (304, "", tag)
    assert same.headers["Cache-Control"] == "private, no-cache"
    head, _ = await got(link, "HEAD")
    assert (head.status, head.headers["ETag"]) == (200, tag)
    async with console.database.write() as session:
        await cancel_event(session, 1, "", None, NOON)
    changed, text = await got(link, **{"If-None-Match": tag})
    assert changed.status == 200
    assert changed.headers["ETag"] != tag
    assert calendars.read(text)[0].status == "CANCELLED"


async def test_every_wrong_secret_gets_the_same_answer(console: Console, cast: Cast) -> None:
    link = await link_of(console, cast)
    async with console.database.write() as session:
        await new_feed(session, await session.merge(cast.amal), NOON)  # the first is ended
    answers = set()
    forged = console.address + "/calendar/WzEsMV0.AAAA.ics"
    for wrong in (link, forged, console.address + "/calendar/.ics", console.address + "/calendar/%00.ics"):
        answer, text = await got(wrong)
        answers.add((answer.status, text))
        assert "noindex" in answer.headers.get("X-Robots-Tag", "noindex")
    assert answers == {(404, "404: Not Found")}
    for method in ("POST", "PUT", "DELETE"):
        assert (await got(link, method))[0].status == 405


async def test_a_browser_that_follows_an_ended_link_reads_a_page_that_says_no_more(
    console: Console, cast: Cast
) -> None:
    link = await link_of(console, cast)
    async with visitor(console) as somebody:
        html = await somebody.get(link.replace("/calendar/", "/calendar/x"))
    assert somebody.status == 404
    assert "There is no such page" in html
    assert link.rpartition("/")[2].removesuffix(".ics") not in html


@pytest.mark.parametrize("accept", ["text/calendar", "text/html"])
async def test_the_secret_stands_in_no_log_even_when_the_feed_fails(
    console: Console,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    accept: str,
) -> None:
    async def fails(*_: Any) -> None:
        raise RuntimeError("the database is gone: " + link)

    link = await link_of(console, cast)
    monkeypatch.setattr(feed, "read", fails)
    with caplog.at_level(logging.DEBUG, logger="aiohttp"), caplog.at_level(logging.INFO):
        answer, text = await got(link, Accept=accept)
    assert answer.status == 500
    secret = link.rpartition("/")[2].removesuffix(".ics")
    said = capfd.readouterr()
    everything = caplog.text + text + said.out + said.err
    assert "calendar feed failed" in everything
    assert secret not in everything
