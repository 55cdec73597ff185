"""The menu button offers carers what there is, in the language of their app."""

import re
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from telegram.ext import CommandHandler

from bot.menus import FOR_STAFF, carer_commands
from bot.mini_app import app_address
from bot.settings import Settings, load
from handlers.routes import handlers
from sandbox.server import Sandbox
from storage.staff import Role, StaffMember
from tests.bot.asking import Start, gathered, until_ready
from tests.support.cast import NOON
from tests.texts.test_catalogues import SCRIPTS
from texts.catalogue import LANGUAGES, TRANSLATED
from texts.render import Service, Texts

TEXTS = Texts(Service("Hope Fostering", "01709 000000"), ZoneInfo("Europe/London"))
CARER_COMMANDS = [
    "events",
    "mygroups",
    "calendar",
    "surveys",
    "nominate",
    "message",
    "settings",
    "language",
    "mydata",
    "stop",
    "help",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_offers_the_same_commands(language: str) -> None:
    commands = carer_commands(TEXTS, language)
    assert [command.command for command in commands] == CARER_COMMANDS
    for command in commands:
        assert re.fullmatch(r"[^/<>&–\n]{3,256}", command.description)
        if language in TRANSLATED:
            assert re.fullmatch(f"[{SCRIPTS[language]} ,،.]+", command.description)


@pytest.mark.parametrize(
    "command",
    list(dict.fromkeys([*CARER_COMMANDS, *FOR_STAFF])),
)
def test_a_command_of_the_menus_has_a_handler_of_its_own(command: str) -> None:
    assert any(command in handler.commands for handler in handlers() if isinstance(handler, CommandHandler))


async def test_telegram_is_given_menu_and_description_in_every_language(
    settings: Settings, start: Start, sandbox: Sandbox
) -> None:
    async with start(settings) as hearthline:
        await gathered(hearthline)
        await until_ready(hearthline)
        await hearthline.menus.set_missing()
    for method in ("setMyDescription", "setMyCommands"):
        asked = [request.arguments for request in sandbox.requests_of(method)]
        told = {
            arguments.get("language_code"): str(arguments)
            for arguments in asked
            if "'chat_id'" not in str(arguments)
        }
        assert set(told) == {None, *TRANSLATED}
        for language in TRANSLATED:
            assert re.search(f"[{SCRIPTS[language]}]", told[language]), told[language]
    assert all(
        "999" in request.arguments["description"] for request in sandbox.requests_of("setMyDescription")
    )


async def test_a_colleague_opens_the_console_beside_where_they_write_until_they_leave(
    settings: Settings, start: Start, sandbox: Sandbox
) -> None:
    priya = sandbox.add_user("Priya", user_id=901)
    priya.start()
    async with start(settings) as hearthline:
        await until_ready(hearthline)
        hearthline.menus._app = "http://127.0.0.1:9/app"  # as a public address would have it
        async with hearthline.database.write() as session:
            session.add(StaffMember(name="Priya Lane", role=Role.COORDINATOR, chat_id=901, added_at=NOON))
        await hearthline.menus.set_missing()
        assert priya.open_web_app().startswith("http://127.0.0.1:9/app#tgWebAppData=")
        async with hearthline.database.write() as session:
            (await session.scalars(select(StaffMember))).one().chat_id = None
        await hearthline.menus.set_missing()
        with pytest.raises(LookupError):
            priya.open_web_app()
    last = sandbox.requests_of("deleteMyCommands")[-1]
    assert last.arguments["scope"] == {"type": "chat", "chat_id": 901}


@pytest.mark.parametrize(
    ("public_url", "api", "opens"),
    [
        ("https://hearthline.example.org", "https://api.telegram.org", True),
        ("http://127.0.0.1:8080", "https://api.telegram.org", False),  # Telegram would refuse the message
        ("http://127.0.0.1:8080", "http://127.0.0.1:8081", True),  # the demonstration
        (None, "http://127.0.0.1:8081", False),
    ],
)
def test_the_console_is_offered_where_the_app_opens_it(public_url: str | None, api: str, opens: bool) -> None:
    settings = load(public_url=public_url, telegram_api_url=api)
    assert app_address(settings) == (f"{public_url}/app" if opens else "")
