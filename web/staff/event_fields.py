"""The fields of an event's form: from a plan to what stands in them, and back."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events.pattern import DEADLINE_AT, Pattern
from events.planning import EventPlan, Problem, is_address, problems
from events.views import Allocation, Mode, RsvpBy
from web.staff.forms import Form, next_day, split_day

KINDS = (
    "social",
    "support_group",
    "training",
    "tickets",
    "wellbeing",
    "recognition",
    "forum",
    "consultation",
    "celebration",
    "trip",
    "youth_club",
    "birth_children",
    "children",
    "mockingbird",
    "conference",
)
INVITES_AT = time(9, 0)
"""Local, on the day chosen for the invitations: outside quiet hours."""

LONGEST_NIGHT = timedelta(hours=12)
"""What ends at an earlier hour than it starts ends the night after; a longer one is taken for a mistake."""

PROBLEMS = {
    Problem.NO_TITLE: ("title", "Enter a title"),
    Problem.ENDS_BEFORE_IT_STARTS: ("ends", "The end must be after the start"),
    Problem.DEADLINE_AFTER_START: ("deadline", "The last day for answers must be before the event"),
    Problem.INVITES_AFTER_START: ("invite", "The invitations must go out before the event"),
    Problem.CAPACITY_BELOW_ONE: ("capacity", "Places must be 1 or more, or left empty for no limit"),
}


IN_TURN = "in_turn"
"""In the form: in person and online in turn, which a rhythm says and not a mode."""

NEVER = "never"
"""In the form: it does not repeat."""

LONGEST = 365
"""Days before an event at which answers close or invitations go out."""

ON_THE_PAGE = (
    *("title", "kind", "description", "flyer", "no_child"),
    *("on", "starts", "ends", "until", "repeat", "repeat_until"),
    *("mode", "venue", "map_url", "online_url"),
    *("audience", "rsvp_by", "capacity", "online_capacity", "allocation", "deadline", "deadline_days"),
    *("invite", "invite_on", "invite_days", "scope"),
)
"""The fields in the order of the page, in which their errors are listed."""

INVITE = ("now", "usual", "day", "draft")
NEEDS_A_PLACE = "Enter where it takes place"
NEEDS_A_DEADLINE = "Enter the last day for answers: the ballot is drawn after it"
NEEDS_PLACES = "Enter how many places are drawn"


def empty() -> Form:
    """A new event's form."""
    usual = {"kind": "social", "mode": "in_person", "rsvp_by": "carer", "audience": "all", "invite": "usual"}
    return Form.filled({**usual, "allocation": "first_come", "repeat": NEVER})


def filled(plan: EventPlan, zone: ZoneInfo) -> Form:
    """The form with an event in it."""
    return Form.filled(
        {
            **about_shown(plan),
            **times_shown(plan.starts_at, plan.ends_at, zone),
            **split_day("deadline", _local_day(plan.rsvp_deadline, zone)),
            "invite": "draft" if plan.draft else "day" if plan.invite_at else "usual",
            **split_day("invite_on", _local_day(plan.invite_at, zone)),
        }
    )


def about_shown(plan: EventPlan | Pattern) -> dict[str, object]:
    """What stays the same whenever it takes place, as the fields show it."""
    online = plan.online_capacity
    if plan.mode is Mode.ONLINE and online is None:
        online = plan.capacity  # an event that is online only may name its places in either column
    return {
        "title": plan.title,
        "kind": plan.kind,
        "description": plan.description,
        "mode": plan.mode.value,
        "venue": plan.venue,
        "map_url": plan.map_url,
        "online_url": plan.online_url,
        "rsvp_by": plan.rsvp_by.value,
        "audience": plan.audience,
        "capacity": plan.capacity if plan.mode is not Mode.ONLINE else None,
        "online_capacity": online,
        "allocation": plan.allocation.value,
        "flyer_id": plan.flyer_id,
    }


