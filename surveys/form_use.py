"""What asks a survey, and taking one out of use."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from carers.audit import record
from storage import survey_forms_queries as queries
from storage.engine import Session
from storage.staff import StaffMember
from storage.surveys import RoundState
from surveys.catalogue import standard_definitions
from surveys.definition import Occasion
from surveys.standing import USUAL, standing_of


@dataclass(frozen=True, slots=True)
class Uses:
    """``rounds``: id, title and state of those that are open or to open. ``kinds``: of events after which it
    is asked. ``occasions``: on which it is asked as they come."""

    rounds: tuple[tuple[int, str, RoundState], ...] = ()
    kinds: tuple[str, ...] = ()
    occasions: tuple[Occasion, ...] = ()

    @property
    def keep(self) -> bool:
        """Whether it has to stay in use: something goes on asking it by itself."""
        return bool(self.kinds or self.occasions)


class Shelved(StrEnum):
    """What became of taking a survey out of use, or bringing it back."""

    DONE = "done"
    NOTHING = "nothing"
    """There is no such survey, or it is so already."""
    IN_USE = "in_use"
    """An occasion or a kind of event asks it."""


async def uses_of(session: Session, survey: str) -> Uses:
    """What asks this survey now or will."""
    rounds = await queries.rounds_of_surveys(session)
    standing = [(occasion, await standing_of(session, occasion)) for occasion in USUAL]
    return Uses(
        tuple((id, title, state) for of, id, title, state in rounds if of == survey),
        tuple(await queries.kinds_that_ask(session, survey)),
        tuple(occasion for occasion, asked in standing if asked.survey == survey and asked.is_on),
    )


async def retire(session: Session, survey: str, by: StaffMember, now: datetime) -> Shelved:
    """Offer a survey no more. Rounds that run go on; what an occasion or a kind of event asks stays."""
    own, standard = await queries.own_versions(session, survey), standard_definitions().get(survey)
    if (own and own[0].retired_at is not None) or (not own and standard is None):
        return Shelved.NOTHING
    if (await uses_of(session, survey)).keep:
        return Shelved.IN_USE
    if own:
        await queries.set_retired(session, own[0].id, now)
    elif standard is not None:
        source = dict(standard.source)
        await queries.add_retired(session, survey, standard.version, source, by.id, now)
    await record(session, now, by, "survey_form.retire", f"survey:{survey}")
    return Shelved.DONE


async def bring_back(session: Session, survey: str, by: StaffMember, now: datetime) -> Shelved:
    """Offer a survey again that was taken out of use."""
    own = await queries.own_versions(session, survey)
    if not own or own[0].retired_at is None:
        return Shelved.NOTHING
    if own[0].published_at is None:  # it does no more than say that the standard survey is out of use
        await queries.delete_form(session, own[0].id)
    else:
        await queries.set_retired(session, own[0].id, None)
    await record(session, now, by, "survey_form.bring_back", f"survey:{survey}")
    return Shelved.DONE
