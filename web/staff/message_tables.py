"""The tables of messages as files: what was written to many, letters, conversations, deliveries in doubt."""

from collections.abc import Sequence

from broadcasts.broadcast_views import BroadcastLine, list_broadcasts
from broadcasts.ledger_views import troubled
from care.faults import set_aside
from care.threads import ThreadLine, list_threads, owners
from carers.audience import audience_words
from carers.linking import strangers
from carers.roles import Action
from web.staff.broadcasts import state_asked
from web.staff.letters import post_room
from web.staff.messages import searched
from web.staff.taking import Sheet, long_sheet, sheet_of, take, times
from web.staff.views import Look, Route
from web.staff.words import (
    broadcast_in_words,
    channel_in_words,
    delivery_in_words,
    in_words,
    reason_in_words,
)

FAULTS = Action.SEE_FAULTS


def routes() -> list[Route]:
    return [
        *take("/broadcasts", Action.WRITE_BROADCASTS, broadcasts, audited_as="broadcasts"),
        *take("/letters", Action.SEND_LETTERS, letters, audited_as="letters"),
        *take("/messages", Action.READ_MESSAGES, conversations, audited_as="conversations"),
        *take("/deliveries", FAULTS, in_doubt, audited_as="deliveries_in_doubt"),
        *take("/deliveries/set-aside", FAULTS, aside, audited_as="updates_set_aside"),
        *take("/requests", Action.SEE_STRANGERS, requests, audited_as="requests"),
    ]


async def broadcasts(look: Look) -> Sheet:
    state = state_asked(look)

    async def page(number: int, count: int) -> tuple[Sequence[BroadcastLine], int]:
        found = await list_broadcasts(look.session, page=number, per_page=count, state=state)
        return found.lines, found.pages

    return await long_sheet(
        "messages-to-many",
        page,
        ("Number", lambda line: line.id),
        ("Message", lambda line: line.title),
        ("For", lambda line: audience_words(line.audience) if line.audience else ""),
        ("State", lambda line: broadcast_in_words(line.state)),
        (times("To go out", look), lambda line: line.starts_at or line.send_at),
        (times("Begun", look), lambda line: line.started_at),
        (times("Ended", look), lambda line: line.ended_at),
        ("Written by", lambda line: line.written_by or ""),
    )


async def letters(look: Look) -> Sheet:
    """What the page has to print and to ring; it looks at so many at a time, and so does the file."""
    room = await post_room(look)
    to_do = [*(("Ring", line) for line in room.to_ring), *(("Post", line) for line in room.to_print)]
    return sheet_of(
        "letters",
        to_do,
        ("What to do", lambda pair: pair[0]),
        ("About", lambda pair: pair[1].about),
        ("Message", lambda pair: in_words(pair[1].kind)),
        ("Carer", lambda pair: pair[1].name),
        ("Carer number", lambda pair: pair[1].carer_ref),
        ("Household", lambda pair: pair[1].household_ref),
        ("Telephone", lambda pair: pair[1].phone),
        ("Language", lambda pair: in_words(pair[1].language)),
        ("Printed", lambda pair: pair[1].printed),
        (times("Of use until", look), lambda pair: pair[1].send_by),
    )


async def conversations(look: Look) -> Sheet:
    """Who wrote, when, and whose it is: never the words."""
    search = searched(look, await owners(look.session))

    async def page(number: int, count: int) -> tuple[Sequence[ThreadLine], int]:
        found = await list_threads(look.session, search, number, count)
        return found.lines, found.pages

    return await long_sheet(
        "conversations",
        page,
        ("Number", lambda line: line.id),
        ("Carer", lambda line: line.name),
        ("Carer number", lambda line: line.carer_ref),
        ("State", lambda line: in_words(line.state)),
        ("Urgent", lambda line: line.urgent),
        ("Taken by", lambda line: line.owner or ""),
        (times("Begun", look), lambda line: line.opened_at),
        (times("Last wrote", look), lambda line: line.heard_at),
        (times("Answered", look), lambda line: line.answered_at),
        (times("Settled", look), lambda line: line.settled_at),
    )


async def in_doubt(look: Look) -> Sheet:
    return sheet_of(
        "deliveries-in-doubt",
        await troubled(look.session, social_worker_id=look.own_households),
        ("Carer", lambda row: f"{row.first_name} {row.last_name}".strip()),
        ("Carer number", lambda row: row.carer_ref),
        ("Message", lambda row: in_words(row.kind)),
        ("Event", lambda row: row.event_title or ""),
        ("How", lambda row: channel_in_words(row.channel)),
        ("State", lambda row: delivery_in_words(row.state)),
        ("Why", lambda row: reason_in_words(row.reason) if row.reason else ""),
        (times("When", look), lambda row: row.sent_at or row.due_at),
        (times("Of use until", look), lambda row: row.send_by),
    )


async def aside(look: Look) -> Sheet:
    return sheet_of(
        "updates-set-aside",
        await set_aside(look.session),
        (times("When", look), lambda one: one.received_at),
        ("Kind of error", lambda one: one.error or "unknown"),
        ("Tries", lambda one: one.attempts),
    )


async def requests(look: Look) -> Sheet:
    return sheet_of(
        "requests",
        await strangers(look.session),
        ("Calls themselves", lambda one: one.name),
        (times("First wrote", look), lambda one: one.first_seen_at),
        (times("Last wrote", look), lambda one: one.last_seen_at),
    )