def times_shown(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> dict[str, object]:
    """Start and end as the fields show them."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    return {
        **split_day("on", start.date()),
        "starts": f"{start:%H:%M}",
        "ends": f"{end:%H:%M}",
        **split_day("until", None if _ends_by_itself(start, end) else end.date()),
    }


def read_plan(
    form: Form,
    zone: ZoneInfo,
    now: datetime,
    audiences: Iterable[str],
    before: EventPlan | None = None,
    flyer: int | None = None,
) -> EventPlan | None:
    """The plan that the form describes; None, with errors noted, if it describes none.

    ``before`` is the plan as it was: what the form cannot say, such as the minute of a deadline whose day
    stays, is kept from it. ``flyer`` is the picture that was read already.
    """
    about = read_about(form, audiences, before)
    starts_at, ends_at = read_times(form, zone)
    moved = before is None or starts_at != before.starts_at
    if moved and starts_at is not None and starts_at <= now:
        form.fail("on", "The event must be still to come; that time is past")
    deadline = _on_day(
        form,
        "deadline",
        "The last day for answers",
        DEADLINE_AT,
        zone,
        before.rsvp_deadline if before else None,
    )
    if before is None and deadline is not None and deadline <= now:
        form.fail("deadline", "The last day for answers must be still to come")
    if deadline is None and starts_at is not None and "deadline" not in form.errors:
        deadline = _before(form, "deadline_days", starts_at, DEADLINE_AT, zone)
    if about["allocation"] is Allocation.BALLOT and deadline is None:
        form.fail("deadline", NEEDS_A_DEADLINE)
    draft, invite_at = _invitations(form, zone, now, before)
    if form.text("invite") == "usual" and starts_at is not None:
        invite_at = _before(form, "invite_days", starts_at, INVITES_AT, zone)
    if form.errors or starts_at is None or ends_at is None:
        return None
    return EventPlan(
        **about,
        starts_at=starts_at,
        ends_at=ends_at,
        ref=before.ref if before else "",
        rsvp_deadline=deadline,
        invite_at=invite_at,
        draft=draft,
        flyer_id=flyer,
    )


def read_about(form: Form, audiences: Iterable[str], before: EventPlan | Pattern | None) -> dict[str, Any]:
    """What stays the same whenever it takes place: fields of a plan by name, errors noted."""
    title = form.words("title", required="Enter a title", most=200)
    kind = form.choice("kind", kinds(before), required="Choose a kind")
    description = form.words("description", most=2000)
    chosen = form.choice("mode", {*Mode, IN_TURN}, required="Choose where it takes place")
    if chosen == IN_TURN and not in_turn(form):
        form.fail("mode", "Only an event that repeats can be in person and online in turn")
    mode = Mode(chosen) if chosen in set(Mode) else Mode.IN_PERSON
    here, there = mode is not Mode.ONLINE, mode is not Mode.IN_PERSON or chosen == IN_TURN
    needs_a_place = NEEDS_A_PLACE if here and before is None else ""
    venue = form.words("venue", most=300, required=needs_a_place)
    map_url = _link(form, "map_url") if here else ""
    online_url = _link(form, "online_url") if there else ""
    audience = form.choice("audience", audiences, required="Choose whom the event is for")
    rsvp_by = form.choice("rsvp_by", set(RsvpBy), required="Choose who answers")
    capacity = form.count("capacity", what="Places in person", least=1) if here else None
    online_capacity = form.count("online_capacity", what="Places online", least=1) if there else None
    allocation = form.choice("allocation", set(Allocation), required="Choose how places are given out")
    if allocation == Allocation.BALLOT and capacity is None and online_capacity is None:
        form.fail("capacity" if here else "online_capacity", NEEDS_PLACES)
    return {
        "title": title,
        "kind": kind,
        "description": description,
        "mode": mode,
        "venue": venue if here else "",
        "map_url": map_url,
        "online_url": online_url,
        "audience": audience,
        "rsvp_by": RsvpBy(rsvp_by or RsvpBy.CARER),
        **_places(mode, capacity, online_capacity, before),
        "allocation": Allocation(allocation or Allocation.FIRST_COME),
    }


def _places(
    mode: Mode, capacity: int | None, online: int | None, before: EventPlan | Pattern | None
) -> dict[str, int | None]:
    """Places by column. What is online alone may have its number in either: it stays where it was."""
    if mode is Mode.ONLINE and before is not None and before.mode is mode and before.online_capacity is None:
        return {"capacity": online, "online_capacity": None}
    return {"capacity": capacity, "online_capacity": online}


def in_turn(form: Form) -> bool:
    """Whether it is in person and online in turn, which only what repeats can be."""
    return form.text("mode") == IN_TURN and form.text("repeat") not in ("", NEVER)


def _link(form: Form, name: str) -> str:
    url = form.words(name, most=500)
    if url and not is_address(url):
        form.fail(name, "Enter the whole link, beginning with https://")
    return url


def kinds(before: EventPlan | Pattern | None) -> tuple[str, ...]:
    """The kinds to choose from; one that a file brought in stays possible."""
    return KINDS if before is None or before.kind in KINDS else (*KINDS, before.kind)


def note_problems(form: Form, plan: EventPlan) -> None:
    """Put what is wrong with a plan beside its field."""
    for problem in problems(plan):
        form.fail(*PROBLEMS[problem])


def in_page_order(form: Form) -> None:
    """List the errors as the fields follow each other on the page."""
    form.errors = {name: form.errors[name] for name in ON_THE_PAGE if name in form.errors} | form.errors


def read_times(form: Form, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Start and end. An end at an earlier time of day than the start's is in the night after."""
    day = form.day("on", what="The date", required="Enter the date")
    start = form.clock("starts", what="The start", required="Enter when it starts")
    end = form.clock("ends", what="The end", required="Enter when it ends")
    last = form.day("until", what="The last day")
    if last is None and day is not None and start is not None and end is not None:
        last = _last_day(day, start, end)
        if last is None:
            form.fail("ends", "It ends before it starts; if it runs over several days, enter the last one")
    return form.moment("starts", day, start, zone), form.moment("ends", last, end, zone)


def _last_day(day: date, start: time, end: time) -> date | None:
    """The day of the end as the times alone tell it; None if they tell nothing that is likely to be meant."""
    if end > start:
        return day
    last = next_day(day)
    length = datetime.combine(last, end) - datetime.combine(day, start)
    return last if length <= LONGEST_NIGHT else None


def _ends_by_itself(start: datetime, end: datetime) -> bool:
    """Whether the end's day follows from the times alone."""
    return end.date() == _last_day(start.date(), start.time(), end.time())


def _on_day(
    form: Form, name: str, what: str, at: time, zone: ZoneInfo, before: datetime | None
) -> datetime | None:
    """A local day as a time: as it was, if it was on that day, else at the usual hour."""
    day = form.day(name, what=what)
    if day is not None and day == _local_day(before, zone):
        return before
    return form.moment(name, day, at, zone)


def _before(form: Form, name: str, starts_at: datetime, at: time, zone: ZoneInfo) -> datetime | None:
    """So many days before the event as the template says that the form began with; None if it says none."""
    days = form.count(name, what="The days before it", most=LONGEST)
    if days is None:
        return None
    day = starts_at.astimezone(zone).date() - timedelta(days=days)
    return datetime.combine(day, at, zone).astimezone(UTC)


def _invitations(
    form: Form, zone: ZoneInfo, now: datetime, before: EventPlan | None
) -> tuple[bool, datetime | None]:
    """Whether the event stays a draft, and when the invitations go out."""
    match form.choice("invite", INVITE, required="Choose when the invitations go out"):
        case "draft":
            return True, None
        case "now":
            return False, now
        case "day":
            invite_at = _on_day(
                form,
                "invite_on",
                "The day of the invitations",
                INVITES_AT,
                zone,
                before.invite_at if before else None,
            )
            if invite_at is None:
                form.fail("invite_on", "Enter the day on which the invitations go out")
            return False, invite_at
    return False, None


def _local_day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment else None
