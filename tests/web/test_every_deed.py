"""Every form of the console is sent, and every file taken away: what the audit log says of it.

The console's own table of routes says which there are. A new one that leaves no trace fails here until it
does, or until this file says what has to be typed into its form, or why nothing is due.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from carers.audit_words import DEEDS
from tests.support.console import Visitor
from tests.web.conftest import REGISTER
from tests.web.final import FINAL
from tests.web.machine import (
    FoundForm,
    Machine,
    add,
    deeds,
    do,
    filled,
    forms_of,
    leads_to,
    machine,
    pages,
    put,
)
from tests.web.test_roles import ids_of
from web.staff.views import Route

pytestmark = pytest.mark.one_database

LOOKS = ("needs.read", "attendance.read", "attendance.print", "not_seen.read", "round.read_answers")
"""What a page leaves that is only looked at, such as the one to which a form leads."""

MARKED = (1, 2, 3, 4)
NOON, TEN = "2025-05-06 11:00:00", "2025-05-06 10:00:00"


def broadcast(state: str) -> str:
    return put("broadcasts", "id = 1", state=state, notice_id=1, starts_at=TEN, confirmed_by_id=1)


SENT = put("deliveries", "notice_id = 1", state="sent", message_id=7, chat_id=101, sent_at=TEN)
WAIT = put(
    "invitations", "id IN (2, 3)", state="waitlisted", mode="in_person", queue_key=1, waiting_since=TEN
)
IN_ORDER = "UPDATE invitations SET queue_key = id WHERE id IN (2, 3)"
POST = (
    put("carers", "id = 4", channel="letter"),
    put("deliveries", "id = 4", state="queued", channel="letter"),
)

OFFERED = put(
    "invitations", "carer_id = 4", state="offered", mode="in_person", offer_expires_at="2025-05-07 11:00"
)


@dataclass(frozen=True)
class Try:
    """How a form is found and filled. ``page``: where it stands, if no page shows it as it is. ``before``:
    what happened before, as SQL. ``fields``: what is typed. ``who``: where not everybody who may will do.
    ``file``: what is uploaded. ``first``: the address of a page whose form, sent before, shows this one.
    ``undoes``: the deed that is done first, and of which this is the Undo."""

    page: str = ""
    before: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    who: str = ""
    file: bytes = b""
    first: str = ""
    undoes: str = ""


def day(name: str, number: int, month: int = 6) -> dict[str, str]:
    return {f"{name}-day": str(number), f"{name}-month": str(month), f"{name}-year": "2025"}


def named(prefix: str, ref: str) -> dict[str, str]:
    """A carer as they are typed into a form."""
    typed = {"ref": ref, "first": "Marker", "last": "Okafor", "email": "new@marker.example"}
    return {f"{prefix}{name}": value for name, value in typed.items()}


MANY_HOUSEHOLDS = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5001)
    INSERT INTO households (ref, type, approved_on, end_reasons)
    SELECT 'N' || i, 'mainstream', '2020-05-01', '[]' FROM n
"""
"""So many that a document of the report is long work."""

MAILED = (
    add("facts", name="mail", value='{"on": true}', updated_at=NOON),
    put("staff", "id = 1", email="priya@marker.example"),
)
ELSEWHERE = add(
    "web_sessions",
    key_hash="0123456789abcdef" * 4,
    staff_id=1,
    data="{}",
    created_at=NOON,
    seen_at=NOON,
    expires_at="2025-05-07 11:00:00",
)

NORTH = '{"include":[{"kind":"area","values":["North"]}],"exclude":[]}'

