"""The fields that say how an event repeats: from a rhythm to what stands in them, and back."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from events.pattern import INVITE_DAYS, Pattern, local, pattern_of
from events.planning import EventPlan, Problem
from events.rhythm import NAMED, Rhythm, in_words
from events.series_plan import SeriesPlan, SeriesProblem
from events.views import Allocation
from web.staff.event_fields import (
    IN_TURN,
    LONGEST,
    NEEDS_A_DEADLINE,
    NEVER,
    PROBLEMS,
    about_shown,
    in_turn,
    read_about,
    read_times,
    times_shown,
)
from web.staff.forms import Form, split_day

AS_IT_IS = "as_it_is"
"""In the form: a rhythm that has no name of its own, such as one from a file."""

REPEATS = {
    "weekly": "Every week",
    "weekly-term-time": "Every week in term time",
    "fortnightly": "Every two weeks",
    "monthly": "Every month, on the same weekday",
    "quarterly": "Every three months, on the same weekday",
    "termly": "Once a term",
    "yearly": "Every year, on the same weekday",
}
HINTS = {
    "weekly-term-time": "Not in the holidays: the term dates say when they are.",
    "monthly": "As the first date is: the second Tuesday, say.",
    "termly": "In the same week of each term as the first.",
}
PLACES_OF_PROBLEMS: dict[SeriesProblem | Problem, tuple[str, str]] = {
    SeriesProblem.NO_DAYS: (
        "repeat",
        "There is no such day in the coming year: leave fewer out, or change the rule",
    ),
    SeriesProblem.NO_TERMS: (
        "repeat",
        "Enter the term dates first, under Events, Term dates: this rule needs them",
    ),
    SeriesProblem.UNTIL_BEFORE_FIRST: ("repeat_until", "It must repeat until a day after the first date"),
    SeriesProblem.PAST: ("repeat_until", "That day is past; enter a later one, or end the series"),
    SeriesProblem.TOO_MANY: ("repeat", "These are too many dates; choose a rule with fewer"),
    Problem.INVITES_AFTER_START: ("invite_days", "The invitations must go out before the event"),
    Problem.DEADLINE_AFTER_START: ("deadline_days", "Answers must close before the event"),
}


def repeats(form: Form) -> bool:
    """Whether the form describes more than one event."""
    return form.text("repeat") not in ("", NEVER)


def choices(now_is: SeriesPlan | None) -> list[dict[str, object]]:
    """How an event can repeat, for the radios. ``now_is``: the series that is being changed."""
    items: list[dict[str, object]] = [
        {"value": name, "text": text, "hint": {"text": HINTS[name]} if name in HINTS else None}
        for name, text in REPEATS.items()
    ]
    if now_is is None:
        return [{"value": NEVER, "text": "No, it takes place once"}, *items]
    if name_of(now_is.rhythm) == AS_IT_IS:
        items.insert(0, {"value": AS_IT_IS, "text": in_words(_one_mode(now_is.rhythm), now_is.first_on)})
    return items


def name_of(rhythm: Rhythm) -> str:
    """The choice that means this rhythm, whatever it says of modes."""
    plain = _one_mode(rhythm)
    return next((name for name, one in NAMED.items() if one == plain), AS_IT_IS)


def _one_mode(rhythm: Rhythm) -> Rhythm:
    return replace(rhythm, alternate=False, online_first=False)


def rhythm_shown(pattern: Pattern, rhythm: Rhythm) -> dict[str, object]:
    """A rhythm as the fields show it."""
    mode = IN_TURN if rhythm.alternate else pattern.mode.value
    return {"repeat": name_of(rhythm), "mode": mode}


def filled_series(plan: SeriesPlan, zone: ZoneInfo) -> Form:
    """The form with a series in it."""
    pattern = plan.pattern
    starts_at = local(plan.first_on, pattern.starts, zone)
    return Form.filled(
        {
            **about_shown(pattern),
            **times_shown(starts_at, starts_at + timedelta(minutes=pattern.minutes), zone),
            **rhythm_shown(pattern, plan.rhythm),
            **split_day("repeat_until", plan.until),
            "deadline_days": pattern.deadline_days,
            "invite": "draft" if pattern.draft else "days",
            "invite_days": pattern.invite_days,
            "skipped": ",".join(day.isoformat() for day in sorted(plan.skipped)),
        }
    )


def filled_template(pattern: Pattern, rhythm: Rhythm | None) -> Form:
    """A new event's form that starts from a template: everything but the date."""
    ends = (datetime.combine(date.min, pattern.starts) + timedelta(minutes=pattern.minutes)).time()
    return Form.filled(
        {
            **about_shown(pattern),
            "flyer_id": None,
            "starts": f"{pattern.starts:%H:%M}",
            "ends": f"{ends:%H:%M}",
            "deadline_days": pattern.deadline_days,
            "invite": "draft" if pattern.draft else "usual",
            "invite_days": pattern.invite_days if pattern.invite_days != INVITE_DAYS else None,
            **(rhythm_shown(pattern, rhythm) if rhythm else {"repeat": NEVER}),
        }
    )


