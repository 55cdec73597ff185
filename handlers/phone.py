"""Answering for a carer who phoned, for staff under /rsvps: find the party, tap what they said."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from carers.conversations import Conversation, expect, settle
from carers.roles import Action, StaffMember, may, own_households_of
from events.choices import Choice, Party, all_choices
from events.parties import PartyRow, PartySearch, parties_of, party_of
from events.phoned import answer_for
from events.views import EventPage, RsvpBy, event_page
from handlers.free_text import hears
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
TOPIC = "phone"
SHOWN = 8
"""More than that is a list nobody reads on a phone: the name is asked for again."""

_BETWEEN_NAMES = ("and", "&", "+")
_TAKES_PLACES = (Choice.GOING, Choice.IN_PERSON, Choice.ONLINE)


async def tap(update: Update, context: Context) -> None:
    """Ask for a name, show a party, count who comes, note the answer. Buttons carry what they lead to."""
    turn = current_turn()
    staff = turn.person.staff
    _, arguments = unpack(turn.tapped)
    page = await _page(turn, staff, arguments[0]) if staff and arguments else None
    if staff is None or page is None:
        await turn.toast("toast_old_button")
        return
    party = await _party(turn, staff, page, arguments[1]) if len(arguments) > 1 else None
    match arguments[1:]:
        case ():
            await expect(turn.session, turn.chat_id, TOPIC, turn.now, event=page.line.id)
            await turn.reply("staff_phone_ask", event_id=page.line.id, title=page.line.title)
        case (_,) if party:
            await turn.edit("staff_phone_party", **_facts(page, party))
        case (_, choice) if party and choice in _choices(page):
            if page.line.rsvp_by is RsvpBy.HOUSEHOLD and choice in _TAKES_PLACES:
                await turn.edit("staff_phone_people", **_facts(page, party), choice=choice)
            else:
                await _answer(turn, staff, page, party, Choice(choice), None)
        case (_, choice, *bands) if party and choice in _choices(page) and len(bands) == 5:
            counted = Party(*map(as_id, bands))
            facts = _facts(page, party) | {"party": _numbers(counted), "choice": choice}
            await turn.edit("staff_phone_people", **facts)
        case (_, choice, *bands, "save") if party and choice in _choices(page) and len(bands) == 5:
            await _answer(turn, staff, page, party, Choice(choice), Party(*map(as_id, bands)))
        case _:
            await turn.toast("toast_old_button")
            return
    await turn.toast()


@hears(TOPIC)
async def hear(turn: Turn, conversation: Conversation) -> None:
    """A name: the parties that have it."""
    staff = turn.person.staff
    page = await _page(turn, staff, str(conversation.data.get("event", ""))) if staff else None
    if page is None:
        await settle(turn.session, turn.chat_id)
        await turn.reply("help_staff")
        return
    words = " ".join(word for word in turn.text.split() if word.casefold() not in _BETWEEN_NAMES)
    search = PartySearch(words=words, social_worker_id=own_households_of(staff) if staff else None)
    found = await parties_of(turn.session, page.line.id, search) if words else []
    if 0 < len(found) <= SHOWN:
        await settle(turn.session, turn.chat_id)
    await turn.reply(
        "staff_phone_found",
        event_id=page.line.id,
        found=len(found),
        parties=[_line(party) for party in found[:SHOWN]] if len(found) <= SHOWN else [],
    )


async def _answer(
    turn: Turn, staff: StaffMember, page: EventPage, party: PartyRow, choice: Choice, counted: Party | None
) -> None:
    outcome = await answer_for(
        turn.session, party.invitation_id, choice, staff, turn.now, turn.zone, party=counted
    )
    await turn.edit(
        "staff_phone_noted",
        event_id=page.line.id,
        names=party.names or party.household_ref,
        result=outcome.result.value,
        position=outcome.position,
    )


def _choices(page: EventPage) -> tuple[Choice, ...]:
    return all_choices(page.line.mode, page.allocation)


def _facts(page: EventPage, party: PartyRow) -> dict[str, Any]:
    counted = Party(
        party.adults, party.children_0_4, party.children_5_10, party.children_11_15, party.children_16_up
    )
    return _line(party) | {
        "event_id": page.line.id,
        "title": page.line.title,
        "starts_at": page.line.starts_at.isoformat(),
        "choices": [choice.value for choice in _choices(page)],
        "party": _numbers(counted),
    }


def _numbers(party: Party) -> dict[str, int]:
    bands = ("adults", "children_0_4", "children_5_10", "children_11_15", "children_16_up")
    return dict(zip(bands, party.numbers, strict=True))


def _line(party: PartyRow) -> dict[str, Any]:
    names = party.names or party.household_ref
    return {"invitation_id": party.invitation_id, "names": names, "state": party.state.value}


async def _party(turn: Turn, staff: StaffMember, page: EventPage, number: str) -> PartyRow | None:
    """A party that this person may see."""
    own = own_households_of(staff)
    return await party_of(turn.session, page.line.id, as_id(number), social_worker_id=own)


async def _page(turn: Turn, staff: StaffMember | None, number: str) -> EventPage | None:
    """The event, for staff who may answer for carers."""
    if staff is None or not may(staff, Action.ANSWER_FOR_CARERS):
        return None
    return await event_page(turn.session, as_id(number))


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(tap, pattern="^phone:")]
