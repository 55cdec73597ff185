"""The public version, read the way somebody would who wants to know who left."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from random import Random
from typing import Any

import pytest

from disclosure.suppression import TOTAL, Cell
from reports import public_first_year, public_flows, public_retention, public_tables, public_taking_part
from reports.figures import Figure, Sheet
from reports.html import to_html
from reports.public import CONSIDERED, public_figures
from reports.public_retention import Record
from reports.report import figures_of_register, tallies_of
from reports.words import TITLES, percent
from reports.years import FosteringYear
from storage.report_queries import Approval
from tests.reports.reader import Published, Reader, publish, service
from tests.reports.register import YEAR, by_chance, leaver, published, put_together

SINCE = date(2018, 4, 1)
TODAY = date(2023, 6, 1)
RUNNING = date(2022, 11, 20)


def seen_by_the_public(households: list[Approval], *more: Figure, today: date = TODAY) -> list[Figure]:
    return list(publish(households, YEAR, today, SINCE, more).figures)


def told(figures: list[Figure], figure_id: str, **group: str) -> Figure:
    """A figure of the report's year."""
    return next(
        f
        for f in figures
        if f.id == figure_id and f.period == str(YEAR) and group.items() <= dict(f.group).items()
    )


def reports_of(households: list[Approval], today: date = TODAY, *more: Figure) -> list[Published]:
    """The report of each year since the register began, made in its time."""
    finished = [
        publish(households, FosteringYear(start), min(date(start + 1, 6, 1), today), SINCE)
        for start in range(2018, YEAR.start)
    ]
    return [*finished, publish(households, YEAR, today, SINCE, more)]


def learnt(households: list[Approval], today: date = TODAY, *more: Figure) -> list[Any]:
    return Reader(households, reports_of(households, today, *more), SINCE).learnt()


@cache
def some_service(seed: int, leavers: float, today: date = TODAY) -> list[Approval]:
    return service(Random(seed), leavers, today, SINCE, date(2016, 4, 1), 0.6)


@cache
def of_a_large_service() -> list[Figure]:
    return seen_by_the_public(some_service(4, 300))


def of_surveys(random: Random) -> list[Figure]:
    figures = []
    for year in (YEAR.back(1), YEAR):
        sheet, sums = Sheet(str(year), TODAY), [0, 0]
        for survey in ("health-check", "pulse", "event-feedback"):
            asked = random.choice((0, 6, 15, 40, 200))
            took = random.randint(0, asked)
            sums = [sums[0] + took, sums[1] + asked]
            figures.append(sheet.share("survey_response_by_survey", took, asked, survey=survey))
        figures.append(sheet.share("survey_response_rate", *sums))
    return figures


@pytest.mark.parametrize(
    ("seed", "leavers", "today"), [(1, 14, TODAY), (2, 25, RUNNING), (3, 60, TODAY), (4, 300, TODAY)]
)
def test_no_few_people_can_be_worked_out_from_five_years_of_reports(
    seed: int, leavers: float, today: date
) -> None:
    households = some_service(seed, leavers, today)
    assert learnt(households, today, *of_surveys(Random(seed))) == []


def test_no_few_people_can_be_worked_out_of_a_register_without_a_shape() -> None:
    assert learnt(by_chance(Random(5), 300)) == []


def primary_alone(cells: dict[Any, Cell], k: int = 5, **_: Any) -> dict[Any, int | None]:
    return {key: None if cell.count < k else cell.count for key, cell in cells.items()}


def one_by_one(counts: dict[Any, int], *_: Any, **__: Any) -> dict[Any, int | None]:
    rows = {key: count if count >= 5 else None for key, count in counts.items()}
    both = {(row, TOTAL): 9 for row in {key[0] for key in counts}} | {(TOTAL, c): 9 for _, c in counts}
    return {**rows, **both, TOTAL: 9, (TOTAL, TOTAL): 9}


