"""Who may open a carer's page: links and codes that are forged, foreign, old or ended, and machines that
follow every link there is."""

import logging
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from carers.pages import LIVES, Pages, Purpose, end_links, new_code
from tests.events.acts import invitation_of, invited_event
from tests.support.cast import NOON, Cast
from tests.support.console import SECRET_KEY, Console
from tests.web.carer_states import every_state
from tests.web.own_links import link, with_much
from tests.web.rows import all_rows
from web.carer import invitation, routes

pytestmark = pytest.mark.one_database
FORM = {"answer": "going"}


async def got(address: str, method: str = "GET", **more: Any) -> tuple[ClientResponse, str]:
    """What is answered, without going where it may lead."""
    async with (
        ClientSession() as client,
        client.request(method, address, allow_redirects=False, **more) as answer,
    ):
        return answer, await answer.text()


async def invited(console: Console, cast: Cast) -> str:
    """A link of Amal's to an invitation."""
    async with console.database.write() as session:
        event = await invited_event(session, cast, title="Tea")
        about = (await invitation_of(session, event, cast.amal)).id
    return link(console, cast.amal, Purpose.INVITATION, about)


async def code_for(console: Console, cast: Cast, purpose: Purpose, about: int) -> str:
    async with console.database.write() as session:
        amal = await session.merge(cast.amal)
        return await new_code(session, amal, purpose, about, SECRET_KEY, console.now)


async def opens_nothing(console: Console, *addresses: str, status: int = 404) -> None:
    """Neither to look at nor to answer, and nothing has changed."""
    before = await all_rows(console.database)
    async with ClientSession() as client:
        for address in addresses:
            for method in ("GET", "HEAD", "POST"):
                data = FORM if method == "POST" else None
                async with client.request(method, address, data=data, allow_redirects=False) as answer:
                    html = await answer.text()
                assert answer.status == status, (method, address)
                assert "Tea" not in html
                assert "Amal" not in html
                assert method == "HEAD" or "This link" in html
    assert await all_rows(console.database) == before


async def test_forged_and_cut_links_open_nothing(console: Console, cast: Cast) -> None:
    good = await invited(console, cast)
    token = good.rpartition("/")[2]
    body, _, signature = token.rpartition(".")
    somebody_elses = Pages("q" * 32, console.address)
    now = console.now
    wrong = [
        token[:-1],
        token[:40],
        body,
        f"{body}.{signature[::-1]}",
        f"W{token}",
        f"{token}A" * 20,
        somebody_elses.token(cast.amal.id, cast.amal.page_number, Purpose.INVITATION, 1, now),
        "%00",
        "%FF",
        "..%2F..",
        "a" * 3000,
    ]
    assert (await got(good))[0].status == 200
    await opens_nothing(console, *(f"{console.address}/c/{one}" for one in wrong))


async def test_a_link_to_an_invitation_of_another_household_or_of_nobody_opens_nothing(
    console: Console, cast: Cast
) -> None:
    good = await invited(console, cast)
    sams = link(console, cast.sam, Purpose.INVITATION, 1)
    assert (await got(good))[0].status == 200
    assert (await got(link(console, cast.sam, Purpose.HOME)))[0].status == 200  # the link itself is good
    paths = ("", "/party", "/needs", "/join", "/why", "/flyer", "/calendar")
    nobodys = [link(console, cast.amal, Purpose.INVITATION, about) for about in (987654, 0, -1)]
    await opens_nothing(console, *(sams + path for path in paths), *nobodys)


async def test_a_link_opens_what_it_is_for_and_nothing_else(console: Console, cast: Cast) -> None:
    good = await invited(console, cast)
    wrong = [good + "/settings", good + "/nowhere/at/all"]
    served = {(route.purpose, route.tail) for route in routes() if "{" not in route.tail}
    for purpose, tail in product(Purpose, {tail for _, tail in served}):
        if (purpose, tail) not in served:
            wrong.append(link(console, cast.amal, purpose, 1) + tail)
    await opens_nothing(console, *wrong)


@pytest.mark.parametrize("purpose", list(Purpose))
async def test_a_link_is_too_old_one_day(console: Console, cast: Cast, purpose: Purpose) -> None:
    await invited(console, cast)
    old = link(console, cast.amal, purpose, 1)
    console.now = NOON + timedelta(days=740)
    await opens_nothing(console, old, status=410)


