"""What a social worker sees and does: own households alone, on every page and with every form there is.

The console's own table of routes says which there are, so that a new one is tried without being named here.
"""

import re
from collections.abc import AsyncIterator, Iterator
from itertools import product
from pathlib import Path

import pytest

from carers.roles import may
from tests.web.machine import Fields, Machine, add, deeds, do, filled, forms_of, machine, pages, put
from tests.web.test_every_deed import NOON, POST, TRIES
from tests.web.test_roles import ids_of
from web.staff import routes
from web.staff.views import Route

pytestmark = pytest.mark.one_database

OTHERS = ("Okafor", "Marsh", "Sam ", "Lin ", "other-", "other@marker.example", "07700 900999")
"""What tells of the households that are not Tom's."""

OF_A_HOUSEHOLD = {
    "party": 3,
    "carer": 3,
    "household": 2,
    "thread": 50,
    "message": 50,
    "delivery": 3,
    "panel": 60,
    "check_in": 60,
}
"""For each name in curly brackets that belongs to a household, something of Sam's, who is not Tom's."""

OF_NOBODY = {
    "event", "round", "closed", "staff", "broadcast", "file", "flyer", "series", "day", "template",
    "kind", "group", "register", "ending", "audience", "comment", "survey", "question",
    "language", "nomination", "action", "planned", "occasion", "work", "setting", "answer",
    "section",
}  # fmt: skip
"""Names in curly brackets of what belongs to no household."""

LISTED = {
    "/events/{event}/attendance": ("/events/1/attendance", {"c3": "attended", "was3": "none"}),
    "/events/{event}/attendance/walk-in": ("/events/1/attendance", {"carer": "4"}),
    "/letters/posted": ("/letters", {"delivery": "4"}),
}
"""Forms in which the ids of others could be typed: the page whose token they take, and what is typed."""


@pytest.fixture
async def there(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Machine]:
    """Sam has written as Amal has; something waits on paper for Lin, and nobody can reach Sam."""
    async with machine(sqlite_url, tmp_path) as made:
        do(
            made,
            put("carers", "id > 2", email="other@marker.example", phone="07700 900999"),
            *(put("carers", f"id = {carer}", ref=f"other-{carer}") for carer in (3, 4)),
            *(put("households", f"id = {home}", ref=f"other-{home}") for home in (2, 3)),
            put("carers", "id = 3", unreachable_since=NOON, unreachable_reason="blocked"),
            add("threads", id=50, carer_id=3, state="new", urgent=1, opened_at=NOON, heard_at=NOON),
            add("carer_messages", id=50, carer_id=3, thread_id=50, text="Ring me", received_at=NOON),
            add("group_members", group_id=1, carer_id=3, from_register=0),
            add("panels", id=60, household_id=2, held_on="2025-05-06", about="review", noted_at=NOON),
            add("check_ins", id=60, household_id=2, made_on="2025-05-06", how="visit", noted_at=NOON),
            put("works", "id = 1", asked_by_id=made.cast.tom.id),
            *POST,
        )
        made.keep()
        yield made


def toms(some: list[Route], there: Machine) -> list[Route]:
    return [route for route in some if may(there.cast.tom, route.action)]


def names_in(path: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", path)


def of_others(route: Route, there: Machine) -> Iterator[str]:
    """The route's address with ids that are not all Tom's, in every mixture."""
    own = ids_of(there.busy, there.cast)
    names = [name for name in names_in(route.path) if name in OF_A_HOUSEHOLD]
    for foreign in product((False, True), repeat=len(names)):
        if any(foreign):
            others = {name: OF_A_HOUSEHOLD[name] for name, is_it in zip(names, foreign, strict=True) if is_it}
            yield filled(route.path, own | others)


def test_every_name_in_an_address_is_a_households_or_nobodys() -> None:
    names = {name for route in routes() for name in names_in(route.path)}
    assert names - set(OF_A_HOUSEHOLD) - OF_NOBODY == set()


async def test_a_page_about_a_household_of_others_is_not_there(there: Machine) -> None:
    tom, tried, wrong = there.visitors["tom"], 0, []
    for route in toms([*pages()], there):
        for address in of_others(route, there):
            await tom.get(address)
            tried += 1
            if tom.status != 404 or any(other in tom.html for other in OTHERS):
                wrong.append((address, tom.status))
    assert not wrong, "\n".join(map(str, wrong))
    assert tried > 10


async def test_a_form_about_a_household_of_others_is_not_there_and_changes_nothing(there: Machine) -> None:
    tom, tried, wrong = there.visitors["tom"], 0, []
    await tom.get("/carers/1")
    token: Fields = next(form for form in forms_of(tom.html) if form.action != "/sign-out").fields
    before = there.dump()
    for route in toms([*deeds()], there):
        typed = TRIES[route.path].fields if route.path in TRIES else {}
        for address, fields in product(of_others(route, there), ({}, typed)):
            await tom.post(address, {"csrf": token["csrf"], "once": f"try{tried}", **fields})
            tried += 1
            if tom.status != 404:
                wrong.append((address, fields, tom.status))
    assert there.dump() == before
    assert not wrong, "\n".join(map(str, wrong))
    assert tried > 20


@pytest.mark.parametrize("path", LISTED)
async def test_an_id_of_others_that_is_typed_into_a_list_does_nothing(there: Machine, path: str) -> None:
    page, fields = LISTED[path]
    tom, ids = there.visitors["tom"], ids_of(there.busy, there.cast)
    await tom.get(page)
    token = next(iter(forms_of(tom.html))).fields
    before = there.theirs()
    await tom.post(filled(path, ids), {"csrf": token.get("csrf", tom.hidden("/x").get("csrf")), **fields})
    assert tom.status in (200, 404)
    assert there.theirs() == before


async def test_no_page_of_a_social_worker_tells_of_a_household_of_others(there: Machine) -> None:
    tom, ids, wrong = there.visitors["tom"], ids_of(there.busy, there.cast), []
    for route in toms([*pages()], there):
        await tom.get(filled(route.path, ids))
        told = [other for other in OTHERS if other in tom.html]
        if tom.status != 200 or told:
            wrong.append((route.path, tom.status, told))
    assert not wrong, "\n".join(map(str, wrong))


async def test_what_a_social_worker_does_to_all_is_done_to_their_own(there: Machine) -> None:
    tom, before = there.visitors["tom"], there.theirs()
    for page in ("/not-reached/letters", "/letters"):
        await tom.get(page)
        for form in [form for form in forms_of(tom.html) if form.action != "/sign-out"]:
            await tom.get(page)
            await tom.post(form.action, form.fields)
            assert not any(other in tom.html for other in OTHERS), form.action
    assert there.theirs() == before