TRIES = {
    "/events/new": Try(
        "/events/new?blank=1",
        fields={"title": "Walk", "starts": "10:00", "ends": "12:00", "venue": "The Hall", **day("on", 20)},
    ),
    "/events/{event}/edit": Try(fields={"title": "Tea", "then": "save"}),
    "/events/series/{series}/days/{day}/back": Try(
        "/events/series/1",
        (
            put("series", "id = 1", skipped='["2025-06-19"]'),
            "DELETE FROM events WHERE occurrence_on = '2025-06-19'",
        ),
    ),
    "/events/series/{series}/end": Try(fields={"when": "later", **day("after", 12)}),
    "/events/series/{series}/edit": Try(fields={"title": "Club", "then": "save"}),
    "/events/terms": Try(fields={"name-0": "Summer", **day("starts-0", 2), **day("ends-0", 18, 7)}),
    "/events/rules/{kind}": Try(fields={"remind_days": "3"}),
    "/events/{event}/comments/{comment}/redact": Try(
        "/events/1",
        (
            put("events", "id = 1", starts_at="2025-05-05 10:00:00", ends_at="2025-05-05 11:00:00"),
            add("feedback", id=1, event_id=1, carer_id=1, rating=4, comment="A marker", given_at=NOON),
        ),
        {"sure": "yes"},
    ),
    "/events/{event}/attendance": Try(fields={"c1": "attended"}),
    "/events/{event}/attendance/walk-in": Try("/events/1/attendance?q=Lin"),
    "/events/{event}/attendance/rest/undo": Try(
        "/events/1/attendance",
        (
            put("events", "id = 1", starts_at=TEN),
            add(
                "attendance",
                event_id=1,
                carer_id=1,
                household_id=1,
                state="no_show",
                source="rest:1",
                recorded_at=NOON,
                recorded_by_id=1,
            ),
        ),
    ),
    "/households/{household}/check-ins/new": Try(fields=day("on", 4, 5)),
    "/broadcasts/new": Try(fields={"text-en": "Hello", "audience": "all", "topic": "news"}),
    "/broadcasts/{broadcast}/edit": Try(fields={"text-en": "Hello again"}),
    "/broadcasts/{broadcast}/approve": Try("/broadcasts/1", (broadcast("awaiting_approval"),), who="dee"),
    "/broadcasts/{broadcast}/send-back": Try("/broadcasts/1", (broadcast("awaiting_approval"),)),
    "/broadcasts/{broadcast}/unschedule": Try("/broadcasts/1", (broadcast("scheduled"),)),
    "/broadcasts/{broadcast}/pause": Try("/broadcasts/1", (broadcast("sending"),)),
    "/broadcasts/{broadcast}/resume": Try("/broadcasts/1", (broadcast("paused"),)),
    "/broadcasts/{broadcast}/cancel": Try("/broadcasts/1/cancel", (broadcast("sending"),)),
    "/broadcasts/{broadcast}/recall": Try("/broadcasts/1/recall", (broadcast("finished"), SENT)),
    "/broadcasts/{broadcast}/correct": Try(
        "/broadcasts/1/correct", (broadcast("finished"), SENT), {"text-en": "Sorry", "then": "send"}
    ),
    "/events/{event}/parties/{party}": Try(fields={"choice": "not_going"}),
    "/events/{event}/parties/{party}/move": Try(
        "/events/1/parties/2/move", (WAIT, IN_ORDER), {"to": "2", "reason": "A long drive"}
    ),
    "/events/{event}/ballot": Try(
        "/events/1/ballot",
        (
            put("events", "id = 1", allocation="ballot", rsvp_deadline=TEN, capacity=2),
            put("invitations", "event_id = 1", state="ballot_entered", mode="in_person"),
        ),
    ),
    "/carers/{carer}/way": Try(fields={"way": "letter"}),
    "/carers/{carer}/email": Try(
        "/carers/1",
        (put("carers", "id = 1", email_failed_at=NOON, email_failed_reason="no_such_address"),),
    ),
    "/letters/print": Try("/letters", POST),
    "/letters/posted": Try("/letters", (*POST, put("deliveries", "id = 4", reason="printed"))),
    "/letters/{delivery}/told": Try("/letters", (*POST, put("deliveries", "id = 4", kind="offer"), OFFERED)),
    "/letters/posted/back": Try(
        "/letters", (*POST, put("deliveries", "id = 4", reason="printed")), undoes="/letters/posted"
    ),
    "/letters/{delivery}/told/back": Try(
        "/letters",
        (*POST, put("deliveries", "id = 4", kind="offer"), OFFERED),
        undoes="/letters/{delivery}/told",
    ),
    "/requests/dismiss": Try("/requests"),
    "/requests/back": Try("/requests", undoes="/requests/dismiss"),
    "/events/start/back": Try(undoes="/events/start/{template}/delete"),
    "/groups/new": Try(fields={"name": "Bakers", "who": "open"}),
    "/groups/{group}/edit": Try(fields={"about": "Every Tuesday"}),
    "/groups/{group}/add": Try("/groups/1?q=Marsh", fields={"carer": "4"}),
    "/groups/{group}/take-out": Try(fields={"carer": "1"}),
    "/register": Try(file=REGISTER),
    "/register/{register}/take": Try(first="/register/{register}"),
    "/messages/{thread}/hand-over": Try(fields={"owner": "3"}),
    "/messages/{thread}/answer": Try(fields={"text": "A marker"}),
    "/messages/{thread}/give-back": Try(
        "/messages/1", (put("threads", "id = 1", state="taken", owner_id=1),)
    ),
    "/messages/{thread}/reopen": Try(
        "/messages/1", (put("threads", "id = 1", state="settled", settled_at=NOON, settled_by_id=1),)
    ),
    "/households/new": Try(fields={"ref": "H9", **day("approved", 1, 5), **named("carer-", "C9")}),
    "/households/{household}/edit": Try(fields={"area": "South"}),
    "/households/{household}/carers/new": Try("/households/2/carers/new", fields=named("", "C9")),
    "/households/{household}/carers/{carer}/edit": Try(fields={"birth": "1970"}),
    "/households/{household}/carers/{carer}/leave": Try(fields=day("left", 5, 5)),
    "/households/{household}/carers/{carer}/return": Try(
        before=(put("carers", "id = 1", left_on="2025-05-05"),)
    ),
    "/households/{household}/carers/{carer}/move": Try(
        "/households/1/carers/1/move?q=H3", fields={"to": "3"}
    ),
    "/households/{household}/end": Try(
        fields={"route": "resignation", "reasons": "moved_away", "sure": "yes", **day("on", 5, 5)}
    ),
    "/households/{household}/stay": Try(
        before=(
            put(
                "households", "id = 1", notice_on="2025-05-05", ended_on="2025-06-02", end_route="resignation"
            ),
        )
    ),
    "/surveys/new": Try(
        fields={"survey": "health-check", "threshold": "5", "sure": "yes", **day("closes", 20, 5)}
    ),
    "/surveys/{planned}/edit": Try(fields={"threshold": "6", "sure": "yes"}),
    "/surveys/standing/{occasion}": Try(fields={"open_days": "30"}),
    "/carers/{carer}/erase/sure": Try(fields={"number": "C1"}),
    "/carers/{carer}/erase/refuse": Try("/carers/1/erase", (put("carers", "id = 1", erasure_asked_at=NOON),)),
    "/reach/withdraw": Try(before=(add("link_tokens", token_hash="x", carer_id=4, created_at=TEN),)),
    "/audiences/new": Try(fields={"name": "Northerners", "rules": NORTH, "then": "save"}),
    "/audiences/{audience}/edit": Try(fields={"name": "Northerners", "then": "save"}),
    "/surveys/{closed}/unshare": Try(before=(put("rounds", "id = 50", shared_at=NOON),)),
    "/surveys/{closed}/tell": Try("/surveys/50/summary", (put("rounds", "id = 50", shared_at=NOON),)),
    "/actions/new": Try(fields={"said": "More breaks"}),
    "/actions/{action}/edit": Try(fields={"did": "Later from June"}),
    "/actions/{action}/publish": Try("/actions/1", (put("service_actions", "id = 1", did="Later"),)),
    "/actions/{action}/take-back": Try(
        "/actions/1", (put("service_actions", "id = 1", did="Later", published_at=NOON),)
    ),
    "/actions/tell": Try(
        "/actions/tell",
        (put("service_actions", "id = 1", did="Later from June", published_at=NOON),),
        {"which": "1"},
    ),
    "/nominations/{nomination}/match": Try("/nominations/1", fields={"who": "carer-4"}),
    "/nominations/{nomination}/shortlist": Try(
        "/nominations/1",
        (put("events", "id = 1", kind="forum"), put("nominations", "id = 1", carer_id=4, household_id=3)),
        {"citation": "For ten years of a marker"},
    ),
    "/nominations/{nomination}/celebrate": Try(
        "/nominations/1",
        (put("nominations", "id = 1", state="shortlisted", event_id=1, carer_id=4, household_id=3),),
    ),
    "/nominations/{nomination}/reopen": Try(
        "/nominations/1", (put("nominations", "id = 1", state="set_aside", decided_at=NOON),)
    ),
    "/settings/{setting}": Try(fields={"value": "01632 960111"}),
    "/asked-for/{work}/stop": Try("/asked-for/1", (put("works", "id = 1", state="waiting"),)),
    "/reports/make": Try("/reports?version=internal", (MANY_HOUSEHOLDS,)),
    "/reports/comments/{section}": Try(fields={"text": "We are glad of every household that stays."}),
    "/reports/count": Try("/reports?version=internal", (MANY_HOUSEHOLDS,)),
    "/staff/new": Try(fields={"name": "Kim Vale", "role": "coordinator"}),
    "/staff/{staff}/edit": Try(fields={"email": "new@marker.example"}),
    "/staff/{staff}/back": Try("/staff/3/back", (put("staff", "id = 3", left_on="2025-05-05"),)),
    "/account/way": Try("/account", MAILED, {"way": "email"}),
    "/account/sign-out": Try("/account", (ELSEWHERE,)),
    "/account/sign-out-others": Try("/account", (ELSEWHERE,)),
    "/survey-forms/new": Try(fields={"title": "After the trip"}),
    "/survey-forms/file": Try(file=b'{"id": "tea", "questions": []}'),
    "/survey-forms/{survey}/begin": Try("/survey-forms/exit-interview"),
    "/survey-forms/{survey}/back": Try(
        "/survey-forms/pulse",
        before=(
            add(
                "survey_forms",
                survey="pulse",
                version=1,
                source="{}",
                state="published",
                edited=1,
                created_at=NOON,
                changed_at=NOON,
                retired_at=NOON,
            ),
        ),
    ),
    "/survey-forms/{survey}/draft/about": Try(fields={"title": "Pulse"}),
    "/survey-forms/{survey}/draft/asking": Try(fields={"anonymous": "yes"}),
    "/survey-forms/{survey}/draft/words/{language}": Try(fields={"title": ""}),
    "/survey-forms/{survey}/draft/question": Try(fields={"text": "Tea?", "type": "yes/no"}),
    "/survey-forms/{survey}/draft/questions/{question}": Try(fields={"text": "Tea?", "type": "yes/no"}),
    "/survey-forms/{survey}/draft/questions/{question}/good-news": Try(fields={"good": "1"}),
    "/survey-forms/{survey}/draft/questions/{question}/asked-of": Try(fields={"after": "weeks:1"}),
}
"""By the route's path. What is not here is found on the pages as they are and sent as it stands there."""

