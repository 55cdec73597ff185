"""Every address of the console, tried by every role."""

import re

import pytest

from carers.roles import ALLOWED, Action, Role, may
from storage.staff import StaffMember
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from tests.web.conftest import SERIES_ON, Busy
from web.staff import routes

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
        "ending": "csv",
        "table": "carers.csv",
    }


def paths(busy: Busy, cast: Cast) -> list[tuple[str, str, Action]]:
    ids = ids_of(busy, cast)
    return [
        (route.method, re.sub(r"\{(\w+)\}", lambda name: str(ids[name[1]]), route.path), route.action)
        for route in routes()
    ]


@pytest.mark.parametrize("who", ["priya", "tom", "dee", "ash"])
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
            refused = NOT_YOURS in one.html
            assert refused is not may(person, action), (method, path, one.status)
            expected = 200 if method == "GET" and may(person, action) else 403
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
        await ash.get("/")
        assert 'href="/staff"' not in tom.html
        assert 'href="/surveys"' not in tom.html
        assert 'href="/staff"' in ash.html
        assert 'href="/messages"' not in ash.html
