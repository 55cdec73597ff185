"""What Telegram accepts as buttons under a message."""

from __future__ import annotations

from typing import Any

from sandbox.errors import bad_request
from sandbox.html_entities import is_web_address
from sandbox.web_apps import may_be_opened

MOST_BUTTONS = 100
MOST_IN_A_ROW = 8
_ACTIONS = frozenset(
    {
        "url",
        "callback_data",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "copy_text",
        "callback_game",
        "pay",
    }
)


def check_inline_keyboard(markup: dict[str, Any]) -> None:
    """Raise ApiError 400 for an inline keyboard that Telegram would refuse."""
    rows = markup["inline_keyboard"]
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_IN_A_ROW for row in rows):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    for row in rows:
        for button in row:
            _check_button(button)


def _check_button(button: dict[str, Any]) -> None:
    if not button["text"].strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    actions = _ACTIONS & button.keys()
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one action must be given")
    if "url" in button:
        _check_address("URL", button["url"])
    elif "web_app" in button and not may_be_opened(button["web_app"]["url"]):
        url = button["web_app"]["url"]
        raise bad_request(
            f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
        )


def _check_address(what: str, url: str) -> None:
    if not url.startswith("tg://") and not is_web_address(url):
        raise bad_request(f"inline keyboard button {what} '{url}' is invalid: Wrong HTTP URL")
