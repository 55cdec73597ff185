"""Words are escaped, times are local and unmistakable, and data comes back from a button as it went."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateNotFound

from tests.texts.samples import card
from texts.callbacks import LIMIT, pack, unpack
from texts.clock_words import clock, day, moment, span
from texts.message import Medium
from texts.render import SAME_FOR_MANY, TEMPLATES, Service, Texts

LONDON = ZoneInfo("Europe/London")
SUMMER = datetime(2025, 5, 24, 18, 30, tzinfo=UTC)
WINTER = datetime(2025, 12, 6, 18, 30, tzinfo=UTC)


def test_a_time_is_said_in_the_services_own_zone() -> None:
    assert moment(SUMMER, LONDON, "en") == "Saturday 24 May, 7:30 pm"
    assert moment(WINTER, LONDON, "en") == "Saturday 6 December, 6:30 pm"
    assert day(SUMMER, LONDON, "en") == "Saturday 24 May 2025"


def test_a_day_is_said_once_unless_the_event_runs_past_midnight() -> None:
    later = datetime(2025, 5, 24, 20, 0, tzinfo=UTC)
    assert span(SUMMER, later, LONDON, "en") == "Saturday 24 May, 7:30 pm – 9:00 pm"
    assert "Sunday 25 May" in span(SUMMER, datetime(2025, 5, 25, 1, 0, tzinfo=UTC), LONDON, "en")


@pytest.mark.parametrize("language", ["ur", "pa", "ar"])
def test_every_language_has_its_own_way_to_say_a_time(language: str) -> None:
    assert moment(SUMMER, LONDON, language) != moment(SUMMER, LONDON, "en")


def test_a_time_may_come_as_text_but_never_without_a_zone() -> None:
    assert clock("2025-05-24T18:30:00+00:00", LONDON, "en") == "7:30 pm"
    with pytest.raises(ValueError, match="without a zone"):
        clock("2025-05-24T18:30:00", LONDON, "en")


def test_what_staff_typed_cannot_become_a_tag() -> None:
    texts = Texts(Service(name="Hope <b>& Home", duty_phone="01709 000000"), LONDON)
    assert "Hope &lt;b&gt;&amp; Home" in texts.render("unknown_person", {}, "en").text


def test_a_language_that_nobody_translated_falls_back_to_english() -> None:
    texts = Texts(Service(name="Hope", duty_phone="1"), LONDON)
    assert texts.render("unknown_person", {}, "fr") == texts.render("unknown_person", {}, "en")


def test_a_kind_without_words_is_an_error_and_never_an_empty_message() -> None:
    with pytest.raises(TemplateNotFound):
        Texts(Service(name="Hope", duty_phone="1"), LONDON).render("no_such_kind", {}, "en")


def test_the_words_that_many_share_are_put_together_once_and_each_has_their_own_buttons() -> None:
    texts = Texts(Service(name="Hope", duty_phone="1"), LONDON)
    first, second = texts.render("card", card(invitation_id=4)), texts.render("card", card(invitation_id=5))
    assert first.text == second.text
    assert first.buttons != second.buttons
    assert texts._same_words.cache_info().hits == 1
    assert texts.render("card", card(invitation_id=4, title="Half \ud83d"), "en").text != first.text


@pytest.mark.parametrize("kind", sorted(SAME_FOR_MANY))
def test_words_that_many_share_never_name_the_invitation(kind: str) -> None:
    waiting, seen = [f"{kind}.j2"], []
    while waiting:
        seen.append((TEMPLATES / waiting.pop()).read_text())
        waiting += re.findall(r'include "([^"]+)"', seen[-1])
    assert not any("invitation_id" in template for template in seen)


def test_in_a_chat_that_two_share_the_words_of_one_begin_with_the_name() -> None:
    texts = Texts(Service(name="Hope", duty_phone="1"), LONDON)
    whose = {"name": "Jo <b>", "others": [{"id": 7, "name": "Amal"}]}
    message = texts.render("stopped", {"whose": whose})
    assert message.text.startswith("<b>For Jo &lt;b&gt;</b>\n")
    assert [(row[0].label, row[0].data) for row in message.buttons[1:]] == [
        ("This is Amal", "speak:7:stopped")
    ]
    by_email = texts.render("stopped", {"whose": whose, "for_name": "Jo"}, "en", Medium.EMAIL)
    assert (by_email.text.startswith("<b>For"), len(by_email.buttons)) == (False, 1)
    assert texts.render("card", card(for_name="Jo")).text.startswith("<b>For Jo</b>\n")
    assert not texts.render("card", card()).text.startswith("<b>For")


def test_the_longest_words_of_staff_still_go_out_without_the_name_before_them() -> None:
    texts = Texts(Service(name="Hope", duty_phone="1"), LONDON)
    most, photo = "x" * 4096, {"filename": "a.jpg", "mime": "image/jpeg", "is_photo": True}
    assert texts.render("broadcast", {"html": most, "for_name": "Jo"}).text == most
    assert texts.render("broadcast", {"html": "x" * 4080, "for_name": "Jo"}).text.startswith("<b>For Jo")
    under = texts.render("broadcast", {"html": "<b>x</b>" * 1024, "for_name": "Jo", "file": photo})
    assert under.text == "<b>x</b>" * 1024


@given(st.text(alphabet="abcdefghij_", min_size=1, max_size=12), st.lists(st.integers(0, 10**9), max_size=3))
def test_a_buttons_data_comes_back_as_it_went(topic: str, numbers: list[int]) -> None:
    assert unpack(pack(topic, *numbers)) == (topic, tuple(map(str, numbers)))


@given(st.text(max_size=200))
def test_nonsense_from_a_strangers_client_is_read_without_an_error(data: str) -> None:
    topic, arguments = unpack(data)
    assert ":".join((topic, *arguments)) == data


def test_data_that_would_not_fit_is_refused_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="1 to 64 bytes"):
        pack("rsvp", "x" * LIMIT)
    with pytest.raises(ValueError, match="colon"):
        pack("rsvp", "a:b")
