"""Making an event step by step, as a chat does: which question is next, and what an answer means.

What has been said so far is plain JSON, kept with the conversation. Nothing here touches the database.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from carers.audience import EVERYONE
from events.holds import LONDON
from events.pattern import pattern_of, plan_on
from events.planning import EventPlan
from events.rhythm import NAMED
from events.series_plan import SeriesPlan
from events.templates import TemplateLine
from storage.events import Mode, RsvpBy

KINDS = (
    "social",
    "support_group",
    "wellbeing",
    "training",
    "celebration",
    "trip",
    "youth_club",
    "birth_children",
    "children",
    "recognition",
    "forum",
    "consultation",
    "mockingbird",
    "tickets",
    "conference",
)
LONGEST_TITLE, LONGEST_VENUE, LONGEST_LINK, LONGEST_DESCRIPTION = 200, 300, 500, 1500
MOST_PLACES = 100_000
NO_LIMIT = "none"
NOTHING = "skip"
TEMPLATE = "template"
"""Under this name what was said keeps the template that it began from."""

_DATE_AND_CLOCK = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}),?\s+(\d{1,2})[:.](\d{2})")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")
_MINUTES = re.compile(r"\+(\d{1,4})")


class Step(StrEnum):
    """The questions, in their order."""

    TITLE = "title"
    KIND = "kind"
    DESCRIPTION = "description"
    STARTS = "starts"
    ENDS = "ends"
    MODE = "mode"
    VENUE = "venue"
    LINK = "link"
    AUDIENCE = "audience"
    ANSWERS = "answers"
    CAPACITY = "capacity"
    ONLINE_CAPACITY = "online_capacity"
    CONFIRM = "confirm"


class Wrong(StrEnum):
    """Why an answer cannot be used."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_A_TIME = "not_a_time"
    NO_SUCH_TIME = "no_such_time"
    """The clocks go forward over it, or the month has no such day."""
    PAST = "past"
    ENDS_FIRST = "ends_first"
    NOT_A_LINK = "not_a_link"
    NOT_A_NUMBER = "not_a_number"
    NOT_OFFERED = "not_offered"


Said = Mapping[str, Any]


def next_step(said: Said) -> Step:
    """The first question that has no answer yet and makes sense for this event."""
    return next(step for step in Step if step is Step.CONFIRM or (step not in said and _applies(step, said)))


def _applies(step: Step, said: Said) -> bool:
    match step:
        case Step.VENUE:
            return said.get(Step.MODE) != Mode.ONLINE
        case Step.LINK:
            return said.get(Step.MODE) != Mode.IN_PERSON
        case Step.ONLINE_CAPACITY:
            return said.get(Step.MODE) == Mode.HYBRID
        case _:
            return True


def read_answer(
    step: Step, text: str, said: Said, now: datetime, zone: ZoneInfo, audiences: Sequence[str]
) -> Any | Wrong:
    """What an answer means, as plain JSON: a text, a number, an ISO time or null; or what is wrong with it.

    Local times look like ``24/05/2026 10:00``. An end may be a clock time of that day, or ``+90`` minutes.
    """
    text = text.replace("\0", "").strip()
    match step:
        case Step.TITLE:
            return _short(text, LONGEST_TITLE)
        case Step.DESCRIPTION:
            return "" if text == NOTHING else _short(text, LONGEST_DESCRIPTION)
        case Step.VENUE:
            return _short(text, LONGEST_VENUE)
        case Step.KIND:
            return _one_of(text, KINDS)
        case Step.MODE:
            return _one_of(text, [mode.value for mode in Mode])
        case Step.ANSWERS:
            return _one_of(text, [rsvp_by.value for rsvp_by in RsvpBy])
        case Step.AUDIENCE:
            return _one_of(text, audiences)
        case Step.STARTS:
            return _start(text, now, zone)
        case Step.ENDS:
            return _end(text, datetime.fromisoformat(said[Step.STARTS]), zone)
        case Step.LINK:
            return _link(text)
        case Step.CAPACITY | Step.ONLINE_CAPACITY:
            return _places(text)
        case Step.CONFIRM:
            return Wrong.NOT_OFFERED


def begun_from(template: TemplateLine) -> dict[str, Any]:
    """What a template answers: all but when it is, and what only this service can say."""
    pattern = template.pattern
    said: dict[str, Any] = {
        Step.TITLE: pattern.title,
        Step.KIND: pattern.kind,
        Step.DESCRIPTION: pattern.description,
        Step.MODE: pattern.mode.value,
        Step.ANSWERS: pattern.rsvp_by.value,
        Step.CAPACITY: pattern.capacity,
        TEMPLATE: template.key,
    }
    if pattern.mode is Mode.HYBRID:
        said[Step.ONLINE_CAPACITY] = pattern.online_capacity
    known = {Step.VENUE: pattern.venue, Step.LINK: pattern.online_url}
    if pattern.audience != EVERYONE or not template.standard:
        known[Step.AUDIENCE] = pattern.audience
    return {str(step): answer for step, answer in said.items()} | {
        step.value: answer for step, answer in known.items() if answer
    }


