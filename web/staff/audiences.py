"""Saved audiences: the list, one of them, and the page on which its rules are put together.

The rules travel in the form from step to step, so that nothing is stored before it is saved, and nothing that
was put together is lost when something is wrong. Each step counts anew whom the rules find.
"""

from dataclasses import dataclass, replace

import orjson
from aiohttp import web

from carers.audience import SAVED
from carers.audience_rules import KINDS, MOST_RULES, Rule, Rules, rules_from_json, to_json
from carers.channels import ways_of_audience
from carers.roles import Action
from carers.saved_audiences import (
    LONGEST_NAME,
    Refusal,
    SavedAudience,
    change_audience,
    choices,
    look_at,
    remove_audience,
    save_audience,
    saved_audience,
    saved_audiences,
)
from carers.sent_forms import Undo
from web.staff.audience_fields import LABELS, WITHOUT_FIELDS, filled, items, read_rule, usual
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.whole_numbers import whole_number

INCLUDE, EXCLUDE = "include", "exclude"
REFUSED = {
    Refusal.NO_NAME: ("name", "Enter a name, such as Evening people"),
    Refusal.TOO_LONG: ("name", f"Use {LONGEST_NAME} characters or fewer"),
    Refusal.NAME_TAKEN: ("name", "A group or another audience has this name; choose another"),
    Refusal.NO_RULES: ("pick", "Add a rule; without one it would be everybody"),
}
GONE_MEANWHILE = "This audience was deleted meanwhile."


def routes() -> list[Route]:
    one = "/audiences/{audience}"
    return [
        see("/audiences", Action.SEE_AUDIENCES, all_audiences),
        see("/audiences/new", Action.SAVE_AUDIENCES, new_audience),
        do("/audiences/new", Action.SAVE_AUDIENCES, build),
        see(one, Action.SEE_AUDIENCES, one_audience),
        see(f"{one}/edit", Action.SAVE_AUDIENCES, edit),
        do(f"{one}/edit", Action.SAVE_AUDIENCES, rebuild),
        see(f"{one}/delete", Action.SAVE_AUDIENCES, ask_to_delete),
        do(f"{one}/delete", Action.SAVE_AUDIENCES, delete),
    ]


async def all_audiences(look: Look) -> Page:
    return Page(
        "staff/audiences.html", {"audiences": await saved_audiences(look.session, look.now, look.zone)}
    )


async def one_audience(look: Look) -> Page:
    saved = await the_audience(look)
    today = look.now.astimezone(look.zone).date()
    context = {
        "audience": saved,
        "found": await look_at(look.session, saved.rules, today, look.zone),
        "ways": await ways_of_audience(look.session, f"{SAVED}:{saved.name}", today),
    }
    return Page("staff/audience.html", context)


@dataclass(frozen=True, slots=True)
class Open:
    """The rule that is being put together: a new one, or (``at``) the one in this place of its list."""

    kind: str
    side: str
    at: int | None = None


async def new_audience(look: Look) -> Page:
    return await _page(look, Form.filled({"name": "", "side": INCLUDE}), Rules(), None)


async def edit(look: Look) -> Page:
    saved = await the_audience(look)
    form = Form.filled({"name": saved.name, "side": INCLUDE})
    return await _page(look, form, saved.rules, None, saved, saved.version)


async def build(deed: Deed) -> Done | Page:
    rules, opened, to_save = await _step(deed)
    if not to_save or deed.form.errors:
        return await _page(deed, deed.form, rules, opened)
    made = await save_audience(deed.session, deed.form.text("name"), rules, deed.staff, deed.now, deed.zone)
    if isinstance(made, Refusal):
        deed.form.fail(*REFUSED[made])
        return await _page(deed, deed.form, rules, opened)
    return Done(f"/audiences/{made}", "The audience is saved. Choose it for an event, a message or a survey.")


async def rebuild(deed: Deed) -> Done | Page:
    saved, form = await the_audience(deed), deed.form
    version = form.count("version", what="Version") or 0
    rules, opened, to_save = await _step(deed)
    if not to_save or form.errors:
        return await _page(deed, form, rules, opened, saved, version)
    refusal = await change_audience(
        deed.session, saved.id, form.text("name"), rules, version, deed.staff, deed.now, deed.zone
    )
    if refusal is None:
        return Done(f"/audiences/{saved.id}", "The audience is saved. It counts from the next sending on.")
    if refusal is Refusal.NOT_FOUND:
        return Done("/audiences", GONE_MEANWHILE)
    if refusal is Refusal.CHANGED_MEANWHILE:
        return await _page(deed, form, rules, None, saved, saved.version, outdated=True)
    form.fail(*REFUSED[refusal])
    return await _page(deed, form, rules, opened, saved, version)


async def _step(deed: Deed) -> tuple[Rules, Open | None, bool]:
    """What a press of a button makes of the form: the rules, the rule that is open, and whether to save.

    A rule that is open is taken in whenever something is saved or counted, so that none is forgotten.
    """
    form = deed.form
    rules, opened = _rules_sent(form), _opened(form)
    what, _, about = form.text("then").partition(":")
    match what:
        case "pick":
            return _picked(form, rules)
        case "change" | "drop":
            side, _, place = about.partition(":")
            return _changed(form, rules, opened, what, side, place)
        case "close":
            return rules, None, False
    if opened is not None:
        there = await choices(deed.session, rules, deed.now)
        rule = read_rule(opened.kind, form, there, deed.now.astimezone(deed.zone).date())
        if rule is None:
            return rules, opened, False
        rules = _with(rules, opened, rule)
    return rules, None, what == "save"


