"""Who is writing: the carer and the member of staff behind a chat, if any."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from storage.engine import Session
from storage.households import Carer, Language
from storage.people import (
    carers_of_chat,
    carers_of_chats,
    hold_carers_of_chat,
    staff_of_chat,
    staff_of_chats,
)
from storage.staff import Role, StaffMember


@dataclass(frozen=True, slots=True)
class Person:
    """The owner of a chat. Someone may be a carer and a member of staff; a stranger is neither.

    ``others``: who shares the chat with the carer, and does not speak in it now: see `carers.shared_chats`.
    """

    chat_id: int
    carer: Carer | None = None
    staff: StaffMember | None = None
    others: tuple[Carer, ...] = ()

    @property
    def is_stranger(self) -> bool:
        return self.carer is None and self.staff is None

    @property
    def carers(self) -> tuple[Carer, ...]:
        """Every carer of the chat, who speaks first."""
        return (self.carer, *self.others) if self.carer is not None else ()

    @property
    def language(self) -> str:
        return str(self.carer.language) if self.carer else "en"


async def person_of_chat(session: Session, chat_id: int, *, hold: bool = False) -> Person:
    """Look up who this chat belongs to. ``hold``: what they do is about to be kept, so nobody erases them
    meanwhile."""
    if hold:
        await hold_carers_of_chat(session, chat_id)
    return _person(chat_id, await carers_of_chat(session, chat_id), await staff_of_chat(session, chat_id))


async def people_of_chats(session: Session, chat_ids: Collection[int]) -> dict[int, Person]:
    """Look up many at once. Their households are not read: for those who only answer or ask for no more."""
    carers, staff = await carers_of_chats(session, chat_ids), await staff_of_chats(session, chat_ids)
    return {chat_id: _person(chat_id, carers.get(chat_id, ()), staff.get(chat_id)) for chat_id in chat_ids}


def _person(chat_id: int, carers: Sequence[Carer], staff: StaffMember | None) -> Person:
    return Person(chat_id, carers[0] if carers else None, staff, tuple(carers[1:]))


__all__ = ["Carer", "Language", "Person", "Role", "StaffMember", "people_of_chats", "person_of_chat"]
