"""What people typed stays words: in no message does it become markup, whatever it is."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox.html_entities import parse_html
from tests.texts.samples import SAMPLES
from texts.catalogue import LANGUAGES
from texts.render import Service, Texts

TEXTS = Texts(Service(name="Hope Fostering", duty_phone="01709 000000"), ZoneInfo("Europe/London"))
TYPED = {"title", "venue", "was_venue", "was", "description", "reason", "answered_by", "noted_by", "label"}
TYPED |= {"introduction", "text", "answer", "written", "whom", "words", "said", "did"}
TYPED |= {"name", "names", "first_name", "carer", "household_ref", "audience", "about", "group", "for_name"}
ODD = "<b>Qq</b> & \"zz\" <a href='x'>1</a> &lt; \u202e\u200f🎉\nz"


def typed(value: Any, words: str, name: str = "") -> Any:
    """The same parameters with these words wherever somebody's own may stand."""
    match value:
        case dict():
            return {key: typed(one, words, name if key in LANGUAGES else key) for key, one in value.items()}
        case list():
            return [typed(one, words, name) for one in value]
        case str() if name in TYPED and value and not re.fullmatch(r"[a-z_]+", value):
            return words
    return value


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_anybody_becomes_markup(language: str) -> None:
    for kind, samples in SAMPLES.items():
        for sample in samples:
            plain, odd = (TEXTS.render(kind, typed(sample, words), language).text for words in ("Qq", ODD))
            told = [entity["type"] for entity in parse_html(odd)[1]]
            assert told == [entity["type"] for entity in parse_html(plain)[1]], kind
