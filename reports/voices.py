"""What carers told us: how many took part in each survey, and the share of favourable answers by theme.

All of it is added up from what the results of the rounds show (`surveys.themes`), round by round, so that it
tells a reader of those nothing more. A theme of which a round holds something back is left out with a reason.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from disclosure.intervals import wilson
from reports.figures import Figure, Sheet
from reports.words import label
from reports.years import FosteringYear, year_of
from storage.engine import Session
from storage.report_surveys import ClosedRound, rounds_closed

NO_ROUND = "“{survey}”: no round of it closed in {period}."
NOT_ASKED = "“{survey}”: no round that closed in {period} asked about {theme}."
MORE_THAN_ASKED = "“{survey}”: more took part in {period} than were noted as asked."
NOT_YET = "“{survey}”: a round of it is still being added up. Look again in some minutes."
HELD_BACK = "A theme is held back where too few people took part, or too few gave one of the answers."
LATEST_ALONE = (
    "“{survey}”: where a theme is held back in one round of {period}, the latest of which it is shown stands "
    "alone."
)


async def voice_figures(
    session: Session, years: Sequence[FosteringYear], zone: ZoneInfo, data_date: date
) -> list[Figure]:
    """The figures of these years (oldest first) by survey, and by theme. A survey or a theme that is in one
    of the years is listed in all of them, with the reason where it has no number."""
    rounds = await rounds_closed(session, years[0].span(zone)[0], years[-1].span(zone)[1])
    surveys = sorted({round.survey for round in rounds})
    themes = sorted({(round.survey, theme) for round in rounds for theme in round.themes or ()})
    figures = []
    for year in years:
        sheet = Sheet(str(year), data_date)
        closed = [round for round in rounds if year_of(round.closed_at.astimezone(zone).date()) == year]
        figures += [_response(sheet, survey, _of(closed, survey)) for survey in surveys]
        figures += [theme_figure(sheet, survey, theme, _of(closed, survey)) for survey, theme in themes]
    return figures


def _of(rounds: Sequence[ClosedRound], survey: str) -> list[ClosedRound]:
    return [round for round in rounds if round.survey == survey]


def _response(sheet: Sheet, survey: str, rounds: Sequence[ClosedRound]) -> Figure:
    took_part, asked = sum(round.took_part for round in rounds), sum(round.asked for round in rounds)
    if not rounds or took_part > asked:
        why = _why(MORE_THAN_ASKED if rounds else NO_ROUND, sheet, survey)
        return sheet.nothing("survey_response_by_survey", why, survey=survey)
    return sheet.share("survey_response_by_survey", took_part, asked, survey=survey)


def theme_figure(sheet: Sheet, survey: str, theme: str, rounds: Sequence[ClosedRound]) -> Figure:
    """The theme in these rounds of the survey, those that closed in the year, the latest last."""
    group = {"survey": survey, "theme": theme}
    themes = [round.themes for round in rounds if round.themes is not None]
    if len(themes) < len(rounds):
        return sheet.nothing("survey_theme", _why(NOT_YET, sheet, survey), **group)
    of_each: list[dict[str, Any]] = [kept[theme] for kept in themes if theme in kept]
    shown = [one for one in of_each if one["favourable"] is not None]
    if not shown:
        why = HELD_BACK if of_each else NOT_ASKED if rounds else NO_ROUND
        return sheet.nothing("survey_theme", _why(why, sheet, survey, theme), **group)
    all_shown = len(shown) == len(of_each)
    counted = shown if all_shown else shown[-1:]
    favourable, answers, people = (
        sum(one[name] for one in counted) for name in ("favourable", "answers", "people")
    )
    # Answers of one person go together: each counts for one person's share of an answer, not for a person.
    interval = wilson(people * favourable / answers, people)
    figure = sheet.estimate("survey_theme", favourable, answers, favourable / answers, interval, **group)
    note = "" if all_shown else _why(LATEST_ALONE, sheet, survey)
    return replace(figure, note=note, people=people)


def not_asked(figure: Figure) -> bool:
    """Whether it has no number because no round of that year asked: that is known, and nothing held back."""
    survey, theme = figure.group.get("survey"), figure.group.get("theme", "")
    if survey is None or figure.value is not None:
        return False
    of = {"survey": label(survey), "theme": label(theme).lower(), "period": figure.period}
    return figure.note in (NO_ROUND.format(**of), NOT_ASKED.format(**of))


def _why(words: str, sheet: Sheet, survey: str, theme: str = "") -> str:
    return words.format(survey=label(survey), theme=label(theme).lower(), period=sheet.period)
