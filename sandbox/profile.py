"""What the bot tells about itself: commands, descriptions, the menu button; and what it may ask."""

from __future__ import annotations

import re
from typing import Any

from sandbox.call import Call
from sandbox.errors import bad_request
from sandbox.files import DOWNLOAD_BYTES
from sandbox.state import Event, State
from sandbox.web_apps import may_be_opened, menu_button_for

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")


def get_me(state: State, call: Call) -> dict[str, Any]:
    """Tell the bot who it is."""
    abilities = {
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return {**state.bot, **abilities}


def get_chat(state: State, call: Call) -> dict[str, Any]:
    """Tell about a person whom the bot has met."""
    user = state.person(call.arguments["chat_id"])
    if not user.started:
        raise bad_request("chat not found")
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
        False,
    )
    return {
        **user.chat,
        "accent_color_id": user.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": gifts,
    }


def get_file(state: State, call: Call) -> dict[str, Any]:
    """Tell where a file can be downloaded."""
    kept = state.files.get(call.arguments["file_id"])
    if kept is None:
        raise bad_request("invalid file_id")
    if len(kept.content) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {**kept.described(), "file_path": kept.path}


def set_my_commands(state: State, call: Call) -> bool:
    """Keep the commands of one scope and language."""
    commands = call.arguments["commands"]
    for command in commands:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
    key = _scope_key(state, call)
    if commands:
        state.profile.commands[key] = commands
    else:
        state.profile.commands.pop(key, None)
    state.emit(Event("profile"))
    return True


def get_my_commands(state: State, call: Call) -> list[dict[str, Any]]:
    """Return the commands of one scope and language."""
    return state.profile.commands.get(_scope_key(state, call), [])


def delete_my_commands(state: State, call: Call) -> bool:
    """Forget the commands of one scope and language."""
    state.profile.commands.pop(_scope_key(state, call), None)
    state.emit(Event("profile"))
    return True


def set_my_description(state: State, call: Call) -> bool:
    """Keep what an empty chat shows."""
    state.profile.descriptions[_language(call)] = call.arguments.get("description", "")
    state.emit(Event("profile"))
    return True


def get_my_description(state: State, call: Call) -> dict[str, Any]:
    """Return what an empty chat shows."""
    return {"description": state.profile.descriptions.get(_language(call), "")}


def set_my_short_description(state: State, call: Call) -> bool:
    """Keep what the bot's profile shows."""
    state.profile.short_descriptions[_language(call)] = call.arguments.get("short_description", "")
    state.emit(Event("profile"))
    return True


def get_my_short_description(state: State, call: Call) -> dict[str, Any]:
    """Return what the bot's profile shows."""
    return {"short_description": state.profile.short_descriptions.get(_language(call), "")}


def set_chat_menu_button(state: State, call: Call) -> bool:
    """Keep the button beside the text field, of one chat or of all."""
    button = call.arguments.get("menu_button", {"type": "default"})
    if button["type"] == "web_app" and not may_be_opened(button["web_app"]["url"]):
        raise bad_request("BUTTON_URL_INVALID")
    state.profile.menu_buttons[_menu_key(state, call)] = button
    state.emit(Event("profile"))
    return True


def get_chat_menu_button(state: State, call: Call) -> dict[str, Any]:
    """Return the button beside the text field."""
    return menu_button_for(state, _menu_key(state, call))


def commands_for(state: State, user_id: int, language: str) -> list[dict[str, Any]]:
    """Return the commands that an app shows: of the narrowest scope and the nearest language."""
    for scope in (f"chat:{user_id}", "all_private_chats", "default"):
        for key in (f"{scope}/{language[:2]}", f"{scope}/"):
            if key in state.profile.commands:
                return state.profile.commands[key]
    return []


def _menu_key(state: State, call: Call) -> str:
    chat_id = call.arguments.get("chat_id")
    return "" if chat_id is None else str(state.person(chat_id).id)


def _scope_key(state: State, call: Call) -> str:
    """Write scope and language as one key, such as `chat:7000000001/en`."""
    scope = call.arguments.get("scope", {"type": "default"})
    kind = scope["type"]
    if kind == "chat":
        kind = f"chat:{state.person(scope['chat_id']).id}"
    elif "chat_id" in scope:
        raise bad_request("chat not found")
    return f"{kind}/{_language(call)}"


def _language(call: Call) -> str:
    language: str = call.arguments.get("language_code", "")
    if language and not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language
