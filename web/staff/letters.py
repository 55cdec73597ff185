"""The post room: letters to print and to post, and whom to ring because a letter would come too late."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from aiohttp import web
from markupsafe import Markup

from broadcasts.post import (
    MOST_LETTERS,
    About,
    PostLine,
    PostRoom,
    mark_not_posted,
    mark_not_told,
    mark_posted,
    mark_told,
    only,
    print_letters,
    to_post,
)
from carers.roles import Action
from carers.sent_forms import UNDO_LIVES, Undo
from web.staff.letter_sheets import draw_sheets, words_of
from web.staff.views import Deed, Done, Look, Page, Route, Shown, do, see
from web.staff.words import plural
from web.whole_numbers import LARGEST_BIG_ID, whole_number

POST = Action.SEND_LETTERS
SAYS_ENOUGH = frozenset({"offer", "join_link"})
"""What is told in a sentence of the page, not in the words of a letter."""


@dataclass(frozen=True, slots=True)
class Pile:
    """Letters about one thing. ``key``: `_about` reads it."""

    key: str
    title: str
    lines: Sequence[PostLine]

    @property
    def ids(self) -> list[int]:
        return [line.delivery_id for line in self.lines]


@dataclass(frozen=True, slots=True)
class Call:
    """One carer to ring, with all that there is to tell them: each thing with what the letter would say."""

    name: str
    carer_id: int
    household_ref: str
    phone: str
    language: str
    things: Sequence[tuple[PostLine, Markup | None]]


def routes() -> list[Route]:
    return [
        see("/letters", POST, letters),
        do("/letters/print", POST, print_pile),
        do("/letters/posted", POST, posted),
        do("/letters/posted/back", POST, not_posted),
        do("/letters/{delivery}/told", POST, told),
        do("/letters/{delivery}/told/back", POST, not_told),
    ]


async def letters(look: Look) -> Page:
    asked = look.asked("about")
    room = await post_room(look)
    new, printed = only(room, printed=False), only(room, printed=True)
    context = {
        "new": _piles(new.to_print),
        "new_total": len(new.to_print),
        "printed": _piles(printed.to_print),
        "printed_ids": [line.delivery_id for line in printed.to_print],
        "calls": _calls(look, room.to_ring),
        "about": asked if _about(asked) else "",
        "more": room.more,
        "most": MOST_LETTERS,
        "own": look.own_households is not None,
    }
    return Page("staff/letters.html", context)


async def print_pile(deed: Deed) -> Done | Shown:
    """The sheets of a pile, or of all. To print them again is another form: their codes are new then."""
    asked = deed.form.text("about")
    room = only(await _room(deed, _about(asked)), printed=deed.form.text("again") == "yes")
    back = f"/letters?about={asked}" if _about(asked) else "/letters"
    if not room.to_print:
        return Done(back, "There is nothing left to print of these.")
    parts = deed.parts
    codes = await print_letters(deed.session, room, parts.secret_key, deed.staff, deed.now)
    # What goes into one envelope comes out of the printer together.
    lines = sorted(room.to_print, key=lambda line: (line.household_ref, line.carer_ref))
    sheets = draw_sheets(parts.texts, parts.pages, lines, codes, deed.now)
    context = {"sheets": sheets, "back": back}
    said = "These letters were made a moment ago. They stand below, to be posted or printed again."
    return Shown(Page("staff/letter_sheets.html", context), back, said)


async def posted(deed: Deed) -> Done:
    """What was printed is in the post. Whoever is told by another way by now is left as they are."""
    ids = _ids(deed.form.several("delivery"))
    done = await mark_posted(deed.session, ids, deed.staff, deed.now, deed.own_households)
    number = len(done)
    said = f"{plural(number, 'letter is', 'letters are')} marked as posted."
    if number < len(ids):
        said += (
            f" {plural(len(ids) - number, 'other')} had been seen to already, or is told by another way now."
        )
    if not number:
        return Done("/letters", "Nothing was left to mark: it had been done.")
    return Done("/letters", said, Undo("/letters/posted/back", {"delivery": [str(one) for one in done]}))


async def not_posted(deed: Deed) -> Done:
    ids, since = _ids(deed.form.several("delivery")), deed.now - UNDO_LIVES
    number = await mark_not_posted(deed.session, ids, since, deed.staff, deed.now, deed.own_households)
    if not number:
        return Done("/letters", "Nothing was changed: none of them was marked as posted just now.")
    return Done("/letters", f"{plural(number, 'letter waits', 'letters wait')} to be posted again.")


async def told(deed: Deed) -> Done:
    done = await mark_told(deed.session, deed.number("delivery"), deed.staff, deed.now, deed.own_households)
    if done is None:
        raise web.HTTPNotFound
    if not done:
        return Done("/letters#ring", "That had been seen to already.")
    undo = Undo(f"/letters/{deed.number('delivery')}/told/back", {})
    return Done("/letters#ring", "Noted that they were told.", undo)


async def not_told(deed: Deed) -> Done:
    number, since = deed.number("delivery"), deed.now - UNDO_LIVES
    done = await mark_not_told(deed.session, number, since, deed.staff, deed.now, deed.own_households)
    if done is None:
        raise web.HTTPNotFound
    said = "They are to be told still." if done else "Nothing was changed: that was not noted just now."
    return Done("/letters#ring", said)


async def post_room(look: Look) -> PostRoom:
    """What there is to do of what the address asks for."""
    return await _room(look, _about(look.asked("about")))


async def _room(look: Look, about: About | None) -> PostRoom:
    return await to_post(
        look.session, look.now, look.own_households, look.parts.composer, look.parts.policy, about
    )


def _about(text: str) -> About | None:
    """What a pile is about: ``event-5``, ``survey-3``, ``message-7``; None for everything."""
    kind, _, number = text.partition("-")
    row = whole_number(number)
    if row is None:
        return None
    match kind:
        case "event":
            return About(event_id=row)
        case "survey":
            return About(round_id=row)
        case "message":
            return About(notice_id=row)
    return None


def _key(line: PostLine) -> str:
    if line.event_id is not None:
        return f"event-{line.event_id}"
    return f"survey-{line.round_id}" if line.round_id is not None else f"message-{line.notice_id}"


def _piles(lines: Iterable[PostLine]) -> list[Pile]:
    """By what they are about, in the order of their dates; those about no day come first."""
    ordered = sorted(
        lines, key=lambda line: (line.starts_at is not None, line.starts_at or line.send_by, _key(line))
    )
    piles = [(key, list(some)) for key, some in groupby(ordered, key=_key)]
    return [Pile(key, some[0].about, some) for key, some in piles]


def _calls(look: Look, lines: Iterable[PostLine]) -> list[Call]:
    """Whom to ring first: whose news is the soonest to be of no use."""
    by_carer: dict[int, list[PostLine]] = {}
    for line in lines:
        by_carer.setdefault(line.carer_id, []).append(line)
    calls = [sorted(some, key=lambda line: line.send_by) for some in by_carer.values()]
    return [
        Call(
            some[0].name,
            some[0].carer_id,
            some[0].household_ref,
            some[0].phone,
            some[0].language,
            [(line, _to_say(look, line)) for line in some],
        )
        for some in sorted(calls, key=lambda some: some[0].send_by)
    ]


def _to_say(look: Look, line: PostLine) -> Markup | None:
    return None if line.kind in SAYS_ENOUGH else words_of(look.parts.texts, line, "en")


def _ids(texts: Iterable[str]) -> list[int]:
    """The numbers in a form, each once; what is none is left out."""
    numbers = (whole_number(text, LARGEST_BIG_ID) for text in texts)
    return list(dict.fromkeys(number for number in numbers if number is not None))
