"""The audit log: who did what, to whom and when; searched in plain words, and taken away as a file."""

import csv
import io
from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web

from carers.audit import (
    AuditEntry,
    AuditSearch,
    Question,
    audit_entries_before,
    count_audit_entries,
    read_log,
    record,
    search_of,
)
from carers.audit_words import DEEDS, deed_in_words, detail_in_words, subject_in_words
from carers.roles import Action
from carers.spreadsheet import neutralised
from web.parts import PARTS
from web.security import document_headers
from web.staff.forms import Form
from web.staff.views import Look, Page, Route, allowed_visit, is_https, see

COLUMNS = ("at", "who", "did", "code", "to", "detail")
AT_ONCE = 2_000
"""So many rows of the file are read in one go: a log of years does not fit a small machine's memory."""
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
        Route("GET", "/audit.csv", Action.READ_AUDIT, take_away),
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


async def take_away(request: web.Request) -> web.StreamResponse:
    """The entries that match as CSV, the latest first; that somebody took them is noted first."""
    parts = request.app[PARTS]
    now = parts.clock()
    visit = await allowed_visit(request, Action.READ_AUDIT, now)
    async with parts.database.write() as session:
        form, question = _asked(Look(request, session, visit, now, parts))
        if form.errors:
            raise web.HTTPSeeOther(f"/audit?{request.query_string}")
        search = await search_of(session, question, parts.texts.zone)
        rows = await count_audit_entries(session, search)
        await record(session, now, visit.staff, "audit.export", rows=rows)
        [own] = await audit_entries_before(session, AuditSearch(), None, 1)
    response = web.StreamResponse(headers=document_headers(https=is_https(parts)))
    response.content_type, response.charset = "text/csv", "utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    await response.prepare(request)
    await response.write(_lines([COLUMNS]))
    before = own.id
    while True:
        async with parts.database.read() as session:
            entries = await audit_entries_before(session, search, before, AT_ONCE)
        if not entries:
            break
        before = entries[-1].id
        await response.write(_lines([_row(entry) for entry in entries]))
    return response


def _row(entry: AuditEntry) -> Sequence[str]:
    """References alone, no name but that of the member of staff."""
    return (
        f"{entry.at:%Y-%m-%dT%H:%M:%SZ}",
        entry.actor,
        deed_in_words(entry.action),
        entry.action,
        entry.subject,
        detail_in_words(entry.detail),
    )


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([neutralised(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