UNNOTED = {
    "/retention": "it counts what a purge would delete, and takes that back",
    "/register/{register}": "it shows what a file would change, and takes that back",
}
"""Forms that change nothing that the log is for, each with the reason."""

OF_NOBODY = (
    "/flyers/{flyer}",
    "/events/{event}/flyer",
    "/events/{event}/poster.svg",
    "/register/empty.{ending}",
    "/broadcasts/{broadcast}/file",
)
"""Files that hold nothing of a person."""

MARKERS = ("Amal", "Reed", "Okafor", "Marsh", "Robin", "Marker", "marker", "07700", "ramp", "ring me")
"""What a log that outlives people's data must not have of them."""


@pytest.fixture
async def there(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Machine]:
    async with machine(sqlite_url, tmp_path) as made:
        do(
            made,
            *(
                put("carers", f"id = {n}", email=f"c{n}@marker.example", phone=f"07700 90010{n}")
                for n in MARKED
            ),
        )
        made.keep()
        yield made


async def pages_with_forms(there: Machine) -> dict[str, str]:
    """The address of a page with its form, for each deed that a page of the busy console shows."""
    ids = ids_of(there.busy, there.cast)
    found: dict[str, str] = {}
    for route in pages():
        page = filled(route.path, ids)
        visitor = there.visitors[there.who(route.action)]
        await visitor.get(page)
        for form in forms_of(visitor.html):
            found |= {
                deed.path: page for deed in deeds() if leads_to(deed, form.action) and deed.path not in found
            }
    return found


