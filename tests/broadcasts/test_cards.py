"""The card of an invitation: one message in the carer's chat, edited in place."""

from datetime import timedelta

from broadcasts.sender import Content, Skip
from storage.households import Carer
from storage.rsvp import Card
from storage.rsvp_queries import mark_cards_stale
from tests.broadcasts.stage import Stage
from tests.support.cast import NOON
from tests.support.fake_sender import BLOCKED, NO_ANSWER, NOT_CONNECTED, WRONG, Killed

MINUTE = timedelta(minutes=1)


async def with_card(stage: Stage) -> Card:
    """Amal has her card of an invitation."""
    invitation = await stage.invite(stage.cast.amal)
    await stage.queue("invitation", stage.cast.amal, invitation_id=invitation.id)
    await stage.go()
    (card,) = await stage.cards()
    return card


async def mark(stage: Stage, card: Card) -> None:
    async with stage.database.write() as session:
        await mark_cards_stale(session, card.invitation_id)


async def test_an_invitation_that_went_out_is_the_carers_card(stage: Stage) -> None:
    card = await with_card(stage)
    assert (card.carer_id, card.chat_id) == (stage.cast.amal.id, 101)
    assert card.message_id == (await stage.delivery()).message_id
    assert stage.sender.ops() == ["send"]


async def test_a_reminder_is_the_card_from_then_on(stage: Stage) -> None:
    first = await with_card(stage)
    await stage.queue("reminder", stage.cast.amal, invitation_id=first.invitation_id)
    await stage.go()
    (card,) = await stage.cards()
    assert card.message_id > first.message_id


async def test_an_invitation_that_may_not_have_arrived_is_no_card(stage: Stage) -> None:
    invitation = await stage.invite(stage.cast.amal)
    stage.sender.will(NO_ANSWER)
    await stage.queue("invitation", stage.cast.amal, invitation_id=invitation.id)
    await stage.go()
    assert await stage.cards() == []


async def test_a_change_is_drawn_into_the_same_message_in_the_carers_language(stage: Stage) -> None:
    card = await with_card(stage)
    await stage.change(stage.cast.amal, language="pa")
    await mark(stage, card)
    await stage.go()
    edit = stage.sender.requests[-1]
    assert (edit.op, edit.chat_id, edit.message_id, edit.text) == ("edit", 101, card.message_id, "card [pa]")
    assert [(card.stale, card.shown) for card in await stage.cards()] == [(False, 1)]


async def test_several_changes_at_once_need_one_edit(stage: Stage) -> None:
    card = await with_card(stage)
    for _ in range(3):
        await mark(stage, card)
    await stage.go()
    assert stage.sender.ops() == ["send", "edit"]


async def test_a_change_during_the_edit_is_drawn_by_another(stage: Stage) -> None:
    card = await with_card(stage)

    class Busy:
        edits = 0

        async def edit(self, chat_id: int, message_id: int, message: object, *, photo: bool) -> object:
            self.edits += 1
            if self.edits == 1:
                await mark(stage, card)
            return await stage.sender.edit(chat_id, message_id, message)

    busy = Busy()
    stage.engine._sender = busy  # type: ignore[assignment]
    await mark(stage, card)
    await stage.go()
    assert busy.edits == 2
    assert [(card.stale, card.shown) for card in await stage.cards()] == [(False, 2)]


async def test_a_change_while_the_first_card_is_on_its_way_is_drawn_too(stage: Stage) -> None:
    invitation = await stage.invite(stage.cast.amal)

    class Slow:
        async def send(self, chat_id: int, message: object) -> object:
            await stage.change(invitation, answered_at=NOON)
            return await stage.sender.send(chat_id, message)

        async def edit(self, chat_id: int, message_id: int, message: object, *, photo: bool) -> object:
            return await stage.sender.edit(chat_id, message_id, message)

    stage.engine._sender = Slow()  # type: ignore[assignment]
    await stage.queue("invitation", stage.cast.amal, invitation_id=invitation.id)
    await stage.go()
    assert stage.sender.ops() == ["send", "edit"]


async def test_a_card_sent_right_after_an_answer_is_not_drawn_twice(stage: Stage) -> None:
    invitation = await stage.invite(stage.cast.amal)
    await stage.change(invitation, answered_at=NOON)
    await stage.queue("reminder", stage.cast.amal, invitation_id=invitation.id)
    await stage.go()
    assert stage.sender.ops() == ["send"]


async def test_an_edit_that_failed_to_connect_or_was_never_answered_is_done_again(stage: Stage) -> None:
    card = await with_card(stage)
    stage.sender.will(NOT_CONNECTED, NO_ANSWER)
    await mark(stage, card)
    for minutes in range(3):
        await stage.go(NOON + minutes * MINUTE)
    assert stage.sender.ops() == ["send", "edit", "edit", "edit"]
    assert [card.stale for card in await stage.cards()] == [False]


async def test_a_message_that_can_no_longer_be_edited_is_left_alone(stage: Stage) -> None:
    card = await with_card(stage)
    stage.sender.will(WRONG)
    await mark(stage, card)
    await stage.go()
    await stage.go(NOON + MINUTE)
    assert stage.sender.ops() == ["send", "edit"]


async def test_who_blocked_the_bot_is_found_out_by_an_edit_too(stage: Stage) -> None:
    card = await with_card(stage)
    stage.sender.will(BLOCKED)
    await mark(stage, card)
    await stage.go()
    async with stage.database.read() as session:
        assert (await session.get_one(Carer, stage.cast.amal.id)).unreachable_reason == "blocked"


async def test_a_card_with_nothing_to_show_is_left_as_it_is(stage: Stage) -> None:
    card = await with_card(stage)
    stage.composer.card_says = Skip("the event is over")
    await mark(stage, card)
    await stage.go()
    assert stage.sender.ops() == ["send"]
    assert [card.stale for card in await stage.cards()] == [False]


async def test_a_process_killed_during_an_edit_edits_again(stage: Stage) -> None:
    card = await with_card(stage)
    stage.sender.will(Killed)
    await mark(stage, card)
    try:
        await stage.go()
    except Killed:
        stage.start_again()
    await stage.engine.recover(NOON)
    await stage.go()
    assert stage.sender.ops() == ["send", "edit", "edit"]
    assert [card.stale for card in await stage.cards()] == [False]


async def test_a_card_that_cannot_be_composed_keeps_nobody_else_waiting(stage: Stage) -> None:
    card = await with_card(stage)

    async def broken(*_: object) -> Content:
        raise LookupError

    stage.composer.cards = broken  # type: ignore[method-assign, assignment]
    await mark(stage, card)
    await stage.queue("reminder", stage.cast.sam)
    await stage.go()
    assert stage.sender.sent_to(103) == ["reminder"]
