"""Every state of a card in every language, as long as it can get: it fits where Telegram shows it."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from events.cards import LONGEST_DESCRIPTION, shortened
from sandbox.html_entities import parse_html, utf16_length
from tests.texts.samples import CARDS, SAMPLES, Params
from texts.callbacks import LIMIT
from texts.catalogue import LANGUAGES, catalogue
from texts.message import Message
from texts.render import Service, Texts

TEXTS = Texts(Service(name="Hope Fostering", duty_phone="01709 000000"), ZoneInfo("Europe/London"))
LONGEST_CAPTION = 1024
LONGEST_MESSAGE = 4096
ON_A_BUTTON = 40
"""Characters that a narrow phone shows of a button in a row of its own."""
HIGHEST_ID = 2**31 - 1

WORDY: Params = {
    "invitation_id": HIGHEST_ID,
    "title": "T" * 200,
    "venue": "V" * 300,
    "map_url": "https://maps.example.org/?q=" + "m" * 450,
    "description": "🎭" * (LONGEST_DESCRIPTION // 2),
    "reason": "R" * 500,
    "answered_by": "Maximiliana-Charlotte",
    "needs_noted": True,
    "party": dict.fromkeys(("adults", "children_0_4", "children_5_10", "children_11_15"), 20)
    | {"children_16_up": 20, "people": 100},
}
UNDER_A_PHOTO = ("card", "invitation", "nudge", "tap_again", "change", "party", "card_moved")
"""What a card under a photo goes out as, or is drawn as later."""


def wordy(sample: Params) -> Params:
    """The same state with as much to say as there can be."""
    possible = {name: value for name, value in WORDY.items() if name in sample}
    if not sample.get("reason"):
        possible["reason"] = ""
    if not sample.get("venue"):
        possible |= {"venue": "", "map_url": ""}
    if sample.get("was_venue"):
        possible["was_venue"] = "W" * 300
    return sample | possible


def shown(message: Message) -> int:
    return utf16_length(parse_html(message.text)[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_under_a_photo_fits_into_its_caption_whatever_its_state(language: str) -> None:
    samples = {kind: [sample for sample in SAMPLES[kind] if "event_id" in sample] for kind in UNDER_A_PHOTO}
    samples |= dict.fromkeys(("card", "invitation", "nudge", "tap_again"), CARDS)
    too_long = [
        (kind, sample["state"], length)
        for kind, found in samples.items()
        for sample in found
        if (length := shown(TEXTS.render(kind, shortened(wordy(sample)), language))) > LONGEST_CAPTION
    ]
    assert too_long == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_of_words_fits_into_a_message_whatever_its_state(language: str) -> None:
    kinds = [kind for kind, found in SAMPLES.items() if "choices" in found[-1]]
    assert {"card", "change", "offer", "offer_lapsed", "ballot_lost", "reminder"} <= set(kinds)
    for kind in kinds:
        own = [sample for sample in SAMPLES[kind] if "choices" in sample]
        for sample in [*own, *(own[0] | card for card in CARDS)]:
            assert shown(TEXTS.render(kind, wordy(sample), language)) <= LONGEST_MESSAGE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_buttons_of_a_card_can_be_read_and_tapped(language: str) -> None:
    for sample in CARDS:
        for row in TEXTS.render("card", wordy(sample), language).buttons:
            for button in row:
                assert 1 <= len(button.data.encode()) <= LIMIT
                assert len(button.label) <= ON_A_BUTTON


def test_the_answers_are_called_what_they_have_always_been_called() -> None:
    def labels(**changes: Any) -> list[str]:
        message = TEXTS.render("card", CARDS[0] | {"chosen": None, "state": "invited"} | changes)
        return [button.label for button in message.buttons[0]]

    assert labels(choices=["going", "maybe", "not_going"]) == ["Going", "Maybe", "Can't go"]
    assert labels(choices=["in_person", "online", "not_going"]) == ["In person", "Online", "Can't go"]
    assert labels(choices=["going", "not_going"]) == ["Going", "Can't go"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_answer_that_stands_carries_a_mark(language: str) -> None:
    plain = {catalogue(language).gettext(name) for name in ("Going", "Maybe", "In person", "Online")}
    plain.add(catalogue(language).gettext("Can't go"))
    for sample in CARDS:
        rows = TEXTS.render("card", sample, language).buttons if sample["choices"] else ()
        marked = [button.label for button in (rows[0] if rows else ()) if button.label not in plain]
        stands = sample["chosen"] in sample["choices"] and not sample["asked_again"]
        assert len(marked) == int(stands), sample["state"]


def test_the_venue_is_a_link_to_the_map_and_no_link_is_previewed() -> None:
    message = TEXTS.render("card", CARDS[0] | {"venue": "Fox & Hen", "map_url": "https://m.example/?a=1&b=2"})
    assert '<a href="https://m.example/?a=1&amp;b=2">Fox &amp; Hen</a>' in message.text
    assert not message.link_preview
    assert "<a" not in TEXTS.render("card", CARDS[0] | {"mode": "online", "venue": "", "map_url": ""}).text