async def send(there: Machine, route: Route, page: str, how: Try) -> tuple[int, str, FoundForm]:
    """Send the route's form of this page as somebody who may; what came back, as a status and a page, and the
    form as it was found."""
    visitor = there.visitors[how.who or there.who(route.action)]
    await visitor.get(page)
    if how.first:
        address = filled(how.first, ids_of(there.busy, there.cast))
        await visitor.get(address)
        await visitor.post(address)
    if how.undoes:
        await undo_of(there, how.undoes)
    form = next((form for form in forms_of(visitor.html) if leads_to(route, form.action)), FoundForm(""))
    if not form.action:
        return 0, f"{page} has no such form", form
    await visitor.post(form.action, {**form.fields, **how.fields}, file=how.file)
    return visitor.status, visitor.path, form


async def undo_of(there: Machine, path: str) -> None:
    """Do this deed, so that the page which it leads to offers to undo it."""
    route = next(deed for deed in deeds() if deed.path == path)
    how = TRIES.get(path, Try())
    await send(there, route, how.page or filled(path, ids_of(there.busy, there.cast)), how)


async def undone(there: Machine, visitor: Visitor, offered: str) -> str:
    """What is wrong with the Undo that this page offers: it has to change something, and to be noted."""
    before = there.log()[-1][0]
    visitor.html = offered
    await visitor.undo()
    if visitor.status != 200:
        return f"its undo is answered by {visitor.status}"
    return "" if there.log(before) else "its undo changes nothing"


