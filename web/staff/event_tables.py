"""The tables of the programme as files: events, parties, waiting list, attendance, series, rules, terms."""

from collections.abc import AsyncIterator, Sequence

from broadcasts.ledger_views import counts
from carers.roles import Action
from events.lines import EventLine, count_events, event_list
from events.parties import PartyRow, PartySearch, RsvpState, count_parties, parties_of
from events.series import series_list
from events.templates import templates
from events.terms import term_dates
from events.views import EventPage, Mode
from web.staff.attendance import at_the_door, rows_to_tick
from web.staff.event_lists import asked
from web.staff.event_templates import rhythm_in_words
from web.staff.events import the_event
from web.staff.kind_rules import days_in_words, forms_of, rules_by_kind
from web.staff.series import changed_in_words
from web.staff.series_form import the_series
from web.staff.taking import AT_ONCE, Column, Sheet, late_sheet, long_sheet, sheet_of, take, times
from web.staff.views import Look, Route
from web.staff.words import channel_in_words, delivery_in_words, in_words, reason_in_words

SEE, PLAN = Action.SEE_EVENTS, Action.PLAN_EVENTS


def routes() -> list[Route]:
    one = "/events/{event}"
    return [
        *take("/events", SEE, upcoming, audited_as="events"),
        *take("/events/past", SEE, past, audited_as="past_events"),
        *take("/events/series", SEE, all_series, audited_as="series"),
        *take("/events/series/{series}/dates", SEE, dates, audited_as="series_dates"),
        *take("/events/start", PLAN, all_templates, audited_as="templates"),
        *take("/events/rules", PLAN, rules, audited_as="kind_rules"),
        *take("/events/terms", PLAN, terms, audited_as="terms"),
        *take(f"{one}/parties", SEE, parties, audited_as="parties"),
        *take(f"{one}/waiting", SEE, waiting, audited_as="waiting_list"),
        *take(f"{one}/sent", SEE, sent, audited_as="what_was_sent"),
        *take(f"{one}/attendance", Action.TAKE_ATTENDANCE, attendance, audited_as="attendance"),
        *take(f"{one}/attendance/door", Action.TAKE_ATTENDANCE, door, audited_as="door_list"),
    ]


def event_columns(look: Look) -> tuple[Column[EventLine], ...]:
    return (
        (times("Starts", look), lambda line: line.starts_at),
        (times("Ends", look), lambda line: line.ends_at),
        ("Event", lambda line: line.title),
        ("Number", lambda line: line.ref),
        ("Kind", lambda line: in_words(line.kind)),
        ("State", lambda line: in_words(line.state)),
        ("Mode", lambda line: in_words(line.mode)),
        ("Place", lambda line: line.venue),
        ("Who answers", lambda line: in_words(line.rsvp_by)),
        ("Invited", lambda line: line.invited),
        ("Going", lambda line: line.parties.get(RsvpState.GOING, 0)),
        ("People going", lambda line: line.going_people),
        ("Maybe", lambda line: line.parties.get(RsvpState.MAYBE, 0)),
        ("Waiting list", lambda line: line.parties.get(RsvpState.WAITLISTED, 0)),
        ("Offered a place", lambda line: line.parties.get(RsvpState.OFFERED, 0)),
        ("In the draw", lambda line: line.parties.get(RsvpState.BALLOT_ENTERED, 0)),
        ("No answer", lambda line: line.unanswered),
        ("Places", lambda line: _capacity(line, Mode.IN_PERSON)),
        ("Places online", lambda line: _capacity(line, Mode.ONLINE)),
    )


def _capacity(line: EventLine, mode: Mode) -> int | None:
    return next((seats.capacity for seats in line.seats if seats.mode is mode), None)


