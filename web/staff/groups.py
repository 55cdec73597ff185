"""Groups of carers: making and changing them, who is in them, putting carers in and taking them out."""

from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web

from carers import groups
from carers.group_names import IN_PLACE_OF_CHILDREN
from carers.groups import LONGEST_ABOUT, LONGEST_NAME, GroupLine, GroupRefusal, GroupView, GroupWords
from carers.people import Carer
from carers.roles import Action
from carers.sent_forms import Undo
from events.group_members import add_to_group, take_out_of_group
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural
from web.whole_numbers import whole_number

REFUSED = {
    GroupRefusal.NO_NAME: "Enter a name",
    GroupRefusal.TOO_LONG: f"Use {LONGEST_NAME} characters or fewer, on one line",
    GroupRefusal.SEMICOLON: "Leave the semicolon out; the register file parts groups by it",
    GroupRefusal.RESERVED: "This name means everyone, a constellation or a saved audience; choose another",
    GroupRefusal.NAME_TAKEN: "There is a group or an audience of this name already",
}
WHO = {"open": True, "staff": False}
MOST_AT_ONCE = 100
USED_BY = {
    "event": ("Event", "/events/{}"),
    "series": ("Series", "/events/series/{}"),
    "template": ("Template", "/events/start"),
    "broadcast": ("Message", "/broadcasts/{}"),
    "survey": ("Survey", "/surveys/{}"),
    "audience": ("Saved audience", "/audiences/{}"),
}


def routes() -> list[Route]:
    return [
        see("/groups", Action.SEE_GROUPS, show),
        see("/groups/new", Action.MANAGE_GROUPS, new_group),
        do("/groups/new", Action.MANAGE_GROUPS, make),
        see("/groups/{group}", Action.SEE_GROUPS, one_group),
        see("/groups/{group}/edit", Action.MANAGE_GROUPS, edit),
        do("/groups/{group}/edit", Action.MANAGE_GROUPS, change),
        do("/groups/{group}/add", Action.MANAGE_GROUPS, add),
        do("/groups/{group}/take-out", Action.MANAGE_GROUPS, take_out),
        see("/groups/{group}/delete", Action.MANAGE_GROUPS, ask_to_delete),
        do("/groups/{group}/delete", Action.MANAGE_GROUPS, delete),
    ]


async def show(look: Look) -> Page:
    today = look.now.astimezone(look.zone).date()
    found = await groups.list_groups(look.session, today, look.own_households)
    there = any(line.in_place_of_children for line in found)
    context = {
        "groups": found,
        "own": look.own_households is not None,
        "suggested": "" if there else IN_PLACE_OF_CHILDREN,
    }
    return Page("staff/groups.html", context)


async def one_group(look: Look) -> Page:
    view = await _view(look)
    words = look.asked("q")
    today = look.now.astimezone(look.zone).date()
    found = (
        await groups.find_to_add(look.session, view.line.id, words, today)
        if look.may(Action.MANAGE_GROUPS)
        else []
    )
    context = {
        "group": view,
        "own": look.own_households is not None,
        "words": words,
        "found": found,
        "most": groups.MOST_FOUND,
        "uses": [(*_use(use.what, use.id), use.title, use.at) for use in view.uses],
    }
    return Page("staff/group.html", context)


def _use(what: str, use_id: int) -> tuple[str, str]:
    word, address = USED_BY[what]
    return word, address.format(use_id)


async def new_group(look: Look) -> Page:
    return _form(Form.filled({"name": look.asked("name"), "who": "staff"}))


async def make(deed: Deed) -> Done | Page:
    form, words = deed.form, _read(deed.form)
    if form.errors:
        return _form(form)
    today = deed.now.astimezone(deed.zone).date()
    made = await groups.make_group(deed.session, words, deed.staff, deed.now, today)
    if isinstance(made, GroupRefusal):
        form.fail("name", REFUSED[made])
        return _form(form)
    return Done(f"/groups/{made.id}", "The group is made. Put carers in below.")


async def edit(look: Look) -> Page:
    line = (await _view(look)).line
    return _form(Form.filled(_fields(line)), line)


async def change(deed: Deed) -> Done | Page:
    form, line = deed.form, (await _view(deed)).line
    words = _read(form)
    if form.errors:
        return _form(form, line)
    shown = GroupWords(form.text("was-name"), form.text("was-about"), form.text("was-who") == "open")
    today = deed.now.astimezone(deed.zone).date()
    changed = await groups.change_group(deed.session, line.id, shown, words, deed.staff, deed.now, today)
    if changed is GroupRefusal.CHANGED_MEANWHILE:
        return _form(form, line, outdated=True)
    if isinstance(changed, GroupRefusal):
        form.fail("name", REFUSED.get(changed, "The group is not there any more"))
        return _form(form, line)
    return Done(f"/groups/{line.id}", "The group is saved.")


