"""(kind, parameters, language) -> message. The only place where words that a carer reads are put together.

A kind's words are the template ``templates/<kind>.j2``; its buttons the function registered for it with
`keyboard`. Both get the same parameters, of which times may be aware datetimes or their ISO text.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from html import escape, unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from texts import clock_words
from texts.blocks import first_words
from texts.callbacks import pack
from texts.catalogue import LANGUAGES, RIGHT_TO_LEFT, Catalogue, catalogue
from texts.direction import comma, directed
from texts.labels import all_fit
from texts.message import Attachment, Button, Calendar, Medium, Message

TEMPLATES = Path(__file__).parent / "templates"
LAYOUTS = Path(__file__).parent / "layouts"
"""What stands around the words of an email; see `texts.mail`."""

WRITTEN_BY_STAFF = frozenset({"broadcast"})
"""Kinds that have no words of ours: ``params["html"]`` is what staff wrote, as Telegram's HTML."""

SAME_FOR_MANY = frozenset({"card", "invitation", "toast_rsvp"})
"""Kinds whose words are often the same for hundreds, and only the buttons differ, by ``invitation_id``: the
words are kept for a while. Never a kind that says more of anybody than where they stand with an event."""

OPENS_A_CONVERSATION = frozenset(
    {
        "alert_message_back",
        "alert_message_handed",
        "alert_message_new",
        "alert_message_waits",
        "alert_urgent_message",
        "inbox",
        "inbox_ask",
        "inbox_redact",
        "inbox_sure",
        "inbox_thread",
        "inbox_too_long",
        "inbox_words",
    }
)
"""What a carer wrote stands in these, or is edited into them when a button is tapped: the app is asked not to
forward or save them. Telegram takes that when a message is sent, and not with an edit."""

TEXT_LIMIT, CAPTION_LIMIT = 4096, 1024
"""Characters that Telegram shows of a message, and of the words under a file."""

_TAG = re.compile("<[^>]*>")
_NOT_SAID = ("invitation_id", "flyer", "calendar", "for_name", "whose")
"""Parameters that no words of a template depend on."""

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


class ServicePresent:
    """The service as it is when a template asks, for templates that are kept longer than its settings."""

    def __init__(self, texts: "Texts") -> None:
        self._texts = texts

    def __getattr__(self, name: str) -> str:
        return str(getattr(self._texts.service, name))


