"""Numbers that staff type under a report's figures: those that contradict the data are questioned."""

from datetime import date

import pytest

from reports.numbers import hints_at_few, numbers_in
from reports.public import public_figures
from reports.public_retention import Record
from reports.report import figures_of_register, tallies_of, years_of
from reports.sentences import sentence
from reports.typed import Data, questions, shown_to_all
from reports.words import cell
from tests.reports.register import YEAR, published

SINCE, TODAY = date(2018, 4, 1), date(2023, 6, 1)


@pytest.fixture(scope="module")
def internal() -> Data:
    households = published()
    figures = figures_of_register(households, tallies_of(households, YEAR, TODAY), YEAR, SINCE, TODAY)
    return Data(figures, years_of(YEAR))


@pytest.fixture(scope="module")
def public(internal: Data) -> Data:
    households = published()
    record = Record(YEAR, households, SINCE, YEAR.last_day)
    shown = public_figures(internal.figures, tallies_of(households, YEAR, TODAY), record)
    return Data(shown, years_of(YEAR))


def asked(text: str, report: Data) -> list[str]:
    return [question.number for question in questions(text, report)]


def test_no_sentence_of_the_report_itself_is_questioned(internal: Data) -> None:
    told = [
        sentence(each)
        for each in internal.figures
        if each.period == internal.year and each.group.get("household_type", "all") == "all"
    ]
    assert [words for words in told if words and asked(words, internal)] == []


def test_27_is_questioned_where_the_register_says_25(internal: Data) -> None:
    [question] = questions("There were 27 deregistrations in 2022/23.", internal)
    assert (question.number, question.clause) == ("27", "There were 27 deregistrations in 2022/23.")
    assert [cell(figure) for figure in question.says] == ["25"]


@pytest.mark.parametrize(
    "text",
    [
        "In 2022/23 25 households left, 31% fewer than the 36 of the year before.",
        "Twenty-five households were deregistered, down from 36.",
        "9 of the 25 (36%) had fostered for under two years.",
        "60 per cent of leavers were over 50.",
        "32 mainstream households left in 2021/22.",
        "25 households left, 11 fewer than in 2021/22.",
        "23 of 25 leavers resigned.",
        "Of the 55 households aged 50 to 59 15 left, and ten of the leavers were in their forties.",
        "Number of leavers: 25 (2021/22: 36), 9 of them before their second anniversary.",
        "We deregistered one household.",
        "6 of 25 had fostered for five years or more, but under ten.",
        "44% stay ten years or more.",
        "Nationally it was 12.8%, and 31% left within two years.",
        "On 31 March 2023 we met at 19:00, for the 2nd of four quarters, and spent £12,000.",
        "We thank every carer who came, and one of our aims is to listen more.",
    ],
)
def test_what_the_data_say_is_not_questioned(internal: Data, text: str) -> None:
    assert asked(text, internal) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("27 households left, a decrease of 25%.", ["27", "25%"]),
        ("Twenty-seven households left.", ["Twenty-seven"]),
        ("36% had fostered under two years and 43% over ten years.", ["43%"]),
        ("25 households left in 2021/22.", ["25"]),  # true of another year
        ("23 resigned, and 2 were deregistered. 32 mainstream households left.", ["2", "32"]),
        ("We gave 412 cakes to our carers.", ["412"]),
        ("30.1% fewer left than last year.", ["30.1%"]),
        ("12 of 25 had fostered for ten years or longer.", ["12"]),
        ("15 were in their forties.", ["15"]),
        ("Number of leavers: 25 (2021/22: 35).", ["35"]),
    ],
)
def test_what_they_do_not_say_is_questioned(internal: Data, text: str, wrong: list[str]) -> None:
    assert asked(text, internal) == wrong


def test_a_wrong_number_beside_another_year_is_answered_with_the_report_s_own_first(internal: Data) -> None:
    [question] = questions("27 households left, 11 fewer than in 2021/22.", internal)
    assert (question.says[0].period, cell(question.says[0])) == ("2022/23", "25")


def test_a_number_of_nothing_in_the_report_is_questioned_without_a_guess(internal: Data) -> None:
    [question] = questions("We gave 412 cakes away.", internal)
    assert question.says == ()


@pytest.mark.parametrize(
    ("text", "may_be_shown"),
    [
        ("25 households left, 31% fewer than the 36 of the year before.", True),
        ("We thank everybody who fosters with us.", True),
        ("1 household was deregistered.", False),
        ("One couple aged 20-29 left.", False),
        ("A couple of carers in their twenties left.", False),
        ("One was deregistered.", False),
        ("Our only short break household left.", False),
        ("The last of our kinship households left, and half the others.", False),
        ("The team has 3 people for them.", False),
        ("A few moved away.", False),
        ("The only household of that age left for another agency.", False),
        ("Nobody was deregistered.", False),
        ("2/25 were family and friends.", False),
        ("Half of those who left were new.", False),
    ],
)
def test_the_public_reads_no_words_that_count_what_is_hidden(
    public: Data, text: str, may_be_shown: bool
) -> None:
    assert shown_to_all(text, public) is may_be_shown


def test_numbers_are_read_in_figures_and_in_words() -> None:
    read = numbers_in(
        "1,234 carers, 30.6%, forty two of them, zero per cent, 9/25; one household, no one else"
    )
    assert [(one.value, one.share, one.places) for one in read] == [
        (1234, False, 0),
        (30.6, True, 1),
        (42, False, 0),
        (0, True, 0),
        (9, False, 0),
        (25, False, 0),
        (1, False, 0),
    ]


def test_words_that_count_without_a_number_are_seen() -> None:
    assert hints_at_few("both households; a pair of carers; neither of them; all leavers") == [
        "both households",
        "pair of",
        "neither of them",
        "all leavers",
    ]
    assert hints_at_few("All our carers do every day what few can.") == []
