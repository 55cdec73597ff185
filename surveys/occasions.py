"""Asking as something happens: after a panel, when a household leaves, after an event.

After a panel and at the end carers are asked a few at a time. Their answers are collected in one round a
period, so that there are results for enough people: whoever is asked until ``asks_until`` is asked in it, and
can answer until it closes. Two processes make one round of a period, for each holds the occasion's lock while
it looks for the round and opens it; an event has one round, which is opened with the event held.

All of it is one transaction, and what was asked about is marked in it: a crash before the commit leaves
nothing, but perhaps a key that sealed nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from disclosure.suppression import K
from storage.engine import Session
from storage.events import Event
from storage.events_queries import lock_event
from storage.households import Carer, Household
from storage.panels import Panel
from storage.panels_queries import panels_to_ask
from storage.standing_queries import (
    carers_of_event,
    collecting_round,
    leavers_to_ask,
    lock_occasion,
    reached_at_home,
    reached_leavers,
    round_of_event,
)
from storage.surveys import Round, RoundState
from storage.surveys_queries import participant_ids
from surveys.asking import add_people, tell
from surveys.definition import Definition, Occasion
from surveys.keys import RoundKeys
from surveys.planning import new_ref
from surveys.reading import with_blocks
from surveys.reminding import time_to_answer
from surveys.standing import Standing, period_of, standing_of, surveys_for

ASKED_AT = time(9, 30)
"""Local, on the morning after a panel."""
CLOSES_AT = time(20, 0)
"""Local, on the last day: before quiet hours, so that nobody is cut off while asleep."""
ASKED_WITHIN = timedelta(days=28)
"""Of the panel, or of the end. Nobody is asked about what lies longer back."""
EVENT_OPEN_FOR = timedelta(days=14)


async def any_to_ask(session: Session, now: datetime, zone: ZoneInfo) -> bool:
    """Whether `ask_due` would find anything: a look, before anything is locked."""
    return bool(await _panels(session, now, zone) or await _leavers(session, now, zone))


async def ask_due(session: Session, now: datetime, keys: RoundKeys, zone: ZoneInfo) -> int:
    """Ask whom a panel considered, from the morning after, and who has left, on the day; how many carers.

    Whom no way reaches is not asked, and marked all the same. Nothing is marked while staff have switched the
    occasion off.
    """
    asked = 0
    panel = await standing_of(session, Occasion.PANEL)
    if panel.is_on and await _panels(session, now, zone):
        asked += await _ask_after_panels(session, panel, now, keys, zone)
    leaving = await standing_of(session, Occasion.EXIT)
    if leaving.is_on and await _leavers(session, now, zone):
        asked += await _ask_leavers(session, leaving, now, keys, zone)
    return asked


async def _ask_after_panels(
    session: Session, standing: Standing, now: datetime, keys: RoundKeys, zone: ZoneInfo
) -> int:
    panels = await _panels(session, now, zone, lock=True)
    today = now.astimezone(zone).date()
    people = _by_home(await reached_at_home(session, {panel.household_id for panel in panels}, today))
    to_ask = {f"panel:{panel.id}": people.get(panel.household_id, []) for panel in panels}
    asked = await _ask(session, Occasion.PANEL, standing, to_ask, now, keys, zone)
    if asked is None:
        return 0
    for panel in panels:
        panel.asked_at = now
    await session.flush()
    return asked


async def _ask_leavers(
    session: Session, standing: Standing, now: datetime, keys: RoundKeys, zone: ZoneInfo
) -> int:
    homes = await _leavers(session, now, zone, lock=True)
    people = _by_home(await reached_leavers(session, {home.id for home in homes}))
    to_ask = {f"exit:{home.id}": people.get(home.id, []) for home in homes}
    asked = await _ask(session, Occasion.EXIT, standing, to_ask, now, keys, zone)
    if asked is None:
        return 0
    for home in homes:
        home.exit_asked_at = now
    await session.flush()
    return asked


async def _panels(session: Session, now: datetime, zone: ZoneInfo, *, lock: bool = False) -> list[Panel]:
    """The panels to ask about: held and noted before today, from the morning on."""
    local = now.astimezone(zone)
    if local.time() < ASKED_AT:
        return []
    midnight = _utc(local.date(), time(), zone)
    return list(await panels_to_ask(session, local.date() - ASKED_WITHIN, local.date(), midnight, lock=lock))


async def _leavers(session: Session, now: datetime, zone: ZoneInfo, *, lock: bool = False) -> list[Household]:
    today = now.astimezone(zone).date()
    return list(await leavers_to_ask(session, today, today - ASKED_WITHIN, lock=lock))


def _by_home(carers: Sequence[Carer]) -> Mapping[int, list[Carer]]:
    return {home: list(people) for home, people in groupby(carers, lambda carer: carer.household_id)}


async def _ask(
    session: Session,
    occasion: Occasion,
    standing: Standing,
    to_ask: Mapping[str, Sequence[Carer]],
    now: datetime,
    keys: RoundKeys,
    zone: ZoneInfo,
) -> int | None:
    """Ask these carers, by what they are asked about; how many. None: the survey is not to be had.

    Who was asked in this round before, after an earlier panel, is not asked again: it takes one answer of
    each, and whether they have given theirs is nobody's business.
    """
    if not any(to_ask.values()):
        return 0
    await lock_occasion(session, occasion)
    round = await collecting_round(session, occasion, now)
    if round is None or (round.anonymous and keys.find(round.ref) is None):
        # Without its key, as after a backup was restored, nobody could answer in it for half a year.
        round = await _open_collecting(session, occasion, standing, now, keys, zone)
    if round is None:
        return None
    today, asked = now.astimezone(zone).date(), 0
    send_by = min(now + time_to_answer(round), round.closes_at)
    for about, carers in to_ask.items():
        new = await add_people(session, round, carers, today, now)
        asked += await tell(session, round, "survey", new, f"{round.ref}:{about}", now, send_by)
    return asked


async def _open_collecting(
    session: Session,
    occasion: Occasion,
    standing: Standing,
    now: datetime,
    keys: RoundKeys,
    zone: ZoneInfo,
) -> Round | None:
    definition = (await surveys_for(session, occasion)).get(standing.survey)
    if definition is None:
        return None
    first, after = period_of(standing.period, now.astimezone(zone).date())
    last_day = after + timedelta(days=standing.open_days)
    return await _open(
        session,
        Round(
            title=f"{definition.title['en']}, {_in_words(first, after)}",
            audience=f"occasion:{occasion}",
            anonymous=standing.anonymous or definition.anonymous_only,
            threshold=standing.threshold,
            occasion=occasion,
            asks_until=_utc(after, time(), zone),
            closes_at=_utc(last_day, CLOSES_AT, zone),
        ),
        definition,
        now,
        keys,
    )


async def _open(
    session: Session, round: Round, definition: Definition, now: datetime, keys: RoundKeys
) -> Round:
    """The rest of what a round is, and its key on disk before the commit that lets the first answer in."""
    asked = with_blocks(definition, ())
    round.ref, round.survey, round.definition = new_ref(asked, now), asked.id, dict(asked.source)
    round.state, round.opens_at, round.created_at, round.asked = RoundState.OPEN, now, now, 0
    if round.anonymous:
        keys.make(round.ref)
    session.add(round)
    await session.flush()
    return round


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _in_words(first: date, after: date) -> str:
    """``May 2026``, ``April to September 2026``, ``October 2026 to March 2027``."""
    last = after - timedelta(days=1)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    return f"{first:%B}{f' {first.year}' if first.year != last.year else ''} to {last:%B %Y}"


async def ask_of_event(
    session: Session, event: Event, survey: str, now: datetime, keys: RoundKeys, zone: ZoneInfo
) -> int | None:
    """Ask those who came to this event by a survey, without names; how many were asked now.

    None: it is not asked so, but by one tap: no such survey (or ``survey`` is empty), fewer than five came,
    or they were asked by that tap already. Once a round is open for it who is ticked later is asked in it
    too.
    """
    round = await round_of_event(session, event.id)
    if round is None:
        definition = (await surveys_for(session, Occasion.EVENT)).get(survey)
        if definition is None or event.feedback_asked_at is not None:
            return None
        if len(await carers_of_event(session, event.id)) < K:
            return None
        round = await _round_of(session, event, definition, now, keys, zone)
    return await _ask_who_came(session, round, event, now, zone)


async def round_about(session: Session, event_id: int) -> int | None:
    """The round that asks those who came to this event, if it was asked about by a survey."""
    round = await round_of_event(session, event_id)
    return round.id if round else None


async def _round_of(
    session: Session, event: Event, definition: Definition, now: datetime, keys: RoundKeys, zone: ZoneInfo
) -> Round:
    """The event's round, opened now unless another process has just done it."""
    await lock_event(session, event.id)
    there = await round_of_event(session, event.id)
    if there is not None:
        return there
    last_day = (now + EVENT_OPEN_FOR).astimezone(zone).date()
    named = _about(definition, event)
    round = Round(
        title=named.title["en"],
        audience=f"event:{event.id}",
        anonymous=True,
        threshold=K,
        occasion=Occasion.EVENT,
        event_id=event.id,
        closes_at=_utc(last_day, CLOSES_AT, zone),
    )
    return await _open(session, round, named, now, keys)


def _about(definition: Definition, event: Event) -> Definition:
    """The survey with the event's name in its title, which is what carers are asked under."""
    title = {language: f"{words}: {event.title}"[:200] for language, words in definition.title.items()}
    return replace(definition, title=title, source={**definition.source, "title": title})


async def _ask_who_came(session: Session, round: Round, event: Event, now: datetime, zone: ZoneInfo) -> int:
    carers = await carers_of_event(session, event.id)
    there = await participant_ids(session, round.id) if round.state is RoundState.OPEN else None
    if there is None or all(carer.id in there for carer in carers) or round.closes_at <= now:
        return 0
    held = await round_of_event(session, event.id, lock=True)
    if held is None or held.state is not RoundState.OPEN:
        return 0
    new = await add_people(session, held, carers, now.astimezone(zone).date(), now)
    return await tell(session, held, "survey", new, held.ref, now, held.closes_at)
