"""An answer can be read in full, however narrow the phone."""

from zoneinfo import ZoneInfo

import pytest

from surveys.catalogue import standard_definitions
from tests.texts.samples import LONG_OPTIONS, QUESTION
from texts.catalogue import LANGUAGES
from texts.labels import ON_A_BUTTON, cut, fits
from texts.render import Service, Texts

TEXTS = Texts(Service(name="Hope Fostering", duty_phone="01709 000000"), ZoneInfo("Europe/London"))


def test_where_an_answer_is_too_long_for_its_button_all_stand_in_the_words_too() -> None:
    message = TEXTS.render("survey_question", QUESTION | {"options": LONG_OPTIONS})
    for number, option in enumerate(LONG_OPTIONS, start=1):
        assert f"\n{number}. {option['label']}\n" in f"{message.text}\n"
    assert [row[0].label for row in message.buttons[:2]] == [
        "1. Adoption, or guardianship of…",
        "✅ 2. Retirement",
    ]


def test_answers_that_fit_are_said_once() -> None:
    assert "Very much" not in TEXTS.render("survey_question", QUESTION).text


def test_a_label_is_cut_only_where_it_must_be() -> None:
    assert cut("a" * ON_A_BUTTON) == "a" * ON_A_BUTTON
    assert cut("a" * (ON_A_BUTTON + 1)) == "a" * (ON_A_BUTTON - 1) + "…"


@pytest.mark.parametrize("survey", standard_definitions())
def test_every_answer_of_the_standard_surveys_fits_on_its_button(survey: str) -> None:
    for question in standard_definitions()[survey].questions:
        for option in question.options:
            assert all(fits(option.label.get(language, "")) for language in LANGUAGES), option.label
