"""One event: its page with live counts, sending its invitations, calling it off."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from aiohttp import web

from broadcasts.ledger_views import counts
from broadcasts.post import About, count_post
from care.nominations import FORUM
from carers.audience import audience_reach
from carers.channels import AudienceWays, ways_of_audience
from carers.roles import Action
from events.attendance import count_came
from events.comments import EventComment, comments_on, redact_comment
from events.invitations import Invited, send_invitations_now
from events.lines import (
    EventLine,
)
from events.parties import PartySearch, RsvpState, count_parties, parties_of
from events.planning import Changed, cancel_event
from events.pulse import event_pulse
from events.views import Allocation, EventPage, EventState, event_page
from surveys.occasions import round_about
from web.staff.event_answers import ANSWERS, LISTED, Group, groups_of, needs_read
from web.staff.live import Live, watch
from web.staff.numbers import event_texts, expected_words, tiles
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural

EVENING = timedelta(hours=12)
"""So near to an event taking attendance is what its page is opened for."""


NOT_SENT = {
    Invited.CANCELLED: "The event is cancelled; nobody was invited.",
    Invited.BEGUN: "The event has begun; nobody was invited.",
}
NOT_CANCELLED = {
    Changed.ALREADY_CANCELLED: "The event was cancelled already.",
    Changed.OVER: "The event is over and cannot be cancelled.",
}


def routes() -> list[Route]:
    return [
        see("/events/{event}", Action.SEE_EVENTS, one_event),
        watch("/events/{event}/live", Action.SEE_EVENTS, pulse, live),
        see("/events/{event}/answers/{answer}", Action.SEE_EVENTS, one_answer),
        see("/events/{event}/invite", Action.PLAN_EVENTS, ask_to_invite),
        do("/events/{event}/invite", Action.PLAN_EVENTS, invite),
        see("/events/{event}/cancel", Action.PLAN_EVENTS, ask_to_cancel),
        do("/events/{event}/cancel", Action.PLAN_EVENTS, cancel),
        do("/events/{event}/comments/{comment}/redact", Action.READ_MESSAGES, redact),
    ]


async def the_event(look: Look) -> EventPage:
    """The event of the address. Raises 404 where there is none."""
    found = await event_page(look.session, look.number("event"))
    if found is None:
        raise web.HTTPNotFound
    return found


async def one_event(look: Look) -> Page:
    event = await the_event(look)
    facts, groups = await _facts(look, event), await groups_of(look, event)
    listed = {"groups": groups, "listed": {group.state for group in groups}}
    return Page("staff/event.html", {**facts, **listed}, noted=needs_read(event, groups))


async def one_answer(look: Look) -> Page:
    """All the parties that gave one answer, a page at a time, or those among them who are called so."""
    event, wanted = await the_event(look), look.request.match_info["answer"]
    if wanted not in set(ANSWERS):
        raise web.HTTPNotFound
    state, words = RsvpState(wanted), look.asked("q")
    search = PartySearch((state,), words, look.own_households)
    number = (await count_parties(look.session, event.line.id, search)).get(state, 0)
    pages = max(1, -(-number // LISTED))
    page = min(look.page, pages)
    rows = await parties_of(
        look.session,
        event.line.id,
        search,
        with_needs=look.may(Action.SEE_NEEDS),
        offset=(page - 1) * LISTED,
        count=LISTED,
    )
    group = Group(state, ANSWERS[state].title, True, number, rows)
    query = urlencode({"q": words}) if words else ""
    context = {"words": words, "page": page, "pages": pages, "query": query}
    facts = {**(await _facts(look, event)), **context, "group": group}
    return Page("staff/event_answer.html", facts, noted=needs_read(event, [group]))


async def _facts(look: Look, event: EventPage) -> dict[str, object]:
    answering = event.line.ends_at > look.now
    return {
        "event": event,
        "tiles": tiles(event.line, ballot=event.allocation is Allocation.BALLOT, over=not answering),
        "links": [*await _post_links(look, event), *_links(look, event)],
        "map": event.map_url,
        "texts": event_texts(event.line),
        "came": await count_came(look.session, event.line.id),
        "begun": event.line.starts_at <= look.now,
        "evening": event.line.starts_at - EVENING <= look.now < event.line.ends_at + EVENING,
        "deliveries": await counts(look.session, event_id=event.line.id),
        "own": look.own_households is not None,
        "may_answer": look.may(Action.ANSWER_FOR_CARERS) and answering,
        "may_move": look.may(Action.PLAN_EVENTS) and answering,
        "comments": await _comments(look, event),
        "survey": await round_about(look.session, event.line.id) if look.may(Action.SEE_SURVEYS) else None,
        "now": look.now,
    }


def _links(look: Look, event: EventPage) -> list[tuple[str, str]]:
    """The pages around this one that this person may open."""
    here, called_off = f"/events/{event.line.id}", event.line.state is EventState.CANCELLED
    planner = look.may(Action.PLAN_EVENTS) and not called_off
    late = planner and event.line.state is EventState.INVITED and event.line.ends_at > look.now
    begun = event.line.starts_at <= look.now and not called_off
    door = look.may(Action.TAKE_ATTENDANCE) and not called_off and event.line.ends_at > look.now
    forum = event.line.kind == FORUM and look.may(Action.SEE_NOMINATIONS)
    wanted = (
        (f"/events/series/{event.series_id}", "The series", event.series_id is not None),
        (f"{here}/attendance/door", "List for the door", door),
        (f"{here}/poster", "Poster for the venue", look.may(Action.TAKE_ATTENDANCE) and not called_off),
        (f"{here}/template", "Save as a template", planner),
        (f"{here}/invite", "Invite those who joined since", late),
        (
            f"/actions/new?event={event.line.id}",
            "Note what was asked here",
            begun and look.may(Action.WRITE_ACTIONS),
        ),
        (f"/nominations/forums/{event.line.id}", "Nominations to celebrate", forum),
    )
    return [(href, text) for href, text, there in wanted if there]


async def _post_links(look: Look, event: EventPage) -> list[tuple[str, str]]:
    """What waits of this event for carers who get letters."""
    if not look.may(Action.SEND_LETTERS):
        return []
    about = About(event_id=event.line.id)
    to_print, to_ring = await count_post(look.session, look.now, look.own_households, about)
    here = f"/letters?about=event-{event.line.id}"
    wanted = (
        (here, plural(to_print, "letter") + " to print", to_print),
        (f"{here}#ring", f"{to_ring} to ring", to_ring),
    )
    return [(href, text) for href, text, number in wanted if number]


async def _comments(look: Look, event: EventPage) -> Sequence[EventComment]:
    """What carers wrote about the event: not for one worker's eyes, who could tell which of theirs it was."""
    if not look.may(Action.READ_MESSAGES) or look.own_households is not None:
        return ()
    return await comments_on(look.session, event.line.id)


