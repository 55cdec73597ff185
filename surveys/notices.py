"""What a survey's notices say, read at the moment of sending."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from broadcasts.sender import Content, Skip
from storage.deliveries import Delivery
from storage.engine import Session
from storage.surveys import Participant, Round, RoundState
from surveys.keys import RoundKeys
from surveys.reading import read_definition

Compose = Callable[[Session, Delivery, datetime], Awaitable[Content | Skip]]


async def compose_survey(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
    """The invitation to a survey.

    It does not look at whether the carer has taken part already: a delivery skipped for that reason would
    stay in the ledger and say so for ever.
    """
    round = await _open_round(session, delivery, now)
    return Content("survey", round_params(round)) if round else Skip("the survey is over")


async def compose_reminder(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
    """A reminder, for who has still not taken part. Its row is deleted when an anonymous round closes."""
    round = await _open_round(session, delivery, now)
    if round is None:
        return Skip("the survey is over")
    participant = await session.get(Participant, (round.id, delivery.carer_id))
    if participant is None or participant.took_part:
        return Skip("already answered")
    return Content("survey_reminder", round_params(round))


def round_params(round: Round) -> dict[str, Any]:
    """What every text about a round needs: plain JSON."""
    definition = read_definition(round.definition)
    return {
        "round": round.id,
        "title": dict(definition.title),
        "introduction": dict(definition.introduction),
        "minutes": definition.minutes,
        "questions": len(definition.asked({})),  # those that everybody is asked
        "anonymous": round.anonymous,
        "collects": round.asks_until is not None,
        "threshold": round.threshold,
        "closes_at": round.closes_at.isoformat(),
    }


async def key_is_missing(session: Session, delivery: Delivery, keys: RoundKeys) -> bool:
    """Whether nobody could answer what this notice asks, as after a restore without the folder of keys."""
    round = await session.get(Round, delivery.round_id) if delivery.round_id is not None else None
    return round is not None and round.anonymous and keys.find(round.ref) is None


async def _open_round(session: Session, delivery: Delivery, now: datetime) -> Round | None:
    round = await session.get(Round, delivery.round_id) if delivery.round_id is not None else None
    is_open = round is not None and round.state is RoundState.OPEN and now < round.closes_at
    return round if is_open else None


COMPOSERS: dict[str, Compose] = {"survey": compose_survey, "survey_reminder": compose_reminder}
