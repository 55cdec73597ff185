"""One invitation, as its card in the chat shows it: what is on, where the party stands, and the answers.

An answer in the address (``?answer=going``, as the buttons of an email have it) only chooses it beforehand:
whoever follows every link of a mail answers nothing.
"""

from typing import Any

from aiohttp import web

from events import rsvp
from events.ballot_why import why_facts
from events.cards import card_for
from events.choices import MOST_OF_A_KIND, Choice, Outcome, Party, Result
from web.carer.files import has_picture
from web.carer.opening import (
    Deed,
    Done,
    Form,
    Purpose,
    Route,
    Shut,
    Visit,
    do,
    going_to,
    render_page,
    see,
)

BANDS = ("adults", "children_0_4", "children_5_10", "children_11_15", "children_16_up")
TAKES_A_PLACE = (Choice.GOING, Choice.IN_PERSON, Choice.ONLINE)


def routes() -> list[Route]:
    page = Purpose.INVITATION
    return [
        see(page, "", show),
        do(page, "", answer),
        see(page, "/party", show_party),
        do(page, "/party", change_party),
        see(page, "/why", show_why),
    ]


async def show(visit: Visit) -> web.Response | Shut:
    """The invitation as it stands; or one answer of it, to be sent."""
    facts = await facts_of(visit)
    if facts is None:
        return Shut.NOT_OURS
    choice = visit.asked("answer")
    if choice in facts["choices"] and (choice != facts["chosen"] or facts["asked_again"]):
        return _confirm(visit, facts, choice)
    return render_page(
        visit,
        "carer/invitation.html",
        {"it": facts, "said": visit.asked("said"), "picture": await has_picture(visit, facts["event_id"])},
    )


def _confirm(visit: Visit, facts: dict[str, Any], choice: str, wrong: bool = False) -> web.Response:
    """One answer with its one button, and who is coming where a household takes places."""
    numbers = facts["by_household"] and choice in TAKES_A_PLACE
    context = {"it": facts, "answer": choice, "numbers": numbers, "most": MOST_OF_A_KIND, "wrong": wrong}
    return render_page(visit, "carer/answer.html", context, 422 if wrong else 200)


async def answer(deed: Deed) -> Done | web.Response | Shut:
    """An answer, and with it who is coming, as one: either all of it stands, or nothing has changed."""
    facts = await facts_of(deed)
    choice = deed.form.text("answer")
    if facts is None or choice not in list(Choice):
        return Shut.NOT_OURS
    party = party_in(deed.form) if facts["by_household"] and choice in TAKES_A_PLACE else None
    if party is not None and choice in facts["choices"]:
        if not party.valid:
            return _confirm(deed, facts, choice, wrong=True)
        outcome = await _set_party(deed, party)
        if outcome.result not in (Result.SAVED, Result.UNCHANGED):
            return _told(outcome)
        if choice == facts["chosen"] and outcome.changed and not facts["asked_again"]:
            return _told(outcome)
    outcome = await rsvp.answer(deed.session, deed.about, deed.carer, Choice(choice), deed.now, deed.zone)
    if outcome.result is Result.FULL:
        return going_to(deed.request, deed.here(said="full"))  # and the party stays as it was
    return _told(outcome)


async def show_party(visit: Visit) -> web.Response | Shut:
    """Who of the household is coming, in numbers."""
    facts = await facts_of(visit)
    if facts is None or not facts["can_set_party"]:
        return Shut.NOT_OURS
    return _party_page(visit, facts)


def _party_page(visit: Visit, facts: dict[str, Any], wrong: bool = False) -> web.Response:
    context = {"it": facts, "most": MOST_OF_A_KIND, "wrong": wrong}
    return render_page(visit, "carer/party.html", context, 422 if wrong else 200)


async def change_party(deed: Deed) -> Done | web.Response | Shut:
    facts = await facts_of(deed)
    if facts is None:
        return Shut.NOT_OURS
    party = party_in(deed.form)
    if facts["can_set_party"] and (party is None or not party.valid):
        return _party_page(deed, facts, wrong=True)
    return _told(await _set_party(deed, party or Party()))


async def _set_party(deed: Deed, party: Party) -> Outcome:
    return await rsvp.set_party(
        deed.session, deed.about, deed.carer, party, deed.now, deed.zone, in_chat=False
    )


async def show_why(visit: Visit) -> web.Response | Shut:
    """How a draw went for this household."""
    told = await why_facts(visit.session, visit.about, visit.carer)
    if told is None:
        return Shut.NOT_OURS
    return render_page(visit, "carer/why.html", {"it": told})


async def facts_of(visit: Visit) -> dict[str, Any] | None:
    """What the card of the invitation says; null where it is not theirs, or not any more."""
    return await card_for(visit.session, visit.about, visit.carer, visit.now)


def party_in(form: Form) -> Party | None:
    """The numbers of a form; null where it has none. What is no number makes a party that is not valid."""
    if not any(band in form.values for band in BANDS):
        return None
    numbers = [form.number(band) for band in BANDS]
    return Party(*(-1 if number is None else number for number in numbers))


def _told(outcome: Outcome) -> Done | Shut:
    """Back to the invitation, which says where the party stands, and what became of what was sent."""
    if outcome.result is Result.NOT_YOURS:
        return Shut.NOT_OURS
    said = "saved" if outcome.changed else outcome.result.value
    return Done("", {"said": said}, anchor="answer")