class Texts:
    """Everything the bot can say, for one service in one time zone."""

    def __init__(self, service: Service, zone: ZoneInfo) -> None:
        # The modules that register buttons; imported here so that they may import this one.
        from texts import keyboards  # noqa: F401

        self.service = service
        self.service_present = ServicePresent(self)
        self.zone = zone
        self._environment = lru_cache(maxsize=None)(self._make_environment)
        self._same_words = lru_cache(maxsize=200)(self._words_of)

    def speak_for(self, service: Service) -> None:
        """Say another name, or other numbers to ring, from now on."""
        self.service = service
        self._same_words.cache_clear()

    def render(
        self, kind: str, params: Mapping[str, Any], language: str = "en", medium: Medium = Medium.APP
    ) -> Message:
        """One message. ``params["document"]`` = {filename, mime, content} adds a file of text,
        ``params["file"]`` = {filename, mime, is_photo, key, content, file_id} one that is kept, and
        ``params["flyer"]`` likewise a picture that the message can do without. In an email,
        ``params["calendar"]`` = {method, content, filename} adds the event for mail programs to take, in
        place of a file of it.

        For a chat that two carers of a household share, ``params["for_name"]`` says in the app whom it is
        for; ``params["whose"]`` = {name, others: [{id, name}]} does too, and adds a button for each other.

        Raises ``jinja2.TemplateError`` for a kind without words or with a parameter missing: never a
        half-empty message.
        """
        language = language if language in LANGUAGES else "en"
        text = params["html"] if kind in WRITTEN_BY_STAFF else self._words(kind, params, language, medium)
        rows = _keyboards[kind](params, catalogue(language)) if kind in _keyboards else ()
        if medium is Medium.APP:
            whose = params.get("whose") or {"name": params.get("for_name"), "others": ()}
            room = None
            if kind in WRITTEN_BY_STAFF:  # all else leaves room, whatever it says
                room = CAPTION_LIMIT if params.get("file") else TEXT_LIMIT
            text = _for_one(whose["name"], text, language, room)
            rows = [*rows, *_others(whose["others"], kind, language)]
        calendar = _calendar(params.get("calendar")) if medium is Medium.EMAIL else None
        return Message(
            text=directed(text, language),
            buttons=tuple(tuple(row) for row in rows if row),
            subject="" if medium is Medium.APP else self._subject(kind, params, language, text),
            calendar=calendar,
            attachment=(_attachment(params.get("document")) if calendar is None else None)
            or _kept_file(params.get("file"))
            or _kept_file(params.get("flyer"), dispensable=True),
            protect=kind in OPENS_A_CONVERSATION or bool(params.get("protect", False)),
        )

    def _words(self, kind: str, params: Mapping[str, Any], language: str, medium: Medium) -> str:
        if kind in SAME_FOR_MANY:
            said = {name: value for name, value in params.items() if name not in _NOT_SAID}
            with suppress(orjson.JSONEncodeError):  # half a character, say
                return self._same_words(kind, orjson.dumps(said), language, medium)
        return self._fill(kind, params, language, medium)

    def _words_of(self, kind: str, params: bytes, language: str, medium: Medium) -> str:
        return self._fill(kind, orjson.loads(params), language, medium)

    def _subject(self, kind: str, params: Mapping[str, Any], language: str, text: str) -> str:
        """What stands in the list of a mailbox: plain words in one line, whatever was typed."""
        begins = first_words(text) if kind in WRITTEN_BY_STAFF else ""
        said = self._fill("_subject", {**params, "kind": kind, "begins": begins}, language, Medium.EMAIL)
        return directed(" ".join(unescape(said).split()), language)

    def _fill(self, kind: str, params: Mapping[str, Any], language: str, medium: Medium) -> str:
        template = self._environment(language).get_template(f"{kind}.j2")
        return template.render(**params, service=self.service, language=language, medium=medium).strip()

    def laid_out(self, name: str, language: str, **values: Any) -> str:
        """One of the layouts, filled in; what is no markup is escaped."""
        return self._environment(language).get_template(name).render(**values, service=self.service)

    def label(self, text: str, language: str = "en") -> str:
        """One short text of the catalogue: a button, a heading."""
        return catalogue(language).gettext(text)

    def _make_environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader([TEMPLATES, LAYOUTS]),
            autoescape=True,  # Telegram's HTML: <, > and & of a title must not become tags
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # or each message asks the disk whether its template has changed
            extensions=["jinja2.ext.i18n"],
        )
        self.equip(environment, language)
        environment.globals["sign"] = _sign
        environment.globals["fit_on_buttons"] = all_fit
        return environment

    def equip(self, environment: Environment, language: str) -> None:
        """Give an environment of templates, which has Jinja's i18n, the words and times of a language."""
        environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
        zone = self.zone
        # Hundreds hear of one event, and to say a time takes longer than all the rest of a message.
        said_before = lru_cache(maxsize=500)
        for name in ("day", "weekday", "clock", "moment", "short_day", "calendar_day"):
            say = partial(getattr(clock_words, name), zone=zone, language=language)
            environment.filters[name] = said_before(say)
        environment.globals["language"] = language
        environment.globals["direction"] = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        environment.globals["comma"] = comma(language)
        environment.globals["span"] = said_before(partial(clock_words.span, zone=zone, language=language))


def _for_one(name: str | None, text: str, language: str, room: int | None) -> str:
    """In a chat that two share, whom the words are for stands before them, where there is room for both: a
    message without its first line is better than none."""
    if not name:
        return text
    named = f"<b>{catalogue(language).gettext('For %(name)s') % {'name': escape(name)}}</b>\n{text}"
    return named if room is None or _shown(named) <= room else text


def _shown(text: str) -> int:
    """How long Telegram takes a text to be: in UTF-16, without its tags."""
    return len(unescape(_TAG.sub("", text)).encode("utf-16-le", "ignore")) // 2


def _others(others: Sequence[Mapping[str, Any]], kind: str, language: str) -> Rows:
    """A button for each who shares the chat: it shows the same for them."""
    _ = catalogue(language).gettext
    return [
        [Button(_("This is %(name)s") % {"name": one["name"]}, pack("speak", one["id"], kind))]
        for one in others
    ]


@pass_context
def _sign(context: Context, sign: str) -> str:
    """A sign before a line in the app, where lines are read at a glance; none in an email or on paper."""
    return f"{sign} " if context["medium"] is Medium.APP else ""


def _calendar(part: Any) -> Calendar | None:
    """The event for mail programs; a card says under the same name whether it has a button for one."""
    if not isinstance(part, Mapping):
        return None
    return Calendar(part["method"], part["content"], part["filename"])


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
