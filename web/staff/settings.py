"""The settings of the service: what an administrator changes, what the server says, and how it all is."""

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from aiohttp import web

from broadcasts.policy import Why
from broadcasts.quiet import QuietHours, parse_span
from care.service_facts import service_facts
from care.service_settings import (
    Change,
    ConsoleSetting,
    Outcome,
    console_settings,
    held_back,
    leave_to_server,
    set_in_console,
)
from carers.roles import Action
from carers.sent_forms import Undo
from web.staff.forms import Form
from web.staff.settings_fields import FIELDS, GROUPS, Field, Typed, filled, typed_value
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural

TO_SERVER = "server"
"""What ``then`` says where the server's value is to hold again."""
WITHIN = "It holds everywhere within ten seconds."

PLACES = (
    ("/events/rules", "Reminders", "for each kind of event, and who is asked how it was", Action.PLAN_EVENTS),
    ("/events/start", "Templates of events", "to begin an event from", Action.PLAN_EVENTS),
    ("/events/terms", "Term dates", "which series in term time follow", Action.PLAN_EVENTS),
    ("/audiences", "Audiences", "whom messages go to", Action.SEE_AUDIENCES),
    ("/surveys/standing", "Standing surveys", "after panels, and when somebody leaves", Action.RUN_SURVEYS),
    ("/survey-forms", "Survey forms", "what surveys ask", Action.WRITE_SURVEYS),
    ("/retention", "Retention", "how long everything is kept", Action.SEE_RETENTION),
    ("/staff", "Staff", "who has access", Action.MANAGE_STAFF),
    ("/staff/roles", "Roles", "who may do what", Action.SEE_ROLES),
)
"""What is set on a page of its own."""

PARTS_IN_WORDS = {
    "leading": "One process in charge",
    "telegram": "Reaching Telegram",
    "inbox": "Taking in what carers write",
    "sending": "Sending on Telegram",
    "jobs": "Reminders and what else is planned",
    "mail": "Sending email",
    "settings": "Taking over changed settings",
}


