"""The fields of an event's form: from a plan to what stands in them, and back."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from events.planning import EventPlan, Problem, problems
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
DEADLINE_AT = time(17, 0)
"""Local, where a last day for answers is given without a time."""

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


INVITE = ("now", "usual", "day", "draft")
NEEDS_A_PLACE = "Enter where it takes place"


def empty() -> Form:
    """A new event's form."""
    usual = {"kind": "social", "mode": "in_person", "rsvp_by": "carer", "audience": "all", "invite": "usual"}
    return Form.filled(usual)


def filled(plan: EventPlan, zone: ZoneInfo) -> Form:
    """The form with an event in it."""
    start, end = plan.starts_at.astimezone(zone), plan.ends_at.astimezone(zone)
    online = plan.online_capacity
    if plan.mode is Mode.ONLINE and online is None:
        online = plan.capacity  # an event that is online only may name its places in either column
    return Form.filled(
        {
            "title": plan.title,
            "kind": plan.kind,
            "description": plan.description,
            **split_day("on", start.date()),
            "starts": f"{start:%H:%M}",
            "ends": f"{end:%H:%M}",
            **split_day("until", None if _ends_by_itself(start, end) else end.date()),
            "mode": plan.mode.value,
            "venue": plan.venue,
            "online_url": plan.online_url,
            "rsvp_by": plan.rsvp_by.value,
            "audience": plan.audience,
            "capacity": plan.capacity if plan.mode is not Mode.ONLINE else None,
            "online_capacity": online,
            **split_day("deadline", _local_day(plan.rsvp_deadline, zone)),
            "invite": "draft" if plan.draft else "day" if plan.invite_at else "usual",
            **split_day("invite_on", _local_day(plan.invite_at, zone)),
        }
    )


def read_plan(
    form: Form, zone: ZoneInfo, now: datetime, audiences: Iterable[str], before: EventPlan | None = None
) -> EventPlan | None:
    """The plan that the form describes; None, with errors noted, if it describes none.

    ``before`` is the plan as it was: what the form cannot say, such as the minute of a deadline whose day
    stays, is kept from it.
    """
    title = form.words("title", required="Enter a title", most=200)
    kind = form.choice("kind", kinds(before), required="Choose a kind")
    description = form.words("description", most=2000)
    starts_at, ends_at = _times(form, zone)
    moved = before is None or starts_at != before.starts_at
    if moved and starts_at is not None and starts_at <= now:
        form.fail("on", "The event must be still to come; that time is past")
    mode = form.choice("mode", set(Mode), required="Choose where it takes place")
    venue = form.words("venue", most=300, required="" if before or mode in ("", "online") else NEEDS_A_PLACE)
    online_url = form.words("online_url", most=500)
    if online_url and not online_url.startswith(("https://", "http://")):
        form.fail("online_url", "Enter the whole link, beginning with https://")
    rsvp_by = form.choice("rsvp_by", set(RsvpBy), required="Choose who answers")
    audience = form.choice("audience", audiences, required="Choose whom the event is for")
    capacity = form.count("capacity", what="Places", least=1)
    online_capacity = form.count("online_capacity", what="Places online", least=1)
    deadline = _on_day(
        form,
        "deadline",
        "The last day for answers",
        DEADLINE_AT,
        zone,
        before.rsvp_deadline if before else None,
    )
    draft, invite_at = _invitations(form, zone, now, before)
    if form.errors or starts_at is None or ends_at is None:
        return None
    place = Mode(mode)
    return EventPlan(
        title=title,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        ref=before.ref if before else "",
        description=description,
        mode=place,
        venue=venue if place is not Mode.ONLINE else "",
        online_url=online_url if place is not Mode.IN_PERSON else "",
        rsvp_by=RsvpBy(rsvp_by),
        audience=audience,
        capacity=capacity if place is not Mode.ONLINE else None,
        online_capacity=online_capacity if place is not Mode.IN_PERSON else None,
        allocation=before.allocation if before else Allocation.FIRST_COME,
        rsvp_deadline=deadline,
        invite_at=invite_at,
        draft=draft,
        map_url=before.map_url if before else "",
        flyer_id=before.flyer_id if before else None,
    )


def kinds(before: EventPlan | None) -> tuple[str, ...]:
    """The kinds to choose from; one that a file brought in stays possible."""
    return KINDS if before is None or before.kind in KINDS else (*KINDS, before.kind)


def note_problems(form: Form, plan: EventPlan) -> None:
    """Put what is wrong with a plan beside its field."""
    for problem in problems(plan):
        form.fail(*PROBLEMS[problem])


def _times(form: Form, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
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
