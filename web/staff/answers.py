"""Answering for a carer who phoned or wrote: noted, audited, and told to the party."""

from aiohttp import web

from carers.roles import Action
from events.rsvp import Choice, Result, answer_for
from events.views import EventPage, Mode, PartyRow
from web.staff.events import the_event
from web.staff.views import Deed, Done, Look, Page, Route, do, see

LABELS = {
    Choice.GOING: "Going",
    Choice.IN_PERSON: "Coming in person",
    Choice.ONLINE: "Joining online",
    Choice.MAYBE: "Maybe",
    Choice.NOT_GOING: "Not going",
}
SAID = {
    Result.GOING: "{names}: going. They are told.",
    Result.MAYBE: "{names}: maybe. They are told.",
    Result.NOT_GOING: "{names}: not going. They are told.",
    Result.WAITLISTED: "There is no room: {names} joined the waiting list. They are told.",
    Result.UNCHANGED: "{names} had answered so already. Nothing was changed.",
    Result.FULL: "There is no room. {names} keep the place that they had.",
    Result.BEGUN: "The event is over. Nothing was changed.",
    Result.CANCELLED: "This invitation is not open. Nothing was changed.",
}


def routes() -> list[Route]:
    return [
        see("/events/{event}/parties/{party}", Action.ANSWER_FOR_CARERS, ask),
        do("/events/{event}/parties/{party}", Action.ANSWER_FOR_CARERS, answer),
    ]


async def ask(look: Look) -> Page:
    event, party = await _party(look)
    return _form(event, party)


def _form(event: EventPage, party: PartyRow) -> Page:
    items = [{"value": choice.value, "text": LABELS[choice]} for choice in _choices(event)]
    return Page("staff/answer.html", {"event": event, "party": party, "items": items})


def _choices(event: EventPage) -> tuple[Choice, ...]:
    if event.line.mode is Mode.HYBRID:
        return (Choice.IN_PERSON, Choice.ONLINE, Choice.NOT_GOING)
    return (Choice.GOING, Choice.MAYBE, Choice.NOT_GOING)


async def answer(deed: Deed) -> Done | Page:
    event, party = await _party(deed)
    choice = deed.form.choice("choice", _choices(event), required="Choose what they answered")
    if deed.form.errors:
        page = _form(event, party)
        return Page(page.template, {**page.context, "form": deed.form})
    outcome = await answer_for(
        deed.session, party.invitation_id, Choice(choice), deed.staff, deed.now, deed.zone
    )
    said = SAID.get(outcome.result, "Nothing was changed.").format(names=party.names or party.household_ref)
    return Done(f"/events/{event.line.id}", said)


async def _party(look: Look) -> tuple[EventPage, PartyRow]:
    """The party of the address, which a social worker sees only if it is their own household's."""
    event, wanted = await the_event(look), look.number("party")
    party = next((row for row in event.parties if row.invitation_id == wanted), None)
    if party is None:
        raise web.HTTPNotFound
    return event, party
