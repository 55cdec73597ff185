"""Planning a round: the form, and the page that shows what it will be before anybody is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from aiohttp import web

from carers.audience import audience_names, audience_sizes, audience_words
from carers.roles import Action
from surveys.catalogue import definitions
from surveys.definition import Definition, words
from surveys.foreseen import foresee
from surveys.planning import (
    Planned,
    Refusal,
    Refused,
    call_off,
    change_round,
    check_plan,
    plan_round,
    planned_round,
)
from surveys.standing import HIGHEST_THRESHOLD, LOWEST_THRESHOLD
from web.staff.forms import Form, split_day
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural

CLOSES_AT = time(20, 0)
"""Local, on the last day: before quiet hours, so that nobody is cut off while asleep."""
OPEN_FOR = timedelta(days=14)
LANGUAGES = ("en", "ur", "pa", "ar")

REFUSED = {
    Refusal.UNKNOWN_SURVEY: ("survey", "Choose a survey"),
    Refusal.UNKNOWN_BLOCK: ("survey", "Choose a survey"),
    Refusal.UNKNOWN_AUDIENCE: ("audience", "Choose whom to ask"),
    Refusal.WRONG_TIMES: ("closes", "The last day must be after the day on which it opens, and after today"),
    Refusal.TOO_FAR: ("closes", "It must open and close within a year"),
    Refusal.MUST_BE_ANONYMOUS: (
        "named",
        "This survey asks what may only be asked anonymously. Choose Anonymous",
    ),
    Refusal.THRESHOLD_TOO_LOW: ("threshold", "Results need five people or more"),
    Refusal.UNDER_WAY: (
        "survey",
        "This survey is open for them already. Wait until it has closed, or choose another",
    ),
}
TOO_ALIKE = (
    "Some of these carers, but not all, were asked the same lately, in the round for “{}”. Two results that"
    " differ by a few people would give those few away. Choose exactly the same carers, or only carers who"
    " were not asked, or another survey"
)
BOTH_WAYS = (
    "Some of these carers were asked the same lately, in the round for “{}”: one of the two is with names"
    " and the other without. Together they would give away what people said without their name. Choose"
    " carers who were not asked, or another survey"
)
OUTDATED = (
    "Somebody else changed this round meanwhile. What you entered is below, and nothing of it is saved yet."
    " If you continue, it takes the place of theirs."
)


def routes() -> list[Route]:
    run = Action.RUN_SURVEYS
    return [
        see("/surveys/new", run, new_round),
        do("/surveys/new", run, start),
        see("/surveys/{planned}/edit", run, edit),
        do("/surveys/{planned}/edit", run, change),
        see("/surveys/{planned}/call-off", run, ask_to_call_off),
        do("/surveys/{planned}/call-off", run, take_back),
    ]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form says. Times are UTC."""

    survey: str
    audience: str
    opens_at: datetime
    closes_at: datetime
    anonymous: bool
    threshold: int
    blocks: list[str]

    @property
    def fields(self) -> dict[str, Any]:
        """What every use case of planning is told."""
        return {"anonymous": self.anonymous, "threshold": self.threshold, "blocks": self.blocks}

    @property
    def asks(self) -> tuple[str, str, datetime, datetime]:
        return self.survey, self.audience, self.opens_at, self.closes_at


async def offered(look: Look) -> dict[str, Definition]:
    """The surveys that can be asked of an audience: not those that follow something that happened."""
    return {id: one for id, one in (await definitions(look.session)).items() if one.occasion is None}


async def new_round(look: Look) -> Page:
    first = next(iter(await offered(look)), "")
    asked = look.asked("survey")
    usual = {"survey": asked or first, "audience": "all", "named": "no", "threshold": LOWEST_THRESHOLD}
    return await _form(look, Form.filled({**usual, **split_day("closes", look.today + OPEN_FOR)}))


