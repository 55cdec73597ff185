"""Two carers of one household on one phone: whose turn it is, and who stays when the other goes.

A chat has one carer who speaks: what is written or tapped in it is theirs. Whoever taps a message that was
for the other, or says "This is Jo", speaks from then on. The database allows one who speaks a chat, and all
here happens in the transaction of the update that causes it: a crash leaves one of the two speaking, never
both and never nobody.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from carers.conversations import settle, waiting_for
from carers.people import Carer, Person
from storage.engine import Session
from storage.households_queries import locked_carers
from storage.people import carers_at_home, carers_of_chat
from storage.shared_chats import addressee_of, draw_own_cards_again, owner_of_invitation, pass_cards_on

STILL_ASKED = timedelta(hours=2)
"""For so long words answer what the other carer of the chat was asked."""
_NEVER_TO_STAFF = ("survey", "")
"""The topic and step of a survey that goes on: its words are an answer however late they come."""
_BEGAN_IT = "began_it"
"""In what a conversation keeps: the number of the carer who began it, once the other speaks. Without it the
conversation is of who speaks."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A tapped button in a shared chat. ``offers``: the carers whom other buttons of its message would let
    speak: so the message is for whom it does not offer. ``invitation_id`` and ``round_id``: what the button
    is about; 0 for nothing."""

    message_id: int | None
    offers: Collection[int] = ()
    invitation_id: int = 0
    round_id: int = 0


def called(carer: Carer) -> str:
    """What a carer is called to the other one who shares their chat."""
    return carer.first_name or carer.ref


async def who_taps(session: Session, person: Person, tap: Tap) -> Person:
    """The person of a shared chat with the one in front for whom the tapped message is; who speaks from now
    on. What is the household's is taken as the addressee's too, and changes nothing of who speaks."""
    offered = [carer for carer in person.carers if carer.id not in tap.offers]
    if tap.offers and len(offered) == 1:
        return await hand_over(session, person, offered[0])
    if tap.message_id is not None:
        ids = [carer.id for carer in person.carers]
        found = await addressee_of(session, ids, person.chat_id, tap.message_id)
        if found is not None:
            addressee = _of(person, found.carer_id)
            return await hand_over(session, person, addressee) if found.own else in_front(person, addressee)
    owner = await _owner_of(session, person, tap)
    return person if owner is None else await hand_over(session, person, owner)


async def _owner_of(session: Session, person: Person, tap: Tap) -> Carer | None:
    """Whose own this is by what the button is about, where no message tells."""
    number = await owner_of_invitation(session, tap.invitation_id) if tap.invitation_id else None
    if number is None and tap.round_id:
        conversation = await waiting_for(session, person.chat_id)
        if conversation is not None and conversation.data.get("round") == tap.round_id:
            number = conversation.data.get(_BEGAN_IT)
    return next((carer for carer in person.carers if carer.id == number), None)


async def who_writes(session: Session, person: Person, now: datetime) -> Person:
    """The person of a shared chat with the one in front who was asked for words, if anybody was.

    What the other one was asked long ago is asked no more: who speaks would answer for them.
    """
    conversation = await waiting_for(session, person.chat_id)
    if conversation is None or not conversation.topic:
        return person
    began_it = conversation.data.get(_BEGAN_IT)
    found = next((carer for carer in person.others if carer.id == began_it), None)
    if found is None:
        return person
    goes_on = (conversation.topic, conversation.step) == _NEVER_TO_STAFF
    if not goes_on and now - conversation.updated_at > STILL_ASKED:
        await settle(session, person.chat_id)
        return person
    return await hand_over(session, person, found)


async def hand_over(session: Session, person: Person, carer: Carer) -> Person:
    """Let this carer of the chat speak from now on. What the other was asked for stays asked of the other."""
    if carer is person.carer:
        return person
    conversation = await waiting_for(session, person.chat_id)
    if conversation is not None and conversation.topic and person.carer is not None:
        conversation.data = {_BEGAN_IT: person.carer.id, **conversation.data}
    await let_speak(session, carer, person.carers)
    return in_front(person, carer)


def in_front(person: Person, carer: Carer) -> Person:
    """The same people of the chat, with this one as who tapped or wrote."""
    others = tuple(one for one in person.carers if one is not carer)
    return replace(person, carer=carer, others=others)


async def let_speak(session: Session, carer: Carer, of_the_chat: Iterable[Carer]) -> None:
    """Make this the one who speaks. In two steps, for the database never has two in one chat."""
    for other in of_the_chat:
        if other is not carer:
            other.speaks = False
    await session.flush()
    carer.speaks = True
    await session.flush()


async def leave_chat(session: Session, carer: Carer, now: datetime) -> Carer | None:
    """Take a carer out of their chat. Returns who stays in it and speaks from now on, if it was shared."""
    chat_id, spoke = carer.chat_id, carer.speaks
    if chat_id is None:
        return None
    # Both at once from two sides: the second waits here and finds who is left as it is then.
    await locked_carers(session, await carers_at_home(session, carer.household_id))
    carer.chat_id = carer.linked_at = None
    carer.speaks, carer.shares_chat = True, False
    await session.flush()
    stays = await put_in_order(session, chat_id, now)
    await pass_cards_on(session, carer, chat_id, stays)
    conversation = await waiting_for(session, chat_id)
    if conversation is not None:
        began_it = conversation.data.get(_BEGAN_IT, carer.id if spoke else None)
        if stays is None or began_it == carer.id:
            await settle(session, chat_id)
    return stays


async def put_in_order(session: Session, chat_id: int, now: datetime) -> Carer | None:
    """Note whether a chat is shared, and have one who speaks in it; returns that one, if anybody is there.

    Cards of what is one's own come to say whose they are, or need not any more.
    """
    there = await carers_of_chat(session, chat_id)
    shared = len(there) > 1
    changed = [carer.id for carer in there if carer.shares_chat is not shared]
    for carer in there:
        carer.shares_chat = shared
    if there:
        there[0].speaks = True
    await session.flush()
    await draw_own_cards_again(session, changed, now)
    return there[0] if there else None


def _of(person: Person, carer_id: int) -> Carer:
    return next(carer for carer in person.carers if carer.id == carer_id)
