"""The settings that are for the service itself to decide: whom to ring, and when and how much it sends.

The environment gives them, and an administrator may put others before those in the console (`bot.in_force`).
Both are read by this one model, so that no value is right in one place and wrong in the other.
"""

import re
from datetime import time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from broadcasts.quiet import Span, parse_span
from care.danger import plain
from care.report_notices import HowOften

WORDS_OF_DANGER = (
    "words parted by commas, such as flood*, on fire; with + before the first they are added to ours"
)
EMPTY_MEANS_NONE = frozenset({"quiet_hours", "office_hours", "approval_above"})
"""Of these an empty value is a value; of any other it means unset."""


def _a_number_to_ring(value: str) -> str:
    if not (re.fullmatch(r"[+\d][\d ()-]*", value) and re.search(r"\d{3}", value)):
        raise ValueError
    return value


def _two_times(value: str | Span | None) -> Span | None:
    return parse_span(value) if isinstance(value, str) else value


def _a_number_or_none(value: str | int | None) -> str | int | None:
    return None if value == "" else value


def _words_that_find_something(value: str) -> str:
    # Signs alone would find nothing, and nobody would know until a message was overlooked.
    if not plain(value):
        raise ValueError
    return value


Telephone = Annotated[str, AfterValidator(_a_number_to_ring)]
Hours = Annotated[Span | None, BeforeValidator(_two_times)]
Words = Annotated[str, AfterValidator(_words_that_find_something)]


class Decided(BaseModel):
    """What the service decides, with what a right value looks like as each one's description."""

    service_name: str = Field(
        "Your fostering service", description="the name of the service as carers know it", max_length=120
    )
    duty_phone: Telephone | None = Field(
        None, description="the telephone number of the duty social worker, such as 01709 000000"
    )
    fosterline_phone: Telephone = Field("0800 040 7675", description="a telephone number")
    samaritans_phone: Telephone = Field("116 123", description="a telephone number")
    quiet_hours: Hours = Field(
        (time(21), time(8)), description="two local times, such as 21:00-08:00, or nothing for none"
    )
    office_hours: Hours = Field(
        (time(9), time(17)),
        description="two local times, such as 09:00-17:00, Monday to Friday, or nothing for none",
    )
    weekly_cap: int = Field(5, ge=0, le=10_000, description="a whole number from 0 (no cap) to 10000")
    approval_above: Annotated[int | None, BeforeValidator(_a_number_or_none)] = Field(
        200,
        ge=0,
        le=1_000_000,
        description="a whole number from 0 to 1000000; 0 or nothing: nobody has to approve",
    )
    reports: HowOften = Field(HowOften.MONTHLY, description="monthly, yearly or never")
    danger_words_en: Words | None = Field(None, description=WORDS_OF_DANGER)
    danger_words_ur: Words | None = Field(None, description=WORDS_OF_DANGER)
    danger_words_pa: Words | None = Field(None, description=WORDS_OF_DANGER)
    danger_words_ar: Words | None = Field(None, description=WORDS_OF_DANGER)


NAMES: tuple[str, ...] = tuple(Decided.model_fields)


def right(name: str) -> str:
    """What a right value of this setting looks like, in words that follow "should be"."""
    return Decided.model_fields[name].description or ""


def read(name: str, text: str) -> object:
    """The value that this text means. Raises ``ValueError`` for one that would stop the start, and for an
    empty text where that means unset."""
    if not text and name not in EMPTY_MEANS_NONE:
        raise ValueError("an empty value means unset")
    try:
        return getattr(Decided.model_validate({name: text}), name)
    except ValidationError as error:
        raise ValueError("not a value of this setting") from error


def text_of(value: object) -> str:
    """A value as it would be typed into the environment; empty for none."""
    match value:
        case None:
            return ""
        case (time() as begins, time() as ends):
            return f"{begins:%H:%M}-{ends:%H:%M}"
    return str(value)
