"""Every kind of text that a carer may get, in every language and every branch, as Telegram would take it."""

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from care.actions import LONGEST as LONGEST_OF_ACTION
from care.nominations import LONGEST_NAME, LONGEST_WORDS
from care.said import A_PAGE
from events.cards import LONGEST_DESCRIPTION
from sandbox.html_entities import parse_html, utf16_length
from surveys.definition import LONGEST_TEXT
from surveys.summary import ROOM
from tests.texts.samples import (
    ACTIONS,
    BY_EMAIL,
    BY_LETTER,
    CARDS,
    GOING,
    PAGE,
    QUESTION,
    REVIEW,
    SAMPLES,
    TOLD,
    WRITING,
    Params,
)
from texts.callbacks import LIMIT
from texts.catalogue import LANGUAGES, RIGHT_TO_LEFT, STAFF_TEXTS, is_for_staff
from texts.direction import starts
from texts.mail import MailLinks, compose_mail
from texts.message import Medium, Message
from texts.render import TEMPLATES, WRITTEN_BY_STAFF, Service, Texts
from tools import catalogues

TEXTS = Texts(Service(name="Hope Fostering", duty_phone="01709 000000"), ZoneInfo("Europe/London"))
LONGEST_MESSAGE = 4096
FULL_LINE = {"text": "Q" * (ROOM // 10 - 40), "percent": 100, "change": -100}
FULL_ACTION = ACTIONS[1] | {"said": "S" * LONGEST_OF_ACTION, "did": "D" * LONGEST_OF_ACTION}
LONGEST_TOAST = 200
WORDLESS = "toast_seen"
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
OF_EACH_KIND = pytest.mark.parametrize("kind", sorted(SAMPLES))


def _rendered(kind: str, language: str) -> Iterator[tuple[Message, str]]:
    """Each sample's message with the text that Telegram would show."""
    for params in SAMPLES[kind]:
        message = TEXTS.render(kind, params, language)
        yield message, parse_html(message.text)[0]


def test_there_are_samples_of_every_text_for_carers() -> None:
    kinds = {path.stem for path in TEMPLATES.glob("[!_]*.j2") if not is_for_staff(path.stem)}
    assert kinds | WRITTEN_BY_STAFF == set(SAMPLES), (
        f"a text that only staff read belongs into STAFF_TEXTS: {STAFF_TEXTS}"
    )


def test_the_samples_reach_every_sentence() -> None:
    shown = "\n".join(
        "\n".join(
            [message.subject, message.text, *(button.label for row in message.buttons for button in row)]
        )
        for medium, kinds in ((Medium.APP, SAMPLES), (Medium.EMAIL, BY_EMAIL), (Medium.LETTER, BY_LETTER))
        for kind in kinds
        for params in [*SAMPLES[kind], *(CARDS if kind == "invitation" else ())]
        for message in [TEXTS.render(kind, params, "en", medium)]
    )
    going = TEXTS.render("reminder", GOING, "en", Medium.EMAIL)
    shown += compose_mail(TEXTS, going, "en", MailLinks(PAGE, PAGE, PAGE), "Amal").text
    unseen = []
    for source, message in catalogues.messages():
        if not source.startswith("texts/"):
            continue  # carers' pages are tried in the browser
        for text in [message.id] if isinstance(message.id, str) else message.id:
            pattern = ".+".join(map(re.escape, re.split(r"%\(\w+\)s", text))).replace("%%", "%")
            if not re.search(pattern, shown):
                unseen.append(text)
    assert unseen == []


@OF_EACH_KIND
@IN_EACH_LANGUAGE
def test_a_text_is_one_that_telegram_takes(kind: str, language: str) -> None:
    for message, shown in _rendered(kind, language):
        assert shown.strip() or kind == WORDLESS
        longest = LONGEST_TOAST if kind.startswith("toast_") else LONGEST_MESSAGE
        assert utf16_length(shown) <= longest
        if kind.startswith("toast_"):
            assert message.text == shown  # a toast has no tags and nothing escaped
        for row in message.buttons:
            for button in row:
                assert button.label.strip()
                assert button.url or 1 <= len(button.data.encode()) <= LIMIT


@OF_EACH_KIND
@IN_EACH_LANGUAGE
def test_a_text_has_no_leftovers_and_no_holes(kind: str, language: str) -> None:
    for _, shown in _rendered(kind, language):
        assert not re.search(r"\{\{|\}\}|\{%|%\(|\bNone\b|\bUndefined\b", shown)
        assert "\n\n\n" not in shown
        for line in shown.split("\n"):
            assert line == line.strip()
            assert "  " not in line


@OF_EACH_KIND
@IN_EACH_LANGUAGE
def test_no_two_sentences_are_glued_together(kind: str, language: str) -> None:
    for _, shown in _rendered(kind, language):
        words = " ".join(word for word in shown.split() if "://" not in word and "@" not in word)
        assert not re.search(r"[.?!:;,،۔।؟][^\W\d_]", words), words


@OF_EACH_KIND
@pytest.mark.parametrize("language", sorted(RIGHT_TO_LEFT))
def test_a_text_in_urdu_or_arabic_begins_on_the_right(kind: str, language: str) -> None:
    for message, shown in _rendered(kind, language):
        assert starts(message.text) == ("R" if shown else "")


@IN_EACH_LANGUAGE
def test_the_safety_notice_is_the_same_wherever_carers_write_or_begin(language: str) -> None:
    kinds = ("welcome", "help", "message_ask", "message_received", "message_urgent", "needs_ask")
    for kind in (*kinds, "feedback_thanks", "survey_buttons", "survey_late_words"):
        for _, shown in _rendered(kind, language):
            for number in ("999", "01709 000000", "0800 040 7675", "116 123"):
                assert number in shown


@IN_EACH_LANGUAGE
@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("invitation", GOING | {"description": "&" * LONGEST_DESCRIPTION, "venue": "V" * 300}),
        ("survey_question", QUESTION | WRITING | {"written": "<" * LONGEST_TEXT, "text": "T" * 500}),
        ("survey_review", REVIEW | {"lines": [{"text": "Q" * 37, "answer": "A" * 37}] * 40}),
        ("told", TOLD | dict.fromkeys(("good", "work"), [FULL_LINE] * 5) | {"next": [], "for_all": True}),
        ("said_list", {"actions": [FULL_ACTION] * A_PAGE, "page": 2, "pages": 3}),
        ("nominate_check", {"whom": "&" * LONGEST_NAME, "words": "<" * LONGEST_WORDS}),
    ],
)
def test_the_fullest_text_still_fits_into_a_message(kind: str, params: Params, language: str) -> None:
    shown, _ = parse_html(TEXTS.render(kind, params, language).text)
    assert utf16_length(shown) <= LONGEST_MESSAGE
