"""Answering for a carer who phoned or wrote: noted, audited, and told to the party."""

from collections.abc import Mapping

from carers.roles import Action
from carers.sent_forms import Undo
from events.choices import LONGEST_NEEDS, MOST_OF_A_KIND, Choice, Outcome, Party, Result, all_choices
from events.parties import PartyRow, hold_parties
from events.phoned import answer_for
from events.views import BANDS, Allocation, EventPage, RsvpBy, RsvpState
from web.staff.event_answers import the_party
from web.staff.events import the_event
from web.staff.forms import Form
from web.staff.marks import FIELD, is_outdated, mark
from web.staff.numbers import WHO
from web.staff.views import Deed, Done, Look, Page, Route, do, see

LABELS = {
    Choice.GOING: "Going",
    Choice.IN_PERSON: "Coming in person",
    Choice.ONLINE: "Joining online",
    Choice.MAYBE: "Maybe",
    Choice.NOT_GOING: "Not going",
}
DRAW_LABELS = {
    Choice.GOING: "Put them in the draw",
    Choice.IN_PERSON: "Put them in the draw for a place in person",
    Choice.ONLINE: "Put them in the draw for a place online",
}
SAID = {
    Result.GOING: "{names}: going. If they use this app, they are told.",
    Result.MAYBE: "{names}: maybe. If they use this app, they are told.",
    Result.NOT_GOING: "{names}: not going. If they use this app, they are told.",
    Result.WAITLISTED: "There is no room: {names} joined the waiting list{place}. "
    "If they use this app, they are told.",
    Result.BALLOT_ENTERED: "{names}: in the draw. If they use this app, they are told.",
    Result.SAVED: "{names}: what you changed is noted. If they use this app, they are told.",
    Result.UNCHANGED: "{names} had answered so already. Nothing was changed.",
    Result.CLOSED: "The draw has closed. Nothing was changed.",
    Result.BEGUN: "The event is over. Nothing was changed.",
    Result.CANCELLED: "This invitation is not open. Nothing was changed.",
}
NO_ROOM = "There is no room for this party. They keep what they had: tell them, or choose another answer"
NOT_OFFERED = "This answer is not open to them any more; choose another"


def routes() -> list[Route]:
    return [
        see("/events/{event}/parties/{party}", Action.ANSWER_FOR_CARERS, ask),
        do("/events/{event}/parties/{party}", Action.ANSWER_FOR_CARERS, answer),
    ]


async def ask(look: Look) -> Page:
    event, party = await _party(look)
    numbers = {band: getattr(party, band) for band in BANDS}
    return _form(look, event, party, Form.filled({**numbers, "needs": party.needs}))


def _mark(look: Look, party: PartyRow) -> str:
    """What the page shows of the party; of needs nothing to who may not see them."""
    needs = party.needs if look.may(Action.SEE_NEEDS) else None
    return mark(party.state, party.mode, *(getattr(party, band) for band in BANDS), needs)


def _form(look: Look, event: EventPage, party: PartyRow, form: Form, *, outdated: bool = False) -> Page:
    labels = {**LABELS, **DRAW_LABELS} if _before_the_draw(event) else LABELS
    context = {
        "event": event,
        "party": party,
        "form": form,
        "items": [
            {"value": choice.value, "text": labels[choice], "hint": _hint(event, choice)}
            for choice in _choices(event)
        ],
        "bands": WHO.items() if event.line.rsvp_by is RsvpBy.HOUSEHOLD else (),
        "sees_needs": look.may(Action.SEE_NEEDS),
        "over": event.line.ends_at <= look.now,
        "outdated": outdated,
        "was": ("" if outdated else form.text(FIELD)) or _mark(look, party),
    }
    return Page("staff/answer.html", context)


def _hint(event: EventPage, choice: Choice) -> dict[str, str] | None:
    """What staff should know before they give a place away."""
    takes = choice not in (Choice.MAYBE, Choice.NOT_GOING)
    if takes and event.line.parties.get(RsvpState.WAITLISTED):
        return {
            "text": "If a place is free they get it, ahead of those who wait; if not, they join the list."
        }
    if takes and event.drawn_at is not None:
        return {"text": "Gives them a place that is free, outside the draw."}
    return None


def _before_the_draw(event: EventPage) -> bool:
    return event.allocation is Allocation.BALLOT and event.drawn_at is None


