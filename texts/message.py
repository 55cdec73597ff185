"""What a rendered text is: words, buttons under them, and perhaps a file."""

from dataclasses import dataclass, field
from enum import StrEnum


class Medium(StrEnum):
    """What a text is read on, and so what can be done with it: tapped, clicked, or neither."""

    APP = "app"
    EMAIL = "email"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: either ``data`` comes back when it is tapped (1 to 64 bytes), or ``url`` opens, or
    ``web_app`` does, which the app shows within itself with its word for who taps."""

    label: str
    data: str = ""
    url: str = ""
    web_app: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes out with the message: its ``content``, or ``file_id`` where Telegram has it already.

    ``key`` names a file that goes to many: it is uploaded once. ``dispensable``: where Telegram does not take
    it, the message goes out without it.
    """

    filename: str
    content: bytes
    mime: str = "application/octet-stream"
    is_photo: bool = False
    file_id: str = ""
    key: str = ""
    dispensable: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """An event as mail programs take it: ``content`` is an iCalendar object, ``method`` its METHOD."""

    method: str
    content: str
    filename: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to send. ``text`` is Telegram's HTML, whatever it is read on; in the app it is at most
    4,096 characters shown; 1,024 where it is the caption of an attachment.

    ``subject`` (plain text, one line) and ``calendar`` are for what is not read in the app.

    ``link_preview`` is off unless asked for: places and join links stay out of previews.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    attachment: Attachment | None = None
    link_preview: bool = False
    protect: bool = field(default=False)
    """Ask the app not to forward or save it: for join links and staff sign-in links."""
    subject: str = ""
    calendar: Calendar | None = None