async def start(deed: Deed) -> Done | Page:
    """Read first, then shown with what comes of it, then planned."""
    wish = await _read(deed)
    if wish is None or deed.form.text("sure") == "change":
        return await _form(deed, deed.form, status=None if deed.form.errors else 200)
    if deed.form.text("sure") != "yes":
        return await _checked(deed, wish)
    planned = await plan_round(
        deed.session, *wish.asks, **wish.fields, by=deed.staff, now=deed.now, zone=deed.zone
    )
    if isinstance(planned, Refused):
        return await _refused(deed, planned)
    return Done(f"/surveys/{planned.id}", _said(wish, deed))


def _said(wish: Wish, look: Look) -> str:
    if wish.opens_at <= look.now:
        return "The round opens within a minute, and carers are asked."
    local = wish.opens_at.astimezone(look.zone)
    return f"The round is planned. It opens on {local.day} {local:%B} at {local:%H:%M}."


async def edit(look: Look) -> Page:
    planned = await _planned(look)
    return await _form(look, _filled(planned, look), planned)


async def change(deed: Deed) -> Done | Page:
    planned = await _planned(deed)
    wish = await _read(deed)
    if wish is None or deed.form.text("sure") == "change":
        return await _form(deed, deed.form, planned, status=None if deed.form.errors else 200)
    if deed.form.text("sure") != "yes":
        return await _checked(deed, wish, planned)
    changed = await change_round(
        deed.session,
        planned.id,
        deed.form.text("seen"),
        *wish.asks,
        **wish.fields,
        by=deed.staff,
        now=deed.now,
        zone=deed.zone,
    )
    if isinstance(changed, Refused):
        return await _refused(deed, changed, planned)
    return Done(f"/surveys/{planned.id}", _said(wish, deed))


async def ask_to_call_off(look: Look) -> Page:
    planned = await _planned(look)
    back = f"/surveys/{planned.id}"
    lines = ("Nobody has been asked yet, and nobody will be. Nothing of this round stays.",)
    context = {"title": f"Call off “{planned.title}”?", "lines": lines, "back": back, "warning": True}
    button = "Yes, call it off"
    return Page("staff/confirm.html", {**context, "action": f"{back}/call-off", "button": button})


async def take_back(deed: Deed) -> Done:
    number = deed.number("planned")
    if await call_off(deed.session, number, deed.staff, deed.now):
        return Done("/surveys", "It is called off. Nobody was asked.")
    return Done(f"/surveys/{number}", "It has opened: carers were asked. You can close it instead.")


async def _planned(look: Look) -> Planned:
    """The planned round of the address. Raises 404 where it has opened, or was called off."""
    planned = await planned_round(look.session, look.number("planned"))
    if planned is None:
        raise web.HTTPNotFound
    return planned


def _filled(planned: Planned, look: Look) -> Form:
    opens, closes = (at.astimezone(look.zone) for at in (planned.opens_at, planned.closes_at))
    form = Form.filled(
        {
            "survey": planned.survey,
            "audience": planned.audience,
            "named": "no" if planned.anonymous else "yes",
            "threshold": planned.threshold,
            "opens-time": f"{opens:%H:%M}",
            **split_day("opens", opens.date()),
            **split_day("closes", closes.date()),
        }
    )
    form.values[f"block-{planned.survey}"] = list(planned.blocks)
    return form


async def _read(deed: Deed) -> Wish | None:
    form, surveys = deed.form, await offered(deed)
    survey = form.choice("survey", surveys, required="Choose a survey")
    names = await audience_names(deed.session, deed.today)
    audience = form.choice("audience", names, required="Choose whom to ask")
    named = form.choice("named", ("yes", "no"), required="Say whether answers are anonymous")
    threshold = form.count(
        "threshold", what="The number of people", least=LOWEST_THRESHOLD, most=HIGHEST_THRESHOLD
    )
    opens_at = _opens(deed)
    last_day = form.day("closes", what="The last day", required="Enter the last day for answers")
    closes_at = form.moment("closes", last_day, CLOSES_AT, deed.zone)
    if form.errors or closes_at is None:
        return None
    blocks = [one.id for one in surveys[survey].blocks if one.id in form.several(f"block-{survey}")]
    return Wish(survey, audience, opens_at, closes_at, named == "no", threshold or LOWEST_THRESHOLD, blocks)