async def test_ending_all_links_ends_links_and_codes(console: Console, cast: Cast) -> None:
    old = await invited(console, cast)
    code = await code_for(console, cast, Purpose.INVITATION, 1)
    assert (await got(old))[0].status == 200
    assert (await got(f"{console.address}/c/{code}"))[0].status == 303
    async with console.database.write() as session:
        amal = await session.merge(cast.amal)
        await end_links(session, amal)
        fresh = link(console, amal, Purpose.INVITATION, 1)
    await opens_nothing(console, old)
    assert (await got(f"{console.address}/c/{code}"))[0].status == 404
    assert (await got(fresh))[0].status == 200


async def test_who_has_left_opens_nothing(console: Console, cast: Cast) -> None:
    good = await invited(console, cast)
    async with console.database.write() as session:
        (await session.merge(cast.reeds)).ended_on = date(2025, 5, 6)
    await opens_nothing(console, good)


async def test_a_code_opens_its_page_however_it_is_typed(console: Console, cast: Cast) -> None:
    await invited(console, cast)
    code = await code_for(console, cast, Purpose.INVITATION, 1)
    before = await all_rows(console.database)
    for typed in (code, code.lower(), code.replace("-", ""), f"  {code.replace('-', ' ')} "):
        answer, _ = await got(f"{console.address}/c", "POST", data={"code": typed})
        assert answer.status == 303
        page, html = await got(console.address + answer.headers["Location"])
        assert page.status == 200
        assert "Tea" in html
    for path in (code, code.lower(), code.replace("-", "")):
        for method in ("GET", "HEAD"):
            answer, _ = await got(f"{console.address}/c/{path}", method)
            assert answer.status == 303
            assert answer.headers["Location"].startswith("/c/")
            assert answer.headers["Referrer-Policy"] == "same-origin"
    assert await all_rows(console.database) == before


async def test_what_a_code_opens_on_its_last_day_ends_with_it(console: Console, cast: Cast) -> None:
    await invited(console, cast)
    code = await code_for(console, cast, Purpose.INVITATION, 1)
    console.now = NOON + LIVES[Purpose.INVITATION] - timedelta(hours=1)
    answer, _ = await got(f"{console.address}/c/{code}")
    page = console.address + answer.headers["Location"]
    assert (await got(page))[0].status == 200
    console.now += timedelta(days=2)
    assert (await got(page))[0].status == 410


async def test_wrong_and_old_codes_are_told_kindly(console: Console, cast: Cast) -> None:
    await invited(console, cast)
    code = await code_for(console, cast, Purpose.INVITATION, 1)
    for typed, words in (
        ("", "Type the code first"),
        ("ABCDE-FGHJK", "We do not know this code"),
        ("hello", "We do not know this code"),
        ("<script>alert(1)</script>" * 9, "We do not know this code"),
    ):
        answer, html = await got(f"{console.address}/c", "POST", data={"code": typed})
        assert answer.status == 422
        assert words in html
        assert "<script" not in html
    console.now = NOON + timedelta(days=401)
    answer, html = await got(f"{console.address}/c", "POST", data={"code": code})
    assert (answer.status, "This code is too old" in html) == (422, True)
    assert (await got(f"{console.address}/c/{code}"))[0].status == 410


async def test_scanners_that_follow_every_link_ten_times_change_nothing(console: Console, cast: Cast) -> None:
    states = await every_state(console, cast)
    round = await with_much(console, cast)
    code = await code_for(console, cast, Purpose.HOME, 0)
    about = {Purpose.INVITATION: 1, Purpose.SURVEY: round.id, Purpose.FEEDBACK: 1}
    pages = {
        link(console, cast.amal, route.purpose, about.get(route.purpose, 0)) + route.tail
        for route in routes()
        if "{" not in route.tail
    }
    asked = ("?answer=going", "?rating=5", "?what=off&List-Unsubscribe=One-Click")
    ends = [link(console, cast.amal, one, about.get(one, 0)) for one in Purpose]
    often = [*pages, *(end + more for end, more in product(ends, asked)), f"{console.address}/c/{code}"]
    once = [address + more for address, more in product(states.values(), ("", "?answer=going"))]
    before = await all_rows(console.database)
    async with ClientSession() as client:
        for address in (*once, *often * 10):
            for method in ("GET", "HEAD"):
                async with client.request(method, address) as answer:
                    assert answer.status in (200, 404), (method, address)
    assert await all_rows(console.database) == before
    assert console.woken == []


