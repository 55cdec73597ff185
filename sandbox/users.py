"""The people who talk to the bot, and what they can do in their chat."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.files import Upload, picture_size
from sandbox.html_entities import utf16_length
from sandbox.message_text import with_found_entities
from sandbox.views import MessageView, view
from sandbox.web_apps import launch_address, menu_button_for

if TYPE_CHECKING:
    from sandbox.state import State

MOST_UNREAD = 100
_START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(slots=True)
class Tap:
    """A tap on an inline button, and the bot's answer once there is one."""

    id: str
    user_id: int
    message_id: int
    data: str
    at: datetime
    answered: bool = False
    text: str = ""
    show_alert: bool = False
    url: str = ""


class User:
    """One person and their private chat with the bot. Make one with `Sandbox.add_user`."""

    def __init__(
        self,
        state: State,
        user_id: int,
        first_name: str,
        last_name: str | None,
        username: str | None,
        language_code: str | None,
    ) -> None:
        self._state = state
        self.id = user_id
        self.first_name = first_name
        self.last_name = last_name
        self.username = username
        self.language_code = language_code
        self.note = ""
        """A word about this person on the page, such as "answers by herself"."""
        self.pinned = False
        """Whether the page shows this person above the others."""
        self.started = False
        self.blocked = False
        self.deactivated = False
        self.last_message_id = 0
        self.read_up_to = 0
        self.raw_messages: dict[int, dict[str, Any]] = {}
        """Message objects by message_id, oldest first; deleted ones are gone."""
        self.keyboard: dict[str, Any] | None = None
        """The reply keyboard that the bot has put below the text field."""
        self.describe()

    def describe(self) -> None:
        """Write anew the User and Chat objects that go over the wire, after a change of name."""
        names = {
            key: value
            for key, value in (
                ("first_name", self.first_name),
                ("last_name", self.last_name),
                ("username", self.username),
            )
            if value
        }
        self.chat: dict[str, Any] = {"id": self.id, **names, "type": "private"}
        self.sender: dict[str, Any] = {"id": self.id, "is_bot": False, **names}
        if self.language_code:
            self.sender["language_code"] = self.language_code

    def __repr__(self) -> str:
        return f"<User {self.id} {self.name}>"

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name or ''}".rstrip()

    # What stands in the chat

    @property
    def messages(self) -> list[MessageView]:
        """Every message of the chat, oldest first."""
        return [view(raw, self._state.files) for raw in self.raw_messages.values()]

    @property
    def received(self) -> list[MessageView]:
        """The bot's messages, oldest first."""
        return [message for message in self.messages if message.from_bot]

    @property
    def last(self) -> MessageView | None:
        """The bot's latest message."""
        for raw in reversed(self.raw_messages.values()):
            if raw["from"]["is_bot"]:
                return view(raw, self._state.files)
        return None

    def find(self, text: str) -> MessageView | None:
        """Return the bot's latest message that contains the text, as it stands now."""
        for raw in reversed(self.raw_messages.values()):
            if raw["from"]["is_bot"] and text in (raw.get("text") or raw.get("caption") or ""):
                return view(raw, self._state.files)
        return None

    # What a person does

    def start(self, payload: str = "") -> MessageView:
        """Press Start, or open a deep link with its payload. Raises ValueError for a bad payload."""
        if payload and not _START_PAYLOAD.fullmatch(payload):
            raise ValueError("a start parameter has at most 64 characters of A-Z, a-z, 0-9, _ and -")
        return self.say(f"/start {payload}".rstrip())

    def say(self, text: str, *, reply_to: MessageView | int | None = None) -> MessageView:
        """Send a text. Raises ValueError for an empty one or one beyond 4096 characters."""
        text = text.strip()
        if not 1 <= utf16_length(text) <= 4096:
            raise ValueError("a text has 1-4096 characters")
        content: dict[str, Any] = {"text": text}
        entities = with_found_entities(text, [])
        if entities:
            content["entities"] = entities
        if reply_to is not None and (replied := self.raw_messages.get(_message_id(reply_to))):
            content["reply_to_message"] = {k: v for k, v in replied.items() if k != "reply_to_message"}
        return self._send(content)

    def edit(self, message: MessageView | int, text: str) -> MessageView:
        """Change a text that this person sent. Raises LookupError where there is none."""
        raw = self.raw_messages.get(_message_id(message))
        if raw is None or raw["from"]["is_bot"] or "text" not in raw:
            raise LookupError("there is no such text of this person")
        raw["text"] = text.strip()
        raw.pop("entities", None)
        if entities := with_found_entities(raw["text"], []):
            raw["entities"] = entities
        raw["edit_date"] = self._state.timestamp()
        self._state.message_changed(self.id, raw["message_id"])
        self._state.updates.add("edited_message", raw, self.id)
        return view(raw, self._state.files)

    def send_photo(self, content: bytes | None = None, caption: str = "") -> MessageView:
        """Send a photo, by default a small plain one."""
        content = content or plain_picture()
        width, height = picture_size(content)
        kept = self._state.keep("photos", Upload("photo.png", "image/png", content))
        size = {**kept.described(), "width": width, "height": height}
        return self._send({"photo": [size], **({"caption": caption} if caption else {})})

    def send_document(self, name: str, content: bytes, caption: str = "") -> MessageView:
        """Send a file."""
        kept = self._state.keep("documents", Upload(name, "", content))
        document = {**kept.described(), "file_name": kept.name, "mime_type": kept.mime_type}
        return self._send({"document": document, **({"caption": caption} if caption else {})})

    def send_sticker(self, emoji: str = "👍") -> MessageView:
        """Send a sticker."""
        kept = self._state.keep("stickers", Upload("sticker.webp", "image/webp", emoji.encode()))
        sticker = {"type": "regular", "width": 512, "height": 512, "emoji": emoji}
        return self._send(
            {"sticker": {**kept.described(), **sticker, "is_animated": False, "is_video": False}}
        )

    def send_voice(self, seconds: int = 3) -> MessageView:
        """Send a voice message."""
        kept = self._state.keep("voice", Upload("voice.ogg", "audio/ogg", b"OggS" + bytes(seconds)))
        return self._send({"voice": {**kept.described(), "duration": seconds, "mime_type": "audio/ogg"}})

    def send_location(self, latitude: float = 53.43, longitude: float = -1.36) -> MessageView:
        """Send a location."""
        return self._send({"location": {"latitude": latitude, "longitude": longitude}})

    def send_contact(self, phone_number: str) -> MessageView:
        """Share one's own telephone number."""
        contact = {"phone_number": phone_number, "first_name": self.first_name, "user_id": self.id}
        return self._send({"contact": contact})

    def tap(self, message: MessageView | int, button: str) -> Tap:
        """Tap an inline button, named by its label or by its callback data.

        A view stands for what this person's app shows, which may be older than the chat: its buttons
        are the ones that are tapped. Raises LookupError where there is no such button.
        """
        shown = self._shown(message)
        for candidate in shown.buttons:
            if candidate.data is not None and button in (candidate.label, candidate.data):
                return self.send_callback(shown.id, candidate.data)
        raise LookupError(f"no button {button!r} under message {shown.id}; there are {shown.labels}")

    def open_web_app(self, message: MessageView | int | None = None, button: str = "") -> str:
        """Where an app goes at a button that opens a page within it: named by its label, or, without a
        message, the one beside the text field. Raises LookupError where there is no such button."""
        if message is None:
            buttons = [menu_button_for(self._state, str(self.id))]
        else:
            rows = self._shown(message).raw.get("reply_markup", {}).get("inline_keyboard", [])
            buttons = [one for row in rows for one in row if one["text"] == button]
        for one in buttons:
            if "web_app" in one:
                return launch_address(self._state, self.sender, one["web_app"]["url"])
        raise LookupError("no such button opens a page")

    def _shown(self, message: MessageView | int) -> MessageView:
        return message if isinstance(message, MessageView) else self.message(message)

    def send_callback(self, message_id: int, data: str) -> Tap:
        """Send any callback data for a message, shown or not, as a forged client could."""
        state = self._state
        state.tap_count += 1
        tap = Tap(f"{self.id}{state.tap_count:09d}", self.id, message_id, data, state.now())
        state.taps[tap.id] = tap
        raw = self.raw_messages.get(message_id)
        query = {
            "id": tap.id,
            "from": self.sender,
            "message": raw or {"chat": self.chat, "message_id": message_id, "date": 0},
            "chat_instance": state.chat_instance(self.id),
            "data": data,
        }
        state.tapped(tap)
        state.updates.add("callback_query", query, self.id)
        return tap

    def vote(self, message: MessageView | int, options: list[int]) -> None:
        """Vote in a poll, or take the vote back with an empty list. Raises LookupError without a poll."""
        raw = self.raw_messages.get(_message_id(message), {})
        if "poll" not in raw or raw["poll"]["is_closed"]:
            raise LookupError("there is no open poll in that message")
        state = self._state
        chosen = state.votes.get(raw["poll"]["id"], [])
        counted = [
            {**option, "voter_count": option["voter_count"] + (number in options) - (number in chosen)}
            for number, option in enumerate(raw["poll"]["options"])
        ]
        poll = {**raw["poll"], "options": counted, "total_voter_count": int(bool(options))}
        raw["poll"] = poll
        state.votes[poll["id"]] = list(options)
        state.message_changed(self.id, raw["message_id"])
        state.updates.add("poll", poll, self.id)
        if not poll["is_anonymous"]:
            persistent = [poll["options"][number]["persistent_id"] for number in options]
            answer = {"poll_id": poll["id"], "user": self.sender, "option_ids": options}
            state.updates.add("poll_answer", {**answer, "option_persistent_ids": persistent}, self.id)

    def block(self) -> None:
        """Block the bot."""
        if not self.blocked:
            self.blocked = True
            self._membership("member", "kicked")

    def unblock(self) -> None:
        """Let the bot write again."""
        if self.blocked:
            self.blocked = False
            self._membership("kicked", "member")

    def deactivate(self) -> None:
        """Delete the person's account."""
        self.deactivated = True
        self._state.person_changed(self.id)

    def read(self, up_to: int | None = None) -> None:
        """Take messages for read on the page; the bot never learns of it, as at Telegram."""
        up_to = self.last_message_id if up_to is None else up_to
        if up_to > self.read_up_to:
            self.read_up_to = up_to
            self._state.person_changed(self.id)

    @property
    def unread(self) -> int:
        """How many of the bot's messages came since the person looked, counted up to 100."""
        if self.read_up_to >= self.last_message_id:
            return 0
        count = 0
        for number, raw in reversed(self.raw_messages.items()):
            if number <= self.read_up_to:
                break
            count += raw["from"]["is_bot"]
            if count == MOST_UNREAD:
                break
        return count

    def message(self, message_id: int) -> MessageView:
        """Return one message as it stands now. Raises LookupError where there is none."""
        raw = self.raw_messages.get(message_id)
        if raw is None:
            raise LookupError(f"{self.name} has no message {message_id}")
        return view(raw, self._state.files)

    # Under the hood

    def _send(self, content: dict[str, Any]) -> MessageView:
        if self.deactivated:
            raise ValueError(f"the account of {self.name} is deactivated")
        self.unblock()
        self.started = True
        raw = self.put(self.sender, content)
        self.read_up_to = self.last_message_id
        self._state.updates.add("message", raw, self.id)
        return view(raw, self._state.files)

    def put(self, sender: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        """Put a message at the end of the chat and return its Message object."""
        self.last_message_id += 1
        raw = {
            "message_id": self.last_message_id,
            "from": sender,
            "chat": self.chat,
            "date": self._state.timestamp(),
            **content,
        }
        self.raw_messages[self.last_message_id] = raw
        self._state.message_arrived(self.id, self.last_message_id)
        return raw

    def _membership(self, before: str, after: str) -> None:
        state = self._state
        state.person_changed(self.id)

        def member(status: str) -> dict[str, Any]:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": state.bot, "status": status, **until}

        change = {
            "chat": self.chat,
            "from": self.sender,
            "date": state.timestamp(),
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
        state.updates.add("my_chat_member", change, self.id)


def _message_id(message: MessageView | int) -> int:
    return message if isinstance(message, int) else message.id


def plain_picture(width: int = 320, height: int = 200) -> bytes:
    """Return a PNG of one warm colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    row = b"\x00" + bytes((224, 178, 138)) * width
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(row * height))
        + chunk(b"IEND", b"")
    )
