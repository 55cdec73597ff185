"""What the demo's service made of what carers said, and whom carers nominated."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import select

from care.actions import Plan, Source, note_action, publish
from care.nominations import forums_to_come, nominate
from care.shortlisting import match, shortlist
from storage.actions import ActionState
from storage.engine import Session
from storage.households import Carer
from storage.staff import StaffMember
from storage.surveys import Round, RoundState
from surveys.sharing import share

DONE, UNDER_WAY = ActionState.DONE, ActionState.UNDER_WAY
PLANNED, NOT_POSSIBLE = ActionState.PLANNED, ActionState.NOT_POSSIBLE

Translations = Mapping[str, Mapping[str, str]]


class Made(NamedTuple):
    """An action, and the question of the health check that it was made from; null: another occasion."""

    question: str | None
    state: ActionState
    said: str
    did: str
    translations: Translations


ACTIONS = (
    Made(
        "respite",
        DONE,
        "Breaks are too few, and come too late to plan for.",
        "Weekends with second homes are now offered three months ahead.",
        {
            "ur": {
                "said": "وقفے بہت کم ہیں، اور اتنی دیر سے ملتے ہیں کہ منصوبہ نہیں بنتا۔",
                "did": "اب سیکنڈ ہوم کے ویک اینڈ تین مہینے پہلے پیش کیے جاتے ہیں۔",
            },
            "pa": {
                "said": "ਵਕਫ਼ੇ ਬਹੁਤ ਘੱਟ ਹਨ, ਅਤੇ ਇੰਨੀ ਦੇਰ ਨਾਲ ਮਿਲਦੇ ਹਨ ਕਿ ਵਿਉਂਤ ਨਹੀਂ ਬਣਦੀ।",
                "did": "ਹੁਣ ਸੈਕਿੰਡ ਹੋਮ ਦੇ ਵੀਕਐਂਡ ਤਿੰਨ ਮਹੀਨੇ ਪਹਿਲਾਂ ਦੱਸੇ ਜਾਂਦੇ ਹਨ।",
            },
            "ar": {
                "said": "فترات الراحة قليلة، وتأتي متأخرة فلا يمكن التخطيط لها.",
                "did": "أصبحت عطلات نهاية الأسبوع في البيت الثاني تُعرض قبل ثلاثة أشهر.",
            },
        },
    ),
    Made(
        "matching",
        UNDER_WAY,
        "We need to know more before we say yes to a placement.",
        "We are trying a one-page sheet that comes with every request, with two teams until the spring.",
        {},
    ),
    Made("finance", PLANNED, "Mileage claims take too long.", "", {}),
    Made(
        None,
        NOT_POSSIBLE,
        "Could the coffee afternoon be in the evening, for those who work?",
        "The hall is taken in the evenings. The evening support group is open to all, and coffee is on us.",
        {},
    ),
)

REASONS = (
    "Always the first to welcome new carers, and stays behind to stack the chairs.",
    "Rang me every evening for a week when I was ready to give up.",
    "Has run the breakfast for years and never once asked for thanks.",
)
CITATION = (
    "For welcoming every new carer at the support group, and for staying until the last chair is stacked."
)


async def tell_what_came_of_it(
    session: Session, staff: Sequence[StaffMember], now: datetime, today: date
) -> None:
    """The latest health check shared with carers, and what was made of it."""
    query = select(Round).where(Round.survey == "health-check", Round.state == RoundState.CLOSED)
    round = (await session.scalars(query.order_by(Round.closes_at.desc()).limit(1))).one()
    by = staff[0]
    shared = round.closes_at + timedelta(days=10)
    await share(session, round.id, by, shared)
    for number, made in enumerate(ACTIONS):
        due = today + timedelta(days=20 * number - 15) if made.state in (PLANNED, UNDER_WAY) else None
        owner = staff[number % len(staff)]
        plan = Plan(made.said, made.did, made.translations, made.state, owner.id, due)
        source = Source(round.id, made.question) if made.question else Source()
        noted = shared + timedelta(days=1 + number)
        action = await note_action(session, plan, source, by, noted, noted.date())
        if made.did:
            await publish(session, action.id, action.version, by, noted + timedelta(days=7))


async def add_nominations(
    session: Session, carers: Sequence[Carer], by: StaffMember, now: datetime, random: Random
) -> None:
    """Three carers nominate others; one of those is on the list of the next forum already."""
    people = random.sample(list(carers), 2 * len(REASONS))
    forum = (await forums_to_come(session, now))[0]
    for number, words in enumerate(REASONS):
        carer, named = people[2 * number : 2 * number + 2]
        moment = now - timedelta(days=30 - 9 * number)
        _, nomination = await nominate(session, carer, f"{named.first_name} {named.last_name}", words, moment)
        if nomination is not None and number == 0:
            later = moment + timedelta(days=2)
            await match(session, nomination.id, nomination.version, by, later, carer_id=named.id)
            await shortlist(session, nomination.id, forum.id, CITATION, nomination.version, by, later)
