"""The end of an approval, by notice or by decision: shown once more before it is noted, and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from carers.approvals import (
    LONGEST_REASON,
    MOST_REASONS,
    NOTICE,
    RESIGNATIONS,
    SUGGESTED_REASONS,
    Ending,
    EndOutcome,
    EndRoute,
    end_by_decision,
    give_notice,
    speaks_of_health,
    take_back_end,
    tidy_reasons,
)
from carers.households import HouseholdView
from carers.roles import Action
from carers.sent_forms import Undo
from web.staff.forms import Form
from web.staff.households import the_household
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import in_words

ROUTES = {
    EndRoute.RESIGNATION: ("Resignation", "They gave notice in writing."),
    EndRoute.RESIGNATION_BEFORE_DEREGISTRATION: (
        "Resignation, when it would otherwise have been ended",
        "They gave notice in writing before a decision was made.",
    ),
    EndRoute.DEREGISTRATION: ("Decision to end the approval", "By the decision maker, after the panel."),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form says. ``on``: the notice's day, or the first day without approval."""

    route: EndRoute
    on: date
    reasons: Sequence[str]

    @property
    def ends(self) -> date:
        return self.on + NOTICE if self.route in RESIGNATIONS else self.on


def routes() -> list[Route]:
    return [
        see("/households/{household}/end", Action.END_APPROVALS, ask),
        do("/households/{household}/end", Action.END_APPROVALS, end),
        see("/households/{household}/stay", Action.END_APPROVALS, ask_to_stay),
        do("/households/{household}/stay", Action.END_APPROVALS, stay),
    ]


async def ask(look: Look) -> Page:
    return _page(look, await the_household(look), Form())


async def end(deed: Deed) -> Done | Page:
    """Read first, then shown with the day that comes of it, then noted."""
    view, form = await the_household(deed), deed.form
    wish = _read(form, deed)
    if wish is None or form.text("sure") == "change":
        return _page(deed, view, form, status=None if form.errors else 200)
    if form.text("sure") != "yes":
        return _page(deed, view, form, wish, status=200)
    outcome = await _note(deed, view.line.id, wish)
    if outcome.result is Ending.BAD_DATE:
        form.fail("on", _bad_date(wish))
        return _page(deed, view, form)
    back = f"/households/{view.line.id}"
    if outcome.result is not Ending.NOTED or outcome.ended_on is None:
        return Done(back, "Nothing was changed: this approval has an end already. Take that back first.")
    said = f"Noted. The approval ends on {outcome.ended_on.day} {outcome.ended_on:%B %Y}."
    ahead = outcome.ended_on > deed.today  # what has ended is not taken back
    return Done(back, said, Undo(f"{back}/stay", {}) if ahead else None)


async def _note(deed: Deed, household_id: int, wish: Wish) -> EndOutcome:
    if wish.route in RESIGNATIONS:
        return await give_notice(
            deed.session, household_id, wish.route, wish.reasons, wish.on, deed.staff, deed.now, deed.zone
        )
    return await end_by_decision(
        deed.session, household_id, wish.reasons, wish.on, deed.staff, deed.now, deed.zone
    )


def _read(form: Form, look: Look) -> Wish | None:
    route = form.choice("route", ROUTES, required="Choose how the approval ends")
    notice = route != EndRoute.DEREGISTRATION
    what = "The day of the notice" if notice else "The day"
    on = form.day("on", what=what, required="Enter the day")
    if on and notice and on > look.now.astimezone(look.zone).date():
        form.fail("on", "The notice must have been received today or before")
    typed = [line for part in form.text("other").split("\n") for line in part.split(";")]
    reasons = tidy_reasons([*(one for one in form.several("reasons") if one in SUGGESTED_REASONS), *typed])
    _check(form, reasons)
    return None if form.errors or on is None else Wish(EndRoute(route), on, reasons)


def _check(form: Form, reasons: Sequence[str]) -> None:
    if not reasons:
        form.fail("reasons", "Choose a reason, or enter one")
    if any(speaks_of_health(one) for one in reasons):
        form.fail("other", "Say “personal circumstances”: nothing about anybody’s health is kept here")
    if len(reasons) > MOST_REASONS:
        form.fail("other", f"Use {MOST_REASONS} reasons or fewer")
    if any(len(one) > LONGEST_REASON for one in reasons):
        form.fail("other", f"Keep each reason to {LONGEST_REASON} characters or fewer")


def _bad_date(wish: Wish) -> str:
    if wish.route in RESIGNATIONS:
        return "The notice cannot have come before the approval, nor after today"
    return "The day must not be before the approval, nor more than a year ahead"


def _page(
    look: Look, view: HouseholdView, form: Form, wish: Wish | None = None, status: int | None = None
) -> Page:
    context = {
        "today": look.now.astimezone(look.zone).date(),
        "view": view,
        "form": form,
        "wish": wish,
        "days": NOTICE.days,
        "routes": [
            {"value": route.value, "text": text, "hint": {"text": hint}}
            for route, (text, hint) in ROUTES.items()
        ],
        "reasons": [{"value": code, "text": in_words(code)} for code in SUGGESTED_REASONS],
        "chosen": form.several("reasons"),
    }
    return Page("staff/household_end.html", context, status)


async def ask_to_stay(look: Look) -> Page:
    view = await the_household(look)
    back = f"/households/{view.line.id}"
    lines = (
        "The day, the way and the reasons are taken out, and the approval goes on. Do this when they were "
        "entered by mistake.",
    )
    context = {"title": f"Take back the end of {view.line.ref}?", "lines": lines, "back": back}
    button = "Yes, the approval goes on"
    return Page("staff/confirm.html", {**context, "action": f"{back}/stay", "button": button})


async def stay(deed: Deed) -> Done:
    view = await the_household(deed)
    outcome = await take_back_end(deed.session, view.line.id, deed.staff, deed.now, deed.zone)
    said = {
        Ending.TAKEN_BACK: "The approval goes on.",
        Ending.HAS_ENDED: "It has ended: places are given away and names erased. Nothing was changed.",
    }
    back = f"/households/{view.line.id}"
    return Done(back, said.get(outcome.result, "This approval has no end to take back."))
