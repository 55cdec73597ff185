"""Those who came to something in their first year against those who did not, from its last day on."""

from dataclasses import replace
from datetime import date, timedelta
from math import exp
from random import Random

import pytest

from reports.definitions import DEFINITIONS
from reports.figures import Figure, Sheet
from reports.landmark import (
    NO_LEAVERS,
    NOT_KNOWN,
    NOT_TOGETHER,
    ONE_GROUP,
    ROUGH,
    landmark,
    landmark_curves,
    landmark_figures,
)
from reports.report import curves_of_register, figures_of_register, tallies_of
from reports.retention import NO_SINCE, stays_by_type
from reports.sentences import sentence
from reports.survival import log_rank, watched
from reports.words import cell
from storage.report_queries import Approval
from tests.reports.register import STAYING, YEAR, by_chance, leaver
from tests.reports.test_public import seen_by_the_public

SINCE = date(2018, 4, 1)
LAST = YEAR.last_day
DAY = LAST.toordinal()


def household(approved: date, ended: date | None, *, engaged: bool | None) -> Approval:
    return replace(leaver(approved, ended) if ended else STAYING, approved_on=approved, engaged=engaged)


def figures_of(households: list[Approval], since: date | None = SINCE) -> dict[tuple[str, ...], Figure]:
    """By id and the values of the group."""
    parted = landmark(households, since) if since is not None else None
    figures = landmark_figures(Sheet("2022/23", LAST), parted, LAST)
    return {(figure.id, *sorted(figure.group.values())): figure for figure in figures}


def by_rates(random: Random, engaged: float, others: float, size: int = 12_000) -> list[Approval]:
    """Leaving rates a year after the first anniversary; in the first year both leave at 0.3 a year, and
    only who is still there can have come in its second half, as happens in life."""
    households = []
    for _ in range(size):
        approved = date(2005, 4, 1) + timedelta(days=random.randrange(18 * 365))
        came = random.random() < 0.5
        stay = random.expovariate(0.3)
        if stay < 1:
            came = came and stay > 0.5
        else:
            stay = 1 + random.expovariate(engaged if came else others)
        ended = approved + timedelta(days=int(stay * 365.25) + 1)
        if ended >= SINCE and approved <= LAST:
            households.append(household(approved, ended if ended <= LAST else None, engaged=came))
    return households


def test_who_left_before_the_first_anniversary_is_in_neither_group_and_who_left_on_it_was_there() -> None:
    approved = date(2019, 5, 1)
    parted = landmark(
        [
            household(approved, date(2020, 4, 30), engaged=True),
            household(approved, date(2020, 5, 1), engaged=True),
            household(approved, date(2020, 5, 2), engaged=False),
            household(approved, None, engaged=False),
            household(approved, None, engaged=None),
        ],
        SINCE,
    )
    groups = parted.groups(LAST)
    assert (groups["yes"].number, dict(groups["yes"].left)) == (1, {1: 1})
    assert (groups["no"].number, dict(groups["no"].left)) == (2, {1: 1})
    assert groups["no"].stayed == {(LAST - date(2020, 5, 1)).days: 1}


def test_a_household_enters_at_the_age_after_its_anniversary_that_it_had_when_the_record_began() -> None:
    groups = landmark([household(date(2015, 4, 1), None, engaged=True)], SINCE).groups(LAST)
    assert groups["yes"].entered == {(SINCE - date(2016, 4, 1)).days: 1}


def test_an_approval_of_29_february_has_its_anniversary_on_1_march() -> None:
    left = household(date(2020, 2, 29), date(2021, 3, 1), engaged=True)
    assert landmark([left], SINCE).groups(LAST)["yes"].left == {1: 1}
    earlier = replace(left, ended_on=date(2021, 2, 28))
    assert landmark([earlier], SINCE).groups(LAST)["yes"].number == 0


def test_the_share_engaged_is_of_those_whose_anniversary_lay_in_the_record() -> None:
    """Of those before it only who stayed is in the register; who has not got there yet may still come."""
    found = figures_of(
        [
            household(date(2016, 6, 1), None, engaged=True),
            household(date(2018, 6, 1), None, engaged=True),
            household(date(2018, 6, 1), date(2020, 1, 1), engaged=False),
            household(date(2018, 6, 1), date(2018, 9, 1), engaged=False),
            household(date(2022, 6, 1), None, engaged=False),
            household(date(2018, 6, 1), None, engaged=None),
        ]
    )["engaged_in_first_year",]
    assert (found.numerator, found.denominator, found.value) == (1, 2, 0.5)


@pytest.mark.parametrize(("engaged", "others"), [(0.05, 0.15), (0.1, 0.1)])
def test_each_group_stays_as_long_as_it_does_in_truth(engaged: float, others: float) -> None:
    found = figures_of(by_rates(Random(17), engaged, others))
    for group, rate in (("yes", engaged), ("no", others)):
        for years in (1, 2, 4, 9):
            figure = found["retention_after_first_year", str(years), group]
            assert figure.value == pytest.approx(exp(-rate * years), abs=0.02)
            assert figure.denominator is not None
            under_watch = found["households_at_risk", str(years), group].value
            assert under_watch is not None
            assert 0 < under_watch < figure.denominator
    p = found["engaged_log_rank",].value
    assert p is not None
    assert (p < 0.001) == (engaged != others)


