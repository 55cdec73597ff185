"""The console within the app: whom the app names is signed in, and nobody else, once."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser
from sqlalchemy import select

from carers.sign_in import sign_out_everywhere
from storage.staff import AuditEntry, SignInLink, SignInWay, StaffMember, WebSession
from tests.support.axe import violations
from tests.support.cast import NOON, STRANGER_CHAT, Cast
from tests.support.console import BOT_TOKEN, Console, Visitor, visitor

pytestmark = pytest.mark.one_database


def signed(fields: dict[str, str], token: str = BOT_TOKEN) -> str:
    """What the app hands to a page: fields and their signature, by the book and by none of our code."""
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    lines = "\n".join(sorted(f"{name}={value}" for name, value in fields.items()))
    signature = hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()
    return "&".join(
        f"{name}={quote(value, safe='')}" for name, value in {**fields, "hash": signature}.items()
    )


def of(chat_id: object, seconds_ago: int = 0, **more: str) -> dict[str, str]:
    """The fields of an app in which this person opened the console a while before noon."""
    return {
        "query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
        "user": json.dumps({"id": chat_id, "first_name": "Zoë & Co", "language_code": "en"}),
        "auth_date": str(int(NOON.timestamp()) - seconds_ago),
        "signature": "of-no-concern_here",
        **more,
    }


async def enter(one: Visitor, launch: str) -> str:
    """Open the page and let its form go, as its script does."""
    await one.get("/app")
    return await one.post("/sign-in/app", {"launch": launch})


async def test_whom_the_app_names_is_signed_in(console: Console, cast: Cast) -> None:
    async with visitor(console) as priya:
        await priya.get("/app")
        agent: Any = {"User-Agent": "Mozilla/5.0 (Linux; Android 15; Pixel 8) Chrome/140.0 Mobile"}
        html = await priya.post("/sign-in/app", {"launch": signed(of(901))}, **agent)
        assert priya.path == "/"
        assert "Priya Lane" in html
    async with console.database.read() as session:
        [browser] = (await session.scalars(select(WebSession))).all()
        assert (browser.way, browser.agent) == (SignInWay.MINI_APP, "Telegram on Android")
        assert browser.staff_id == cast.priya.id
        [entry] = (await session.scalars(select(AuditEntry))).all()
        assert (entry.action, entry.detail) == ("staff.sign_in", {"way": "mini_app"})


def tampered(name: str, value: str) -> str:
    whole = signed(of(904))
    fields = {**of(904), name: value}
    given = whole.rpartition("hash=")[2]
    return "&".join(f"{key}={quote(said, safe='')}" for key, said in {**fields, "hash": given}.items())


NOT_TAKEN = {
    "nothing": "",
    "no fields": "hello",
    "without a signature": signed(of(904)).rpartition("&")[0],
    "an empty signature": signed(of(904)).rpartition("hash=")[0] + "hash=",
    "a signature in capitals": signed(of(904)).rpartition("=")[0] + "=" + signed(of(904))[-64:].upper(),
    "another person": tampered("user", '{"id":901}'),
    "a later time": tampered("auth_date", str(int(NOON.timestamp()) + 5)),
    "a field more": signed(of(904)) + "&start_param=x",
    "a field less": signed(of(904)).partition("&")[2],
    "a field twice": signed(of(904)) + "&user=%7B%22id%22%3A901%7D",
    "a signature twice": signed(of(904)) + "&hash=" + "0" * 64,
    "the bot of another service": signed(of(904), token="4243:another"),
    "a line break that joins two fields": signed(of(904) | {"query_id": "x\nuser={}"}),
    "signed by nobody": signed(of(904), token=""),
    "no user": signed({name: value for name, value in of(904).items() if name != "user"}),
    "a user who is none": signed(of(904) | {"user": "[904]"}),
    "a user without an id": signed(of(904) | {"user": "{}"}),
    "an id in words": signed(of("904")),
    "an id that is true": signed(of(True)),
    "an id below nothing": signed(of(-904)),
    "an id beyond all": signed(of(2**70)),
    "broken user": signed(of(904) | {"user": '{"id":904'}),
    "no time": signed(of(904) | {"auth_date": ""}),
    "a time in words": signed(of(904) | {"auth_date": "noon"}),
    "a time with a sign": signed(of(904) | {"auth_date": f"+{int(NOON.timestamp())}"}),
    "a time of other digits": signed(of(904) | {"auth_date": "١٧٤٦٥٢٩٢٠٠"}),
    "a time beyond all": signed(of(904) | {"auth_date": "9" * 40}),
    "half a sign": signed(of(904)) + "&x=%ff",
    "too much": signed(of(904) | {"padding": "x" * 9000}),
    "many fields": signed(of(904) | {f"f{number}": "x" for number in range(60)}),
}


async def test_nothing_else_is_taken_for_the_apps_word(console: Console, cast: Cast) -> None:
    async with visitor(console) as thief:
        for case, launch in NOT_TAKEN.items():
            html = await enter(thief, launch)
            assert thief.status == 403, case
            assert "not from Telegram" in html, case
            assert "/console" in html, case
        async with console.database.read() as session:
            assert not (await session.scalars(select(WebSession))).all()
            assert not (await session.scalars(select(SignInLink))).all()


async def test_the_apps_word_is_good_for_five_minutes(console: Console, cast: Cast) -> None:
    async with visitor(console) as ash:
        for seconds_ago in (300, 86_400, -31):
            assert "five minutes ago" in await enter(ash, signed(of(904, seconds_ago))), seconds_ago
        for seconds_ago in (299, -30):
            assert "Ash Moor" in await enter(ash, signed(of(904, seconds_ago))), seconds_ago


async def test_a_copy_of_it_lets_nobody_in(console: Console, cast: Cast) -> None:
    launch = signed(of(904))
    async with visitor(console) as ash, visitor(console) as thief:
        await enter(ash, launch)
        assert "signed somebody in already" in await enter(thief, launch)
        assert thief.status == 403
        # The same browser once more, as with the button Back, is simply in.
        assert "Ash Moor" in await enter(ash, launch)
        assert ash.path == "/"


async def test_somebody_elses_copy_does_not_pass_in_a_signed_in_browser(console: Console, cast: Cast) -> None:
    launch = signed(of(904))
    async with visitor(console) as ash, visitor(console, cast.tom) as tom:
        await enter(ash, launch)
        await enter(tom, launch)
        assert "signed somebody in already" in await tom.post("/sign-in/app", {"launch": launch})
        assert "Tom Birch" in await tom.get("/")
        assert "not connected" in await enter(tom, signed(of(STRANGER_CHAT)))


async def test_neither_a_stranger_nor_a_carer_nor_who_has_left_gets_in(console: Console, cast: Cast) -> None:
    async with console.database.write() as session:
        gone = await session.get_one(StaffMember, cast.ash.id)
        gone.left_on = NOON.date()
    async with visitor(console) as somebody:
        for chat in (STRANGER_CHAT, 101, 904):
            html = await enter(somebody, signed(of(chat)))
            assert "not connected to a member of staff" in html, chat


async def test_on_a_shared_telephone_the_app_says_who_it_is_now(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.tom) as telephone:
        html = await enter(telephone, signed(of(903)))
        assert "Tom Birch</strong> is signed in here" in html
        assert "Go on as Dee Hall" in html
        assert "Tom Birch" in await telephone.get("/")  # nobody has decided yet
        await enter(telephone, signed(of(903)))
        assert "Dee Hall" in await telephone.post("/sign-in/app", {"launch": signed(of(903))})
        assert telephone.path == "/"
    async with console.database.read() as session:
        [browser] = (await session.scalars(select(WebSession))).all()
        assert browser.staff_id == cast.dee.id


async def test_it_leads_to_the_page_that_was_wanted(console: Console, cast: Cast) -> None:
    async with visitor(console) as ash:
        await ash.get("/staff/new")
        assert "Add someone" in await enter(ash, signed(of(904)))
        assert ash.path == "/staff/new"


async def test_its_form_has_to_come_from_our_page(console: Console, cast: Cast) -> None:
    async with visitor(console) as ash, visitor(console) as other:
        await ash.get("/app")
        await other.get("/app")
        launch = signed(of(904))
        tries: list[tuple[dict[str, str], Any]] = [
            ({"csrf": "made-up"}, {}),
            ({"csrf": other.hidden("/sign-in/app")["csrf"]}, {}),
            ({}, {"Origin": "https://elsewhere.example"}),
            ({}, {"Sec-Fetch-Site": "cross-site"}),
        ]
        for fields, headers in tries:
            await ash.get("/app")
            await ash.post("/sign-in/app", {"launch": launch, **fields}, **headers)
            assert ash.status == 403
        assert "Ash Moor" in await enter(ash, launch)


async def test_who_is_sent_there_from_another_page_is_asked_first(console: Console) -> None:
    async with visitor(console) as somebody:
        for site, asks in (
            ("none", False),
            ("same-origin", False),
            ("cross-site", True),
            ("same-site", True),
        ):
            html = await somebody.get("/app", **{"Sec-Fetch-Site": site})
            assert ("data-ask-first" in html) is asks, site


async def test_the_page_runs_nothing_of_others_and_is_shown_in_no_frame(console: Console) -> None:
    async with visitor(console) as somebody:
        async with somebody.client.get(f"{console.address}/app") as answer:
            policy, html = answer.headers["Content-Security-Policy"], await answer.text()
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert "telegram-web-app" not in html


async def test_what_signed_in_is_forgotten_with_the_rest(console: Console, cast: Cast) -> None:
    """Nothing of the app's word is kept but a hash, and that for as long as it could be used again."""
    async with visitor(console) as ash:
        await enter(ash, signed(of(904)))
    async with console.database.write() as session:
        [spent] = (await session.scalars(select(SignInLink))).all()
        assert spent.expires_at == NOON + timedelta(minutes=5)
        assert spent.used_at == NOON
        assert spent.token_hash not in signed(of(904))
        await sign_out_everywhere(session, cast.ash, cast.ash, console.now)
    async with visitor(console) as thief:
        assert "signed somebody in already" in await enter(thief, signed(of(904)))


@pytest.mark.browser
async def test_a_telephone_opens_the_console_with_one_tap(
    console: Console, cast: Cast, browser: Browser
) -> None:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    launch = quote(signed(of(901)), safe="")
    await page.goto(
        f"{console.address}/app#tgWebAppData={launch}&tgWebAppVersion=9.1&tgWebAppPlatform=android"
    )
    await page.get_by_role("button", name="Sign out").wait_for()
    assert "Priya Lane" in await page.content()
    assert all(url.startswith(console.address) and "tgWebAppData" not in url for url in outside)
    # Without the app's words the page sends nothing, and shows the way on.
    await page.goto(f"{console.address}/app")
    await page.get_by_role("heading", name="You are signed in").wait_for()
    assert await violations(page) == []
    await context.close()
