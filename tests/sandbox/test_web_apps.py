"""Pages that an app opens within itself: which, and with whose name."""

import hashlib
import hmac
import json
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from sandbox.server import Sandbox
from sandbox.users import User
from tests.sandbox.conftest import PlainBot

HERE = "http://127.0.0.1:9/app"


def launched(address: str) -> dict[str, str]:
    """What the page is told, as its script reads it."""
    [said] = parse_qs(urlsplit(address).fragment)["tgWebAppData"]
    return dict(parse_qsl(said))


async def test_a_button_opens_a_page_with_the_name_of_who_tapped(
    bot: PlainBot, amal: User, sandbox: Sandbox
) -> None:
    markup = {"inline_keyboard": [[{"text": "Open", "web_app": {"url": HERE}}]]}
    await bot("sendMessage", chat_id=amal.id, text="x", reply_markup=markup)
    address = amal.open_web_app(amal.messages[-1], "Open")
    assert address.startswith(f"{HERE}#")
    said = launched(address)
    key = hmac.new(b"WebAppData", sandbox.token.encode(), hashlib.sha256).digest()
    given = said.pop("hash")
    lines = "\n".join(f"{name}={said[name]}" for name in sorted(said))
    assert given == hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()
    assert json.loads(said["user"])["id"] == amal.id
    with pytest.raises(LookupError):
        amal.open_web_app(amal.messages[-1], "Shut")


async def test_the_button_beside_the_text_field_is_a_chats_own_or_that_of_all(
    bot: PlainBot, amal: User, sandbox: Sandbox
) -> None:
    other = sandbox.add_user("Robin")
    button = {"type": "web_app", "text": "Console", "web_app": {"url": HERE}}
    await bot("setChatMenuButton", chat_id=amal.id, menu_button=button)
    assert amal.open_web_app().startswith(HERE)
    with pytest.raises(LookupError):
        other.open_web_app()
    await bot("setChatMenuButton", chat_id=amal.id, menu_button={"type": "default"})
    assert await bot("getChatMenuButton", chat_id=amal.id) == {"type": "commands"}


async def test_an_app_opens_https_and_this_machine_alone(bot: PlainBot, amal: User) -> None:
    for url, refused in (("http://example.org/app", True), ("https://example.org/app", False), (HERE, False)):
        button = {"type": "web_app", "text": "Console", "web_app": {"url": url}}
        sent = {"chat_id": amal.id, "menu_button": button}
        if refused:
            assert "BUTTON_URL_INVALID" in await bot.refusal("setChatMenuButton", **sent)
        else:
            await bot("setChatMenuButton", **sent)
