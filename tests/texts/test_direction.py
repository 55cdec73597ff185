"""English names, numbers and commands stand the right way round inside Urdu and Arabic."""

import sys

import pytest

from texts.direction import _MAY_RUN_LEFTWARDS, _runs, comma, directed, starts

URDU = "اردو"
LEFT, RIGHT, ISOLATE, END = "\u200e", "\u200f", "\u2066", "\u2069"


@pytest.mark.parametrize("language", ["en", "pa"])
def test_a_language_that_runs_to_the_right_gets_no_marks(language: str) -> None:
    assert directed("Jo: 01709 000000, /help", language) == "Jo: 01709 000000, /help"


def test_what_is_still_english_is_left_alone() -> None:
    assert directed("Ring 01709 000000 or /help", "ur") == "Ring 01709 000000 or /help"


def test_a_telephone_number_keeps_the_order_of_its_groups() -> None:
    assert directed(f"{URDU}: 0800 040 7675", "ur") == f"{URDU}: {ISOLATE}0800 040 7675{END}"
    assert directed(f"{URDU}: <b>+447700900001</b>", "ur") == f"{URDU}: <b>{ISOLATE}+447700900001{END}</b>"


def test_ages_run_as_the_line_does() -> None:
    assert directed(f"{URDU} (5–10)، {URDU} 16+", "ur") == f"{URDU} (5–10)، {URDU} 16+"


def test_a_command_keeps_its_slash_in_front_and_a_tag_is_no_command() -> None:
    assert directed(f"<b>{URDU}</b> /help", "ar") == f"<b>{URDU}</b> {LEFT}/help"


def test_a_sentence_that_begins_with_an_english_name_still_runs_from_the_right() -> None:
    assert directed(f"{URDU}\nJo {URDU}\n<b>Coffee</b>", "ur") == f"{URDU}\n{RIGHT}Jo {URDU}\n<b>Coffee</b>"


def test_a_message_that_begins_with_an_english_title_begins_on_the_right() -> None:
    assert directed(f"<b>Coffee</b>\n{URDU}", "ur") == f"{RIGHT}<b>Coffee</b>\n{URDU}"


def test_a_figure_alone_stands_on_the_right_with_the_other_lines() -> None:
    assert directed(f"{URDU}\n<i>7</i>\n\n{URDU}", "ur") == f"{URDU}\n{RIGHT}<i>7</i>\n\n{URDU}"


def test_an_address_is_not_touched() -> None:
    link = "https://meet.example.org/room/12 34"
    assert directed(f"{URDU}\n{link}", "ur") == f"{URDU}\n{link}"


def test_the_first_letter_decides_and_neither_a_tag_nor_a_figure_does() -> None:
    assert starts(f"<b>12 {URDU}") == "R"
    assert starts("&amp; 3 Coffee") == "L"
    assert starts("📅 12:30") == ""


def test_a_list_has_the_comma_of_its_script() -> None:
    assert (comma("ur"), comma("pa"), comma("en")) == ("، ", ", ", ", ")


def test_the_quick_look_misses_no_letter_that_runs_from_right_to_left() -> None:
    leftwards = [chr(code) for code in range(sys.maxunicode + 1) if _runs(chr(code)) == "R"]
    assert len(leftwards) > 2500
    assert all(map(_MAY_RUN_LEFTWARDS.search, leftwards))
