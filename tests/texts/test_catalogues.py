"""Each catalogue has all that a carer may read, with the same names, tags, commands and numbers."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from texts.catalogue import TRANSLATED, catalogue
from tools import catalogues

LANGUAGES = pytest.mark.parametrize("language", TRANSLATED)
PLACEHOLDER = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"</?\w+>")
COMMAND = re.compile(r"(?<![\w/<])/[a-z]+")
LATIN_NAMES = ("Fosterline", "Samaritans")
"""Organisations whose English names stand beside the translated ones, so that carers find them."""

SCRIPTS = {"ur": "\u0600-\u06ff", "ar": "\u0600-\u06ff", "pa": "\u0a00-\u0a7f\u0964"}
FOREIGN_LETTERS = {"ur": "\u064a\u0643\u0647\u0629", "ar": "\u06cc\u06a9\u06c1\u06be\u06d2", "pa": ""}
"""Letters that look right in one of the two alphabets and are the other's."""

ENDINGS = {".": ".۔।", "?": "?؟", ":": ":"}


def _messages(language: str) -> list[Message]:
    return [message for message in catalogues.read(language) if message.id]


def _pairs(language: str) -> Iterable[tuple[str, str]]:
    """English and translation; a plural form stands with the plural."""
    for message in _messages(language):
        if isinstance(message.id, str):
            yield message.id, str(message.string)
        else:
            yield from ((message.id[1], form) for form in message.string or ())


def _bare(text: str) -> str:
    """Without what stays as it is in every language."""
    for kept in (PLACEHOLDER, TAG, COMMAND):
        text = kept.sub("", text)
    for name in LATIN_NAMES:
        text = text.replace(name, "")
    return text


def test_the_catalogues_are_what_the_sources_ask_for() -> None:
    assert catalogues.differing() == [], "run `make catalogues`"


@LANGUAGES
def test_every_sentence_for_carers_has_a_translation(language: str) -> None:
    assert [message.id for message in _messages(language) if not catalogues.is_translated(message)] == []


@LANGUAGES
def test_no_translation_is_a_guess_or_of_a_sentence_that_is_gone(language: str) -> None:
    read = catalogues.read(language)
    assert [message.id for message in _messages(language) if message.fuzzy] == []
    assert not read.obsolete


@LANGUAGES
def test_a_translation_names_what_the_english_names(language: str) -> None:
    for english, translation in _pairs(language):
        asked, said = set(PLACEHOLDER.findall(english)), set(PLACEHOLDER.findall(translation))
        # Arabic has a word for "two people" and needs no figure with it.
        assert asked - {"%(count)s"} <= said <= asked, translation


@LANGUAGES
def test_a_translation_keeps_tags_commands_and_numbers(language: str) -> None:
    number = re.compile(r"\d+")
    for english, translation in _pairs(language):
        for pattern in (TAG, COMMAND, number):
            assert sorted(pattern.findall(translation)) == sorted(pattern.findall(english)), translation


@LANGUAGES
def test_a_translation_is_written_in_the_letters_of_its_language(language: str) -> None:
    own = SCRIPTS[language]
    for english, translation in _pairs(language):
        bare = _bare(translation)
        assert not re.search(f"[A-Za-z{FOREIGN_LETTERS[language]}]", bare), translation
        assert re.search(f"[{own}]", bare) or not re.search("[A-Za-z]", _bare(english)), translation


@LANGUAGES
def test_a_question_stays_a_question_and_a_sentence_has_its_stop(language: str) -> None:
    for english, translation in _pairs(language):
        if english[-1] in ENDINGS:
            assert translation[-1] in ENDINGS[english[-1]], translation
        assert translation == translation.strip()
        assert "  " not in translation


@LANGUAGES
def test_a_button_that_a_sentence_names_is_called_the_same_on_the_button(language: str) -> None:
    say = catalogue(language).gettext
    named = re.compile(r"“([^”]+)”|[Tt]ap (Done|Send|Back)\b")
    found = [
        (english, quoted or bare, translation)
        for english, translation in _pairs(language)
        for quoted, bare in named.findall(english)
    ]
    assert len(found) >= 5
    for english, label, translation in found:
        assert f"“{say(label)}”" in translation, english


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "شخص بالغ واحد"),
        (2, "شخصان بالغان"),
        (3, "3 أشخاص بالغين"),
        (11, "11 شخصًا بالغًا"),
        (100, "100 شخص بالغ"),
        (103, "103 أشخاص بالغين"),
    ],
)
def test_arabic_counts_in_its_own_forms(count: int, said: str) -> None:
    form = catalogue("ar").ngettext("%(count)s adult", "%(count)s adults", count)
    assert form % {"count": count} == said


@pytest.mark.parametrize(("language", "one", "more"), [("ur", "بچہ", "بچے"), ("pa", "ਬੱਚਾ", "ਬੱਚੇ")])
def test_one_child_is_not_said_like_two(language: str, one: str, more: str) -> None:
    def said(count: int) -> str:
        forms = ("%(count)s child aged %(band)s", "%(count)s children aged %(band)s")
        return catalogue(language).ngettext(*forms, count)

    assert one in said(1)
    assert more in said(2)


def test_a_sentence_that_changed_is_never_given_the_words_of_a_similar_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed = "If someone is in danger now, ring <b>112</b>."
    monkeypatch.setattr(catalogues, "messages", lambda: iter([("texts/x.j2", Message(changed))]))
    updated: Catalog = catalogues.up_to_date("ur")
    assert [(message.id, message.string) for message in updated if message.id] == [(changed, None)]
    assert not updated.obsolete


def test_the_check_fails_until_the_catalogues_are_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path)

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["catalogues.py", *arguments])
        return catalogues.main()

    assert run("--check") == 1
    assert run() == 0
    assert run("--check") == 0
