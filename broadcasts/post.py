"""The post: what goes to carers for whom letters were chosen. Staff print it and post it, or ring.

No engine takes these deliveries; they wait in the ledger until somebody says that they are posted or told.
What a letter says is read when it is printed, and who wants no more letters, or has answered, gets none. A
letter takes days: what would come too late is listed to be rung instead, and so is what cannot wait at all,
such as the offer of a place. Nobody is rung about what a letter would not say either, like a reminder.

A crash between printing and posting costs nothing: the letters stay on the list, marked as printed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from broadcasts.broadcast_alerts import title_of
from broadcasts.kinds import COUNTED, KINDS
from broadcasts.policy import WEEK, Policy, Why, held_by_cap, hold, skip, topic_of_delivery
from broadcasts.sender import Composer, Content, Skip
from carers.audit import record
from carers.pages import Purpose, new_code
from carers.people import StaffMember
from storage.broadcasts_queries import broadcasts_of_notices
from storage.deliveries_due import DueDelivery, load_deliveries, notices_of_households, opt_outs_of
from storage.deliveries_moves import Settled, settle_deliveries
from storage.engine import Session
from storage.households import Channel
from storage.post_queries import (
    PHONE,
    About,
    Addressee,
    addressees,
    back_to_the_post,
    carer_of_delivery,
    carers_by_id,
    count_letters,
    letters_due,
    note_printed,
    rows_behind,
    sent_by_hand,
    settle_letters,
)

POST_TAKES = timedelta(days=4)
"""To print, to post and to arrive by second class: what is of no use by then is told on the telephone."""
MOST_LETTERS = 200
"""As many as are looked at and printed at a time: a pile that one person puts into envelopes."""
PRINTED = "printed"
"""The reason beside a letter that was printed and not said to be posted."""
NOT_BY_LETTER = "not_by_letter"
_ANSWERED = "already answered"
_DATELESS = frozenset({"broadcast", "thread_answer"})
"""About no day: their send-by says how late they may still set out, not when they are of no use."""
_ABOUT = {"thread_answer": "What they wrote"}
"""What stands for the title of an event, a survey or a message where there is none."""
_ON_PAPER = frozenset(kind.name for kind in KINDS.values() if kind.post)
RUNG = frozenset({"offer", "join_link"})
"""What cannot wait for the post. A place or a link is lost to whom nobody rings."""
_LOOKS = 5
"""How often it is looked past letters that nobody needs any more."""


@dataclass(frozen=True, slots=True)
class PostLine:
    """A letter to print, or something to tell. ``about``: the event, the survey or the message by its name.

    ``content``: what it says now, for `texts`. ``printed``: it lies on paper and is not posted, as far as
    anybody has said. Times are UTC.
    """

    delivery_id: int
    kind: str
    carer_id: int
    carer_ref: str
    name: str
    first_name: str
    household_ref: str
    phone: str
    language: str
    page_number: int
    about: str
    event_id: int | None
    round_id: int | None
    notice_id: int
    invitation_id: int | None
    starts_at: datetime | None
    send_by: datetime
    printed: bool
    content: Content

    @property
    def file(self) -> str:
        """The name of the photo or document that goes along, which our sheets do not show; or empty."""
        file = self.content.params.get("file")
        return str(file["filename"]) if file else ""


@dataclass(frozen=True, slots=True)
class PostRoom:
    """What staff have to do for carers who get letters. ``more``: there is more behind these, for later.

    ``settled``: what turned out to be needed no more, or not yet; `print_letters` writes it down.
    """

    to_print: list[PostLine] = field(default_factory=list)
    to_ring: list[PostLine] = field(default_factory=list)
    more: bool = False
    settled: list[Settled] = field(default_factory=list)


async def to_post(
    session: Session,
    now: datetime,
    own_households: int | None,
    composer: Composer,
    policy: Policy,
    about: About | None = None,
) -> PostRoom:
    """What there is to print and to ring, at most `MOST_LETTERS` together, read live. It changes nothing.

    ``own_households``: the social worker whose households alone are looked at, or null. ``about``: only the
    letters of one event, survey or message.
    """
    room, offset = PostRoom(), 0
    for _ in range(_LOOKS):
        due = await letters_due(
            session,
            now,
            _ON_PAPER | RUNG,
            about=about or About(),
            social_worker_id=own_households,
            offset=offset,
            limit=MOST_LETTERS + 1,
        )
        more, due = len(due) > MOST_LETTERS, due[:MOST_LETTERS]
        looked = await _look(session, due, now, composer, policy)
        room.to_print.extend(looked.to_print)
        room.to_ring.extend(looked.to_ring)
        room.settled.extend(looked.settled)
        offset += len(due)
        if not more or room.to_print or room.to_ring:
            return PostRoom(room.to_print, room.to_ring, more, room.settled)
    return PostRoom(room.to_print, room.to_ring, True, room.settled)


async def count_post(
    session: Session, now: datetime, own_households: int | None, about: About | None = None
) -> tuple[int, int]:
    """(letters to print or to post, calls to make), counted without reading what they say: there may be a
    few less, when somebody wants none."""
    limits = {kind: now if kind in _DATELESS else now + POST_TAKES for kind in _ON_PAPER}
    return await count_letters(
        session, now, limits, RUNG, about=about or About(), social_worker_id=own_households
    )


async def print_letters(
    session: Session, room: PostRoom, secret_key: str, by: StaffMember, now: datetime
) -> Mapping[int, str]:
    """Note that the letters of this look are printed, and be done with what nobody needs any more.

    A code for each, by the delivery's number: it opens what the letter is about and nothing else of the
    carer's; a message from staff is about no page, so its code opens their own. ``secret_key``: the
    service's.
    """
    await settle_deliveries(session, room.settled)
    await note_printed(session, [line.delivery_id for line in room.to_print], PRINTED)
    await record(session, now, by, "letters.print", letters=len(room.to_print))
    carers = await carers_by_id(session, {line.carer_id for line in room.to_print})
    return {
        line.delivery_id: await new_code(session, carers[line.carer_id], *_opens(line), secret_key, now)
        for line in room.to_print
    }


def _opens(line: PostLine) -> tuple[Purpose, int]:
    if line.invitation_id is not None:
        return Purpose.INVITATION, line.invitation_id
    return (Purpose.SURVEY, line.round_id) if line.round_id is not None else (Purpose.HOME, 0)


async def mark_posted(
    session: Session,
    delivery_ids: Sequence[int],
    by: StaffMember,
    now: datetime,
    own_households: int | None = None,
) -> list[int]:
    """These letters are in the post: they count as sent. Those of them that still waited to be posted; a
    second press of the button finds none, and so does a letter to somebody who has the app by now."""
    posted = await sent_by_hand(
        session,
        delivery_ids,
        now,
        channel=Channel.LETTER.value,
        kinds=_ON_PAPER,
        social_worker_id=own_households,
    )
    if posted:
        await record(session, now, by, "letters.post", letters=len(posted))
    return posted


async def mark_told(
    session: Session, delivery_id: int, by: StaffMember, now: datetime, own_households: int | None = None
) -> bool | None:
    """Somebody told the carer on the telephone what the letter would have said. False if it was done, None
    where there is no such letter, or not to a carer whom this person may see."""
    carer_ref = await carer_of_delivery(session, delivery_id, own_households)
    if carer_ref is None:
        return None
    told = await sent_by_hand(
        session,
        [delivery_id],
        now,
        channel=PHONE,
        kinds=_ON_PAPER | RUNG,
        social_worker_id=own_households,
    )
    if told:
        await record(session, now, by, "letters.told", f"carer:{carer_ref}")
    return bool(told)


async def mark_not_posted(
    session: Session,
    delivery_ids: Sequence[int],
    since: datetime,
    by: StaffMember,
    now: datetime,
    own_households: int | None = None,
) -> int:
    """These letters lie on the desk still: they wait to be posted again. How many of them were noted as
    posted at ``since`` or later."""
    back = await back_to_the_post(
        session,
        delivery_ids,
        since,
        channel=Channel.LETTER.value,
        reason=PRINTED,
        social_worker_id=own_households,
    )
    if back:
        await record(session, now, by, "letters.not_posted", letters=len(back))
    return len(back)


async def mark_not_told(
    session: Session,
    delivery_id: int,
    since: datetime,
    by: StaffMember,
    now: datetime,
    own_households: int | None = None,
) -> bool | None:
    """Nobody told them after all; as `mark_told`, and False where that was before ``since``."""
    carer_ref = await carer_of_delivery(session, delivery_id, own_households)
    if carer_ref is None:
        return None
    back = await back_to_the_post(
        session, [delivery_id], since, channel=PHONE, reason=None, social_worker_id=own_households
    )
    if back:
        await record(session, now, by, "letters.not_told", f"carer:{carer_ref}")
    return bool(back)


async def miss_stale(session: Session, now: datetime) -> int:
    """Be done with letters that are past their time, or that nobody posts or needs; how many. A job."""
    return await settle_letters(session, now, Why.LATE, _ON_PAPER | RUNG, NOT_BY_LETTER, _ANSWERED)


async def _look(
    session: Session, due: Sequence[DueDelivery], now: datetime, composer: Composer, policy: Policy
) -> PostRoom:
    """Judge and compose these, as the engine does before it sends."""
    room = PostRoom()
    going = await _wanted(session, due, now, room.settled)
    going = await _within_the_cap(session, going, now, policy, room.settled)
    contents = await _compose(session, going, now, composer)
    people = await addressees(session, [row.id for row in going])
    broadcasts = await broadcasts_of_notices(
        session, {row.notice_id for row in going if row.kind == "broadcast"}
    )
    for row in going:
        content = contents[row.id]
        if isinstance(content, Skip):
            room.settled.append(skip(row, content.reason))
            continue
        broadcast = broadcasts.get(row.notice_id)
        line = _line(
            row, people[row.id], content, title_of(broadcast) if broadcast else _ABOUT.get(row.kind, "")
        )
        (room.to_print if _goes_by_post(row, now) else room.to_ring).append(line)
    return room


async def _wanted(
    session: Session, due: Sequence[DueDelivery], now: datetime, settled: list[Settled]
) -> list[DueDelivery]:
    """Without what its carer does not want, now or at all."""
    topics = {row.id: topic for row in due if (topic := topic_of_delivery(row)) is not None}
    asked = {row.carer_id for row in due if row.id in topics and row.carer_id is not None}
    refusals = await opt_outs_of(session, asked) if asked else set()
    wanted = []
    for row in due:
        optional = KINDS[row.kind].optional
        if optional and row.stopped_at is not None:
            settled.append(skip(row, Why.STOPPED))
        elif (row.carer_id, topics.get(row.id)) in refusals:
            settled.append(skip(row, Why.OPTED_OUT))
        elif optional and row.paused_until is not None and row.paused_until > now:
            settled.append(hold(row, Why.PAUSED, row.paused_until))
        else:
            wanted.append(row)
    return wanted


async def _within_the_cap(
    session: Session, rows: Sequence[DueDelivery], now: datetime, policy: Policy, settled: list[Settled]
) -> list[DueDelivery]:
    """Without what would be too much for a household this week, by whichever way it got the rest."""
    homes = {row.household_id for row in rows if row.household_id is not None and row.kind in COUNTED}
    weeks: dict[int, dict[int, datetime]] = {home: {} for home in homes}
    if homes and policy.weekly_cap is not None:
        for home, notice, at in await notices_of_households(session, homes, COUNTED, now - WEEK):
            weeks[home][notice] = at
    fitting = []
    for row in rows:
        week = weeks.get(row.household_id or 0, {})
        held = held_by_cap(row, week, policy, now)
        if held is not None:
            settled.append(held)
            continue
        fitting.append(row)
        if row.kind in COUNTED:
            week[row.notice_id] = now
    return fitting


async def _compose(
    session: Session, rows: Sequence[DueDelivery], now: datetime, composer: Composer
) -> Mapping[int, Content | Skip]:
    composed: dict[int, Content | Skip] = {}
    for kind in {row.kind for row in rows}:
        many = composer.in_bulk(kind)
        if many is not None:
            composed |= await many(session, [row for row in rows if row.kind == kind], now)
    alone = await load_deliveries(session, [row.id for row in rows if row.id not in composed])
    _at_hand = await rows_behind(session, alone.values())  # held until all are composed, each by itself
    for id, delivery in alone.items():
        composed[id] = await composer.notice(session, delivery, now)
    return composed


def _goes_by_post(row: DueDelivery, now: datetime) -> bool:
    in_time = row.kind in _DATELESS or row.send_by - now >= POST_TAKES
    return row.kind in _ON_PAPER and in_time


def _line(row: DueDelivery, to: Addressee, content: Content, title: str) -> PostLine:
    names = content.params.get("title")
    survey = names.get("en", "") if isinstance(names, dict) else ""
    return PostLine(
        delivery_id=row.id,
        kind=row.kind,
        carer_id=row.carer_id or 0,
        carer_ref=to.carer_ref,
        name=f"{to.first_name} {to.last_name}".strip() or to.carer_ref,
        first_name=to.first_name,
        household_ref=to.household_ref,
        phone=to.phone or "",
        language=row.language or "en",
        page_number=to.page_number,
        about=to.event_title or survey or title,
        event_id=to.event_id,
        round_id=to.round_id,
        notice_id=row.notice_id,
        invitation_id=row.invitation_id,
        starts_at=to.starts_at,
        send_by=row.send_by,
        printed=row.reason == PRINTED,
        content=content,
    )


def only(room: PostRoom, *, printed: bool) -> PostRoom:
    """The letters of a look that lie on paper already, or those that do not."""
    return replace(room, to_print=[line for line in room.to_print if line.printed is printed])


__all__ = [
    "MOST_LETTERS",
    "About",
    "PostLine",
    "PostRoom",
    "count_post",
    "mark_posted",
    "mark_told",
    "miss_stale",
    "only",
    "print_letters",
    "to_post",
]