def _choices(event: EventPage) -> tuple[Choice, ...]:
    return all_choices(event.line.mode, event.allocation)


async def answer(deed: Deed) -> Done | Page:
    await hold_parties(deed.session, deed.number("event"))
    event, party = await _party(deed)
    choice = deed.form.choice("choice", _choices(event), required="Choose what they answered")
    numbers = _numbers(deed.form, event)
    needs = _needs(deed, party)
    if deed.form.errors:
        return _form(deed, event, party, deed.form)
    if is_outdated(deed.form, _mark(deed, party)):
        return _form(deed, event, party, deed.form, outdated=True)
    outcome = await answer_for(
        deed.session,
        party.invitation_id,
        Choice(choice),
        deed.staff,
        deed.now,
        deed.zone,
        party=numbers,
        needs=needs,
    )
    if error := _refused(outcome):
        deed.form.fail(*error)
        return _form(deed, event, party, deed.form)
    place = f" as number {outcome.position}" if outcome.position else ""
    said = SAID.get(outcome.result, "Nothing was changed.")
    said = said.format(names=party.names or party.household_ref, place=place)
    before = _as_before(event, party) if _is_noted(outcome) else None
    if before is not None:
        before[FIELD] = _mark(deed, await the_party(deed, event))  # unless they answer once more meanwhile
    here = f"/events/{event.line.id}"
    return Done(here, said, Undo(f"{here}/parties/{party.invitation_id}", before) if before else None)


def _is_noted(outcome: Outcome) -> bool:
    """Whether it changed anything."""
    return outcome.result not in (Result.UNCHANGED, Result.CLOSED, Result.BEGUN, Result.CANCELLED)


def _as_before(event: EventPage, party: PartyRow) -> dict[str, str] | None:
    """The form that notes the answer that stood there, if there is room for it still. There is none for who
    had not answered, nor for a place in a line that was given up: neither comes back."""
    answered = {RsvpState.MAYBE: Choice.MAYBE, RsvpState.NOT_GOING: Choice.NOT_GOING}
    choice = answered.get(party.state)
    if party.state in (RsvpState.GOING, RsvpState.BALLOT_ENTERED):
        online = Choice.ONLINE if party.mode == "online" else Choice.IN_PERSON
        choice = next((one for one in (Choice.GOING, online) if one in _choices(event)), None)
    if choice is None:
        return None
    numbers = {band: str(getattr(party, band)) for band in BANDS} | {"adults": str(max(1, party.adults))}
    return {"choice": choice.value, **numbers}


def _refused(outcome: Outcome) -> tuple[str, str] | None:
    """What the form has to say where nothing was noted, and beside which field."""
    refusals: Mapping[Result, tuple[str, str]] = {
        Result.FULL: ("choice", NO_ROOM),
        Result.NOT_ON_OFFER: ("choice", NOT_OFFERED),
        Result.NOT_VALID: (
            "adults",
            f"Enter one adult or more, and at most {MOST_OF_A_KIND} of a kind",
        ),
    }
    return refusals.get(outcome.result)


def _numbers(form: Form, event: EventPage) -> Party | None:
    """Who comes along, where households answer. A field left empty is nobody."""
    if event.line.rsvp_by is not RsvpBy.HOUSEHOLD:
        return None
    least = {"adults": 1}
    read = {
        band: form.count(band, what=what, least=least.get(band, 0), most=MOST_OF_A_KIND)
        for band, what in WHO.items()
    }
    if not form.text("adults"):
        form.fail("adults", "Enter how many adults come: at least one")
    return None if form.errors else Party(**{band: number or 0 for band, number in read.items()})


def _needs(deed: Deed, party: PartyRow) -> str | None:
    """What was said of access and diet; None leaves what is noted.

    Who may not see what is noted cannot know what an empty field would take away, so there it takes nothing.
    """
    words = deed.form.words("needs", most=LONGEST_NEEDS)
    if "needs" not in deed.form.values or words == (party.needs or ""):
        return None
    return words if words or deed.may(Action.SEE_NEEDS) else None


async def _party(look: Look) -> tuple[EventPage, PartyRow]:
    """The party of the address, which a social worker sees only if it is their own household's."""
    event = await the_event(look)
    return event, await the_party(look, event)
