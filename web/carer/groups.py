"""A carer's groups on their page: those that they are in, to leave, and those that are open, to join."""

from aiohttp import web

from carers.groups import Joined, own_groups
from events.group_members import join_group, leave_group
from web.carer.opening import Deed, Done, Purpose, Route, Visit, do, render_page, see
from web.whole_numbers import whole_number

GROUPS = "/groups"
SAID = {Joined.JOINED, Joined.LEFT, Joined.CLOSED}


def routes() -> list[Route]:
    return [
        see(Purpose.HOME, GROUPS, show),
        do(Purpose.HOME, GROUPS, choose),
    ]


async def show(visit: Visit) -> web.Response:
    return await _page(visit)


async def choose(deed: Deed) -> Done | web.Response:
    """Join one group or leave one. What is not open again to them is asked once more before it is left."""
    form, group_id = deed.form, _number(deed.form.text("group"))
    match form.text("what"):
        case "join":
            done = await join_group(deed.session, deed.carer, group_id, deed.now, deed.zone)
        case "leave" if not form.text("sure") and not await _is_open(deed, group_id):
            return await _page(deed, sure=group_id)
        case "leave":
            done = await leave_group(deed.session, deed.carer, group_id, deed.now)
        case _:
            return await _page(deed, wrong=True)
    if done.result is Joined.GONE:
        return await _page(deed, wrong=True)
    asked = {"done": done.result.value} if done.result in SAID else {}
    return Done(GROUPS, asked)


async def _is_open(visit: Visit, group_id: int) -> bool:
    """Whether it is open, or not theirs at all: nothing is lost by leaving it."""
    mine = (await own_groups(visit.session, visit.carer)).mine
    return all(one.is_open for one in mine if one.id == group_id)


async def _page(visit: Visit, *, sure: int = 0, wrong: bool = False) -> web.Response:
    groups = await own_groups(visit.session, visit.carer)
    context = {
        "mine": groups.mine,
        "others": groups.others,
        "done": visit.asked("done"),
        "sure": next((one for one in groups.mine if one.id == sure), None),
        "wrong": wrong,
    }
    return render_page(visit, "carer/groups.html", context, 422 if wrong else 200)


def _number(text: str) -> int:
    """A group's id as the form sends it; 0, which none has, for what cannot be one."""
    return whole_number(text) or 0