def test_to_part_households_without_the_landmark_would_find_what_is_not_there() -> None:
    """Both leave at one rate; counted from approval, those who left at once had no time to come."""
    households = by_rates(Random(3), 0.1, 0.1)
    from_approval = [
        watched(
            stays_by_type([each for each in households if each.engaged is came], SINCE)["mainstream"], DAY
        )
        for came in (True, False)
    ]
    without = log_rank(*from_approval)
    assert without is not None
    assert without.p < 1e-6
    p = figures_of(households)["engaged_log_rank",].value
    assert p is not None
    assert p > 0.05


def test_the_test_says_what_was_expected_beside_what_there_was() -> None:
    figure = figures_of(by_rates(Random(5), 0.1, 0.1, 400))["engaged_log_rank",]
    assert figure.interval is None
    assert figure.definition.startswith(DEFINITIONS["engaged_log_rank"])
    assert f"of the {figure.denominator} leavers" in figure.definition
    assert f"there were {figure.numerator}." in figure.definition
    assert "p = 0." in cell(figure)
    assert "p = 0." in sentence(figure)
    assert "p < 0.001" in cell(replace(figure, value=0.0004))
    assert "p = 0.004" in cell(replace(figure, value=0.0042))
    assert "p = 0.20" in cell(replace(figure, value=0.2))


def test_a_test_in_which_too_few_were_expected_says_that_it_is_rough() -> None:
    few = [household(date(2019, 5, 1), date(2021, month, 1), engaged=month % 2 == 0) for month in range(1, 9)]
    assert figures_of(few)["engaged_log_rank",].note == ROUGH
    assert figures_of(few * 2)["engaged_log_rank",].note == ""


def test_where_there_is_nothing_to_compare_the_reason_is_said() -> None:
    came = household(date(2019, 5, 1), date(2021, 5, 1), engaged=True)
    stays = [household(date(2019, 5, 1), None, engaged=each) for each in (True, False)]
    late = household(date(2010, 5, 1), None, engaged=False)
    test = ("engaged_log_rank",)
    assert figures_of([])[test].note == NOT_KNOWN
    assert figures_of([replace(came, engaged=None)])[test].note == NOT_KNOWN
    assert figures_of([came])[test].note == ONE_GROUP
    assert figures_of(stays)[test].note == NO_LEAVERS
    assert figures_of([came, late])[test].note == NOT_TOGETHER
    assert figures_of([came, *stays], None)[test].note == NO_SINCE
    assert figures_of([])["engaged_in_first_year",].note == NOT_KNOWN
    assert figures_of([came], None)["engaged_in_first_year",].note == NO_SINCE
    alone = figures_of([came])
    assert "watched" in alone["retention_after_first_year", "1", "no"].note
    assert alone["households_at_risk", "1", "no"].value == 0
    for figure in figures_of([]).values():
        assert sentence(figure) == "" or figure.id == "households_at_risk"


def test_each_year_of_the_report_has_them_as_at_its_end() -> None:
    households = by_rates(Random(4), 0.05, 0.15, 300)
    figures = figures_of_register(households, tallies_of(households, YEAR, LAST), YEAR, SINCE, LAST)
    tests = [figure for figure in figures if figure.id == "engaged_log_rank"]
    assert [figure.period for figure in tests] == ["2019/20", "2020/21", "2021/22", "2022/23"]
    leavers = [figure.denominator or 0 for figure in tests]
    assert leavers == sorted(leavers)
    assert leavers[0] < leavers[-1]


def test_both_groups_are_drawn_beside_one_another_or_not_at_all() -> None:
    households = by_rates(Random(4), 0.05, 0.15, 300)
    (curve,) = landmark_curves(landmark(households, SINCE), LAST)
    assert [line.label for line in curve.lines] == [
        "Came in their first year",
        "Did not come in their first year",
    ]
    assert "anniversary" in curve.unit
    assert [years for years, _ in curve.lines[0].at_risk] == [0, 1, 2, 4, 9]
    assert curves_of_register(households, SINCE, LAST)[-1] == curve
    assert list(landmark_curves(landmark([STAYING], SINCE), LAST)) == []


def test_what_the_public_sees_none_of_leaves_no_number_in_its_definition() -> None:
    random = Random(2)
    households = [
        replace(each, engaged=random.choice((True, False, None))) for each in by_chance(random, 400)
    ]
    figures = seen_by_the_public(households)
    new = [
        figure
        for figure in figures
        if figure.id
        in ("households_at_risk", "engaged_in_first_year", "retention_after_first_year", "engaged_log_rank")
    ]
    assert len(new) == 4 * (45 + 10 + 1 + 8 + 1)
    hidden = [figure for figure in new if figure.suppressed]
    assert any(figure.id == "engaged_log_rank" for figure in hidden)
    for figure in hidden:
        assert (figure.numerator, figure.denominator, figure.value, figure.note) == (None, None, None, "")
        assert figure.definition == DEFINITIONS[figure.id]
