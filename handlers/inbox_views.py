"""What the messages of /inbox show: who waits, and a conversation as far as it fits into one message."""

from typing import Any

from care.threads import Result, Shown, ThreadSearch, ThreadView, Written, counts, list_threads, view_thread
from carers.roles import Action, StaffMember, may, own_households_of
from handlers.turn import Turn

THREADS_SHOWN = 8
WORDS_SHOWN = 2800
"""Characters of a conversation in one message of the app, which holds 4,096; the rest is in the console."""
QUOTED = 250
"""Characters by which a message is known again in a list."""


async def list_facts(turn: Turn, staff: StaffMember) -> dict[str, Any]:
    """Who waits, the urgent first."""
    search = ThreadSearch(Shown.WAITING, staff.id, own_households_of(staff))
    found = await list_threads(turn.session, search)
    number = await counts(turn.session, staff)
    return {
        "waiting": number.waiting,
        "urgent": number.urgent,
        "mine": number.mine,
        "threads": [
            {
                "id": line.id,
                "name": line.name,
                "urgent": line.urgent,
                "state": line.state.value,
                "owner": (line.owner or "").partition(" ")[0],
                "heard_at": line.heard_at.isoformat(),
            }
            for line in found.lines[:THREADS_SHOWN]
        ],
        "more": max(0, found.total - THREADS_SHOWN),
    }


async def show_thread(turn: Turn, staff: StaffMember, thread_id: int, said: str = "") -> None:
    """Draw a conversation, as it stands now, in place of the message that was tapped; ``said``: what has
    just happened to it. Handed to who alone may see it, it is gone: then the list is drawn."""
    view = await view_thread(turn.session, thread_id, staff)
    if view is None:
        await turn.edit("inbox", **await list_facts(turn, staff))
        return
    await turn.edit("inbox_thread", **_facts(view, staff), said=said)


def said(deed: str, result: Result) -> str:
    """The code of what came of a deed, for the text."""
    return f"done_{deed}" if result is Result.DONE else result.value


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def quoted(view: ThreadView, one: Written, most: int = QUOTED) -> dict[str, Any]:
    """One message of a conversation."""
    return {
        "id": one.id,
        "mine": one.by is not None,
        "by": one.by or view.line.name,
        "at": one.at.isoformat(),
        "text": None if one.text is None else cut(one.text, most),
        "came_with": one.came_with,
    }


def _facts(view: ThreadView, staff: StaffMember) -> dict[str, Any]:
    line, shown = view.line, _newest(view)
    return {
        "id": line.id,
        "name": line.name,
        "urgent": line.urgent,
        "state": line.state.value,
        "owner": line.owner or "",
        "mine": line.owner_id == staff.id,
        "phone": line.phone or "",
        "earlier": len(view.written) - len(shown),
        "messages": shown,
        "seen": view.seen,
        "may": _may(view, staff),
    }


def _newest(view: ThreadView) -> list[dict[str, Any]]:
    """As many of the newest messages as fit, the last at least, in their order."""
    shown: list[dict[str, Any]] = []
    left = WORDS_SHOWN
    for one in reversed(view.written):
        length = len(one.text or "") + 100  # with the line that says whose it is
        if shown and length > left:
            break
        shown.append(quoted(view, one, WORDS_SHOWN))
        left -= length
    return shown[::-1]


def _may(view: ThreadView, staff: StaffMember) -> list[str]:
    """What there is to do now. Who has a conversation already can be asked for it in the console."""
    line = view.line
    if not may(staff, Action.ANSWER_MESSAGES):
        return []
    words = ["redact"] if any(one.text is not None for one in view.written) else []
    if line.settled_at is not None:
        return ["reopen", *words]
    mine, free = line.owner_id == staff.id, line.owner_id is None
    owning = ["take"] * free + ["give_back"] * mine + ["hand"] * (mine or free)
    return ["answer", *owning, "settle", *words]
