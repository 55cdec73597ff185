"""The page of one invitation: what it says in every state, and everything that can be said on it."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from broadcasts.drafts import keep_attachment
from care.inbox import Desk
from carers.pages import Purpose
from events.ballot import draw_due
from events.choices import Choice
from storage.engine import Session
from storage.events import Allocation, Event
from storage.households import Language
from storage.rsvp import Card, Invitation, RsvpState
from tests.events import calendars
from tests.events.acts import HOUSEHOLD, HYBRID, give_card, invitation_of, invited_event, queued, taps
from tests.support.cast import NOON, Cast
from tests.support.console import Console, Visitor, visitor
from tests.web.carer_states import ROOM, every_state, states
from tests.web.conftest import PIXEL
from tests.web.own_links import SCRIPT, link
from tests.web.rows import all_rows

pytestmark = pytest.mark.one_database

SAYS = {
    "invited": "Can you come?",
    "invited-family": "Can your family come?",
    "invited-hybrid": "In person",
    "invited-full": "Join the waiting list",
    "invited-full-in-person": "In person: join the waiting list",
    "invited-ballot": "Enter the draw",
    "invited-closed": "The time to answer has passed.",
    "going": "You are going.",
    "going-family": "2 adults, 1 child aged 5–10",
    "going-online": "You are joining online.",
    "going-online-soon": "Your link is ready",
    "going-closed": "If you can't come after all",
    "asked-again": "The time or place has changed. Can you still come?",
    "maybe": "You said maybe.",
    "not-going": "You said that you can't come.",
    "not-going-by-jo": "Jo answered for your household.",
    "offered": "We are keeping it for you until Wednesday 7 May, 12:00\xa0pm.",
    "offered-ballot": "You have been drawn: there is room for you.",
    "ballot-entered": "You are in the draw.",
    "ballot-lost": "You were not drawn this time. We are sorry.",
    "begun": "This event has begun, so it is too late to answer here.",
    "begun-going": "You are going.",
    "cancelled": "The hall has no heating.",
    "withdrawn": "This invitation is no longer open for you.",
    "waitlisted": "You are number 2 on the waiting list.",
}
ANSWERED = {"begun", "begun-going", "cancelled", "withdrawn", "invited-closed"}
"""Where nothing can be answered any more."""


async def page_for(console: Console, cast: Cast, event: Event) -> str:
    async with console.database.read() as session:
        invitation = await invitation_of(session, event, cast.amal)
    return link(console, cast.amal, Purpose.INVITATION, invitation.id)


async def planned(console: Console, cast: Cast, **plan: Any) -> tuple[Event, str]:
    """An event that Amal is invited to, and the link of its page."""
    async with console.database.write() as session:
        event = await invited_event(session, cast, **{"title": "Tea", **plan})
    return event, await page_for(console, cast, event)


async def mine(console: Console, cast: Cast, event: Event) -> Invitation:
    async with console.database.read() as session:
        return await invitation_of(session, event, cast.amal)


async def send(somebody: Visitor, page: str, tail: str = "", /, **fields: object) -> str:
    """Send the form of a page, without what may have been hidden in the page last read."""
    somebody.html = ""
    return await somebody.post(page + tail, fields)


async def test_every_state_is_told_and_offers_what_can_be_done(console: Console, cast: Cast) -> None:
    links = await every_state(console, cast)
    async with visitor(console) as amal:
        for name, words in SAYS.items():
            html = (await amal.get(links[name])).replace("&#39;", "'")
            assert amal.status == 200, name
            assert words in html, name
            assert f"Coffee {name}" in html
            assert ("answer=" in html or 'name="answer"' in html) is (name not in ANSWERED), name
            assert "secret-room" not in html, name
            assert html.count("<h1>") == 1
    assert set(SAYS) == set(links)


async def test_one_press_answers(console: Console, cast: Cast) -> None:
    event, page = await planned(console, cast)
    async with visitor(console) as amal:
        await amal.get(page)
        html = await send(amal, page, answer="going")
        assert (amal.status, "said=saved" in amal.path) == (200, True)
        assert "You are going." in html
        assert "Thank you for telling us." in html
        assert (await mine(console, cast, event)).answered_by_id == cast.amal.id
        assert "We have this answer already." in await send(amal, page, answer="going")
        assert "You said that you can" in await send(amal, page, answer="not_going")
    assert console.woken != []
    invitation = await mine(console, cast, event)
    assert (invitation.state, invitation.answered_at) == (RsvpState.NOT_GOING, NOON)


async def test_an_answer_in_the_address_is_only_chosen_beforehand(console: Console, cast: Cast) -> None:
    event, page = await planned(console, cast)
    async with visitor(console) as amal:
        html = await amal.get(page + "?answer=maybe")
        assert "Your answer:" in html
        assert html.count("<button") == 1
        assert (await mine(console, cast, event)).state is RsvpState.INVITED
        html = await amal.post(page.removeprefix(console.address))
        assert "You said maybe." in html
        for odd in ("maybe", "online", "nonsense", "%3Cscript%3E"):
            assert "You said maybe." in await amal.get(f"{page}?answer={odd}")


async def test_a_family_says_who_is_coming_with_its_answer(console: Console, cast: Cast) -> None:
    event, page = await planned(console, cast, rsvp_by=HOUSEHOLD, capacity=4)
    numbers = {"adults": 2, "children_0_4": 0, "children_5_10": 1, "children_11_15": 0, "children_16_up": 0}
    async with visitor(console) as amal:
        assert 'href="/c/' in await amal.get(page)
        assert "Who is coming?" in await amal.get(page + "?answer=going")
        html = await send(amal, page, answer="going", **numbers)
        assert "You are going." in html
        assert "2 adults, 1 child aged 5–10" in html
        assert (await mine(console, cast, event)).people == 3
        html = await send(amal, page, "/party", **{**numbers, "children_5_10": 3})
        assert "There is not enough room for this change." in html
        html = await send(amal, page, "/party", **{**numbers, "children_5_10": 2})
        assert "2 children aged 5–10" in html
        for wrong in ({"adults": 0}, {"adults": "two"}, {"adults": 21}, {"children_0_4": -1}):
            for tail, more in (("/party", {}), ("", {"answer": "going"})):
                html = await send(amal, page, tail, **{**numbers, **wrong, **more})
                assert (amal.status, "Choose at least one adult." in html) == (422, True), wrong
    assert (await mine(console, cast, event)).people == 4


async def test_a_party_too_large_for_what_is_left_waits_whole(console: Console, cast: Cast) -> None:
    event, page = await planned(console, cast, rsvp_by=HOUSEHOLD, capacity=2)
    bands = {"children_0_4": 0, "children_5_10": 0, "children_11_15": 0, "children_16_up": 0}
    async with visitor(console) as amal:
        html = await send(amal, page, answer="going", adults=3, **bands)
    assert "You are number 1 on the waiting list." in html
    invitation = await mine(console, cast, event)
    assert (invitation.state, invitation.people) == (RsvpState.WAITLISTED, 3)


async def test_a_change_that_does_not_fit_leaves_answer_and_party_as_they_were(
    console: Console, cast: Cast
) -> None:
    """Going online with two, the Reeds ask for three in person, where there is room for one."""
    _, page = await planned(
        console, cast, rsvp_by=HOUSEHOLD, mode=HYBRID, online_url=ROOM, capacity=1, online_capacity=9
    )
    bands = {"children_0_4": 0, "children_5_10": 0, "children_11_15": 0, "children_16_up": 0}
    async with visitor(console) as amal:
        await send(amal, page, answer="online", adults=2, **bands)
        before = await all_rows(console.database)
        html = await send(amal, page, answer="in_person", adults=3, **bands)
        assert "There is not enough room for this change." in html
        assert "You are joining online." in html
    assert await all_rows(console.database) == before


async def test_the_card_in_the_chat_is_drawn_again_after_an_answer_on_the_page(
    console: Console, cast: Cast
) -> None:
    event, page = await planned(console, cast, rsvp_by=HOUSEHOLD)
    async with console.database.write() as session:
        invitation = await invitation_of(session, event, cast.amal)
        cards = [(await give_card(session, invitation, one)).id for one in (cast.amal, cast.jo)]
    bands = {"children_0_4": 0, "children_5_10": 0, "children_11_15": 0, "children_16_up": 0}

    async def all_stale() -> bool:
        async with console.database.write() as session:
            found = [await session.get_one(Card, one) for one in cards]
            stale = all(card.stale for card in found)
            for card in found:
                card.stale = False
            return stale

    async with visitor(console) as amal:
        await send(amal, page, answer="going", adults=1, **bands)
        assert await all_stale()
        await send(amal, page, "/party", adults=2, **bands)
        assert await all_stale()
        await send(amal, page, "/needs", needs="A ramp")
        assert await all_stale()


async def test_a_change_is_asked_about_and_answered_again(console: Console, cast: Cast) -> None:
    links = await states(console, cast, "asked-again")
    async with visitor(console) as amal:
        html = await send(amal, links["asked-again"], answer="going")
    assert "You are going." in html
    assert "Can you still come?" not in html


async def test_an_offer_is_taken_or_left(console: Console, cast: Cast) -> None:
    links = await states(console, cast, "offered", "offered-ballot")
    bands = {"children_0_4": 0, "children_5_10": 0, "children_11_15": 0, "children_16_up": 0}
    async with visitor(console) as amal:
        assert "You are going." in await send(amal, links["offered"], answer="going", adults=1, **bands)
        assert "You said that you can" in await send(amal, links["offered-ballot"], answer="not_going")


async def test_an_offer_whose_time_is_up_is_not_taken(console: Console, cast: Cast) -> None:
    links = await states(console, cast, "offered-ballot")
    console.now = NOON + timedelta(hours=25)
    async with visitor(console) as amal:
        html = await send(amal, links["offered-ballot"], answer="going")
    assert "You are going." not in html


async def test_what_is_over_takes_no_answer(console: Console, cast: Cast) -> None:
    links = await states(console, cast, *ANSWERED)
    before = await answers_in(console)
    async with visitor(console) as amal:
        for page in links.values():
            for answer in ("going", "not_going", "in_person"):
                await send(amal, page, answer=answer)
                assert amal.status == 200
            for odd in ("", "all", "rsvp:1:going"):
                await send(amal, page, answer=odd)
                assert amal.status == 404
    assert await answers_in(console) == before


async def answers_in(console: Console) -> list[str]:
    return (await all_rows(console.database))["invitations"]


async def test_needs_are_for_the_organiser_and_can_be_taken_back(console: Console, cast: Cast) -> None:
    links = await states(console, cast, "going-family", "invited", "begun")
    async with visitor(console) as amal:
        assert "999" in await amal.get(links["going-family"] + "/needs")
        assert "Ramp" not in amal.html
        html = await send(amal, links["going-family"], "/needs", needs=f"No nuts {SCRIPT}" + "x" * 900)
        assert "The organiser will see what you need." in html
        assert "nuts" not in html
        await send(amal, links["going-family"], "/needs", needs="   ")
        assert "The organiser will see what you need." in amal.html
        html = await send(amal, links["going-family"], "/needs", take_back="yes")
        assert "The organiser will see what you need." not in html
        assert "Send" not in await amal.get(links["invited"] + "/needs")
        assert amal.status == 404
        html = await send(amal, links["begun"], "/needs", needs="A chair")
        assert "It is too late for the organiser to see this." in html


async def test_words_that_cannot_wait_go_to_the_service_at_once(
    console: Console, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "is_urgent", lambda _, text: "ambulance" in text)
    links = await states(console, cast, "going-family")
    async with visitor(console) as amal:
        html = await send(amal, links["going-family"], "/needs", needs="Please call an ambulance")
    assert "Please do not wait for an answer here." in html
    assert "01632 960000" in html
    async with console.database.read() as session:
        assert len(await queued(session, "staff_alert")) > 0


async def test_the_link_to_join_is_given_on_a_press_and_in_time(console: Console, cast: Cast) -> None:
    links = await states(console, cast, "going-online", "going-online-soon", "going")
    early, soon = links["going-online"], links["going-online-soon"]
    async with visitor(console) as amal:
        for page in (early, soon, soon + "/join", early + "/join"):
            assert "secret-room" not in await amal.get(page)
        html = await send(amal, early, "/join")
        assert "Your link comes here on Tuesday 20 May, 11:00\xa0am" in html
        assert "secret-room" not in html
        html = await send(amal, soon, "/join")
        assert f'href="{ROOM}" rel="noreferrer noopener"' in html
        html = await send(amal, links["going"], "/join")
        assert "The link is for those who are joining online." in html
        assert "secret-room" not in html


async def test_the_calendar_entry_comes_as_a_file_and_is_noted(console: Console, cast: Cast) -> None:
    links = await states(console, cast, "going", "cancelled")
    async with ClientSession() as client:
        async with client.post(links["going"] + "/calendar") as answer:
            assert answer.status == 200
            assert answer.content_type == "text/calendar"
            assert answer.headers["Content-Disposition"].startswith('inline; filename="')
            assert [entry.title for entry in calendars.read(await answer.text())] == ["Coffee going"]
        async with client.post(links["cancelled"] + "/calendar") as answer:
            assert calendars.read(await answer.text())[0].status == "CANCELLED"
        async with client.get(links["going"] + "/calendar") as answer:
            assert answer.status == 404


async def test_the_picture_of_the_event_is_shown_to_who_is_invited(console: Console, cast: Cast) -> None:
    async with console.database.write() as session:
        photo = await keep_attachment(session, filename="hall.png", mime="image/png", content=PIXEL, now=NOON)
    _, page = await planned(console, cast, flyer_id=photo)
    _, bare = await planned(console, cast)
    async with ClientSession() as client:
        async with client.get(page + "/flyer") as answer:
            assert (answer.status, answer.content_type) == (200, "image/png")
            assert await answer.read() == PIXEL
        async with client.get(page) as answer:
            assert '/flyer"' in await answer.text()
        async with client.get(bare) as answer:
            assert '/flyer"' not in await answer.text()
        async with client.get(bare + "/flyer") as answer:
            assert answer.status == 404


async def test_a_lost_draw_is_explained(console: Console, cast: Cast) -> None:
    event, _ = await planned(console, cast, allocation=Allocation.BALLOT, capacity=1)
    async with console.database.write() as session:
        for carer in (cast.amal, cast.jo, cast.sam, cast.lin):
            await taps(session, event, carer, Choice.GOING)
        await draw_due(session, NOON + timedelta(days=8))
        lost = await _losers_link(session, console, cast, event)
    console.now = NOON + timedelta(days=8)
    async with visitor(console) as one:
        assert "Why?" in await one.get(lost)
        html = await one.get(lost + "/why")
        assert "Entries: 4. Places: 1." in html
        assert "Next time your chance is better." in html


async def _losers_link(session: Session, console: Console, cast: Cast, event: Event) -> str:
    for carer in (cast.amal, cast.jo):
        invitation = await invitation_of(session, event, carer)
        if invitation.state is RsvpState.BALLOT_LOST:
            return link(console, carer, Purpose.INVITATION, invitation.id)
    raise AssertionError("two of four cannot both win one place")


async def test_words_that_try_to_be_more_stay_words(console: Console, cast: Cast) -> None:
    _, page = await planned(
        console,
        cast,
        title=f"Tea {SCRIPT}",
        venue=SCRIPT,
        description=f"{SCRIPT} https://example.org/?a=1&b=2",
    )
    async with console.database.write() as session:
        (await session.merge(cast.amal)).first_name = SCRIPT
    async with visitor(console) as amal:
        for path in ("", "?answer=going", "?answer=%3Cscript%3E", "?said=%3Cscript%3E"):
            html = await amal.get(page + path)
            assert "<script" not in html
        assert 'rel="noopener noreferrer"' in await amal.get(page)
        await send(amal, page, answer="going")
        assert "<script" not in await amal.get(page + "/needs")


async def test_a_page_speaks_the_language_of_its_carer(console: Console, cast: Cast) -> None:
    _, page = await planned(console, cast)
    async with console.database.write() as session:
        (await session.merge(cast.amal)).language = Language.URDU
    async with visitor(console) as amal:
        html = await amal.get(page)
        assert '<html lang="ur" dir="rtl">' in html
        assert "کیا آپ آ سکتے ہیں؟" in html
        html = await amal.get(f"{console.address}/c", **{"Accept-Language": "xx, ar-SA;q=0.9, en;q=0.5"})
        assert '<html lang="ar" dir="rtl">' in html
