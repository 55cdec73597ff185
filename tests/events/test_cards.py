"""What a card is made of: the facts of the event and of the party, for a message or under a photo."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from broadcasts.attachments import keep_attachment
from broadcasts.sender import Content
from events.cards import card_for, event_facts, shortened
from events.leavers import release_leavers
from events.notices import COMPOSERS, WITH_FLYER
from events.planning import change_event, plan_of
from storage.deliveries import Delivery
from storage.engine import Database, Session
from storage.events import Allocation, Event
from storage.rsvp import RsvpState
from tests.events.acts import HYBRID, ONLINE, invitation_of, invited_event, queued
from tests.support.cast import NOON, Cast, gather

PICTURE = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
async def session(database: Database) -> AsyncIterator[Session]:
    async with database.write() as session:
        yield session


async def flyer(session: Session) -> int:
    kept = await keep_attachment(session, filename="walk.png", mime="image/png", content=PICTURE, now=NOON)
    assert isinstance(kept, int)
    return kept


async def notice(session: Session, kind: str, number: int = 0) -> Content:
    """What the first delivery of this kind says."""
    delivery: Delivery = (await queued(session, kind))[number]
    content = await COMPOSERS[kind](session, delivery, NOON)
    assert isinstance(content, Content)
    return content


async def scene(session: Session, **changes: Any) -> tuple[Cast, Event]:
    cast = await gather(session)
    return cast, await invited_event(session, cast, **changes)


@pytest.mark.parametrize(
    ("chosen", "venue", "leads_to"),
    [
        ("", "St Mary's Hall, 1 Mill Lane", "St Mary's Hall, 1 Mill Lane"),
        ("https://maps.example.org/hall", "The Hall", None),
        ("javascript:alert(1)", "The Hall", "The Hall"),
        ("", "", ""),
    ],
)
async def test_the_map_is_the_one_that_staff_chose_or_a_search_for_the_place(
    session: Session, chosen: str, venue: str, leads_to: str | None
) -> None:
    _, event = await scene(session, venue=venue, map_url=chosen)
    url = event_facts(event)["map_url"]
    if leads_to is None:
        assert url == chosen
    elif leads_to:
        assert parse_qs(urlsplit(url).query)["query"] == [leads_to]
    else:
        assert url == ""


async def test_an_event_online_has_no_place_on_a_map(session: Session) -> None:
    _, event = await scene(session, mode=ONLINE, online_url="https://meet.example/secret")
    assert event_facts(event)["map_url"] == event_facts(event)["venue"] == ""


async def test_no_fact_of_a_card_is_the_join_link(session: Session) -> None:
    cast, event = await scene(session, mode=HYBRID, online_url="https://meet.example/secret")
    theirs = await invitation_of(session, event, cast.amal)
    theirs.state, theirs.mode = RsvpState.GOING, ONLINE
    for moment in (NOON, event.starts_at - timedelta(minutes=30), event.starts_at):
        facts = await card_for(session, theirs.id, cast.amal, moment)
        assert facts is not None
        assert facts["can_join"]
        assert facts["link_is_out"] is (moment != NOON)
        assert "meet.example" not in json.dumps(facts)


async def test_what_asks_somebody_to_come_carries_the_flyer_and_its_words_are_cut(session: Session) -> None:
    cast, event = await scene(session, flyer_id=await flyer(session), description="Bring boots. " * 100)
    asked = await notice(session, "invitation")
    assert asked.params["short"]
    assert asked.params["flyer"]["filename"] == "walk.png"
    assert asked.params["flyer"]["is_photo"]
    assert len(asked.params["description"]) <= 300
    theirs = await invitation_of(session, event, cast.amal)
    from_the_list = await card_for(session, theirs.id, cast.amal, NOON, as_photo=True)
    assert from_the_list is not None
    assert from_the_list["flyer"] == asked.params["flyer"]


async def test_a_change_comes_in_words_alone_for_the_flyer_may_name_the_old_time(session: Session) -> None:
    cast, event = await scene(session, flyer_id=await flyer(session))
    (await invitation_of(session, event, cast.amal)).state = RsvpState.GOING
    await session.flush()
    later = replace(plan_of(event), venue="The Library")
    await change_event(session, event.id, later, cast.priya, NOON)
    changed = await notice(session, "change")
    assert changed.params["flyer"] is None
    assert not changed.params["short"]
    assert "change" not in WITH_FLYER


def test_a_text_is_cut_where_no_letter_is_broken() -> None:
    cut = shortened({"description": "🎭" * 400, "reason": "", "title": "A walk"})
    assert len(cut["description"].encode("utf-16-le")) // 2 <= 300
    assert cut["description"] == "🎭" * 149 + "…"
    assert cut["title"] == "A walk"


async def test_a_draw_says_when_it_is_and_never_that_all_places_are_taken(session: Session) -> None:
    cast, event = await scene(session, allocation=Allocation.BALLOT, capacity=1)
    event.taken = 1
    theirs = await invitation_of(session, event, cast.amal)
    facts = await card_for(session, theirs.id, cast.amal, NOON)
    assert facts is not None
    assert (facts["ballot"], facts["full"]) == (True, [])
    assert facts["draws_at"] == (event.starts_at - timedelta(days=7)).isoformat()
    closed = await card_for(session, theirs.id, cast.amal, event.starts_at - timedelta(days=7))
    assert closed is not None
    assert (closed["over"], closed["choices"], closed["missed_offer"]) == ("closed", [], False)


async def test_who_has_left_is_not_told_that_the_event_is_off(session: Session) -> None:
    cast, event = await scene(session)
    theirs = await invitation_of(session, event, cast.amal)
    cast.reeds.ended_on = NOON.date()
    await session.flush()
    await release_leavers(session, NOON)
    facts = await card_for(session, theirs.id, cast.amal, NOON)
    assert facts is not None
    assert (facts["over"], facts["choices"]) == ("withdrawn", [])
