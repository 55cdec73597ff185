"""Every address of the console, tried by every role."""

import re

import pytest

from carers.roles import ALLOWED, OF_OWN_HOUSEHOLDS, TOPICS, Action, Reach, Role, may, reach
from storage.engine import open_database
from storage.staff import StaffMember
from tests.support.cast import NOON, Cast
from tests.support.console import Console, parts, visitor
from tests.web.conftest import SERIES_ON, Busy
from tests.web.machine import twins
from tools import roles_page
from web.app import make_app
from web.staff import routes
from web.staff.menu import SECTIONS, menu_of

NOT_YOURS = "Your role does not include this page"


def test_every_action_says_who_may_do_it() -> None:
    assert set(ALLOWED) == set(Action)
    assert all(ALLOWED.values())


@pytest.mark.parametrize("role", list(Role))
def test_who_has_left_may_do_nothing(role: Role) -> None:
    gone = StaffMember(name="Gone", role=role, added_at=NOON, left_on=NOON.date())
    assert not any(may(gone, action) for action in Action)


def test_what_only_some_may_do() -> None:
    assert ALLOWED[Action.MANAGE_STAFF] == {Role.ADMINISTRATOR}
    assert ALLOWED[Action.SEE_NEEDS] == {Role.COORDINATOR}
    assert Role.ADMINISTRATOR not in ALLOWED[Action.READ_MESSAGES]
    assert Role.SOCIAL_WORKER not in ALLOWED[Action.SEE_SURVEYS]
    assert Role.SOCIAL_WORKER not in ALLOWED[Action.PLAN_EVENTS]


def test_every_action_is_shown_to_people_under_one_heading() -> None:
    shown = [action for actions in TOPICS.values() for action in actions]
    assert sorted(shown) == sorted(Action)


def test_an_action_of_own_households_is_one_that_a_social_worker_may_do() -> None:
    assert all(Role.SOCIAL_WORKER in ALLOWED[action] for action in OF_OWN_HOUSEHOLDS)
    assert reach(Role.SOCIAL_WORKER, Action.EDIT_HOUSEHOLDS) is Reach.OWN
    assert reach(Role.MANAGER, Action.EDIT_HOUSEHOLDS) is Reach.ALL
    assert reach(Role.COORDINATOR, Action.ERASE_CARERS) is Reach.NONE


def test_the_page_for_people_is_made_of_the_table() -> None:
    written = roles_page.PAGE.read_text(encoding="utf-8")
    assert written == roles_page.page(), "run python -m tools.roles_page"


OPEN = {
    "/c",
    "/healthz",
    "/readyz",
    "/metrics",
    "/telegram/webhook",
    "/app",
    "/sign-in",
    "/sign-in/app",
    "/sign-in/sent",
    "/sign-in/{token}",
    "/static",
}
"""Addresses that need no member of staff; and all under ``/c/`` and ``/calendar/``, which are carers' own."""


def test_an_address_without_an_action_cannot_exist(sqlite_url: str) -> None:
    guarded = {(route.method, route.path) for route in routes()}
    for route in make_app(parts(Console(open_database(sqlite_url)))).router.routes():
        assert route.resource is not None
        path = route.resource.canonical
        if path in OPEN or path.startswith(("/c/", "/calendar/")):
            continue
        method = "GET" if route.method == "HEAD" else route.method
        assert (method, path) in guarded, (route.method, path)


def test_every_action_guards_a_page_or_a_form() -> None:
    within_a_page = {Action.SEE_NEEDS}
    assert {route.action for route in routes()} | within_a_page == set(Action)


def test_the_menu_leads_where_a_role_may_go_and_is_short() -> None:
    who = {route.path: ALLOWED[route.action] for route in routes() if route.method == "GET"}
    for entry in (entry for section in SECTIONS for entry in section.entries):
        assert ALLOWED[entry.action] <= who[entry.href], entry
    for role in Role:
        somebody = StaffMember(name="Somebody", role=role, added_at=NOON)
        assert len(menu_of(somebody, "/").sections) <= 8


