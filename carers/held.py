"""What is held about a carer, for them to see."""

from dataclasses import dataclass

from carers.audience import group_words
from storage.engine import Session
from storage.held_queries import count_answers, count_messages, count_notices, group_names_of
from storage.households import Carer


@dataclass(frozen=True, slots=True)
class Held:
    """A summary: the register's row and how much there is of the rest."""

    groups: tuple[str, ...]
    answers: int
    messages: int
    notices: int


async def groups_of(session: Session, carer: Carer) -> tuple[str, ...]:
    """The groups that the carer belongs to, as people call them."""
    return tuple(group_words(name) for name in await group_names_of(session, carer.id))


async def what_is_held(session: Session, carer: Carer) -> Held:
    """The summary of one carer. What they answered anonymously cannot be found by who they are."""
    return Held(
        groups=await groups_of(session, carer),
        answers=await count_answers(session, carer),
        messages=await count_messages(session, carer.id),
        notices=await count_notices(session, carer.id),
    )
