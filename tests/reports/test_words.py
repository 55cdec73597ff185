"""What a report says in words: a sentence has the numbers of one figure, and chance is spoken of rightly."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from random import Random

from reports import openings
from reports import outline as outline_module
from reports.figures import Figure, Sheet
from reports.national import NATIONAL
from reports.outline import outline
from reports.parts import Section
from reports.report import Comment, Report
from reports.sentences import sentence
from reports.words import cell, p_value, percent
from tests.reports.register import YEAR, by_chance, leaver, published, put_together

KEYS = [
    "leaving",
    "how_and_why",
    "length_of_stay",
    "age",
    "retention",
    "first_year",
    "taking_part",
    "told_us",
    "said",
]
YEARS_AND_DAYS = re.compile(r"\b\d{4}/\d\d\b|\b\d{1,2} [A-Z][a-z]+ \d{4}\b")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?%?")
SHARES = ("rsvp_rate", "reachable_share", "survey_response_rate", "not_seen_for_two_quarters", "actions_done")
COUNTS = ("invitations", "attendances", "carers_who_attended", "training_places", "training_carers")


def section(report: Report, key: str) -> Section:
    return next(each for each in outline(report) if each.key == key)


def of_other_things(random: Random, today: date) -> Iterator[Figure]:
    """Figures of events and surveys, by chance; some years have none."""
    for year in (YEAR.back(3), YEAR.back(2), YEAR.back(1), YEAR):
        sheet, whole = Sheet(str(year), today), random.choice((0, 3, 40, 61_360))
        for each in SHARES:
            yield sheet.share(each, random.randint(0, whole), whole)
        for each in COUNTS:
            yield sheet.count(each, random.randint(0, whole * 30))
        yield sheet.share("survey_response_by_survey", random.randint(0, whole), whole, survey="health-check")
        for theme in ("being_valued", "training"):
            yield sheet.share(
                "survey_theme", random.randint(0, whole), whole, survey="health-check", theme=theme
            )


def reports_of_every_kind() -> Iterator[Report]:
    for seed, size in enumerate((0, 2, 30, 120, 1500)):
        random = Random(seed)
        households = [
            replace(each, engaged=random.choice((None, True, False))) for each in by_chance(random, size)
        ]
        for today in (date(2023, 6, 1), date(2022, 9, 20)):
            more = list(of_other_things(random, today))
            yield put_together(households, *more, today=today)
            yield put_together(households, *more, today=today, public=True)
    yield put_together(by_chance(Random(9), 60), since=None)


def numbers_in(words: str) -> set[str]:
    return {found.rstrip(",") for found in NUMBER.findall(YEARS_AND_DAYS.sub("", words))}


def numbers_of(figure: Figure) -> set[str]:
    """Every number that a sentence about this figure may hold: its own, and those that name it."""
    own = {f"{abs(number):,}" for number in (figure.numerator, figure.denominator) if number is not None}
    ends = [figure.value, *(figure.interval or ())]
    own |= {percent(abs(end)) for end in ends if end is not None and not figure.is_count}
    own |= set(NUMBER.findall(" ".join(figure.group.values())))
    if figure.id == "engaged_log_rank" and figure.value is not None:
        own |= set(NUMBER.findall(p_value(figure.value)))
    return own | {"95%"} | ({"50"} if figure.id == "leavers_over_50" else set())


def test_a_sentence_holds_the_numbers_of_one_figure_and_no_others() -> None:
    spoken = 0
    for report in reports_of_every_kind():
        shown = [numbers_of(figure) for figure in report.figures if not figure.suppressed]
        for each in outline(report):
            for words in (*each.opening, *each.sentences):
                found = numbers_in(words)
                assert any(found <= numbers for numbers in shown), words
                spoken += bool(found)
    assert spoken > 450


def test_a_national_number_stands_alone_with_its_year_and_its_source() -> None:
    for each in outline(put_together(published())):
        for words in each.national:
            one = next(one for one in NATIONAL if one.sentence == words)
            own = {percent(one.value)} | {
                f"{number:,}" for number in (one.numerator, one.denominator) if number
            }
            told = words.removesuffix(f" (source: {one.source}).")
            assert numbers_in(told) <= own | {"50"}
            assert f"In England in {one.period}" in words


def test_the_sections_keep_their_keys() -> None:
    assert [each.key for each in outline(put_together([]))] == KEYS


def test_25_after_36_may_be_chance_and_5_after_60_hardly() -> None:
    assert section(put_together(published()), "leaving").opening == [
        "25 households left in 2022/23.",
        "11 fewer households left in 2022/23 than the 36 of the year before, a fall of 31% "
        "(95% interval: from a fall of 58% to a rise of 15%).",
        openings.CHANCE_CHANGE,
    ]
    many = [leaver(date(2015, 5, 1), date(2021, 9, 1))] * 60 + [
        leaver(date(2015, 5, 1), date(2022, 9, 1))
    ] * 5
    assert section(put_together(many), "leaving").opening[-1] == openings.NO_CHANCE_CHANGE


def test_a_share_is_set_beside_the_year_before_in_a_sentence_of_its_own() -> None:
    opening = section(put_together(published()), "length_of_stay").opening
    assert opening == [
        "9 of 25 households that left in 2022/23 had fostered for under two years: 36% "
        "(95% interval 20% to 55%).",
        "In 2021/22 it was 0% (0 of 36).",
        openings.NO_CHANCE_SHARE,
        openings.SMALL_NUMBERS,
    ]


def test_a_running_year_is_compared_with_the_same_days_alone() -> None:
    report = put_together(published(), today=date(2022, 12, 10))
    told = [words for each in outline(report) for words in (*each.opening, *each.sentences)]
    assert any("by the same day of the year before" in words for words in told)
    assert not any("than the 36 of the year before" in words for words in told)
    assert openings.RUNNING in section(report, "leaving").opening
    left, changes = section(report, "leaving").tables[:2]
    assert left.header[-1] == "2022/23 so far"
    assert changes.header[-1] == "2021/22"
    assert {len(row) for row in changes.rows} == {len(changes.header)}


def test_a_running_year_is_spoken_of_as_far_as_it_has_come_and_never_of_its_end() -> None:
    running = date(2022, 9, 20)
    households = [replace(each, engaged=each.approved_on.day % 2 == 0) for each in by_chance(Random(4), 300)]
    report = put_together(households, *of_other_things(Random(4), running), today=running)
    told = [words for each in outline(report) for words in (*each.opening, *each.sentences)]
    of_the_year = [words for words in told if str(YEAR) in words]
    assert of_the_year
    for words in of_the_year:
        assert "so far" in words, words
    for words in told:
        assert "end of 2022/23" not in words
        assert "months of 2022/23" not in words
    not_seen = Sheet(str(YEAR), running).share("not_seen_for_two_quarters", 6, 198)
    assert "no event in the six months to 20 September 2022: 3%" in sentence(not_seen)
    assert any("up to 20 September 2022" in words for words in told)


def test_one_is_spoken_of_as_one() -> None:
    sheet = Sheet(str(YEAR), date(2023, 6, 1))
    one = (
        (
            sheet.share("end_route", 1, 10, household_type="all", end_route="deregistration"),
            "was deregistered",
        ),
        (sheet.share("rsvp_rate", 1, 10), "1 of 10 invitations to events of 2022/23 was answered"),
        (sheet.share("mockingbird_share", 1, 1), "1 of 1 household approved at the end of 2022/23 is in"),
        (sheet.share("not_seen_for_two_quarters", 0, 1), "0 of 1 carer attended no event"),
        (
            sheet.share("end_route", 0, 1, household_type="all", end_route="deregistration"),
            "household that left in 2022/23 was",
        ),
        (sheet.count("training_places", 1), "1 training place was taken in 2022/23."),
        (sheet.count("invitations", 0), "No invitations to events of 2022/23 are recorded."),
        (sheet.count("carers_who_attended", 1), "1 carer attended an event in 2022/23."),
    )
    for figure, words in one:
        assert words in sentence(figure)


def test_leavers_of_whom_the_age_is_not_known_are_said_to_be_left_out() -> None:
    unknown = replace(leaver(date(2015, 5, 1), date(2022, 9, 1)), birth_year=None)
    assert outline_module.AGE_NOT_KNOWN in section(put_together([*published(), unknown]), "age").notes
    assert outline_module.AGE_NOT_KNOWN not in section(put_together(published()), "age").notes


def test_a_share_is_never_rounded_to_none_or_to_all() -> None:
    assert [percent(one) for one in (0.36, 0.09, 0.0898, 0.0996, 0.004, 0.996, 0.99, 1.0, -0.053, 4.66)] == [
        *("36%", "9%", "9%", "10%", "0.4%", "99.6%", "99%", "100%", "−5.3%", "466%"),
    ]


def test_who_is_known_to_leave_later_in_a_running_year_has_not_left() -> None:
    """The 25 of the year left on 1 December."""
    for today, left in ((date(2022, 11, 30), 0), (date(2022, 12, 1), 25)):
        report = put_together(published(), today=today)
        assert report.get("deregistered_households", household_type="all").value == left
        assert report.get("deregistration_rate", household_type="all").denominator == 149


def test_a_year_without_leavers_is_told_without_a_comparison_that_it_cannot_bear() -> None:
    leaving = section(put_together([replace(published()[-1], ended_on=None)]), "leaving")
    assert leaving.opening == ["No households left in 2022/23."]
    for each in outline(put_together([])):
        assert all(numbers_in(words) <= {"0", "0%"} for words in each.opening)


def test_a_curve_that_cannot_be_drawn_says_why() -> None:
    retention = section(put_together(published(), since=None), "retention")
    assert not retention.tables
    assert not retention.charts
    assert not retention.opening
    assert "has not said from which day its register" in retention.notes[0]
    assert "HEARTHLINE_REGISTER_SINCE" in retention.notes[0]


def test_the_comparison_of_those_who_came_warns_of_itself() -> None:
    random = Random(3)
    households = [replace(each, engaged=random.random() < 0.5) for each in by_chance(random, 400)]
    first_year = section(put_together(households), "first_year")
    assert any("log-rank test" in words for words in first_year.opening)
    assert any("does not prove that coming to events" in words for words in first_year.notes)
    assert any("not shown by constellation" in words for words in first_year.notes)


def test_the_service_s_own_words_stand_in_their_section_with_what_was_typed_by_hand() -> None:
    comment = Comment("age", "We think that 27 left.", ("27",))
    report = put_together(published(), comments=(comment,))
    assert section(report, "age").comments == [comment]
    assert not section(report, "leaving").comments


def test_rows_of_which_nothing_may_be_shown_are_left_out_of_the_public_tables() -> None:
    report = put_together(published(), public=True)
    for each in outline(report):
        for table in each.tables:
            assert all(set(row[1:]) != {"not shown"} for row in table.rows)
    for each in outline(put_together(by_chance(Random(4), 120), public=True)):
        assert each.opening or each.sentences or each.notes, each.key
    assert any("left out" in note for note in section(report, "leaving").notes)


def test_a_change_after_none_says_so() -> None:
    report = put_together([leaver(date(2015, 5, 1), date(2022, 9, 1))])
    assert cell(report.get("change_on_previous_year", household_type="all")) == "1 after none"
