"""Mini Apps: pages that the app opens within itself, with its signed word for who opened them.

A real app opens https alone. Here http on this machine does as well, so that a bot can be tried whole.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from sandbox.state import State

_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


def may_be_opened(url: str) -> bool:
    """Whether an app would open this address within itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)


def launch_address(state: State, sender: dict[str, Any], url: str) -> str:
    """Where the app goes when this person opens that page: who they are stands behind the #."""
    who = {name: value for name, value in sender.items() if name != "is_bot"}
    said = {
        "query_id": secrets.token_urlsafe(16),
        "user": json.dumps(who, separators=(",", ":"), ensure_ascii=False),
        "auth_date": str(state.timestamp()),
        "signature": secrets.token_urlsafe(64),  # for third parties; made with a key that only Telegram has
    }
    key = hmac.digest(b"WebAppData", state.token.encode(), hashlib.sha256)
    lines = "\n".join(f"{name}={value}" for name, value in sorted(said.items()))
    said["hash"] = hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()
    launch = {
        "tgWebAppData": urlencode(said, quote_via=quote, safe=""),
        "tgWebAppVersion": "9.1",
        "tgWebAppPlatform": "weba",
    }
    return f"{url.partition('#')[0]}#{urlencode(launch, quote_via=quote, safe='')}"


def menu_button_for(state: State, chat: str) -> dict[str, Any]:
    """Return what an app shows beside the text field of this chat: its own button, or that of all chats."""
    buttons = state.profile.menu_buttons
    own = buttons.get(chat)
    if own is None or own["type"] == "default":
        own = buttons.get("")
    return {"type": "commands"} if own is None or own["type"] == "default" else own