def routes() -> list[Route]:
    return [
        see("/settings", Action.SEE_SETTINGS, show),
        see("/settings/{setting}", Action.CHANGE_SETTINGS, ask),
        do("/settings/{setting}", Action.CHANGE_SETTINGS, change),
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """One setting as it stands. ``value`` is what holds; ``console`` null: the server says so. ``unused``:
    what the console says is no value any more, since another version had other rules."""

    name: str
    field: Field
    value: str
    server: str
    console: ConsoleSetting | None
    unused: bool = False

    @property
    def mark(self) -> str:
        return self.console.mark if self.console else ""

    @property
    def said(self) -> str:
        return self.field.said(self.value)

    @property
    def server_said(self) -> str:
        """What would hold without the console; empty where the service cannot be without one of its own."""
        needed = self.name == "duty_phone" and not self.server
        return "" if needed else self.field.said(self.server)


async def show(look: Look) -> Page:
    lines = await _lines(look)
    context = {
        "groups": {title: [lines[name] for name in fields] for title, fields in GROUPS.items()},
        "places": [place for place in PLACES if look.may(place[-1])],
        "server": look.parts.settings.others(),
        "facts": await service_facts(look.session, look.now),
        "version": version("hearthline"),
        "state": [
            (PARTS_IN_WORDS.get(name, name), trouble) for name, trouble in look.parts.readiness().items()
        ],
    }
    return Page("staff/settings.html", context)


async def ask(look: Look) -> Page:
    line = await _line(look)
    return _form_page(line, filled(line.value, line.field))


async def change(deed: Deed) -> Done | Page:
    line = await _line(deed)
    back = deed.form.text("then") == TO_SERVER
    value = line.server if back else _read(deed, line)
    if back and not line.server_said:
        deed.form.fail("value", "The server has no number of its own, and carers must have one to ring")
    if deed.form.errors:
        return _form_page(line, deed.form)
    if line.field.weighs and value != line.value and deed.form.several("sure") != [value]:
        return await _sure_page(deed, line, value, back)
    return await _settle(deed, line, value, back)


async def _settle(deed: Deed, line: Line, value: str, back: bool) -> Done | Page:
    about = Change(line.name, server=line.server, seen=deed.form.text("seen"))
    if back:
        outcome = await leave_to_server(deed.session, about, deed.staff, deed.now)
    else:
        outcome = await set_in_console(deed.session, about, value, deed.staff, deed.now)
    if outcome is Outcome.OVERTAKEN:
        return _form_page(line, _as_typed(deed.form, value, line.field), overtaken=True)
    if outcome is Outcome.SAME:
        return Done("/settings", f"{line.field.label}: nothing was changed.")
    said = f"{line.field.label}: {line.field.said(value)}. {WITHIN}"
    return Done("/settings", said, await _undo(deed, line))


async def _undo(deed: Deed, line: Line) -> Undo:
    """Back to what was: another value of the console, or the server's."""
    present = (await console_settings(deed.session)).get(line.name)
    fields = {
        "value": line.value,
        "sure": line.value,
        "seen": present.mark if present else "",
        "then": "save" if line.console else TO_SERVER,
    }
    return Undo(f"/settings/{line.name}", fields)


def _read(deed: Deed, line: Line) -> str:
    """The value that was typed, as it is kept; an error in plain words where it is none."""
    form, settings = deed.form, deed.parts.settings
    value = typed_value(form, line.field)
    if not form.errors:
        try:
            return settings.read(line.name, value)
        except ValueError:
            where = "from" if line.field.typed is Typed.HOURS else "value"
            form.fail(where, f"This should be {settings.right(line.name)}")
    return value


async def _sure_page(deed: Deed, line: Line, value: str, back: bool) -> Page:
    fields = {
        "value": value,
        "sure": value,
        "seen": deed.form.text("seen"),
        "then": TO_SERVER if back else "save",
    }
    held = await held_back(deed.session)
    if line.name == "quiet_hours":
        effects = _of_quiet_hours(deed, value, held.get(Why.QUIET_HOURS, 0))
    else:
        effects = _of_the_cap(held.get(Why.WEEKLY_CAP, 0))
    context = {"line": line, "new": line.field.said(value), "effects": effects, "fields": fields}
    return Page("staff/setting_sure.html", context, status=200)


def _of_quiet_hours(deed: Deed, value: str, held: int) -> list[str]:
    quiet = QuietHours(parse_span(value), deed.zone)
    is_quiet = quiet.is_quiet(deed.now)
    goes = _when(deed, quiet.ends(deed.now)) if is_quiet else "at once"
    return [
        f"{_wait(held)} for the end of quiet hours now."
        + (f" {'It goes' if held == 1 else 'They go'} out {goes}, by these." if held else ""),
        f"By these it is quiet now, and what is sent from here on waits until {goes}."
        if is_quiet
        else "By these it is not quiet now.",
        "Carers who have quiet hours of their own keep them.",
    ]


def _when(deed: Deed, at: datetime) -> str:
    local = at.astimezone(deed.zone)
    day = "today" if local.date() == deed.today else f"{local:%A}"
    return f"{day} at {local:%H:%M}"


def _of_the_cap(held: int) -> list[str]:
    return [
        f"{_wait(held)} because a household has had enough this week."
        + (" Those that the new number allows go out at once, outside quiet hours." if held else ""),
        "What was sent in the last seven days counts.",
    ]


def _wait(held: int) -> str:
    return f"{plural(held, 'message')} {'waits' if held == 1 else 'wait'}" if held else "No message waits"


def _form_page(line: Line, form: Form, *, overtaken: bool = False) -> Page:
    context = {"line": line, "form": form, "overtaken": overtaken, "to_server": TO_SERVER}
    return Page("staff/setting.html", context)


def _as_typed(form: Form, value: str, field: Field) -> Form:
    """The form once more with what the person wanted, after the question whether they are sure, too."""
    return filled(value, field) if "sure" in form.values else form


async def _line(look: Look) -> Line:
    """The setting of the address. Raises 404 for any other."""
    name = look.request.match_info["setting"]
    if name not in FIELDS:
        raise web.HTTPNotFound
    return (await _lines(look))[name]


async def _lines(look: Look) -> dict[str, Line]:
    console = await console_settings(look.session)
    return {name: _line_of(look, name, console.get(name)) for name in FIELDS}


def _line_of(look: Look, name: str, console: ConsoleSetting | None) -> Line:
    settings = look.parts.settings
    server = settings.of_server(name)
    if console is None:
        return Line(name, FIELDS[name], server, server, None)
    try:
        settings.read(name, console.value)
    except ValueError:
        return Line(name, FIELDS[name], server, server, console, unused=True)
    return Line(name, FIELDS[name], console.value, server, console)
