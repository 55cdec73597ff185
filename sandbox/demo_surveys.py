"""The demo's surveys: an anonymous health check that has closed, and one that opens while one watches."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sandbox.demo_names import SURVEY_COMMENTS
from storage.bulk import settle_round_deliveries
from storage.engine import Database, Session
from storage.surveys import Participant, Round
from storage.surveys_queries import carers_still_to_ask
from surveys.closing import close_rounds
from surveys.definition import Question, QuestionType
from surveys.drafts import Sheet, save_sheet
from surveys.keys import RoundKeys
from surveys.reading import read_definition
from surveys.rounds import open_due, plan_round

SURVEY = "health-check-short"
OPENED_AGO, OPEN_FOR = timedelta(days=180), timedelta(days=14)
OPENS_IN = timedelta(seconds=45)
TOOK_PART = 0.52


async def hold_past_round(
    database: Database, keys: RoundKeys, carers: list[int], now: datetime, zone: ZoneInfo, random: Random
) -> None:
    """Half a year ago: opened, answered by about half of those with the app, closed and released."""
    opened, closed = now - OPENED_AGO, now - OPENED_AGO + OPEN_FOR
    async with database.write() as session:
        round = await _planned(session, opened, closed, opened)
        await open_due(session, opened, keys, zone)
        await settle_round_deliveries(session, round.id, opened)
        asked = set(await carers_still_to_ask(session, round.id))
        able = [carer_id for carer_id in carers if carer_id in asked]
        for carer_id in random.sample(able, int(len(able) * TOOK_PART)):
            await _take_part(session, round, carer_id, keys, random)
    await close_rounds(database, closed + timedelta(minutes=1), keys)


async def plan_open_round(session: Session, now: datetime, zone: ZoneInfo) -> None:
    """The round that opens soon after the demo has begun. It closes in the evening."""
    last_day = (now + timedelta(days=12)).astimezone(zone)
    closes = last_day.replace(hour=20, minute=0, second=0, microsecond=0).astimezone(UTC)
    await _planned(session, now + OPENS_IN, closes, now)


async def _planned(session: Session, opens: datetime, closes: datetime, now: datetime) -> Round:
    round = await plan_round(session, SURVEY, "all", opens, closes, anonymous=True, by=None, now=now)
    if not isinstance(round, Round):
        raise ValueError(f"the demo's survey was refused: {round}")
    return round


async def _take_part(session: Session, round: Round, carer_id: int, keys: RoundKeys, random: Random) -> None:
    definition = read_definition(round.definition)
    participant = await session.get_one(Participant, (round.id, carer_id))
    answers = {
        question.id: value
        for question in definition.questions
        if (value := _answer(question, random)) is not None
    }
    position = len(definition.questions)
    sheet = Sheet(position, answers, submitted=True, segments=participant.segments)
    await save_sheet(session, round, definition, carer_id, sheet, keys)
    participant.took_part = True


def _answer(question: Question, random: Random) -> object:
    """Mostly content, as those are who answer; some skip a question."""
    if random.random() < 0.05:
        return None
    match question.type:
        case QuestionType.SCALE:
            return random.choices((1, 2, 3, 4, 5), (1, 2, 4, 8, 6))[0]
        case QuestionType.NUMBER:
            return random.choices(range(11), (1, 0, 1, 1, 2, 3, 4, 7, 9, 8, 8))[0]
        case QuestionType.YES_NO:
            return random.choices((1, 2), (3, 7))[0]
        case QuestionType.TEXT:
            return random.choice(SURVEY_COMMENTS) if random.random() < 0.3 else None
        case QuestionType.SEVERAL:
            return [random.choice(question.options).value]
        case _:
            return random.choice(question.options).value
