"""(kind, parameters, language) -> message. The only place where words that a carer reads are put together.

A kind's words are the template ``templates/<kind>.j2``; its buttons the function registered for it with
`keyboard`. Both get the same parameters, of which times may be aware datetimes or their ISO text.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from texts import clock_words
from texts.catalogue import LANGUAGES, Catalogue, catalogue
from texts.direction import comma, directed
from texts.message import Attachment, Button, Message

TEMPLATES = Path(__file__).parent / "templates"

WRITTEN_BY_STAFF = frozenset({"broadcast"})
"""Kinds that have no words of ours: ``params["html"]`` is what staff wrote, as Telegram's HTML."""

SAME_FOR_MANY = frozenset({"card", "invitation", "toast_rsvp"})
"""Kinds whose words are often the same for hundreds, and only the buttons differ, by ``invitation_id``: the
words are kept for a while. Never a kind that says more of anybody than where they stand with an event."""

_NOT_SAID = ("invitation_id", "flyer")
"""Parameters that no words depend on."""

Rows = Sequence[Sequence[Button]]
Keyboard = Callable[[Mapping[str, Any], Catalogue], Rows]
_keyboards: dict[str, Keyboard] = {}


@dataclass(frozen=True)
class Service:
    """What every text may say of the service: its name and whom to ring. All are settings."""

    name: str
    duty_phone: str
    fosterline_phone: str = "0800 040 7675"
    samaritans_phone: str = "116 123"


def keyboard(*kinds: str) -> Callable[[Keyboard], Keyboard]:
    """Register the buttons of these kinds of message."""

    def register(function: Keyboard) -> Keyboard:
        for kind in kinds:
            if kind in _keyboards:
                raise ValueError(f"{kind} has its buttons already")
            _keyboards[kind] = function
        return function

    return register


class Texts:
    """Everything the bot can say, for one service in one time zone."""

    def __init__(self, service: Service, zone: ZoneInfo) -> None:
        # The modules that register buttons; imported here so that they may import this one.
        from texts import keyboards  # noqa: F401

        self.service = service
        self.zone = zone
        self._environment = lru_cache(maxsize=None)(self._make_environment)
        self._same_words = lru_cache(maxsize=200)(self._words_of)

    def render(self, kind: str, params: Mapping[str, Any], language: str = "en") -> Message:
        """One message. ``params["document"]`` = {filename, mime, content} adds a file of text,
        ``params["file"]`` = {filename, mime, is_photo, key, content, file_id} one that is kept, and
        ``params["flyer"]`` likewise a picture that the message can do without.

        Raises ``jinja2.TemplateError`` for a kind without words or with a parameter missing: never a
        half-empty message.
        """
        language = language if language in LANGUAGES else "en"
        text = params["html"] if kind in WRITTEN_BY_STAFF else self._words(kind, params, language)
        buttons = _keyboards[kind](params, catalogue(language)) if kind in _keyboards else ()
        return Message(
            text=directed(text, language),
            buttons=tuple(tuple(row) for row in buttons if row),
            attachment=_attachment(params.get("document"))
            or _kept_file(params.get("file"))
            or _kept_file(params.get("flyer"), dispensable=True),
            protect=bool(params.get("protect", False)),
        )

    def _words(self, kind: str, params: Mapping[str, Any], language: str) -> str:
        if kind in SAME_FOR_MANY:
            said = {name: value for name, value in params.items() if name not in _NOT_SAID}
            with suppress(orjson.JSONEncodeError):  # half a character, say
                return self._same_words(kind, orjson.dumps(said), language)
        return self._fill(kind, params, language)

    def _words_of(self, kind: str, params: bytes, language: str) -> str:
        return self._fill(kind, orjson.loads(params), language)

    def _fill(self, kind: str, params: Mapping[str, Any], language: str) -> str:
        template = self._environment(language).get_template(f"{kind}.j2")
        return template.render(**params, service=self.service, language=language).strip()

    def label(self, text: str, language: str = "en") -> str:
        """One short text of the catalogue: a button, a heading."""
        return catalogue(language).gettext(text)

    def _make_environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,  # Telegram's HTML: <, > and & of a title must not become tags
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # or each message asks the disk whether its template has changed
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
        zone = self.zone
        # Hundreds hear of one event, and to say a time takes longer than all the rest of a message.
        said_before = lru_cache(maxsize=500)
        environment.filters["day"] = said_before(lambda value: clock_words.day(value, zone, language))
        environment.filters["clock"] = said_before(lambda value: clock_words.clock(value, zone, language))
        environment.filters["moment"] = said_before(lambda value: clock_words.moment(value, zone, language))
        environment.globals["comma"] = comma(language)
        environment.globals["span"] = said_before(
            lambda start, end: clock_words.span(start, end, zone, language)
        )
        return environment


def _attachment(document: Mapping[str, str] | None) -> Attachment | None:
    if document is None:
        return None
    return Attachment(document["filename"], document["content"].encode(), document["mime"])


def _kept_file(file: Mapping[str, Any] | None, dispensable: bool = False) -> Attachment | None:
    """A photo or document that the service keeps, or Telegram does for it: see `Attachment`."""
    if file is None:
        return None
    return Attachment(
        file["filename"],
        file.get("content") or b"",
        file["mime"],
        is_photo=bool(file.get("is_photo")),
        file_id=file.get("file_id") or "",
        key=file.get("key") or "",
        dispensable=dispensable,
    )
