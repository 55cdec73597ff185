"""What goes to a chat that two carers share: the same once, one's own with the name."""

from datetime import timedelta
from typing import Any

import pytest

from broadcasts.sender import Content
from storage.deliveries import DeliveryState
from storage.engine import Database
from storage.households import Language
from storage.rsvp import Invitation
from tests.broadcasts.stage import Stage, set_stage
from tests.support.cast import NOON
from tests.support.delivery import PlainComposer
from tests.support.fake_sender import BLOCKED

LATER = NOON + timedelta(minutes=1)


class Addressing(PlainComposer):
    """Says what many are told with their name in it, if it is to, and keeps what each message was given."""

    names = False

    def in_bulk(self, kind: str) -> Any:
        return self._many if kind == "broadcast" else None

    async def _many(self, session: Any, due: Any, now: Any) -> Any:
        return {
            row.id: Content(row.kind, {"text": f"Dear {row.first_name}" if self.names else "Dear all"})
            for row in due
        }


@pytest.fixture
async def phone(database: Database) -> Stage:
    """Amal and Jo on one phone, where Amal speaks."""
    stage = await set_stage(database)
    await stage.change(stage.cast.jo, speaks=False)
    await stage.change(stage.cast.jo, chat_id=101, shares_chat=True)
    await stage.change(stage.cast.amal, shares_chat=True)
    stage.composer = Addressing()
    stage.start_again()
    return stage


async def of_household(stage: Stage) -> Invitation:
    invitation = await stage.invite(stage.cast.amal)
    await stage.change(invitation, carer_id=None, party="household")
    return invitation


async def test_what_is_for_the_household_goes_once(phone: Stage) -> None:
    invitation = await of_household(phone)
    await phone.queue("invitation", phone.cast.amal, phone.cast.jo, invitation_id=invitation.id)
    await phone.go()
    await phone.go(LATER)
    assert await phone.stands() == [(DeliveryState.SENT, None), (DeliveryState.SKIPPED, "same_chat")]
    assert phone.sender.sent_to(101) == ["invitation"]


async def test_each_is_told_in_their_own_language(phone: Stage) -> None:
    invitation = await of_household(phone)
    await phone.change(phone.cast.jo, language=Language.URDU)
    await phone.queue("invitation", phone.cast.amal, phone.cast.jo, invitation_id=invitation.id)
    await phone.go()
    await phone.go(LATER)
    assert {state for state, _ in await phone.stands()} == {DeliveryState.SENT}


async def test_what_is_ones_own_goes_to_each_and_says_for_whom(phone: Stage) -> None:
    theirs = await phone.invite(phone.cast.jo)
    await phone.queue("invitation", phone.cast.jo, invitation_id=theirs.id)
    await phone.queue("feedback", phone.cast.amal, phone.cast.jo, about="b")
    await phone.go()
    await phone.go(LATER)
    await phone.go(LATER + timedelta(minutes=1))
    assert phone.sender.sent_to(101) == ["invitation for Jo", "feedback for Amal", "feedback for Jo"]


@pytest.mark.parametrize(
    ("by_name", "messages"),
    [(False, ["Dear all"]), (True, ["Dear Amal for Amal", "Dear Jo for Jo"])],
)
async def test_what_many_are_told_goes_once_where_it_is_word_for_word_the_same(
    phone: Stage, by_name: bool, messages: list[str]
) -> None:
    assert isinstance(phone.composer, Addressing)
    phone.composer.names = by_name
    await phone.queue("broadcast", phone.cast.amal, phone.cast.jo)
    await phone.go()
    await phone.go(LATER)
    said = phone.sender.sent_to(101)
    assert [words.removeprefix("broadcast: ") for words in said] == messages
    assert (await phone.stands())[1][0] is (DeliveryState.SENT if by_name else DeliveryState.SKIPPED)


async def test_who_opted_out_does_not_keep_it_from_the_other(phone: Stage) -> None:
    invitation = await of_household(phone)
    await phone.change(phone.cast.amal, stopped_at=NOON)
    await phone.queue("invitation", phone.cast.amal, phone.cast.jo, invitation_id=invitation.id)
    await phone.go()
    assert await phone.stands() == [(DeliveryState.SKIPPED, "stopped"), (DeliveryState.SENT, None)]


async def test_a_blocked_chat_is_closed_for_both(phone: Stage) -> None:
    phone.sender.will(BLOCKED)
    await phone.queue("feedback", phone.cast.amal, phone.cast.jo)
    await phone.go()
    await phone.go(LATER)
    assert {reason for _, reason in await phone.stands()} == {"blocked"}