def _opens(deed: Deed) -> datetime:
    """When it opens: now where no day was entered, or one that has come."""
    form = deed.form
    day = form.day("opens", what="The day on which it opens")
    at = form.clock("opens-time", what="The time")
    if day is None:
        if at is not None and not form.errors:
            form.fail("opens", "Enter the day as well, or leave out the time")
        return deed.now
    if day < deed.today:
        form.fail("opens", "The day on which it opens must be today or later")
    opens_at = form.moment("opens-time", day, at or time(10), deed.zone)
    return max(opens_at or deed.now, deed.now)


async def _form(
    look: Look, form: Form, planned: Planned | None = None, status: int | None = None, note: str = ""
) -> Page:
    names = await audience_names(look.session, look.today)
    audiences = [
        {"value": name, "text": f"{audience_words(name)} ({plural(size.carers, 'carer')})"}
        for name, size in (await audience_sizes(look.session, names, look.today)).items()
        if size.carers
    ]
    form.anchors = {"opens": "opens-day", "closes": "closes-day"}
    context = {
        "form": form,
        "surveys": [_survey(one) for one in (await offered(look)).values()],
        "audiences": audiences,
        "planned": planned,
        "meanwhile": note,
        "seen": ("" if note else form.text("seen")) or (planned.mark if planned else ""),
        "least": LOWEST_THRESHOLD,
    }
    return Page("staff/survey_new.html", context, status)


def _survey(one: Definition) -> dict[str, Any]:
    hint = f"{plural(len(one.questions), 'question')}, about {plural(one.minutes, 'minute')}"
    return {
        "value": one.id,
        "text": words(one.title, "en"),
        "hint": {"text": f"{hint}; anonymous only" if one.anonymous_only else hint},
        "blocks": [
            {
                "value": block.id,
                "text": words(block.title, "en"),
                "hint": {"text": f"{plural(len(block.questions), 'question')}. {block.citation}"},
            }
            for block in one.blocks
        ],
    }


async def _checked(deed: Deed, wish: Wish, planned: Planned | None = None) -> Page:
    """What the round will be, or the form with why it may not be."""
    found = await check_plan(
        deed.session,
        *wish.asks,
        **wish.fields,
        now=deed.now,
        zone=deed.zone,
        besides=planned.id if planned else None,
    )
    if isinstance(found, Refused):
        return await _refused(deed, found, planned)
    foreseen = await foresee(
        deed.session,
        found,
        wish.audience,
        wish.opens_at,
        wish.closes_at,
        wish.threshold,
        deed.today,
    )
    context = {
        "form": deed.form,
        "wish": wish,
        "planned": planned,
        "definition": found,
        "foreseen": foreseen,
        "languages": [code for code in LANGUAGES if code in {"en", *foreseen.languages}],
        "at_once": wish.opens_at <= deed.now,
        "button": _button(wish, foreseen.carers, deed),
        "citations": _citations(found, await offered(deed), wish),
    }
    return Page("staff/survey_check.html", context, 200)


def _citations(found: Definition, surveys: Mapping[str, Definition], wish: Wish) -> list[str]:
    whole = surveys.get(found.id)
    return [one.citation for one in (whole.blocks if whole else ()) if one.id in wish.blocks and one.citation]


def _button(wish: Wish, carers: int, look: Look) -> str:
    """What the button says that settles it, with how many it asks."""
    number = plural(carers, "carer")
    if wish.opens_at <= look.now:
        return f"Ask {number}"
    local = wish.opens_at.astimezone(look.zone)
    return f"Ask {number} on {local.day} {local:%B}"


async def _refused(deed: Deed, refused: Refused, planned: Planned | None = None) -> Page:
    if refused.why in (Refusal.OUTDATED, Refusal.NOT_PLANNED):
        now_is = await _planned(deed)
        return await _form(deed, deed.form, now_is, note=OUTDATED)
    if refused.why in (Refusal.TOO_ALIKE, Refusal.BOTH_WAYS):
        said = TOO_ALIKE if refused.why is Refusal.TOO_ALIKE else BOTH_WAYS
        deed.form.fail("audience", said.format(audience_words(refused.audience)))
    else:
        deed.form.fail(*REFUSED[refused.why])
    return await _form(deed, deed.form, planned)
