"""The demo's surveys: two health checks, what came of panels, farewells and a training day, and a round that
opens while one watches.

All goes the way that it goes in a service: planned, opened, answered, closed, at moments that have passed.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from carers.panels import About, note_panel
from sandbox.demo_names import SURVEY_COMMENTS
from storage.bulk import settle_round_deliveries
from storage.engine import Database, Session
from storage.events import Event
from storage.households import Carer, Household
from storage.staff import StaffMember
from storage.surveys import Participant, Round
from storage.surveys_queries import open_rounds
from surveys import answering, occasions
from surveys.closing import close_rounds
from surveys.definition import Definition, Occasion, Question, QuestionType
from surveys.keys import RoundKeys
from surveys.planning import plan_round
from surveys.reading import read_definition
from surveys.rounds import open_due
from surveys.standing import Period, period_of

SURVEY, OPEN_SURVEY = "health-check", "health-check-short"
YEAR_AGO, HALF_A_YEAR_AGO, OPEN_FOR = timedelta(days=545), timedelta(days=180), timedelta(days=14)
OPENS_IN = timedelta(seconds=45)
TOOK_PART, TOOK_PART_AT_ONCE, WRITES = 0.52, 0.6, 0.35
PANELS, LATE_PANELS = 16, 2
"""How many panels there were in half a year and since, and how many of them in the last days."""
FAREWELLS = timedelta(days=85)
TEN, AFTER_WORK, CLOSES_AT = time(10), time(18, 30), time(20)
EVENING, A_MINUTE = timedelta(hours=9), timedelta(minutes=1)


class Mood:
    """How content a carer is with fostering, which colours all that they answer; 0 is neither."""

    def __init__(self, random: Random, lately: float, unsaid: Mapping[str, list[str]]) -> None:
        self._random = random
        self._unsaid = unsaid
        self._reasons: list[int] = []
        self._mood = random.gauss(0.35 + lately, 0.9)

    def answers(self, definition: Definition) -> dict[str, Any]:
        """A sheet: mostly content, as those are who answer; some skip a question."""
        answers: dict[str, Any] = {}
        for question in definition.questions:
            if question in definition.asked(answers) and (value := self._answer(question)) is not None:
                answers[question.id] = value
        return {
            question.id: answers[question.id]
            for question in definition.asked(answers)
            if question.id in answers
        }

    def _answer(self, question: Question) -> Any:
        random = self._random
        if random.random() < 0.04:
            return None
        match question.type:
            case QuestionType.SCALE:
                return _within(3.4 + self._mood + random.gauss(0, 0.8), 1, len(question.options))
            case QuestionType.NUMBER if question.favourable and 0 in question.favourable:
                return _within(3.4 - 1.4 * self._mood + random.gauss(0, 1.8), 0, 10)
            case QuestionType.NUMBER:
                return _within(7.2 + 1.4 * self._mood + random.gauss(0, 1.4), 0, 10)
            case QuestionType.YES_NO:
                thinks_of_it = 1 / (1 + math.exp(0.9 + 1.6 * self._mood))
                return 1 if random.random() < thinks_of_it else 2
            case QuestionType.TEXT:
                unsaid = self._unsaid.get(question.id, [])
                return unsaid.pop() if unsaid and random.random() < WRITES else None
            case QuestionType.SEVERAL:
                several = random.sample(question.options, random.choice((1, 1, 2)))
                self._reasons = sorted(option.value for option in several)
                return self._reasons
            case _ if question.id == "main_reason" and self._reasons:
                return random.choice(self._reasons)
            case _:
                return random.choice(question.options).value


def _within(value: float, low: int, high: int) -> int:
    return max(low, min(high, round(value)))


async def hold_past_rounds(
    database: Database, keys: RoundKeys, now: datetime, zone: ZoneInfo, random: Random
) -> None:
    """The health check of the year before and of this, the second with the wellbeing questions."""
    for ago, blocks, lately in ((YEAR_AGO, (), -0.1), (HALF_A_YEAR_AGO, ("wellbeing",), 0.0)):
        opened = _at(now - ago, TEN, zone)
        closes = _at(opened + OPEN_FOR, CLOSES_AT, zone)
        async with database.write() as session:
            await _planned(session, SURVEY, opened, closes, opened, zone, blocks)
            await open_due(session, opened, keys, zone)
        await _answered(database, keys, opened, TOOK_PART, random, lately)
        await close_rounds(database, closes + A_MINUTE, keys)


async def plan_open_round(session: Session, now: datetime, zone: ZoneInfo) -> None:
    """The round that opens soon after the demo has begun. It closes in the evening."""
    closes = _at(now + timedelta(days=12), CLOSES_AT, zone)
    await _planned(session, OPEN_SURVEY, now + OPENS_IN, closes, now, zone)


async def collect_as_it_happened(
    database: Database,
    keys: RoundKeys,
    homes: Sequence[Household],
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
    random: Random,
) -> None:
    """Panels of the last half year and of the days just gone, and whoever left of late, asked day by day."""
    today = now.astimezone(zone).date()
    panels = _panel_days(homes, today, random)
    days = {held_on + timedelta(days=1) for held_on in panels}
    days |= {home.ended_on for home in homes if home.ended_on and today - FAREWELLS < home.ended_on < today}
    for day in sorted(days):
        moment = datetime.combine(day, TEN, zone).astimezone(UTC)
        await _close_in_time(database, moment, keys)
        async with database.write() as session:
            for home in panels.get(day - timedelta(days=1), ()):
                noted = datetime.combine(day - timedelta(days=1), AFTER_WORK, zone).astimezone(UTC)
                await note_panel(session, home.id, day - timedelta(days=1), About.REVIEW, by, noted, zone)
            await occasions.ask_due(session, moment, keys, zone)
        await _answered(database, keys, moment, TOOK_PART_AT_ONCE, random)
    await _close_in_time(database, now, keys)


def _panel_days(homes: Sequence[Household], today: date, random: Random) -> dict[date, list[Household]]:
    """Whom a panel considered on which day, so far as it has passed."""
    this_half, _ = period_of(Period.HALF_YEAR, today)
    last_half, _ = period_of(Period.HALF_YEAR, this_half - timedelta(days=1))
    known = [home for home in homes if home.ended_on is None and home.approved_on < last_half]
    days: dict[date, list[Household]] = {}
    for number, home in enumerate(random.sample(known, PANELS)):
        day = last_half + timedelta(days=random.randrange(20, 170))
        if number < LATE_PANELS:
            day = today - timedelta(days=3 + number)
        if day < today:
            days.setdefault(day, []).append(home)
    return days


async def ask_of_training(
    database: Database, keys: RoundKeys, now: datetime, zone: ZoneInfo, random: Random
) -> None:
    """The latest training day on which answers have closed by now."""
    async with database.write() as session:
        ended_by = now - occasions.EVENT_OPEN_FOR - timedelta(days=2)
        query = select(Event).where(Event.kind == "training", Event.ends_at < ended_by)
        event = (await session.scalars(query.order_by(Event.ends_at.desc()).limit(1))).one()
        asked = event.ends_at + timedelta(days=1)
        await occasions.ask_of_event(session, event, "training-feedback", asked, keys, zone)
    await _answered(database, keys, asked, TOOK_PART_AT_ONCE, random)
    await _close_in_time(database, now, keys)


async def _close_in_time(database: Database, now: datetime, keys: RoundKeys) -> None:
    """Close the rounds that were due by now, each when it was."""
    async with database.read() as session:
        due = sorted({round.closes_at for round in await open_rounds(session) if round.closes_at <= now})
    for moment in due:
        await close_rounds(database, moment + A_MINUTE, keys)


def _at(day: datetime, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day.astimezone(zone).date(), clock, zone).astimezone(UTC)


async def _planned(
    session: Session,
    survey: str,
    opens: datetime,
    closes: datetime,
    now: datetime,
    zone: ZoneInfo,
    blocks: Sequence[str] = (),
) -> None:
    round = await plan_round(
        session, survey, "all", opens, closes, anonymous=True, blocks=blocks, by=None, now=now, zone=zone
    )
    if not isinstance(round, Round):
        raise ValueError(f"the demo's survey was refused: {round}")


async def _answered(
    database: Database,
    keys: RoundKeys,
    asked: datetime,
    share: float,
    random: Random,
    lately: float = 0.0,
) -> None:
    """So many of those whom an open round asked at this moment answer the same evening."""
    async with database.write() as session:
        for round in await open_rounds(session):
            await settle_round_deliveries(session, round.id, asked)
            definition = read_definition(round.definition)
            unsaid = {id: random.sample(texts, len(texts)) for id, texts in SURVEY_COMMENTS.items()}
            for carer_id in await _with_the_app(session, round, asked):
                if random.random() < share or round.occasion == Occasion.EXIT:
                    sheet = Mood(random, lately, unsaid).answers(definition)
                    await answering.submit(session, round.id, carer_id, sheet, keys, asked + EVENING)


async def _with_the_app(session: Session, round: Round, asked: datetime) -> Sequence[int]:
    """Of those whom this round asked at this moment, or all at once as it opened, who has the app."""
    query = (
        select(Participant.carer_id)
        .join(Carer, Carer.id == Participant.carer_id)
        .where(Participant.round_id == round.id, Participant.took_part.is_(False), Carer.chat_id.is_not(None))
        .where(or_(Participant.asked_at.is_(None), Participant.asked_at == asked))
        .order_by(Participant.carer_id)
    )
    return (await session.scalars(query)).all()
