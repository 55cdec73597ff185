"""The programme by month: a grid of days, which a narrow screen shows as a list of them."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from carers.roles import Action
from events.lines import EventLine, EventSearch, event_list
from events.rhythm import TermDates, in_term
from events.terms import term_dates
from web.staff.event_lists import asked, looked_for
from web.staff.event_tables import event_columns
from web.staff.numbers import going_words, seats_words
from web.staff.taking import Sheet, sheet_of, take
from web.staff.views import Look, Page, Route, see

A_DAY = timedelta(days=1)
NIGHT = timedelta(hours=6)
"""What ends before six in the morning is of the evening before."""
MOST = 1000
BACK, AHEAD = 12, 18
"""How many months before and after this one the list of months offers."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Shown:
    """An event on one of its days. ``number`` of ``days``: which of its days it is."""

    line: EventLine
    number: int
    days: int


@dataclass(frozen=True, slots=True)
class Day:
    """One field of the grid. ``holiday``: on a weekday between two terms."""

    on: date
    of_the_month: bool
    today: bool
    holiday: bool
    events: Sequence[Shown]


def routes() -> list[Route]:
    return [
        see("/events/calendar", Action.SEE_EVENTS, month),
        *take("/events/calendar", Action.SEE_EVENTS, table, audited_as="calendar"),
    ]


async def month(look: Look) -> Page:
    first, search = _month(look), _wanted(look)
    weeks = Calendar(firstweekday=0).monthdatescalendar(first.year, first.month)
    lines = await _lines(look, weeks[0][0], weeks[-1][-1], search)
    terms = await term_dates(look.session)
    by_day = _by_day(lines, look.zone)
    context = {
        "first": first,
        "weekdays": WEEKDAYS,
        "weeks": [[_day(day, first, look.today, terms, by_day) for day in week] for week in weeks],
        "events": any(day.month == first.month for day in by_day),
        "terms": [one for one in terms if one.starts_on < _next(first) and one.ends_on >= first],
        "before": _named(first - relativedelta(months=1)),
        "after": _named(_next(first)),
        "months": _months(first, look.today),
        "month": _named(first),
        "seats": _seats,
        "this_month": first == look.today.replace(day=1),
        **await looked_for(look, search, _midnight(look, first), _midnight(look, _next(first))),
    }
    return Page("staff/calendar.html", context)


async def table(look: Look) -> Sheet:
    """What is on in the month."""
    first = _month(look)
    lines = await _lines(look, first, _next(first) - A_DAY, _wanted(look))
    return sheet_of(f"events-{_named(first)}", lines, *event_columns(look))


def _wanted(look: Look) -> EventSearch:
    """Of what the lists of events can be asked for, what the calendar's form asks for."""
    return replace(asked(look), words="", state=None)


def _month(look: Look) -> date:
    """The first of the month of the address, ``2025-06``; of this month where it says nothing that can be."""
    try:
        first = date.fromisoformat(f"{look.asked('month')}-01")
    except ValueError:
        first = look.today.replace(day=1)
    return first if 2000 <= first.year < 2200 else look.today.replace(day=1)


def _next(first: date) -> date:
    return first + relativedelta(months=1)


def _named(first: date) -> str:
    return f"{first:%Y-%m}"


def _months(first: date, today: date) -> list[dict[str, str]]:
    this = today.replace(day=1)
    offered = {this + relativedelta(months=shift) for shift in range(-BACK, AHEAD + 1)} | {first}
    return [{"value": _named(one), "text": f"{one:%B %Y}"} for one in sorted(offered)]


def _seats(line: EventLine) -> str:
    """``12 of 20 places taken`` for each way to be there; who is going, where there is no limit."""
    limited = [seats for seats in line.seats if seats.capacity is not None]
    return "; ".join(seats_words(line, seats) for seats in limited) or going_words(line)


def _midnight(look: Look, day: date) -> datetime:
    return datetime.combine(day, time(), look.zone).astimezone(UTC)


async def _lines(look: Look, first: date, last: date, search: EventSearch) -> list[EventLine]:
    """What is on from one local day to another, these included."""
    since, until = _midnight(look, first), _midnight(look, last + A_DAY)
    return await event_list(look.session, since, until=until, search=search, count=MOST)


def _by_day(lines: Sequence[EventLine], zone: ZoneInfo) -> Mapping[date, list[Shown]]:
    """The events of each day in their order; one of several days stands on each."""
    found: dict[date, list[Shown]] = defaultdict(list)
    for line in lines:
        start = line.starts_at.astimezone(zone).date()
        days = max(0, ((line.ends_at.astimezone(zone) - NIGHT).date() - start).days) + 1
        for number in range(days):
            found[start + number * A_DAY].append(Shown(line, number + 1, days))
    return found


def _day(
    day: date,
    first: date,
    today: date,
    terms: Sequence[TermDates],
    by_day: Mapping[date, Sequence[Shown]],
) -> Day:
    known = bool(terms) and terms[0].starts_on <= day <= max(one.ends_on for one in terms)
    return Day(
        on=day,
        of_the_month=day.month == first.month,
        today=day == today,
        holiday=known and day.weekday() < 5 and not in_term(day, terms),
        events=by_day.get(day, ()),
    )
