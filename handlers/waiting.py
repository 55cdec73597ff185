"""The waiting list for staff under /rsvps: who is next, and moving a party, with a reason that is kept."""

from collections.abc import Sequence
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from carers.conversations import Conversation, expect, settle
from carers.roles import Action, StaffMember, may
from events.line import move_in_line
from events.parties import PartyRow, PartySearch, RsvpState, parties_of
from events.views import EventPage, event_page
from handlers.free_text import hears
from handlers.turn import Turn, current_turn
from texts.callbacks import as_id, unpack

Context = ContextTypes.DEFAULT_TYPE
TOPIC = "waiting"
SHOWN = 20


async def tap(update: Update, context: Context) -> None:
    """The list, one party of it, or the place to which it is to go, of which the reason is asked next."""
    turn = current_turn()
    _, arguments = unpack(turn.tapped)
    page = await _page(turn, arguments[0]) if arguments else None
    if page is None:
        await turn.toast("toast_old_button")
        return
    waiting = await _waiting(turn, page)
    party = _party(waiting, arguments[1]) if len(arguments) > 1 else None
    match arguments[1:]:
        case ():
            await settle(turn.session, turn.chat_id)
            await turn.edit("staff_waiting", **_list(page, waiting))
        case (_,) if party:
            await turn.edit("staff_waiting_party", **_facts(page, party, waiting))
        case (number, place) if party:
            kept: dict[str, Any] = {"event": page.line.id, "party": as_id(number), "place": as_id(place)}
            await expect(turn.session, turn.chat_id, TOPIC, turn.now, **kept)
            facts = {"event_id": page.line.id, "names": _names(party), "place": as_id(place)}
            await turn.reply("staff_waiting_why", **facts)
        case _:
            await turn.toast("toast_old_button")
            return
    await turn.toast()


@hears(TOPIC)
async def hear(turn: Turn, conversation: Conversation) -> None:
    """The reason: now the party moves."""
    staff, asked = turn.person.staff, conversation.data
    page = await _page(turn, str(asked.get("event", "")))
    await settle(turn.session, turn.chat_id)
    if staff is None or page is None:
        await turn.reply("help_staff")
        return
    await _move(turn, staff, page, int(asked["party"]), int(asked["place"]))


async def _move(turn: Turn, staff: StaffMember, page: EventPage, invitation_id: int, place: int) -> None:
    moved = await move_in_line(turn.session, invitation_id, place, turn.text, staff, turn.now)
    await turn.reply("staff_waiting", **(_list(page, await _waiting(turn, page)) | {"moved": moved.value}))


async def _waiting(turn: Turn, page: EventPage) -> list[PartyRow]:
    """Those who wait for a place, in their order."""
    found = await parties_of(turn.session, page.line.id, PartySearch(states=(RsvpState.WAITLISTED,)))
    return [party for party in found if party.position is not None]


def _list(page: EventPage, waiting: Sequence[PartyRow]) -> dict[str, Any]:
    return {
        "event_id": page.line.id,
        "title": page.line.title,
        "starts_at": page.line.starts_at.isoformat(),
        "parties": [_line(party) for party in waiting[:SHOWN]],
        "more": max(0, len(waiting) - SHOWN),
        "moved": None,
    }


def _facts(page: EventPage, party: PartyRow, waiting: Sequence[PartyRow]) -> dict[str, Any]:
    """``last``: how many wait for the same mode."""
    same = [other for other in waiting if other.mode is party.mode]
    return _line(party) | {"event_id": page.line.id, "title": page.line.title, "last": len(same)}


def _line(party: PartyRow) -> dict[str, Any]:
    return {
        "invitation_id": party.invitation_id,
        "names": _names(party),
        "position": party.position,
        "mode": party.mode.value if party.mode else "",
        "people": party.adults + party.children,
        "passed_over": party.passed_over,
    }


def _names(party: PartyRow) -> str:
    return party.names or party.household_ref


def _party(waiting: Sequence[PartyRow], number: str) -> PartyRow | None:
    return next((party for party in waiting if party.invitation_id == as_id(number)), None)


async def _page(turn: Turn, number: str) -> EventPage | None:
    """The event, for staff who may plan."""
    staff = turn.person.staff
    if staff is None or not may(staff, Action.PLAN_EVENTS):
        return None
    return await event_page(turn.session, as_id(number))


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    return [CallbackQueryHandler(tap, pattern="^waiting:")]
