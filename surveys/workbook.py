"""The results of a round as a workbook, for those who go on calculating; and who said what, with names.

The results' sheets hold what the page holds and nothing else: a cell that is held back says so in words.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from carers.spreadsheet import neutralised
from carers.spreadsheet_writing import local_time
from surveys.definition import words
from surveys.named_answers import NamedAnswers
from surveys.results import Results
from surveys.tabulation import Share
from surveys.views import RoundSummary

HELD_BACK = "held back"
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
Row = Sequence[Any]
_SHARE = ("share", "low", "high")
_PERCENT = {*_SHARE, "share before", "share now", "difference"}
"""Columns whose numbers are fractions, shown as per cent."""
_BY = {"household": "type of household", "years": "years of fostering"}
_WIDTHS = {
    "question": 60,
    "comment": 90,
    "answer": 32,
    "segment": 24,
    "by": 20,
    "about": 32,
    "what it means": 90,
}
_WIDTH = 14
_WIDTH_OF_WORDS = 32
_HELD_BACK = (
    "A number of 1 to {} people is held back, and so is another where the first could be worked out from it."
    " A nought is shown where that gives nobody away."
)
_FAVOURABLE = (
    "The answers that count as good news. A share is of everybody who was asked the question, those who left"
    " it out included; of a question that follows from an earlier answer, of those who gave that."
)
_GOES_WITH = (
    "Of those whose answer to a question was not favourable, and of those whose answer was: how many gave the"
    " answer that the survey looks for reasons of. What goes together need not be the cause."
)


def results_workbook(found: Results, round: RoundSummary, service: str, zone: ZoneInfo) -> bytes:
    """One workbook: read me, answers, segments, what goes with the outcome, change, comments."""
    sheets: dict[str, tuple[Row, Iterable[Row]]] = {
        "Read me": (("about", "what it means"), _read_me(found, round, service, zone)),
        "Answers": (
            ("question", "answer", "people", "asked", "favourable", *_SHARE, "mean"),
            _answers(found),
        ),
        "Segments": (
            ("by", "segment", "people", "question", "favourable", *_SHARE),
            _segments(found),
        ),
    }
    if found.definition.outcome:
        sheets["What goes with it"] = (
            (
                "question",
                "outcome where not favourable",
                "of",
                "outcome where favourable",
                "of",
                "difference",
                "low",
                "high",
                "more than chance",
            ),
            _drivers(found),
        )
    sheets["Change"] = (
        ("question", "share before", "share now", "difference", "low", "high", "more than chance", "note"),
        _changes(found),
    )
    sheets["Comments"] = (("question", "comment"), _comments(found))
    return _book(f"{service}: {round.title}", sheets)


def answers_workbook(answers: NamedAnswers) -> bytes:
    """One row a carer, one column a question, in English words."""
    head = ("carer", "household_ref", *(words(question.text, "en") for question in answers.questions))
    rows = []
    for sheet in answers.sheets:
        said = {question.id: text for question, text in sheet.answers}
        rows.append((sheet.name, sheet.household_ref, *(said.get(one.id, "") for one in answers.questions)))
    return _book(answers.title, {"Answers": (head, rows)})


def _read_me(found: Results, round: RoundSummary, service: str, zone: ZoneInfo) -> list[Row]:
    k = found.threshold
    return [
        ("survey", f"{round.title} (version {found.definition.version})"),
        ("service", service),
        ("round", round.ref),
        ("opened", local_time(round.opens_at, zone)),
        ("closed", local_time(round.closed_at, zone)),
        ("answers", "anonymous" if round.anonymous else "with names"),
        ("carers asked", found.asked),
        ("carers who took part", found.responses),
        ("fewest people that a number stands for", k),
        ("held back", _HELD_BACK.format(k - 1)),
        ("favourable", _FAVOURABLE),
        ("low, high", "The 95 % interval: Wilson's of a share, Newcombe's of a difference of two shares."),
        ("what goes with it", _GOES_WITH),
        ("comments", "In no order, and only from ten people who took part, enough of whom wrote something."),
    ]


def _answers(found: Results) -> Iterable[Row]:
    for item in found.items:
        question, text = item.question, words(item.question.text, "en")
        if item.base is None:
            yield (text, HELD_BACK)
            continue
        for bar in item.bars:
            good = "yes" if bar.value in question.favourable else ""
            yield (text, words(bar.label, "en"), _count(bar.count), item.base, good)
        yield (text, "(no answer)", _count(item.no_answer), item.base)
        if item.favourable is not None:
            share = item.favourable
            yield (text, "(all favourable)", share.numerator, share.denominator, "yes", *_share(share))
        if item.mean is not None:
            yield (text, "(mean)", *[""] * 6, round(item.mean, 2))


def _segments(found: Results) -> Iterable[Row]:
    texts = {question.id: words(question.text, "en") for question in found.definition.questions}
    for dimension, rows in found.segments.items():
        for row in rows:
            for question, share in row.favourable.items():
                shown = (share.numerator, *_share(share)) if share else (HELD_BACK,)
                yield (
                    _BY.get(dimension, dimension),
                    _segment(row.segment),
                    row.people,
                    texts[question],
                    *shown,
                )


def _segment(code: str) -> str:
    """``Family and friends`` for ``family_and_friends``, as on the page."""
    return code.replace("_", " ").capitalize()


def _drivers(found: Results) -> Iterable[Row]:
    for one in found.drivers:
        yield (
            words(one.question.text, "en"),
            one.with_.numerator,
            one.with_.denominator,
            one.without.numerator,
            one.without.denominator,
            *map(_round, (one.difference, one.low, one.high)),
            "yes" if one.clear else "no",
        )


def _changes(found: Results) -> Iterable[Row]:
    """Both shares of each question that can be compared; their counts are in the workbook of either round."""
    changes = found.comparison.changes.values() if found.comparison else ()
    for one in changes:
        note = "worded differently then" if one.reworded else ""
        if one.then is None or one.now is None:
            continue
        numbers = (one.then.value, one.now.value, one.difference, one.low, one.high)
        cells = ("" if number is None else _round(number) for number in numbers)
        yield (words(one.question.text, "en"), *cells, "yes" if one.clear else "no", note)


def _comments(found: Results) -> Iterable[Row]:
    for one in found.comments:
        text = words(one.question.text, "en")
        yield from ((text, comment) for comment in one.texts or ([HELD_BACK] if one.withheld else []))


def _count(count: int | None) -> int | str:
    return HELD_BACK if count is None else count


def _share(share: Share) -> tuple[float, float, float]:
    return _round(share.value), _round(share.low), _round(share.high)


def _round(fraction: float) -> float:
    return round(fraction, 4)


def _width(head: str) -> int:
    """How wide a column is, in characters. A whole question as its head has answers in words below it."""
    return _WIDTHS.get(head, _WIDTH_OF_WORDS if len(head) > 2 * _WIDTH else _WIDTH)


def _book(title: str, sheets: dict[str, tuple[Row, Iterable[Row]]]) -> bytes:
    import xlsxwriter  # two megabytes, and a workbook is made once in a while

    content = BytesIO()
    with xlsxwriter.Workbook(content, OPTIONS) as book:
        book.set_properties({"title": title})
        top = {"text_wrap": True, "valign": "top"}
        bold, wrapped = book.add_format({**top, "bold": True}), book.add_format(top)
        plain, percent = (
            book.add_format({"valign": "top"}),
            book.add_format({"valign": "top", "num_format": "0 %"}),
        )
        for name, (head, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column in range(len(head)):
                sheet.set_column(column, column, _width(head[column]))
            for at, row in enumerate([head, *rows]):
                for column, cell in enumerate(row):
                    if isinstance(cell, int | float):
                        sheet.write_number(at, column, cell, percent if head[column] in _PERCENT else plain)
                    elif cell:
                        sheet.write_string(at, column, neutralised(cell), bold if at == 0 else wrapped)
    return content.getvalue()
