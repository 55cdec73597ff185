"""The audit log: who did what, to whom and when; searched in plain words, and taken away as a file."""

from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlencode

from aiohttp import web

from carers.audit import (
    AuditEntry,
    AuditSearch,
    Question,
    audit_entries_before,
    count_audit_entries,
    read_log,
    search_of,
)
from carers.audit_words import DEEDS, deed_in_words, detail_in_words, subject_in_words
from carers.roles import Action
from carers.spreadsheet_writing import Cell
from storage.engine import Session
from web.staff.forms import Form
from web.staff.taking import AT_ONCE, Rows, Sheet, take, times
from web.staff.views import Look, Page, Route, see

PAGES = {
    "carer": "/carers/{}",
    "household": "/households/{}",
    "event": "/events/{}",
    "group": "/groups/{}",
    "audience": "/audiences/{}",
}


def routes() -> list[Route]:
    return [
        see("/audit", Action.READ_AUDIT, log),
        *take("/audit", Action.READ_AUDIT, table, audited_as="audit_log", deed="audit.export"),
    ]


def _asked(look: Look) -> tuple[Form, Question]:
    form = Form.sent(look.request.query.items())
    question = Question(
        form.words("who"),
        form.words("did"),
        form.words("whom"),
        form.day("since", what="The first day"),
        form.day("until", what="The last day"),
    )
    if question.since and question.until and question.since > question.until:
        form.fail("until", "The last day must not be before the first day")
    return form, question


async def log(look: Look) -> Page:
    form, question = _asked(look)
    searched = {name: values[0] for name, values in form.values.items() if values[0] and name in _FIELDS}
    context = {"form": form, "deeds": sorted(DEEDS.values()), "searched": searched}
    if form.errors:
        return Page("staff/audit.html", context)
    found = await read_log(look.session, await search_of(look.session, question, look.zone), look.page)
    rows = [
        {
            "entry": entry,
            "deed": deed_in_words(entry.action),
            "detail": detail_in_words(entry.detail),
            "subject": subject_in_words(entry.subject),
            "called": found.named.get(entry.subject, (0, ""))[1],
            "href": _page_of(entry.subject, found.named.get(entry.subject, (0, ""))[0]),
        }
        for entry in found.entries
    ]
    return Page("staff/audit.html", {**context, "found": found, "rows": rows, "query": urlencode(searched)})


_FIELDS = frozenset(
    (
        "who",
        "did",
        "whom",
        *(f"{end}-{part}" for end in ("since", "until") for part in ("day", "month", "year")),
    )
)


def _page_of(subject: str, number: int) -> str:
    """Where the console shows it, if it does and it is still there."""
    page = PAGES.get(subject.partition(":")[0])
    return page.format(number) if page and number else ""


async def table(look: Look) -> Sheet:
    """The entries that match, the latest first."""
    form, question = _asked(look)
    if form.errors:
        raise web.HTTPSeeOther(f"/audit?{look.request.query_string}")
    search = await search_of(look.session, question, look.zone)
    columns = (times("When", look), "Who", "Did what", "Code", "To whom or what", "Detail")
    number = await count_audit_entries(look.session, search)
    return Sheet("audit-log", columns, _rows(look.session, search), number=number)


async def _rows(session: Session, search: AuditSearch) -> AsyncIterator[Rows]:
    """A log of years does not fit a small machine's memory."""
    before = None
    while entries := await audit_entries_before(session, search, before, AT_ONCE):
        before = entries[-1].id
        yield [_row(entry) for entry in entries]
        session.expunge_all()


def _row(entry: AuditEntry) -> Sequence[Cell]:
    """References alone, no name but that of the member of staff."""
    return (
        entry.at,
        entry.actor,
        deed_in_words(entry.action),
        entry.action,
        entry.subject,
        detail_in_words(entry.detail),
    )
