"""What the stories of the survey tests share: a small survey, many carers, and a way to answer."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from storage.engine import Database, Session
from storage.households import Carer, Household, HouseholdType
from storage.surveys import Round
from storage.surveys_closing import sealed_of
from surveys import answering
from surveys.answering import Outcome, Step
from surveys.definition import Definition
from surveys.drafts import open_sheet
from surveys.keys import RoundKeys
from surveys.reading import read_definition
from surveys.rounds import open_due, plan_round
from tests.support.cast import NOON

LONDON = ZoneInfo("Europe/London")
CLOSES = NOON + timedelta(days=14)

SCALE: list[dict[str, str]] = [
    {"en": "Never"},
    {"en": "Seldom"},
    {"en": "At times"},
    {"en": "Often", "ur": "اکثر"},
    {"en": "Always"},
]
SOURCE: dict[str, Any] = {
    "id": "tea",
    "version": 1,
    "title": {"en": "About tea", "ur": "چائے کے بارے میں"},
    "introduction": {"en": "Four questions about tea."},
    "minutes": 1,
    "questions": [
        {
            "id": "warm",
            "type": "scale",
            "text": {"en": "The tea is warm."},
            "options": SCALE,
            "favourable": [4, 5],
            "required": True,
        },
        {
            "id": "with",
            "type": "several",
            "text": {"en": "What do you take with it?"},
            "options": [{"en": "Milk"}, {"en": "Sugar"}, {"en": "Lemon"}],
        },
        {"id": "again", "type": "yes/no", "text": {"en": "Another cup?"}, "favourable": [1]},
        {"id": "wish", "type": "text", "text": {"en": "What would make it better?"}},
    ],
}


def tea() -> Definition:
    return read_definition(SOURCE)


def everyone_differs(people: int) -> Definition:
    """So many options that each person can pick one that nobody else picks, and say why."""
    options = [{"en": f"Option {number}"} for number in range(1, people + 1)]
    return read_definition(
        {
            "id": "differ",
            "version": 1,
            "title": {"en": "Everyone differs"},
            "introduction": {"en": "Each picks their own."},
            "minutes": 1,
            "questions": [
                {"id": "pick", "type": "single", "text": {"en": "Which?"}, "options": options},
                {"id": "why", "type": "text", "text": {"en": "Why?"}},
            ],
        }
    )


async def add_carers(session: Session, count: int) -> list[Carer]:
    """Carers of households of their own, all linked."""
    households = [
        Household(
            ref=f"T{number}",
            type=HouseholdType.FAMILY_AND_FRIENDS if number % 3 == 0 else HouseholdType.MAINSTREAM,
            approved_on=date(2024 if number % 2 else 2016, 3, 1),
        )
        for number in range(count)
    ]
    session.add_all(households)
    await session.flush()
    carers = [
        Carer(
            ref=f"TC{number}",
            household_id=household.id,
            main_carer=True,
            first_name=f"Carer {number}",
            last_name="Tester",
            chat_id=5000 + number,
            linked_at=NOON,
        )
        for number, household in enumerate(households)
    ]
    session.add_all(carers)
    await session.flush()
    return carers


async def open_round(
    database: Database,
    keys: RoundKeys,
    *,
    anonymous: bool = True,
    definition: Definition | None = None,
    audience: str = "all",
) -> Round:
    """A round of the small survey, open from noon for two weeks."""
    async with database.write() as session:
        round = await plan_round(
            session,
            definition or tea(),
            audience,
            NOON,
            CLOSES,
            anonymous=anonymous,
            by=None,
            now=NOON,
        )
        assert isinstance(round, Round)
    async with database.write() as session:
        assert await open_due(session, NOON, keys, LONDON) == [round.ref]
    return round


async def answer(
    database: Database,
    keys: RoundKeys,
    round: Round,
    carer: Carer,
    answers: Mapping[str, Any],
    *,
    send: bool = True,
) -> Step:
    """Answer as a carer does, each step a transaction of its own."""
    now = NOON + timedelta(hours=1)
    step = Step(Outcome.WRONG)
    for number, question in enumerate(read_definition(round.definition).questions):
        given = answers.get(question.id)
        async with database.write() as session:
            who = (session, round.id, carer.id)
            if given is None:
                step = await answering.skip(*who, number, keys, now)
            elif isinstance(given, str):
                step = await answering.write(*who, given, keys, now)
            elif isinstance(given, Sequence):
                for value in given:
                    await answering.tick(*who, number, value, True, keys, now)
                step = await answering.go_on(*who, number, keys, now)
            else:
                step = await answering.choose(*who, number, given, keys, now)
    if send:
        async with database.write() as session:
            step = await answering.send(session, round.id, carer.id, keys, now)
    return step


async def sent_sheets(database: Database, keys: RoundKeys, round: Round) -> list[dict[str, Any]]:
    """The answers of every sheet that was sent in an open anonymous round, opened with its key: at the close
    so few would go unread."""
    async with database.read() as session:
        rows = await sealed_of(session, round.id)
    return [dict(open_sheet(keys.get(round.ref), round, row).answers) for row in rows if row.submitted]