def _picked(form: Form, rules: Rules) -> tuple[Rules, Open | None, bool]:
    side = form.choice("side", (INCLUDE, EXCLUDE), required="Choose who is in it or who is left out")
    kind = form.choice("pick", LABELS, required="Choose what the rule is about")
    if side and len(getattr(rules, side)) >= MOST_RULES:
        form.fail("pick", f"There can be {MOST_RULES} rules at most")
    if form.errors:
        return rules, None, False
    opened = Open(kind, side)
    if kind in WITHOUT_FIELDS:
        return _with(rules, opened, WITHOUT_FIELDS[kind]), None, False
    form.values |= usual(kind)
    return rules, opened, False


def _changed(
    form: Form, rules: Rules, opened: Open | None, what: str, side: str, place: str
) -> tuple[Rules, Open | None, bool]:
    """Open one of the rules, or take it out."""
    listed: tuple[Rule, ...] = getattr(rules, side) if side in (INCLUDE, EXCLUDE) else ()
    at = whole_number(place)
    if at is None or at >= len(listed):
        return rules, opened, False
    if what == "change":
        form.values |= filled(listed[at])
        return rules, Open(listed[at].kind, side, at), False
    if opened is not None and opened.side == side and opened.at is not None and opened.at >= at:
        opened = None if opened.at == at else replace(opened, at=opened.at - 1)
    left: dict[str, tuple[Rule, ...]] = {side: (*listed[:at], *listed[at + 1 :])}
    return replace(rules, **left), opened, False


def _with(rules: Rules, opened: Open, rule: Rule) -> Rules:
    """With this rule in the place of the one that was opened, or at the end; the same rule once only."""
    listed = list(getattr(rules, opened.side))
    if opened.at is not None and opened.at < len(listed):
        listed[opened.at] = rule
    else:
        listed.append(rule)
    put: dict[str, tuple[Rule, ...]] = {opened.side: tuple(dict.fromkeys(listed))}
    return replace(rules, **put)


def _rules_sent(form: Form) -> Rules:
    """The rules that the page carries. Raises 400 for what no page of ours has sent."""
    try:
        sent = orjson.loads(form.text("rules") or "{}")
        return rules_from_json(sent.get(INCLUDE, []), sent.get(EXCLUDE, []))
    except (ValueError, AttributeError) as wrong:
        raise web.HTTPBadRequest(reason="These rules did not come from the console") from wrong


def _carried(rules: Rules) -> str:
    """The rules as a page carries them."""
    sides = {INCLUDE: rules.include, EXCLUDE: rules.exclude}
    return orjson.dumps({side: [to_json(one) for one in some] for side, some in sides.items()}).decode()


def _opened(form: Form) -> Open | None:
    kind, side, at = form.text("kind"), form.text("kind-side"), form.text("kind-at")
    if kind not in KINDS or side not in (INCLUDE, EXCLUDE):
        return None
    return Open(kind, side, whole_number(at))


async def _page(
    look: Look,
    form: Form,
    rules: Rules,
    opened: Open | None,
    saved: SavedAudience | None = None,
    version: int = 0,
    *,
    outdated: bool = False,
) -> Page:
    today = look.now.astimezone(look.zone).date()
    here = f"/audiences/{saved.id}" if saved else "/audiences"
    context: dict[str, object] = {
        "form": form,
        "audience": saved,
        "version": version,
        "outdated": outdated,
        "stands": await look_at(look.session, saved.rules, today, look.zone) if saved and outdated else None,
        "rules": _carried(rules),
        "found": await look_at(look.session, rules, today, look.zone),
        "fixed": [one.kind in WITHOUT_FIELDS for one in rules.include],
        "fixed_out": [one.kind in WITHOUT_FIELDS for one in rules.exclude],
        "open": opened,
        "labels": LABELS,
        "items": items(await choices(look.session, rules, look.now), look.zone) if opened else {},
        "back": here,
        "action": f"{here}/edit" if saved else "/audiences/new",
        "longest": LONGEST_NAME,
    }
    return Page("staff/audience_form.html", context, 422 if form.errors else 409 if outdated else 200)


async def ask_to_delete(look: Look) -> Page:
    saved = await the_audience(look)
    here = f"/audiences/{saved.id}"
    if saved.uses:
        return Page("staff/audience_in_use.html", {"audience": saved})
    lines = (
        "Nothing to come is for it. What was sent to it stays as it is, and goes on saying so.",
        "You can take that back for ten minutes. Then its rules are gone for good.",
    )
    context = {"title": f"Delete “{saved.name}”?", "lines": lines, "back": here, "warning": True}
    return Page("staff/confirm.html", {**context, "action": f"{here}/delete", "button": "Delete it"})


async def delete(deed: Deed) -> Done:
    saved = await the_audience(deed)
    refusal = await remove_audience(deed.session, saved.id, deed.staff, deed.now)
    if refusal is Refusal.IN_USE:
        return Done(f"/audiences/{saved.id}", "It is in use by now and was not deleted.")
    if refusal:
        return Done("/audiences", GONE_MEANWHILE)
    again = {"name": saved.name, "rules": _carried(saved.rules), "then": "save"}
    return Done("/audiences", "The audience is deleted.", Undo("/audiences/new", again))


async def the_audience(look: Look) -> SavedAudience:
    """The audience of the address. Raises 404 where there is none."""
    saved = await saved_audience(look.session, look.number("audience"), look.now)
    if saved is None:
        raise web.HTTPNotFound
    return saved