async def add(deed: Deed) -> Done:
    view, form = await _view(deed), deed.form
    before = await groups.of_register(deed.session, view.line.id, _ticked(form))
    done = await add_to_group(
        deed.session,
        view.line.id,
        _ticked(form),
        deed.staff,
        deed.now,
        deed.zone,
        _ticked(form, "registered"),
    )
    if isinstance(done, GroupRefusal):
        raise web.HTTPNotFound
    added, invited = done
    said = f"{plural(len(added), 'carer')} put in." if added else "Nobody was put in: tick somebody first."
    if invited:
        said += f" {plural(invited, 'invitation')} to what is open for the group will follow."
    words = deed.form.text("q")[:200]
    query = f"?{urlencode({'q': words})}" if words and not added else ""
    mistaken = [carer for carer in added if carer.id not in before.leavers]
    undo = _the_other_way(view, "take-out", added, mistaken=mistaken)
    return Done(f"/groups/{view.line.id}{query}", said, undo)


async def take_out(deed: Deed) -> Done:
    view, form = await _view(deed), deed.form
    before = await groups.of_register(deed.session, view.line.id, _ticked(form))
    gone = await take_out_of_group(
        deed.session, view.line, _ticked(form), deed.staff, deed.now, deed.zone, _ticked(form, "mistaken")
    )
    said = (
        f"{plural(len(gone), 'carer')} taken out." if gone else "Nobody was taken out: tick somebody first."
    )
    registered = [carer for carer in gone if carer.id in before.members]
    return Done(f"/groups/{view.line.id}", said, _the_other_way(view, "add", gone, registered=registered))


def _the_other_way(
    view: GroupView, deed: str, moved: Sequence[Carer], **noted: Sequence[Carer]
) -> Undo | None:
    """What puts those who were moved back where they were, and what the register makes of them with it."""
    if not moved:
        return None
    whom = {"carer": moved} | {name: some for name, some in noted.items() if some}
    fields = {name: [str(carer.id) for carer in some] for name, some in whom.items()}
    return Undo(f"/groups/{view.line.id}/{deed}", fields)


async def ask_to_delete(look: Look) -> Page:
    view = await _view(look)
    back = f"/groups/{view.line.id}"
    if view.uses:
        lines = [f"{plural(len(view.uses), 'thing')} to come would reach nobody without this group."]
        lines.append("Change or cancel them first; they are listed on the page of the group.")
        context = {"title": f"“{view.line.words}” is in use", "lines": lines, "back": back}
        return Page("staff/group_in_use.html", context)
    lines = [
        f"{plural(view.line.carers, 'carer is', 'carers are')} in it. They stay carers.",
        "A later file of the register that names the group makes it anew.",
    ]
    return Page(
        "staff/confirm.html",
        {
            "title": f"Delete “{view.line.words}”?",
            "lines": lines,
            "back": back,
            "warning": True,
            "action": f"{back}/delete",
            "button": "Delete the group",
        },
    )


async def delete(deed: Deed) -> Done:
    view = await _view(deed)
    refused = await groups.delete_group(deed.session, view.line.id, deed.staff, deed.now)
    if refused is GroupRefusal.IN_USE:
        return Done(f"/groups/{view.line.id}", "The group is in use. Nothing was deleted.")
    return Done("/groups", f"{view.line.words} is deleted.")


def _form(form: Form, line: GroupLine | None = None, *, outdated: bool = False) -> Page:
    """The form of a new group, or of this one; what it stands at goes along, so that no change is undone
    unseen."""
    context = {
        "form": form,
        "line": line,
        "was": _seen(form, line, outdated=outdated) if line else {},
        "outdated": outdated,
        "most_about": LONGEST_ABOUT,
        "in_place_of_children": line is not None and line.in_place_of_children,
    }
    return Page("staff/group_form.html", context)


def _seen(form: Form, line: GroupLine, *, outdated: bool) -> dict[str, object]:
    """What the sender of a form that was refused had seen; otherwise what stands there."""
    now_is = _fields(line)
    if outdated or not form.text("was-name"):
        return now_is
    return {name: form.text(f"was-{name}") for name in now_is}


def _fields(line: GroupLine) -> dict[str, object]:
    return {"name": line.name, "about": line.about, "who": "open" if line.is_open else "staff"}


def _read(form: Form) -> GroupWords:
    name = form.words("name", required=REFUSED[GroupRefusal.NO_NAME], most=LONGEST_NAME)
    about = form.words("about", most=LONGEST_ABOUT)
    who = form.choice("who", WHO, required="Say who fills the group")
    return GroupWords(name, about, WHO.get(who, False))


def _ticked(form: Form, name: str = "carer") -> list[int]:
    """The carers that were ticked; what is no possible id is nobody."""
    ticked = form.several(name)[:MOST_AT_ONCE]
    return [number for one in ticked if (number := whole_number(one)) is not None]


async def _view(look: Look) -> GroupView:
    """The group of the address. Raises 404 where there is none."""
    number, own = look.number("group"), look.own_households
    view = await groups.view_group(look.session, number, look.now, look.zone, look.page, own)
    if view is None:
        raise web.HTTPNotFound
    return view
