"""A card under its event's flyer: a photo with the card as its caption, uploaded once, and edited as such."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from telegram import Update

from bot.sender import UPLOAD_WAIT
from broadcasts.attachments import ABANDONED_AFTER, file_of, forget_abandoned, keep_attachment
from broadcasts.queue import Recipient, queue_notice, queue_reply
from broadcasts.sender import ComposeMany, Content, Skip
from carers.people import Person
from handlers.turn import Turn
from sandbox.users import plain_picture
from storage.broadcasts import Attachment
from storage.deliveries import Delivery
from storage.deliveries_cards import StaleCard
from storage.engine import Database, Session
from storage.events import Event, EventState, Mode, RsvpBy
from storage.households import Carer
from storage.rsvp import Card, Invitation
from storage.rsvp_queries import mark_cards_stale
from storage.series import EventTemplate, Series
from tests.broadcasts.outages import Wire
from tests.support.cast import NOON
from tests.support.delivery import LONDON, POLICY
from texts.message import Message
from texts.render import _kept_file

DAY = timedelta(days=1)


@dataclass
class OfOneEvent:
    """Says the kind of notice, under the flyer that the event has at that moment; on cards ``now_says``."""

    now_says: str = "drawn again"
    asked: list[bool] = field(default_factory=list)
    """Of each card that was drawn again, whether it was known for a photo."""

    def in_bulk(self, kind: str) -> ComposeMany | None:
        return None

    async def notice(self, session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
        event = (await session.scalars(select(Event))).one()
        return Content(
            delivery.kind, {"words": delivery.kind, "flyer": await file_of(session, event.flyer_id)}
        )

    async def cards(
        self, session: Session, cards: Sequence[StaleCard], now: datetime
    ) -> Mapping[int, Content | Skip]:
        self.asked += [card.photo for card in cards]
        return {card.id: Content("card", {"words": self.now_says}) for card in cards}


class WordsAndPicture:
    def render(self, kind: str, params: Mapping[str, Any], language: str) -> Message:
        words = params.get("words") or f"{kind}: {params['title']}"
        return Message(words, attachment=_kept_file(params.get("flyer"), dispensable=True))


@dataclass
class Afternoon:
    """One event to which Amal, Jo and Sam are invited."""

    wire: Wire
    composer: OfOneEvent
    invitations: dict[int, int]
    """By carer."""

    async def has_flyer(self, content: bytes | None = None) -> int:
        async with self.wire.database.write() as session:
            kept = await keep_attachment(
                session,
                filename="poster.png",
                mime="image/png",
                content=content or plain_picture(),
                now=self.wire.now,
            )
            assert isinstance(kept, int)
            await session.execute(update(Event).values(flyer_id=kept))
        return kept

    async def tell(self, kind: str, *people: Carer) -> None:
        async with self.wire.database.write() as session:
            await queue_notice(
                session,
                kind,
                [Recipient(carer_id=who.id, invitation_id=self.invitations[who.id]) for who in people],
                about="event:1",
                now=self.wire.now,
                send_by=self.wire.now + DAY,
            )
        await self.wire.go()
        await self.wire.later(UPLOAD_WAIT)

    async def changes(self, says: str) -> None:
        self.composer.now_says = says
        async with self.wire.database.write() as session:
            for invitation in self.invitations.values():
                await mark_cards_stale(session, invitation)
        await self.wire.go()

    async def photos(self) -> list[bool]:
        async with self.wire.database.read() as session:
            return list(await session.scalars(select(Card.photo).order_by(Card.id)))

    def methods(self) -> list[str]:
        """What was asked of the server, but for what comes at the start."""
        return [request.method for request in self.wire.sandbox.requests if "get" not in request.method]

    def sees(self, carer: Carer) -> list[str]:
        user = next(user for user in self.wire.sandbox.users if user.id == carer.chat_id)
        return [message.text for message in user.received]


@pytest.fixture
async def afternoon(wire: Wire) -> Afternoon:
    people = (wire.cast.amal, wire.cast.jo, wire.cast.sam)
    async with wire.database.write() as session:
        event = Event(
            ref="coffee-1",
            title="Coffee afternoon",
            kind="social",
            starts_at=NOON + 7 * DAY,
            ends_at=NOON + 7 * DAY + timedelta(hours=2),
            mode=Mode.IN_PERSON,
            rsvp_by=RsvpBy.CARER,
            state=EventState.INVITED,
            created_at=NOON,
            updated_at=NOON,
        )
        session.add(event)
        await session.flush()
        parties = [
            Invitation(
                event_id=event.id,
                household_id=who.household_id,
                carer_id=who.id,
                party=f"c{who.id}",
                invited_at=NOON,
            )
            for who in people
        ]
        session.add_all(parties)
    composer = OfOneEvent()
    wire.start(composer=composer, renderer=WordsAndPicture())
    return Afternoon(wire, composer, {p.carer_id: p.id for p in parties if p.carer_id is not None})


async def test_a_card_under_a_flyer_is_a_photo_uploaded_once_whose_caption_changes(
    afternoon: Afternoon,
) -> None:
    cast = afternoon.wire.cast
    await afternoon.has_flyer()
    await afternoon.tell("invitation", cast.amal, cast.jo, cast.sam)
    sent = [str(request.arguments["photo"]) for request in afternoon.wire.sandbox.requests_of("sendPhoto")]
    assert [photo.endswith("bytes)") for photo in sent] == [True, False, False]
    assert await afternoon.photos() == [True, True, True]
    await afternoon.changes("moved to Friday")
    assert afternoon.methods() == ["sendPhoto"] * 3 + ["editMessageCaption"] * 3
    assert afternoon.composer.asked == [True, True, True]
    assert [afternoon.sees(who) for who in (cast.amal, cast.sam)] == [["moved to Friday"]] * 2


async def test_a_card_stays_what_it_was_sent_as_whatever_becomes_of_the_flyer(afternoon: Afternoon) -> None:
    cast = afternoon.wire.cast
    await afternoon.tell("invitation", cast.amal)
    await afternoon.has_flyer()
    await afternoon.tell("invitation", cast.amal, cast.jo)
    assert await afternoon.photos() == [False, True]
    async with afternoon.wire.database.write() as session:
        await session.execute(update(Event).values(flyer_id=None))
    await afternoon.changes("in the hall")
    assert sorted(afternoon.methods()) == [
        "editMessageCaption",
        "editMessageText",
        "sendMessage",
        "sendPhoto",
    ]
    assert afternoon.sees(cast.amal) == afternoon.sees(cast.jo) == ["in the hall"]


async def test_a_photo_that_is_the_card_no_more_points_to_the_newer_one_in_its_caption(
    afternoon: Afternoon,
) -> None:
    amal = afternoon.wire.cast.amal
    await afternoon.has_flyer()
    await afternoon.tell("invitation", amal)
    async with afternoon.wire.database.write() as session:
        await session.execute(update(Event).values(flyer_id=None))
    await afternoon.tell("reminder", amal)
    assert await afternoon.photos() == [False]
    assert afternoon.methods() == ["sendPhoto", "sendMessage", "editMessageCaption"]
    assert afternoon.sees(amal) == ["card_moved: Coffee afternoon", "reminder"]


async def test_a_card_that_somebody_asked_for_is_a_photo_too_and_a_tap_on_it_edits_its_caption(
    afternoon: Afternoon,
) -> None:
    wire, amal = afternoon.wire, afternoon.wire.cast.amal
    number = await afternoon.has_flyer()
    async with wire.database.write() as session:
        await queue_reply(
            session,
            101,
            "card",
            {"words": "as asked", "flyer": await file_of(session, number)},
            language="en",
            now=wire.now,
            invitation_id=afternoon.invitations[amal.id],
            carer_id=amal.id,
        )
    await wire.go()
    assert await afternoon.photos() == [True]
    async with wire.database.read() as session:
        card = (await session.scalars(select(Card))).one()
    await wire.reply(101, "who comes?", op="edit", message_id=card.message_id, photo=True)
    await wire.go()
    assert set(afternoon.methods()) == {"sendPhoto", "editMessageCaption"}


async def test_a_picture_that_telegram_does_not_take_costs_nobody_the_invitation(
    afternoon: Afternoon,
) -> None:
    cast = afternoon.wire.cast
    await afternoon.has_flyer(b"\x89PNG\r\n\x1a\n" + b"no picture")
    await afternoon.tell("invitation", cast.amal, cast.jo, cast.sam)
    assert afternoon.methods() == ["sendPhoto"] + ["sendMessage"] * 3
    assert await afternoon.photos() == [False, False, False]
    assert afternoon.sees(cast.sam) == ["invitation"]


async def test_words_too_many_for_a_caption_go_out_alone_and_the_others_keep_the_picture(
    afternoon: Afternoon, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = afternoon.wire.cast
    await afternoon.has_flyer()
    said = WordsAndPicture.render

    def longer(self: Any, kind: str, params: Mapping[str, Any], language: str) -> Message:
        return said(self, kind, {**params, "words": "x" * 1100 if language == "ur" else "short"}, language)

    monkeypatch.setattr(WordsAndPicture, "render", longer)
    async with afternoon.wire.database.write() as session:
        await session.execute(update(Carer).where(Carer.id == cast.amal.id).values(language="ur"))
    await afternoon.tell("invitation", cast.amal, cast.jo)
    assert sorted(await afternoon.photos()) == [False, True]


async def test_a_flyer_is_kept_while_an_event_a_series_or_a_template_has_it(database: Database) -> None:
    async with database.write() as session:
        kept = [
            await keep_attachment(
                session,
                filename="a.png",
                mime="image/png",
                content=plain_picture() + bytes([number]),
                now=NOON,
            )
            for number in range(4)
        ]
        common = {"created_at": NOON, "updated_at": NOON}
        session.add(Series(ref="s", pattern={"flyer_id": kept[1]}, rhythm={}, first_on=NOON.date(), **common))
        session.add(EventTemplate(name="t", pattern={"flyer_id": kept[2]}, **common))
        session.add(
            Event(
                ref="e",
                title="Coffee",
                kind="social",
                starts_at=NOON,
                ends_at=NOON + DAY,
                mode=Mode.IN_PERSON,
                rsvp_by=RsvpBy.CARER,
                flyer_id=kept[0],
                **common,
            )
        )
    async with database.write() as session:
        assert await forget_abandoned(session, NOON + ABANDONED_AFTER + DAY) == 1
        assert list(await session.scalars(select(Attachment.id).order_by(Attachment.id))) == kept[:3]


@pytest.mark.parametrize("content", [{"text": "words"}, {"photo": [], "caption": "words"}])
def test_a_turn_knows_whether_what_was_tapped_is_a_picture(content: dict[str, Any]) -> None:
    if "photo" in content:
        size = {"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9}
        content = {**content, "photo": [size]}
    chat = {"id": 101, "type": "private"}
    who = {"id": 101, "is_bot": False, "first_name": "Amal"}
    message = {"message_id": 5, "date": 1, "chat": chat, **content}
    tap = {"id": "1", "from": who, "chat_instance": "1", "data": "x", "message": message}
    update = Update.de_json({"update_id": 1, "callback_query": tap}, None)
    nobody: Any = None
    turn = Turn(nobody, datetime.now(UTC), LONDON, update, 101, Person(101), POLICY)
    assert turn.photo is ("photo" in content)
