"""What keeps a page of the console to itself."""

import re

import pytest
from aiohttp import web

from tests.support.cast import Cast
from tests.support.console import Console, visitor
from tests.web.conftest import Busy, invitation_of
from web.security import page_headers
from web.sessions import set_opening, set_signed_in

pytestmark = pytest.mark.one_database


async def test_nothing_foreign_runs_and_nothing_is_kept(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        async with priya.client.get(console.address + "/") as answer:
            html, headers = await answer.text(), answer.headers
        async with priya.client.get(console.address + "/") as again:
            second = again.headers["Content-Security-Policy"]
    policy = headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy != second
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    scripts = re.findall(r"<script[^>]*>", html)
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_elsewhere_does_nothing(
    console: Console, cast: Cast, busy: Busy, headers: dict[str, str]
) -> None:
    async with visitor(console, cast.priya) as priya:
        path = f"/events/{busy.coffee}/parties/{busy.amals}"
        await priya.get(path)
        await priya.post(path, {"choice": "not_going"}, **headers)  # type: ignore[arg-type]  # names of headers
        assert priya.status == 403
        assert (await invitation_of(console.database, busy.amals)).state == "going"


async def test_a_form_needs_the_token_of_this_very_browser(console: Console, cast: Cast, busy: Busy) -> None:
    path = f"/events/{busy.coffee}/parties/{busy.amals}"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.priya) as other:
        await priya.get(path)
        await other.get(path)
        await priya.post(path, {"choice": "not_going", "csrf": other.hidden(path)["csrf"]})
        assert priya.status == 403
        await priya.get(path)
        await priya.post(path, {"choice": "not_going"}, Origin=console.address)
        assert priya.status == 200
        assert (await invitation_of(console.database, busy.amals)).state == "not_going"


async def test_behind_https_cookies_are_the_host_s_alone(console: Console) -> None:
    response = web.Response()
    set_signed_in(response, "k", https=True)
    set_opening(response, "o", https=True)
    cookies = [morsel.OutputString() for morsel in response.cookies.values()]
    assert all(cookie.startswith("__Host-") for cookie in cookies)
    assert all("Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    assert all("Domain" not in cookie for cookie in cookies)
    assert "Strict-Transport-Security" in page_headers("n", https=True)


async def test_our_own_files_may_be_kept_for_ever_and_pages_never(console: Console, cast: Cast) -> None:
    async with visitor(console) as stranger:
        await stranger.get("/")
        sheet = re.search(r'href="(/static/staff/console\.css\?v=\w+)"', stranger.html)
        assert sheet is not None
        async with stranger.client.get(console.address + sheet[1]) as answer:
            assert answer.status == 200
            assert "immutable" in answer.headers["Cache-Control"]


async def test_what_is_not_there_is_told_in_words(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.priya) as priya:
        for path in (
            "/events/999999",
            "/events/99999999999999999999",
            "/events/x",
            "/carers/0",
            "/surveys/77",
            f"/events/{busy.coffee}/parties/99",
        ):
            await priya.get(path)
            assert priya.status == 404, path
        assert "There is no such page" in priya.html
