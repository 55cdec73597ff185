"""The settings that the console may change: what each is called, how it is typed and how it is read out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from care.danger import listed
from care.danger_words import BY_LANGUAGE
from texts.catalogue import RIGHT_TO_LEFT
from web.staff.forms import Form

MOST_WORDS = 10_000
"""Characters of a list of words."""

REPORTS = {
    "monthly": "Each month, and of the whole year in April",
    "yearly": "Of the whole year, in April",
    "never": "Never",
}


class Typed(StrEnum):
    """How a value is typed."""

    LINE = "line"
    PHONE = "phone"
    NUMBER = "number"
    HOURS = "hours"
    WORDS = "words"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. ``said``: its value in words. ``weighs``: it changes at once what carers get, and when,
    so that somebody says yes to it twice. ``language``: of its words. ``choices``: what there is to choose:
    values with their words."""

    label: str
    hint: str
    typed: Typed
    said: Callable[[str], str]
    weighs: bool = False
    language: str = "en"
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def ours(self) -> tuple[str, ...]:
        """Words of danger: the list that holds where the service has none of its own."""
        return listed(BY_LANGUAGE[self.language]) if self.typed is Typed.WORDS else ()


def _as_it_is(value: str) -> str:
    return value or "Not set"


def _hours(value: str) -> str:
    return value.replace("-", " to ") or "None"


def _cap(value: str) -> str:
    return "No limit" if value == "0" else f"{value} in seven days"


def _approval(value: str) -> str:
    return f"Above {int(value):,} carers" if value and value != "0" else "Never needed"


def _words(value: str) -> str:
    if not value:
        return "Hearthline’s own list"
    added = value.startswith("+")
    words = listed(value.removeprefix("+"))
    count = f"{len(words)} {'word or phrase' if len(words) == 1 else 'words and phrases'}"
    return f"Hearthline’s own list, and {count} of yours" if added else f"{count} of yours alone"


def _phone(label: str, hint: str) -> Field:
    return Field(label, hint, Typed.PHONE, _as_it_is)


def _danger(name: str, language: str) -> Field:
    hint = (
        "Words or phrases parted by commas; flood* finds what begins like that. Put + before the first to "
        "add them to Hearthline’s own list; without it they take its place."
    )
    return Field(f"Words of danger in {name}", hint, Typed.WORDS, _words, language=language)


GROUPS: dict[str, dict[str, Field]] = {
    "The service and whom to ring": {
        "service_name": Field(
            "Name of the service",
            "As carers know it. It stands in messages, emails, letters and over every page.",
            Typed.LINE,
            _as_it_is,
        ),
        "duty_phone": _phone(
            "Duty social worker",
            "Carers are told to ring this number when something cannot wait. Ring it once before you save.",
        ),
        "fosterline_phone": _phone("Fosterline", "A number that carers can ring for advice."),
        "samaritans_phone": _phone("Samaritans", "A number that carers can ring day and night."),
    },
    "When messages go out, and how many": {
        "quiet_hours": Field(
            "Quiet hours",
            "Nothing that was not asked for goes out then; a cancellation and a change of time always do. "
            "Leave both times empty for none.",
            Typed.HOURS,
            _hours,
            weighs=True,
        ),
        "weekly_cap": Field(
            "Most messages to a household",
            "In any seven days. Answers, offers, changes and reminders of what they joined do not count. "
            "Enter 0 for no limit.",
            Typed.NUMBER,
            _cap,
            weighs=True,
        ),
        "approval_above": Field(
            "A second person approves messages to many",
            "Above this many carers. Enter 0, and nobody has to.",
            Typed.NUMBER,
            _approval,
        ),
    },
    "What managers are told": {
        "reports": Field(
            "The year in figures",
            "The bot tells managers on a working day at the beginning of the month, in the app or by email, "
            "as each of them chose. What could point at fewer than five people is left out.",
            Typed.CHOICE,
            REPORTS.__getitem__,
            choices=tuple(REPORTS.items()),
        ),
    },
    "When carers write": {
        "office_hours": Field(
            "Office hours",
            "Monday to Friday. Outside them a carer who writes is shown the duty number first. Leave both "
            "times empty, and that is so at all times.",
            Typed.HOURS,
            _hours,
        ),
        "danger_words_en": _danger("English", "en"),
        "danger_words_ur": _danger("Urdu", "ur"),
        "danger_words_pa": _danger("Punjabi", "pa"),
        "danger_words_ar": _danger("Arabic", "ar"),
    },
}
"""By the heading under which they stand."""

FIELDS: dict[str, Field] = {name: field for fields in GROUPS.values() for name, field in fields.items()}


def typed_value(form: Form, field: Field) -> str:
    """What was typed, as it would stand in the environment; errors of the form's own are noted."""
    if field.typed is Typed.WORDS:
        return _one_list(form.words("value", most=MOST_WORDS))
    if field.typed is not Typed.HOURS or "value" in form.values:
        return " ".join(form.text("value").split())
    begins = form.clock("from", what="The time at which they begin")
    ends = form.clock("until", what="The time at which they end")
    if form.errors or not (form.text("from") or form.text("until")):
        return ""
    for name, at in (("from", begins), ("until", ends)):
        if at is None:
            form.fail(name, "Enter both times, or leave both empty for none")
    return _span(begins, ends) if begins and ends else ""


def _one_list(text: str) -> str:
    """The lines of a list as one, parted by commas."""
    lines = (" ".join(line.split()).strip(",، ") for line in text.split("\n"))
    return ", ".join(line for line in lines if line)


def _span(begins: time, ends: time) -> str:
    return f"{begins:%H:%M}-{ends:%H:%M}"


def filled(value: str, field: Field) -> Form:
    """The form that shows this value."""
    if field.typed is not Typed.HOURS:
        return Form.filled({"value": value})
    begins, _, ends = value.partition("-")
    return Form.filled({"from": begins, "until": ends})