@pytest.mark.parametrize(
    ("path", "section", "page"),
    [
        ("/", "Home", None),
        ("/carers/5", "Carers", "Carers"),
        ("/constellations", "Carers", "Households"),
        ("/staff/roles", "Service", "Roles"),
        ("/staff/new", "Service", "Staff"),
        ("/eventsandmore", "", None),
        ("/deliveries", "", None),
    ],
)
def test_the_menu_says_where_one_is(path: str, section: str, page: str | None) -> None:
    ash = StaffMember(name="Ash", role=Role.ADMINISTRATOR, added_at=NOON)
    menu = menu_of(ash, path)
    assert menu.section == section
    assert [link.text for link in menu.sections if link.active] == ([section] if section else [])
    assert [link.text for link in menu.pages if link.active] == ([page] if page else [])


def ids_of(busy: Busy, cast: Cast) -> dict[str, object]:
    """Something there is for each name in curly brackets of an address."""
    return {
        "event": busy.coffee,
        "party": busy.amals,
        "carer": cast.amal.id,
        "household": cast.reeds.id,
        "message": busy.message,
        "thread": busy.thread,
        "delivery": busy.delivery,
        "round": busy.round,
        "closed": busy.closed,
        "planned": busy.planned,
        "panel": busy.panel,
        "check_in": busy.check_in,
        "occasion": "panel",
        "staff": cast.dee.id,
        "comment": 1,
        "broadcast": busy.broadcast,
        "file": "figures.json",
        "flyer": busy.flyer,
        "series": busy.series,
        "day": SERIES_ON,
        "template": busy.template,
        "audience": busy.audience,
        "kind": "trip",
        "group": busy.circle,
        "register": busy.register,
        "work": busy.work,
        "nomination": busy.nomination,
        "action": busy.action,
        "answer": "going",
        "ending": "csv",
        "survey": "pulse",
        "question": "reach",
        "language": "ur",
        "setting": "duty_phone",
        "section": "leaving",
    }


def paths(busy: Busy, cast: Cast) -> list[tuple[str, str, Action]]:
    ids, second = ids_of(busy, cast), twins()
    return [
        (route.method, re.sub(r"\{(\w+)\}", lambda name: str(ids[name[1]]), route.path), route.action)
        for route in routes()
        if route.path not in second
    ]


WORK = re.compile(r"/asked-for/\d+|/register/looks/")
"""What Priya asked for: nobody else finds it."""

ON_SQLITE_ALONE = [pytest.param(who, marks=pytest.mark.one_database) for who in ("priya", "tom", "ash")]
"""A manager opens nearly every page: one is enough to try their statements on both databases."""


@pytest.mark.parametrize("who", ["dee", *ON_SQLITE_ALONE])
async def test_every_page_opens_for_the_roles_of_the_table_and_for_no_other(
    console: Console, cast: Cast, busy: Busy, who: str
) -> None:
    person: StaffMember = getattr(cast, who)
    async with visitor(console, person) as one:
        for method, path, action in paths(busy, cast):
            if path.endswith("/live") or path == "/sign-out":
                continue
            if method == "GET":
                await one.get(path)
            else:
                one.html = ""  # without a token: the role is checked before the form
                await one.post(path)
            refused = f"{NOT_YOURS}. If you need it, ask" in one.html
            assert refused is not may(person, action), (method, path, one.status)
            expected = 200 if method == "GET" and may(person, action) else 403
            if expected == 200 and WORK.match(path) and person.id != cast.priya.id:
                expected = 404
            assert one.status == expected, (method, path, one.status)


@pytest.mark.parametrize("path", ["/live", "/events/1/live"])
async def test_a_stream_is_for_those_who_are_signed_in(console: Console, busy: Busy, path: str) -> None:
    async with visitor(console) as stranger:
        await stranger.get(path)
        assert stranger.path == "/"


async def test_nobody_gets_in_without_signing_in(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console) as stranger:
        for method, path, _ in paths(busy, cast):
            await (stranger.get(path) if method == "GET" else stranger.post(path))
            assert stranger.path == ("/" if method == "GET" else "/?unsaved=1"), path
            assert "Reed" not in stranger.html


async def test_the_menu_shows_what_a_role_can_open(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.tom) as tom, visitor(console, cast.ash) as ash:
        await tom.get("/")
        await ash.get("/audit")
        assert 'href="/staff"' not in tom.html
        assert 'href="/surveys"' not in tom.html
        assert 'href="/staff"' in ash.html
        assert 'href="/messages"' not in ash.html