def read_rhythm(form: Form, now_is: SeriesPlan | None = None) -> Rhythm | None:
    """How it repeats; None, with an error noted, where nothing that can be is chosen."""
    named = dict(NAMED)
    if now_is is not None:
        named[AS_IT_IS] = _one_mode(now_is.rhythm)
    name = form.choice("repeat", named, required="Choose how often it takes place")
    if not name:
        return None
    first = now_is is not None and now_is.rhythm.alternate and now_is.rhythm.online_first
    return replace(named[name], alternate=in_turn(form), online_first=first and in_turn(form))


def read_until(form: Form) -> date | None:
    """The last day on which it can take place; None: it goes on and on, or an error is noted."""
    return form.day("repeat_until", what="The day until which it repeats")


def series_of(form: Form, plan: EventPlan, zone: ZoneInfo) -> SeriesPlan | None:
    """The series that begins with this event; None, with errors noted, if the form describes none."""
    rhythm, until = read_rhythm(form), read_until(form)
    if form.errors or rhythm is None:
        return None
    once = replace(plan, invite_at=None) if form.text("invite") == "now" else plan
    first_on = plan.starts_at.astimezone(zone).date()
    return SeriesPlan(pattern_of(once, zone), rhythm, first_on, until, skipped_days(form))


def read_series(
    form: Form, zone: ZoneInfo, audiences: Iterable[str], now_is: SeriesPlan, flyer: int | None
) -> SeriesPlan | None:
    """A series as its own form describes it; None, with errors noted, if it describes none."""
    about = read_about(form, audiences, now_is.pattern)
    starts_at, ends_at = read_times(form, zone)
    rhythm, until = read_rhythm(form, now_is), read_until(form)
    deadline = form.count("deadline_days", what="The days before it", most=LONGEST)
    if about["allocation"] is Allocation.BALLOT and deadline is None:
        form.fail("deadline_days", NEEDS_A_DEADLINE)
    invite = form.choice("invite", ("days", "draft"), required="Choose when the invitations go out")
    days = form.count("invite_days", what="The days before it", least=1, most=LONGEST)
    if invite == "days" and days is None:
        form.fail("invite_days", "Enter how many days before each the invitations go out")
    if form.errors or starts_at is None or ends_at is None or rhythm is None:
        return None
    local_start = starts_at.astimezone(zone)
    pattern = Pattern(
        **about,
        starts=local_start.time(),
        minutes=int((ends_at - starts_at) / timedelta(minutes=1)),
        deadline_days=deadline,
        invite_days=days or INVITE_DAYS,
        draft=invite == "draft",
        flyer_id=flyer,
    )
    return SeriesPlan(pattern, rhythm, local_start.date(), until, skipped_days(form), now_is.ref)


def skipped_days(form: Form) -> frozenset[date]:
    """The days that are ticked to be left out on the preview, or were before the form was shown again.

    What is no day is nobody's choice and is passed over.
    """
    texts = [*form.several("skip"), *(() if "ticked" in form.values else form.text("skipped").split(","))]
    return frozenset(day for text in texts if (day := _iso_day(text)) is not None)


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def note_series_problems(form: Form, found: Iterable[SeriesProblem | Problem]) -> None:
    """Put what is wrong with a series beside its field."""
    for problem in found:
        form.fail(*(PLACES_OF_PROBLEMS.get(problem) or PROBLEMS[Problem(problem)]))
