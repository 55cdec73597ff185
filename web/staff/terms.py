"""The term dates: one form for all of them, and what follows for the events that keep to term time."""

from collections.abc import Sequence
from datetime import date

from carers.roles import Action
from carers.sent_forms import Undo
from events.editing import Editable, event_to_edit
from events.terms import (
    LONGEST_NAME,
    TermDates,
    TermProblem,
    TermsOutcome,
    problems,
    set_terms,
    term_dates,
    terms_to_change,
)
from web.staff.forms import Form, split_day
from web.staff.marks import FIELD, mark
from web.staff.views import Deed, Done, Look, Page, Route, Shown, do, see
from web.staff.words import plural

MOST_ROWS = 40
BLANK_AT_FIRST = 3
PARTS = ("name", *(f"{end}-{part}" for end in ("starts", "ends") for part in ("day", "month", "year")))
PROBLEMS = {
    TermProblem.NO_NAME: ("name", "Enter a name, such as Autumn, first half"),
    TermProblem.ENDS_FIRST: ("ends", "The last day must be after the first"),
    TermProblem.OVERLAP: ("starts", "It begins before another of these terms has ended"),
    TermProblem.TOO_LONG: (
        "ends",
        "This is longer than 20 weeks; look at the year, and enter half terms apart",
    ),
}


def routes() -> list[Route]:
    return [
        see("/events/terms", Action.PLAN_EVENTS, show),
        do("/events/terms", Action.PLAN_EVENTS, save),
    ]


async def show(look: Look) -> Page:
    terms = await term_dates(look.session)
    form = Form.filled(_filled(terms))
    return _page(look, form, len(terms) + (1 if terms else BLANK_AT_FIRST), terms)


def _filled(terms: Sequence[TermDates]) -> dict[str, object]:
    """The fields of the form with these term dates in it."""
    return {
        name: value
        for row, term in enumerate(terms)
        for name, value in {
            f"name-{row}": term.name,
            **split_day(f"starts-{row}", term.starts_on),
            **split_day(f"ends-{row}", term.ends_on),
        }.items()
    }


async def save(deed: Deed) -> Done | Page | Shown:
    form, now_is = deed.form, await terms_to_change(deed.session)
    most = max(MOST_ROWS, len(now_is) + 1)
    rows = min(form.count("rows", what="Rows") or 0, most)
    if form.text("then") == "add":
        return _page(deed, form, min(rows + 1, most), now_is, was=form.text("was"), status=200, added=True)
    terms = _read(form, rows)
    if form.errors:
        return _page(deed, form, rows, now_is, was=form.text("was"))
    if form.text(FIELD) != mark(*now_is):
        return _page(deed, form, rows, now_is, outdated=True)
    if terms == now_is:
        return Done("/events/terms", "Nothing was changed.")
    outcome = await set_terms(deed.session, terms, deed.staff, deed.now, deed.zone)
    found = [await event_to_edit(deed.session, event_id) for event_id in outcome.outside]
    outside = [event for event in found if event is not None]
    said = _said(outcome, outside)
    if not outside:
        return Done("/events/terms", said, _as_before(now_is, terms))
    return Shown(
        Page("staff/terms_outside.html", {"outside": outside, "note": {"message": said}}),
        "/events/terms",
        said,
    )


def _as_before(before: Sequence[TermDates], now_is: Sequence[TermDates]) -> Undo:
    """What puts back the term dates that there were."""
    fields = {name: str(value) for name, value in _filled(before).items()}
    return Undo("/events/terms", {**fields, "rows": str(len(before)), FIELD: mark(*now_is)})


def _read(form: Form, rows: int) -> list[TermDates]:
    """The rows that say something and are not to be removed, in order, with errors noted."""
    read: list[tuple[int, TermDates]] = []
    for row in range(rows):
        if form.text(f"remove-{row}") == "yes" or not any(form.text(_field(part, row)) for part in PARTS):
            continue
        name = form.words(f"name-{row}", required=PROBLEMS[TermProblem.NO_NAME][1], most=LONGEST_NAME)
        starts = form.day(f"starts-{row}", what="The first day", required="Enter the first day")
        ends = form.day(f"ends-{row}", what="The last day", required="Enter the last day")
        if name and starts and ends:
            read.append((row, TermDates(name, starts, ends)))
    for place, problem in problems([term for _, term in read]).items():
        field, message = PROBLEMS[problem]
        form.fail(f"{field}-{read[place][0]}", message)
    return sorted((term for _, term in read), key=lambda term: term.starts_on)


def _field(part: str, row: int) -> str:
    """``starts-day`` in the third row is ``starts-2-day``."""
    name, _, rest = part.partition("-")
    return f"{name}-{row}-{rest}" if rest else f"{name}-{row}"


def _said(outcome: TermsOutcome, outside: Sequence[Editable]) -> str:
    counts = ((outcome.added, "added"), (outcome.moved, "moved"), (outcome.removed, "taken out"))
    parts = [f"{plural(number, 'event')} {done}" for number, done in counts if number]
    said = f"The term dates are saved: {', '.join(parts)}." if parts else "The term dates are saved."
    if not outside:
        return said
    names = ", ".join(dict.fromkeys(event.plan.title for event in outside))
    many = plural(len(outside), "event is", "events are")
    return f"{said} {many} in the holidays now though invitations are out: {names}."


def school_year_began(today: date) -> date:
    """1 September: a school year in England runs from there, Education Act 1996, section 579."""
    return date(today.year if today.month >= 9 else today.year - 1, 9, 1)


def _earlier(look: Look, form: Form, rows: int) -> list[int]:
    """The rows of school years that are over. What is wrong or half typed stays in sight."""
    began = school_year_began(look.now.astimezone(look.zone).date())
    typed = Form(form.values)
    ends = {row: typed.day(f"ends-{row}", what="") for row in range(rows)}
    wrong = {name.rpartition("-")[2] for name in form.errors}
    return [row for row, day in ends.items() if day and day < began and str(row) not in wrong]


def _page(
    look: Look,
    form: Form,
    rows: int,
    now_is: Sequence[TermDates],
    *,
    was: str = "",
    outdated: bool = False,
    status: int | None = None,
    added: bool = False,
) -> Page:
    earlier = _earlier(look, form, rows)
    context = {
        "form": form,
        "rows": rows,
        "earlier": earlier,
        "shown": [row for row in range(rows) if row not in earlier],
        "begin_at": rows - 1 if added else None,
        "was": was or mark(*now_is),
        "now_is": now_is,
        "outdated": outdated,
        "full": rows >= MOST_ROWS,
    }
    return Page("staff/terms.html", context, status)