async def upcoming(look: Look) -> Sheet:
    """What is on or to come, the soonest first."""
    search = asked(look)
    total = await count_events(look.session, look.now, None, search)

    async def page(number: int, count: int) -> tuple[Sequence[EventLine], int]:
        offset = (number - 1) * count
        lines = await event_list(look.session, look.now, search=search, offset=offset, count=count)
        return lines, -(-total // count)

    return await long_sheet("events", page, *event_columns(look))


async def past(look: Look) -> Sheet:
    """What has begun, the latest first: the list comes soonest first, so it is read from its end."""
    search = asked(look)
    total = await count_events(look.session, None, look.now, search)

    async def page(number: int, count: int) -> tuple[Sequence[EventLine], int]:
        last = max(0, total - (number - 1) * count)
        first = max(0, last - count)
        lines = await event_list(
            look.session, None, until=look.now, search=search, offset=first, count=last - first
        )
        return lines[::-1], -(-total // count)

    return await long_sheet("past-events", page, *event_columns(look))


async def all_series(look: Look) -> Sheet:
    return sheet_of(
        "series",
        await series_list(look.session, look.now),
        ("Series", lambda line: line.title),
        ("Number", lambda line: line.ref),
        ("Kind", lambda line: in_words(line.kind)),
        ("How often", lambda line: line.in_words),
        (times("Next", look), lambda line: line.next_at),
        ("To come", lambda line: line.upcoming),
        ("Until", lambda line: line.until),
        ("Ended", lambda line: line.ended),
    )


async def dates(look: Look) -> Sheet:
    """The dates of one series that are to come."""
    series = await the_series(look)
    return sheet_of(
        f"series-{series.id}",
        series.occasions,
        (times("Date", look), lambda one: one.starts_at),
        ("Where", lambda one: in_words(one.mode)),
        ("State", lambda one: "Left out" if one.skipped else in_words(one.state)),
        ("Changed on this date alone", lambda one: changed_in_words(one.changed_alone)),
        about=f"series:{series.plan.ref}",
    )


async def all_templates(look: Look) -> Sheet:
    return sheet_of(
        "templates",
        await templates(look.session),
        ("Template", lambda line: line.name),
        ("How often", lambda line: rhythm_in_words(line.rhythm)),
        ("Mode", lambda line: in_words(line.pattern.mode)),
        ("Kind", lambda line: in_words(line.kind)),
        ("Comes with Hearthline", lambda line: line.standard),
    )


async def rules(look: Look) -> Sheet:
    forms = await forms_of(look)
    return sheet_of(
        "reminders",
        await rules_by_kind(look),
        ("Kind", lambda line: in_words(line[0])),
        ("Reminders", lambda line: days_in_words(line[1].remind_days)),
        ("No answer: asked again", lambda line: line[1].nudge),
        ("Asked how it was", lambda line: line[1].feedback),
        ("Asked with", lambda line: forms.get(line[1].feedback_form, "") if line[1].feedback else ""),
    )


async def terms(look: Look) -> Sheet:
    return sheet_of(
        "term-dates",
        await term_dates(look.session),
        ("Term", lambda term: term.name),
        ("First day", lambda term: term.starts_on),
        ("Last day", lambda term: term.ends_on),
    )


def _party_columns(look: Look) -> tuple[Column[PartyRow], ...]:
    """Who was asked and what they said; access and dietary needs are in no file."""
    return (
        ("Household", lambda row: row.household_ref),
        ("Carers", lambda row: row.names),
        ("Answer", lambda row: in_words(row.state)),
        ("Mode", lambda row: in_words(row.mode)),
        ("Adults", lambda row: row.adults),
        ("Children 0 to 4", lambda row: row.children_0_4),
        ("Children 5 to 10", lambda row: row.children_5_10),
        ("Children 11 to 15", lambda row: row.children_11_15),
        ("Children 16 or over", lambda row: row.children_16_up),
        (times("Answered", look), lambda row: row.answered_at),
        ("Answered by", lambda row: row.answered_by or ""),
        ("Noted by", lambda row: row.noted_by or ""),
        (times("Place held until", look), lambda row: row.offer_expires_at),
    )


async def parties(look: Look) -> Sheet:
    """By what they answered, each answer's in the order of its page."""
    event, own = await the_event(look), look.own_households
    numbers = await count_parties(look.session, event.line.id, PartySearch(social_worker_id=own))

    async def batches() -> AsyncIterator[Sequence[PartyRow]]:
        for state, number in sorted(numbers.items()):
            search = PartySearch((state,), social_worker_id=own)
            for offset in range(0, number, AT_ONCE):
                yield await parties_of(look.session, event.line.id, search, offset=offset, count=AT_ONCE)

    name, number = f"answers-{event.line.id}", sum(numbers.values())
    return late_sheet(name, number, batches(), *_party_columns(look), about=_subject(event))


async def waiting(look: Look) -> Sheet:
    event = await the_event(look)
    search = PartySearch(states=(RsvpState.WAITLISTED,), social_worker_id=look.own_households)
    return sheet_of(
        f"waiting-list-{event.line.id}",
        await parties_of(look.session, event.line.id, search),
        ("Place in the list", lambda row: row.position),
        *_party_columns(look),
        (times("Waiting since", look), lambda row: row.waiting_since),
        ("Passed over", lambda row: row.passed_over),
        about=_subject(event),
    )


async def sent(look: Look) -> Sheet:
    """How many messages of an event stand how."""
    event = await the_event(look)
    return sheet_of(
        f"sent-{event.line.id}",
        await counts(look.session, event_id=event.line.id),
        ("Message", lambda one: in_words(one.kind)),
        ("How", lambda one: channel_in_words(one.channel)),
        ("State", lambda one: delivery_in_words(one.state)),
        ("Why", lambda one: reason_in_words(one.reason) if one.reason else ""),
        ("Carers", lambda one: one.deliveries),
        about=_subject(event),
    )


async def attendance(look: Look) -> Sheet:
    event = await the_event(look)
    return sheet_of(
        f"attendance-{event.line.id}",
        await rows_to_tick(look, event),
        ("Carer", lambda row: row.name),
        ("Carer number", lambda row: row.carer_ref),
        ("Household", lambda row: row.household_ref),
        ("Answered", lambda row: in_words(row.answer) or "Not invited"),
        ("Came", lambda row: in_words(row.state)),
        about=_subject(event),
    )


async def door(look: Look) -> Sheet:
    event = await the_event(look)
    return sheet_of(
        f"door-{event.line.id}",
        await at_the_door(look, event),
        ("Came", lambda row: ""),
        ("Who", lambda row: row.names or row.household_ref),
        ("Household", lambda row: row.household_ref),
        ("Answered", lambda row: in_words(row.state)),
        ("Adults", lambda row: row.adults),
        ("Children", lambda row: row.children),
        about=_subject(event),
    )


def _subject(event: EventPage) -> str:
    return f"event:{event.line.ref}"