def with_answer(said: Said, step: Step, answer: Any, template: TemplateLine | None) -> dict[str, Any]:
    """What has been said, and this. From a template it is known how long the event lasts."""
    more = {step.value: answer}
    if step is Step.STARTS and template is not None:
        lasts = timedelta(minutes=template.pattern.minutes)
        more[Step.ENDS.value] = (datetime.fromisoformat(answer) + lasts).isoformat()
    return {**said, **more}


def series_from(plan: EventPlan, rhythm: str, template: TemplateLine | None, zone: ZoneInfo) -> SeriesPlan:
    """The event again and again, by a rhythm of `events.rhythm.NAMED`; no last day. Its invitations go out by
    themselves, four weeks before each. The modes take turns where those of the template do.
    """
    named = NAMED[rhythm]
    if template is not None and template.rhythm is not None:
        named = replace(named, alternate=template.rhythm.alternate)
    pattern = replace(pattern_of(plan, zone), draft=False)
    if template is not None:
        pattern = replace(pattern, invite_days=template.pattern.invite_days)
    return SeriesPlan(pattern, named, plan.starts_at.astimezone(zone).date())


def plan_from(said: Said, template: TemplateLine | None = None, zone: ZoneInfo = LONDON) -> EventPlan:
    """The draft that the answers describe; the template says by when answers are due and how places are
    given. Raises ``KeyError`` while an answer is missing.
    """
    starts_at = datetime.fromisoformat(said[Step.STARTS])
    base = EventPlan("", "", starts_at, starts_at)
    if template is not None:
        base = plan_on(template.pattern, starts_at.astimezone(zone).date(), zone)
    return replace(
        base,
        invite_at=None,
        title=said[Step.TITLE],
        kind=said[Step.KIND],
        description=said[Step.DESCRIPTION],
        starts_at=starts_at,
        ends_at=datetime.fromisoformat(said[Step.ENDS]),
        mode=Mode(said[Step.MODE]),
        venue=said.get(Step.VENUE, ""),
        online_url=said.get(Step.LINK, ""),
        audience=said[Step.AUDIENCE],
        rsvp_by=RsvpBy(said[Step.ANSWERS]),
        capacity=said[Step.CAPACITY],
        online_capacity=said.get(Step.ONLINE_CAPACITY),
        draft=True,
    )


def _short(text: str, longest: int) -> str | Wrong:
    if not text:
        return Wrong.EMPTY
    return text if len(text) <= longest else Wrong.TOO_LONG


def _one_of(text: str, offered: Sequence[str]) -> str | Wrong:
    return text if text in offered else Wrong.NOT_OFFERED


def _start(text: str, now: datetime, zone: ZoneInfo) -> str | Wrong:
    moment = _moment(text, zone)
    if isinstance(moment, Wrong):
        return moment
    return moment.isoformat() if moment > now else Wrong.PAST


def _end(text: str, starts_at: datetime, zone: ZoneInfo) -> str | Wrong:
    if minutes := _MINUTES.fullmatch(text):
        ends_at: datetime | Wrong = starts_at + timedelta(minutes=int(minutes[1]))
    elif _CLOCK.fullmatch(text):
        ends_at = _moment(f"{starts_at.astimezone(zone):%d/%m/%Y} {text}", zone)
    else:
        ends_at = _moment(text, zone)
    if isinstance(ends_at, Wrong):
        return ends_at
    return ends_at.isoformat() if ends_at > starts_at else Wrong.ENDS_FIRST


def _moment(text: str, zone: ZoneInfo) -> datetime | Wrong:
    """A local time, day first; of a clock time that comes twice, the first."""
    found = _DATE_AND_CLOCK.fullmatch(text)
    if found is None:
        return Wrong.NOT_A_TIME
    day, month, year, hour, minute = map(int, found.groups())
    try:
        local = datetime(year, month, day, hour, minute, tzinfo=zone)
        utc = local.astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        return Wrong.NO_SUCH_TIME
    exists = utc.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
    return utc if exists else Wrong.NO_SUCH_TIME


def _link(text: str) -> str | Wrong:
    if len(text) > LONGEST_LINK:
        return Wrong.TOO_LONG
    return text if re.fullmatch(r"https?://[^\s/]+\.\S+", text) else Wrong.NOT_A_LINK


def _places(text: str) -> int | Wrong | None:
    if text.casefold() == NO_LIMIT:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_PLACES))):
        return Wrong.NOT_A_NUMBER
    return int(text) if 1 <= int(text) <= MOST_PLACES else Wrong.NOT_A_NUMBER