LEAKS: dict[str, tuple[Any, str, Callable[..., Any], int, float]] = {
    "nothing is hidden beside small cells": (public_tables, "protect", primary_alone, 2, 14),
    "surveys are looked at one by one": (public_taking_part, "suppress", one_by_one, 2, 25),
    "the curve is shown whatever the tables tell": (
        public_retention,
        "_told",
        lambda _known, kind, point: kind == "all" and point != 1,
        3,
        14,
    ),
    "the first year is shown however few": (public_first_year, "none_few", lambda _: True, 3, 60),
    "the curve's first anniversary is shown however few": (
        public_retention,
        "none_few",
        lambda _: True,
        3,
        25,
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_the_reader_finds_a_leak_that_was_planted(leak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, planted, seed, leavers = LEAKS[leak]
    monkeypatch.setattr(module, name, planted)
    assert learnt(some_service(seed, leavers), TODAY, *of_surveys(Random(seed)))


def test_one_number_more_is_enough_to_find_the_few() -> None:
    households = published()
    reports = reports_of(households)
    last = reports[-1]
    slipped = [
        internal
        if shown.id == "deregistered_households" and shown.group["household_type"] == "mainstream"
        else shown
        for shown, internal in zip(last.figures, last.internal, strict=True)
    ]
    assert Reader(households, reports, SINCE).learnt() == []
    found = Reader(households, [*reports[:-1], replace(last, figures=slipped)], SINCE).learnt()
    assert (YEAR, "left", "family_and_friends") in found


def test_few_approved_in_two_years_hide_the_rate_of_their_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """None in the second year: however many there were in the first, they follow from both years' rates."""
    households = [
        replace(published()[-1], household_type=kind, approved_on=date(2012, 5, 1), birth_year=None)
        for kind in ("mainstream", "short_break")
        for _ in range(40)
    ]
    for kind in ("mainstream", "short_break"):
        for year in range(2018, 2023):
            households += [leaver(date(2012, 5, 1), date(year, 9, 1), kind, None)] * 6
            few = kind == "short_break" and year >= 2021
            new = (3 if year == 2021 else 0) if few else 7
            households += [replace(households[0], household_type=kind, approved_on=date(year, 6, 1))] * new
    assert learnt(households) == []
    figures = seen_by_the_public(households)
    assert told(figures, "deregistration_rate", household_type="short_break").suppressed
    assert not told(figures, "deregistration_rate", household_type="all").suppressed
    monkeypatch.setattr(public_flows, "_rates", lambda _tallies, shown: dict(sorted(shown.items())))
    assert (FosteringYear(2021), "approved", "short_break") in learnt(households)


def test_members_of_a_constellation_who_left_do_not_follow_from_two_years_shares() -> None:
    """Nobody was approved: who is a member no more has left."""
    there = [replace(each, in_constellation=number < 40) for number, each in enumerate(published()[-124:])]
    gone = [
        replace(leaver(date(2012, 5, 1), date(2022, 9, 1)), in_constellation=number < 2)
        for number in range(12)
    ]
    before = [leaver(date(2012, 5, 1), date(year, 9, 1)) for year in range(2018, 2022) for _ in range(6)]
    figures = seen_by_the_public([*there, *gone, *before])
    assert told(figures, "mockingbird_share").suppressed
    assert learnt([*there, *gone, *before]) == []


def test_a_type_with_two_leavers_takes_its_neighbour_with_it() -> None:
    figures = seen_by_the_public(published())
    assert told(figures, "deregistered_households", household_type="all").value == 25
    assert told(figures, "deregistered_households", household_type="family_and_friends").suppressed
    assert told(figures, "deregistered_households", household_type="mainstream").suppressed


def test_a_route_taken_by_one_hides_how_many_took_the_others() -> None:
    routes = [
        figure
        for figure in seen_by_the_public(published())
        if figure.id == "end_route" and figure.period == "2022/23"
    ]
    assert routes
    assert all(figure.suppressed for figure in routes)


def test_a_share_whose_rest_is_small_is_hidden_as_well() -> None:
    leavers = [
        leaver(date(2012, 5, 1), date(2022, 6, 1), born=1950 if number else 1990) for number in range(9)
    ]
    figures = seen_by_the_public(leavers + published()[-124:])
    assert told(figures, "leavers_over_50").suppressed


def test_what_is_hidden_stays_listed_and_empty() -> None:
    report = publish(published(), YEAR, TODAY, SINCE)
    assert [figure.key for figure in report.figures] == [figure.key for figure in report.internal]
    hidden = [figure for figure in report.figures if figure.suppressed]
    assert hidden
    for figure in hidden:
        assert (figure.numerator, figure.denominator, figure.value, figure.interval) == (None,) * 4
        assert (figure.note, figure.people) == ("", None)
    assert not any(figure.suppressed for figure in report.internal)


def test_somebody_has_thought_about_every_figure() -> None:
    assert set(TITLES) == CONSIDERED


def test_years_fostered_and_the_two_shares_of_them_are_shown_together() -> None:
    figures = seen_by_the_public(some_service(3, 60))
    for columns, alone in (("under_2", "left_within_2_years"), ("10_and_over", "left_after_10_years")):
        bands = [f for f in figures if f.id == "leavers_by_years_fostered" and columns in f.group.values()]
        shares = [f for f in figures if f.id == alone]
        assert [f.suppressed for f in bands] == [f.suppressed for f in shares]
        assert not told(figures, alone, household_type="all").suppressed


def test_the_same_days_are_hidden_where_few_left_on_the_others() -> None:
    early = [leaver(date(2012, 5, 1), date(2021, 6, 1))] * 9 + [
        leaver(date(2012, 5, 1), date(2022, 6, 1))
    ] * 7
    few, many = ([leaver(date(2012, 5, 1), date(2022, 1, 9))] * number for number in (2, 6))
    rest = published()[-124:]
    hidden = told(seen_by_the_public(early + few + rest, today=RUNNING), "change_on_same_days")
    assert hidden.suppressed
    shown = told(seen_by_the_public(early + many + rest, today=RUNNING), "change_on_same_days")
    assert (shown.numerator, shown.denominator) == (-2, 9)


def test_a_point_of_the_curve_that_the_tables_do_not_tell_is_hidden() -> None:
    early = [leaver(date(year - 1, 5, 1), date(year, 8, 1)) for year in range(2018, 2023) for _ in range(6)]
    late = [leaver(date(year - 11, 5, 1), date(year, 8, 1)) for year in range(2018, 2023) for _ in range(6)]
    alone = [leaver(date(2016, 5, 1), date(2020, 8, 1))]
    new = [replace(published()[-1], approved_on=date(year, 6, 1)) for year in range(2010, 2023)] * 8
    shown = seen_by_the_public([*early, *late, *new])
    assert not told(shown, "retention_at_years", years="2").suppressed
    hidden = seen_by_the_public([*early, *late, *new, *alone])
    assert told(hidden, "retention_at_years", years="5").suppressed


def test_an_estimate_and_a_p_value_are_rounded_and_what_was_expected_is_not_told() -> None:
    figures = of_a_large_service()
    shown = [figure for figure in figures if figure.id.startswith("retention") and not figure.suppressed]
    shown = [figure for figure in shown if figure.value is not None]
    assert {figure.id for figure in shown} == {"retention_at_years", "retention_after_first_year"}
    for figure in shown:
        numbers = (figure.value, *(figure.interval or ()))
        assert all(number == round(number or 0, 2) for number in numbers)
    test = told(figures, "engaged_log_rank")
    assert test.value == round(test.value or 0, 3)
    assert not re.search(r"\d", test.definition)


def test_numbers_under_watch_are_told_at_the_beginning_alone() -> None:
    figures = of_a_large_service()
    risks = [f for f in figures if f.id == "households_at_risk" and not f.suppressed and f.value is not None]
    assert {figure.group["years"] for figure in risks} == {"0"}
    assert not any("engaged" in figure.group for figure in risks)


def theme(favourable: int, answers: int, people: int) -> Figure:
    figure = Sheet(str(YEAR), TODAY).share("survey_theme", favourable, answers, survey="pulse", theme="pay")
    return replace(figure, people=people)


@pytest.mark.parametrize(
    ("favourable", "shown"), [(60, True), (104, False), (16, False), (17, True), (103, True)]
)
def test_a_theme_is_shown_where_more_than_four_must_have_answered_either_way(
    favourable: int, shown: bool
) -> None:
    """Thirty people, four questions: sixteen answers may be those of four people."""
    sheet = Sheet(str(YEAR), TODAY)
    answered = sheet.share("survey_response_by_survey", 30, 80, survey="pulse")
    figures = seen_by_the_public(
        [], answered, sheet.share("survey_response_rate", 30, 80), theme(favourable, 120, 30)
    )
    assert told(figures, "survey_theme").suppressed is not shown


def test_a_theme_of_a_survey_that_few_took_part_in_is_hidden() -> None:
    sheet = Sheet(str(YEAR), TODAY)
    answered = sheet.share("survey_response_by_survey", 30, 32, survey="pulse")
    figures = seen_by_the_public(
        [], answered, sheet.share("survey_response_rate", 30, 32), theme(60, 120, 30)
    )
    assert told(figures, "survey_theme").suppressed


def test_the_page_prints_no_number_that_is_not_among_the_figures_shown() -> None:
    for today in (TODAY, RUNNING):
        households = some_service(6, 25, today)
        public = put_together(households, today=today, public=True)
        empty = replace(public, figures=tuple(figure.hidden() for figure in public.figures))
        said = set(_numbers(to_html(public))) - set(_numbers(to_html(empty)))
        known = {
            text
            for figure in public.figures
            if figure.value is not None
            for text in (
                *(f"{abs(each):,}" for each in (figure.numerator, figure.denominator) if each is not None),
                *(percent(abs(each)) for each in (figure.value, *(figure.interval or ()))),
                f"{figure.value:.2f}",
                f"{(figure.numerator or 0) + (figure.denominator or 0):,}",  # a change says both counts
            )
        }
        assert said - known == set()


def _numbers(page: bytes) -> list[str]:
    """Every number on the page that can be read; where lines are drawn is none of them."""
    words = re.sub(r"<style.*?</style>|<[^>]*>", " ", page.decode(), flags=re.S)
    labels = (
        r"\d{4}/\d\d|\d{1,2} [A-Z][a-z]+ \d{4}|\d\d-\d\d|\d\d to \d\d\b(?!%)|70\+|\b(?:\d+ to )?\d+ years?\b"
    )
    return re.findall(r"\d[\d,]*(?:\.\d+)?%?", re.sub(labels, " ", words))


def test_without_a_day_from_which_the_register_is_complete_nothing_of_the_record_is_shown() -> None:
    households = published()
    tallies = tallies_of(households, YEAR, TODAY)
    internal = figures_of_register(households, tallies, YEAR, None, TODAY)
    figures = public_figures(internal, tallies, Record(YEAR, households, None, YEAR.last_day))
    assert told(figures, "deregistered_households").value == 25
    assert told(figures, "retention_at_years", years="2").value is None
