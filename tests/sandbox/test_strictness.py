"""What the sandbox refuses and the real server would pass over or refuse too."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import sandbox as sandbox_package
from sandbox.server import Sandbox
from sandbox.spec import API
from sandbox.users import User
from tests.sandbox.conftest import PlainBot, keyboard


async def test_a_wrong_token_is_unauthorized(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{sandbox.url}/bot123:wrong/getMe") as response:
        assert response.status == 401
        assert await response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_an_unknown_method_is_not_found(bot: PlainBot) -> None:
    answer = await bot.call("sendMesage", chat_id=1, text="x")
    assert (answer["error_code"], answer["description"]) == (404, "Not Found: method not found")


async def test_a_method_that_is_not_emulated_says_so(bot: PlainBot) -> None:
    answer = await bot.call("sendDice", chat_id=1)
    assert answer["error_code"] == 501
    assert "sendDice is not implemented in the sandbox" in answer["description"]


async def test_the_case_of_a_methods_name_does_not_matter(bot: PlainBot) -> None:
    assert (await bot("GETME"))["username"] == "hearthline_bot"


async def test_an_unknown_parameter_is_refused_by_name(bot: PlainBot, amal: User) -> None:
    refusal = await bot.refusal("sendMessage", chat_id=amal.id, text="x", disable_web_page_preview=True)
    assert refusal == 'Bad Request: unknown parameter "disable_web_page_preview" of method sendMessage'


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": 1}, "message text is empty"),
        ({"chat_id": [1], "text": "x"}, 'parameter "chat_id" of method sendMessage must be of type'),
        ({"chat_id": 1, "text": 5}, 'parameter "text" of method sendMessage must be of type String'),
        ({"chat_id": 1, "text": "x", "protect_content": "perhaps"}, "must be of type Boolean"),
        ({"chat_id": 1, "text": "x", "reply_markup": "{"}, "must be a JSON-serialised value"),
        ({"chat_id": 1, "text": "x", "reply_markup": {}}, "must be of type InlineKeyboardMarkup or"),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{"txt": "a"}]]}},
            'has an unknown field "txt" of InlineKeyboardButton',
        ),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{"callback_data": "a"}]]}},
            'lacks the field "text" of InlineKeyboardButton',
        ),
        (
            {"chat_id": 1, "text": "x", "entities": [{"type": "bold", "offset": "0", "length": 1}]},
            'field "offset" of MessageEntity must be of type Integer',
        ),
    ],
)
async def test_a_wrong_or_missing_parameter_is_named(
    bot: PlainBot, parameters: dict[str, Any], refusal: str
) -> None:
    assert refusal in await bot.refusal("sendMessage", **parameters)


@pytest.mark.parametrize(
    ("method", "parameters", "refusal"),
    [
        ("getUpdates", {"limit": 101}, 'parameter "limit" of method getUpdates must be between 1 and 100'),
        ("getUpdates", {"allowed_updates": ["mesage"]}, 'unknown kind of update "mesage"'),
        ("deleteMessages", {"chat_id": 1, "message_ids": []}, "must be a list of 1-100"),
        ("deleteMessages", {"chat_id": 1, "message_ids": list(range(101))}, "must be a list of 1-100"),
        ("sendChatAction", {"chat_id": 1, "action": "dancing"}, "wrong parameter action in request"),
        ("setMyDescription", {"description": "x" * 513}, "must be 0-512 characters long"),
        ("setMyShortDescription", {"short_description": "x" * 121}, "must be 0-120 characters long"),
        ("setMyDescription", {"language_code": "english"}, "invalid language code"),
        ("setMyCommands", {"commands": [{"command": "x" * 33, "description": "y"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "Start", "description": "y"}]}, "BOT_COMMAND_INVALID"),
        (
            "setMyCommands",
            {"commands": [{"command": "start", "description": ""}]},
            "BOT_COMMAND_DESCRIPTION_INVALID",
        ),
        ("setMyCommands", {"commands": [], "scope": {"type": "all"}}, "must be one of"),
        ("setWebhook", {"url": "ftp://127.0.0.1/x"}, "An HTTPS URL must be provided"),
        ("setWebhook", {"url": "http://127.0.0.1/x", "secret_token": "a b"}, "unallowed characters"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "MESSAGE_TOO_LONG"),
        ("getFile", {"file_id": "nothing"}, "invalid file_id"),
    ],
)
async def test_limits_of_the_table_are_kept(
    bot: PlainBot, method: str, parameters: dict[str, Any], refusal: str
) -> None:
    assert refusal in await bot.refusal(method, **parameters)


@pytest.mark.parametrize(
    ("button", "refusal"),
    [
        ({"text": "a", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": " ", "callback_data": "a"}, "BUTTON_TEXT_INVALID"),
        ({"text": "a"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "a", "callback_data": "a", "url": "https://example.org"}, "exactly one action"),
        ({"text": "a", "url": "http://localhost:8080/c/x"}, "Wrong HTTP URL"),
        ({"text": "a", "url": "nonsense"}, "Wrong HTTP URL"),
        ({"text": "a", "web_app": {"url": "http://example.org"}}, "Only HTTPS links are allowed"),
        ({"text": "a", "callback_data": "a", "style": "blue"}, "must be one of danger, primary, success"),
    ],
)
async def test_a_button_that_telegram_refuses_is_refused(
    bot: PlainBot, amal: User, button: dict[str, Any], refusal: str
) -> None:
    markup = {"inline_keyboard": [[button]]}
    assert refusal in await bot.refusal("sendMessage", chat_id=amal.id, text="x", reply_markup=markup)


async def test_callback_data_may_have_64_bytes_and_a_link_may_lead_to_a_number(
    bot: PlainBot, amal: User
) -> None:
    row = [{"text": "a", "callback_data": "é" * 32}, {"text": "b", "url": "http://127.0.0.1:8080/c/x"}]
    await bot("sendMessage", chat_id=amal.id, text="x", reply_markup={"inline_keyboard": [row]})


@pytest.mark.parametrize("rows", [[[("a", "b")] * 9], [[("a", "b")] * 8] * 13])
async def test_a_keyboard_has_at_most_100_buttons_and_8_in_a_row(
    bot: PlainBot, amal: User, rows: list[list[tuple[str, str]]]
) -> None:
    refusal = await bot.refusal("sendMessage", chat_id=amal.id, text="x", reply_markup=keyboard(*rows))
    assert refusal == "Bad Request: REPLY_MARKUP_TOO_LONG"


async def test_a_text_has_1_to_4096_utf16_units_after_parsing(bot: PlainBot, amal: User) -> None:
    await bot("sendMessage", chat_id=amal.id, text=f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    await bot("sendMessage", chat_id=amal.id, text="😀" * 2048)
    too_long = await bot.refusal("sendMessage", chat_id=amal.id, text="😀" * 2048 + "x")
    assert too_long == "Bad Request: message is too long"
    for empty in ("", " \n ", "<b> </b>"):
        refusal = await bot.refusal("sendMessage", chat_id=amal.id, text=empty, parse_mode="HTML")
        assert refusal == "Bad Request: message text is empty"


async def test_a_caption_has_at_most_1024_utf16_units(bot: PlainBot, amal: User, sandbox: Sandbox) -> None:
    kept = amal.send_document("a.txt", b"x").file
    assert kept is not None
    await bot("sendDocument", chat_id=amal.id, document=kept.file_id, caption="x" * 1024)
    refusal = await bot.refusal("sendDocument", chat_id=amal.id, document=kept.file_id, caption="x" * 1025)
    assert refusal == "Bad Request: message caption is too long"


@pytest.mark.parametrize("as_form", ["query", "urlencoded", "multipart", "json text"])
async def test_every_form_of_a_request_is_understood(bot: PlainBot, amal: User, as_form: str) -> None:
    parameters = {
        "chat_id": str(amal.id),
        "text": "Going?",
        "protect_content": "true",
        "reply_markup": '{"inline_keyboard":[[{"text":"Yes","callback_data":"y"}]]}',
    }
    form = aiohttp.FormData(parameters, default_to_multipart=as_form == "multipart")
    forms: dict[str, dict[str, Any]] = {
        "query": {"params": parameters},
        "urlencoded": {"data": form},
        "multipart": {"data": form},
        "json text": {"json": parameters},
    }
    method = "GET" if as_form == "query" else "POST"
    async with bot.session.request(method, f"{bot.base}/sendMessage", **forms[as_form]) as response:
        answer = await response.json()
    assert answer["ok"], answer
    assert amal.last is not None
    assert amal.last.labels == ("Yes",)
    assert answer["result"]["has_protected_content"] is True


@pytest.mark.parametrize(
    ("body", "kind", "refusal"),
    [
        (b"{", "application/json", "can't parse JSON"),
        (b"[1]", "application/json", "must be an object"),
        (b"<x/>", "text/xml", "content type text/xml is not supported"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    bot: PlainBot, body: bytes, kind: str, refusal: str
) -> None:
    headers = {"Content-Type": kind}
    async with bot.session.post(f"{bot.base}/getMe", data=body, headers=headers) as response:
        assert response.status == 400
        assert refusal in (await response.json())["description"]


async def test_a_file_that_no_parameter_names_is_refused(bot: PlainBot, amal: User) -> None:
    form = aiohttp.FormData({"chat_id": str(amal.id), "document": "attach://calendar"})
    form.add_field("calender", b"BEGIN", filename="a.ics")
    async with bot.session.post(f"{bot.base}/sendDocument", data=form) as response:
        assert 'unknown parameter "calender"' in (await response.json())["description"]


async def test_what_makes_no_sense_in_a_private_chat_is_refused(bot: PlainBot, amal: User) -> None:
    refusal = await bot.refusal("sendMessage", chat_id=amal.id, text="x", message_thread_id=3)
    assert refusal == "Bad Request: message thread not found"


async def test_parse_modes_other_than_html_are_refused(bot: PlainBot, amal: User) -> None:
    refusal = await bot.refusal("sendMessage", chat_id=amal.id, text="x", parse_mode="MarkdownV2")
    assert refusal == "Bad Request: parse_mode MarkdownV2 is not implemented in the sandbox"
    assert "unsupported parse_mode" in await bot.refusal(
        "sendMessage", chat_id=amal.id, text="x", parse_mode="RTF"
    )


def test_the_sandbox_needs_nothing_but_aiohttp_and_orjson_and_a_post_office_for_mail() -> None:
    folder = Path(sandbox_package.__file__).parent
    for path in folder.glob("*.py"):
        if path.name.startswith("demo"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                root = name.partition(".")[0]
                allowed = {"aiosmtpd"} if path.name == "mailbox.py" else set()
                allowed |= {"aiohttp", "orjson", "sandbox"} | sys.stdlib_module_names
                assert root in allowed, (path.name, name)


def test_the_table_knows_every_method_once() -> None:
    assert not API.methods.keys() & API.not_implemented.keys()
    assert len(API.methods) + len(API.not_implemented) == 180
    assert API.version == "10.1"