async def pulse(look: Look) -> object:
    found = await event_pulse(look.session, look.number("event"))
    if found is None:
        raise web.HTTPNotFound
    return found


async def live(look: Look) -> Live:
    event = await the_event(look)
    facts = await _facts(look, event)
    texts = event_texts(event.line) | {f"{event.line.id}-came": str(facts["came"])}
    facts["groups"] = await groups_of(look, event)
    return Live(texts, expected_words(event.line), Page("staff/event_part.html", facts))


async def ask_to_invite(look: Look) -> Page:
    event = await the_event(look)
    today = look.now.astimezone(look.zone).date()
    reach = await audience_reach(look.session, event.audience, today)
    lines = [
        f"{plural(reach.carers, 'carer')} of {plural(reach.households, 'household')} "
        f"{'are' if reach.carers != 1 else 'is'} in the audience.{_left_out(event.line)}",
        _reach_words(await ways_of_audience(look.session, event.audience, today)),
    ]
    back = f"/events/{event.line.id}"
    context = {"title": f"Send the invitations to {event.line.title}?", "lines": lines, "back": back}
    return Page(
        "staff/confirm.html", {**context, "action": f"{back}/invite", "button": "Send the invitations"}
    )


def _left_out(line: EventLine) -> str:
    """Of an event whose invitations are out: who has one gets no second."""
    if not line.invited:
        return ""
    who = "household" if line.rsvp_by == "household" else "carer"
    have = plural(line.invited, f"{who} has", f"{who}s have")
    return f" {have} an invitation already; nobody gets a second one."


def _reach_words(ways: AudienceWays) -> str:
    """How an audience is told, and how many are not."""
    numbers = ((ways.app, "on Telegram"), (ways.email, "by email"), (ways.letter, "by letters to print"))
    told = ", ".join(f"{number:,} {way}" for number, way in numbers if number)
    words = f"They are told: {told}." if told else "None of them can be told."
    return f"{words} {plural(ways.none, 'carer')} will be listed under Not reached." if ways.none else words


async def invite(deed: Deed) -> Done:
    outcome = await send_invitations_now(deed.session, deed.number("event"), deed.staff, deed.now, deed.zone)
    if outcome.result is Invited.NOT_FOUND:
        raise web.HTTPNotFound
    said = (
        NOT_SENT.get(outcome.result) or f"Invitations are on their way to {plural(outcome.carers, 'carer')}."
    )
    return Done(f"/events/{deed.number('event')}", said)


async def ask_to_cancel(look: Look) -> Page:
    return Page("staff/event_cancel.html", {"event": await the_event(look), "form": None})


async def cancel(deed: Deed) -> Done | Page:
    event = await the_event(deed)
    reason = deed.form.words("reason", most=500)
    if deed.form.errors:
        return Page("staff/event_cancel.html", {"event": event, "form": deed.form})
    outcome = await cancel_event(deed.session, event.line.id, reason, deed.staff, deed.now)
    said = NOT_CANCELLED.get(outcome.result) or (
        f"The event is cancelled. {plural(outcome.told, 'carer is', 'carers are')} being told."
    )
    return Done(f"/events/{event.line.id}", said)


async def redact(deed: Deed) -> Done | Page:
    """Asks first: what is erased does not come back."""
    if deed.own_households is not None:
        raise web.HTTPForbidden
    event, comment = deed.number("event"), deed.number("comment")
    if deed.form.text("sure") != "yes":
        return await _sure(deed, event, comment)
    gone = await redact_comment(deed.session, event, comment, deed.staff, deed.now)
    return Done(f"/events/{event}#comments", "The words are gone." if gone else "There were no words.")


async def _sure(deed: Deed, event: int, comment: int) -> Page:
    said = next((one.text for one in await comments_on(deed.session, event) if one.id == comment), None)
    if said is None:
        raise web.HTTPNotFound
    context = {
        "title": "Take these words away?",
        "quote": said,
        "lines": ("The words are erased for good. That somebody rated the event stays.",),
        "back": f"/events/{event}#comments",
        "action": f"/events/{event}/comments/{comment}/redact",
        "fields": {"sure": "yes"},
        "button": "Take the words away",
        "warning": True,
    }
    return Page("staff/confirm.html", context, status=200)
