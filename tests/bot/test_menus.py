"""The menu button offers carers what there is, in the language of their app."""

import re
from zoneinfo import ZoneInfo

import pytest
from telegram.ext import CommandHandler

from bot.menus import FOR_STAFF, carer_commands
from bot.settings import Settings
from handlers.routes import handlers
from sandbox.server import Sandbox
from tests.bot.asking import Start, gathered, until_ready
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