async def sent_again(there: Machine, route: Route, how: Try, form: FoundForm) -> str:
    """What changes when the same form is sent once more, as by a double press, or when it comes as it was
    found, from a page that was opened before: nobody undoes what they have not seen."""
    visitor, written = there.visitors[how.who or there.who(route.action)], there.written()
    visitor.html = ""  # what the page has now is not sent along
    await visitor.post(form.action, {**form.fields, **how.fields}, file=how.file, follow=False)
    if there.written() != written:
        return "sent twice, it changes more than once"
    if form.filled and "/new" not in route.path and not how.file:
        before = there.dump()
        await visitor.post(form.action, form.fields, follow=False)
        if there.dump() != before:
            return "sent late, it undoes what its page did not show"
    return ""


async def test_every_deed_is_in_the_audit_log_without_a_word_of_a_carer(there: Machine) -> None:
    shown, wrong, asked = await pages_with_forms(there), [], {route.path for route in pages()}
    for route in deeds():
        how = TRIES.get(route.path, Try())
        there.restore()
        do(there, *how.before)
        stood = there.log()
        before = stood[-1][0]
        status, where, form = await send(there, route, how.page or shown.get(route.path, "/"), how)
        visitor = there.visitors[how.who or there.who(route.action)]
        offered = visitor.html if visitor.can_undo else ""
        entries = [entry for entry in there.log(before) if entry[1] not in LOOKS]
        noted = {action for _, action, _, _ in entries}
        assert there.log()[: len(stood)] == stood, f"{route.path} changed the log"
        if status != 200 or noted - set(DEEDS) or bool(noted) is (route.path in UNNOTED):
            wrong.append((route.path, status, where, noted))
        told = [entry for entry in entries if any(marker in str(entry) for marker in MARKERS)]
        assert not told, (route.path, told)
        if status == 200 and (again := await sent_again(there, route, how, form)):
            wrong.append((route.path, status, again, set()))
        if offered and (problem := await undone(there, visitor, offered)):
            wrong.append((route.path, status, problem, set()))
        if not offered and route.path not in asked | FINAL.keys():
            wrong.append((route.path, status, "it is neither undone nor asked about first", set()))
    assert not wrong, "\n".join(map(str, wrong))


async def test_every_file_that_is_taken_away_is_in_the_audit_log(there: Machine) -> None:
    ids, files = ids_of(there.busy, there.cast), set()
    for route in pages():
        visitor, before = there.visitors[there.who(route.action)], there.log()[-1][0]
        await visitor.get(filled(route.path, ids))
        assert visitor.status == 200, route.path
        noted = {action for _, action, _, _ in there.log(before)}
        if visitor.kind == "text/html" or route.path in OF_NOBODY:
            continue
        files.add(route.path)
        assert noted & set(DEEDS), (route.path, visitor.kind)
    assert {"/audit.csv", "/reports/{file}", "/events/fairness.csv", "/events/{event}/ballot.csv"} <= files


async def test_a_look_at_many_is_in_the_audit_log_once_an_hour(there: Machine) -> None:
    priya, before = there.visitors["priya"], there.log()[-1][0]
    for _ in range(2):
        await priya.get("/events/1/attendance/door")
        await priya.get("/events/1")
        await there.visitors["dee"].get("/events/1")  # who sees no needs
    there.console.now += timedelta(hours=1, seconds=1)
    await priya.get("/events/1")
    noted = [action for _, action, _, _ in there.log(before)]
    assert noted == ["attendance.print", "needs.read", "needs.read"]