async def test_no_page_is_kept_framed_listed_or_run(console: Console, cast: Cast) -> None:
    good = await invited(console, cast)
    for address in (good, good + "?answer=going", good + "x", f"{console.address}/c", good + "/needs"):
        answer, html = await got(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
        assert "<script" not in html
        assert " style=" not in html
        assert 'content="noindex' in html


async def test_a_form_of_another_page_is_refused(console: Console, cast: Cast) -> None:
    good = await invited(console, cast)
    before = await all_rows(console.database)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        answer, html = await got(good, "POST", data=FORM, headers=headers)
        assert answer.status == 403
        assert "This did not come from our page" in html
    answer, html = await got(good, "POST", data={"answer": "going", "more": "x" * 70_000})
    assert (answer.status, "This is too long" in html) == (413, True)
    answer, _ = await got(good, "POST", data=b"\xff\xfe", headers={"Content-Type": "text/plain"})
    assert answer.status == 404
    charset = {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}
    assert (await got(good, "POST", data=b"answer=going", headers=charset))[0].status == 404
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert (await got(good, method))[0].status == 404
    assert await all_rows(console.database) == before
    own = {"Sec-Fetch-Site": "same-origin", "Origin": console.address}
    answer, _ = await got(good, "POST", data=FORM, headers=own)
    assert answer.status == 303


async def test_a_form_that_arrives_broken_changes_nothing_and_is_no_failure_of_ours(
    console: Console, cast: Cast, capfd: pytest.CaptureFixture[str]
) -> None:
    """On the page where every other form would stop all messages."""
    leave = link(console, cast.amal, Purpose.HOME) + "/leave"
    before = await all_rows(console.database)
    for kind, body in (
        ("multipart/form-data; boundary=x", b"--x\r\nabcd"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"what=back"),
        ("text/plain", b"what=back"),
        ("application/x-www-form-urlencoded", b"what=ba"),
        ("application/x-www-form-urlencoded", b""),
    ):
        answer, _ = await got(leave, "POST", data=body, headers={"Content-Type": kind})
        assert answer.status == 303
    assert await all_rows(console.database) == before
    said = capfd.readouterr()
    assert "failed" not in said.out + said.err


@pytest.mark.parametrize(("method", "fails_in"), [("GET", "card_for"), ("POST", "rsvp")])
async def test_a_token_stands_in_no_log_even_when_its_page_fails(
    console: Console,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    method: str,
    fails_in: str,
) -> None:
    good = await invited(console, cast)
    token = good.rpartition("/")[2]

    async def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the database is gone: " + good)

    class Failing:
        answer: Callable[..., Awaitable[None]] = staticmethod(fails)

    monkeypatch.setattr(invitation, fails_in, fails if fails_in == "card_for" else Failing)
    before = await all_rows(console.database)
    with caplog.at_level(logging.DEBUG):
        answer, html = await got(good, method, data=FORM if method == "POST" else None)
    assert answer.status == 500
    assert "Something went wrong on our side" in html
    said = capfd.readouterr()
    everything = caplog.text + said.out + said.err + html
    assert "page=/c/{token}" in everything
    assert "where=web/carer/invitation.py:" in everything
    assert token not in everything
    assert token[:30] not in everything
    assert await all_rows(console.database) == before


async def test_no_ordinary_request_writes_its_token_or_code_into_a_log(
    console: Console, cast: Cast, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    good = await invited(console, cast)
    code = await code_for(console, cast, Purpose.INVITATION, 1)
    with caplog.at_level(logging.DEBUG, logger="aiohttp"):
        await got(good)
        await got(good, "POST", data=FORM)
        await got(good + "/nowhere")
        await got(f"{console.address}/c/{code}")
        await got(f"{console.address}/c", "POST", data={"code": code})
    said = capfd.readouterr()
    everything = caplog.text + said.out + said.err
    for secret in (good.rpartition("/")[2], code, code.replace("-", "")):
        assert secret not in everything
