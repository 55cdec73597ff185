"""The rules of each kind of event: its reminders, who is asked again, and whether it is asked how it was."""

from aiohttp import web

from carers.roles import Action
from events.kind_rules import (
    EARLIEST,
    MOST_REMINDERS,
    RuleProblem,
    Rules,
    RulesSaved,
    problems,
    rules_for,
    rules_of,
    set_rules,
    usual_rules,
)
from surveys.definition import Occasion, words
from surveys.standing import surveys_for
from web.staff.event_fields import KINDS
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import in_words

PROBLEMS = {
    RuleProblem.NOT_WHOLE_DAYS: f"Enter whole days from 0 to {EARLIEST}, such as 7, 1",
    RuleProblem.NO_SUCH_FORM: "Choose how they are asked",
    RuleProblem.TOO_MANY: f"Enter {MOST_REMINDERS} reminders at most",
}


FIELD = {RuleProblem.NO_SUCH_FORM: "feedback_form"}
"""Where a problem is put right, if not where the days are."""
ONE_TAP = "tap"
"""In the form: no survey, but one tap."""


def routes() -> list[Route]:
    return [
        see("/events/rules", Action.PLAN_EVENTS, all_rules),
        see("/events/rules/{kind}", Action.PLAN_EVENTS, one_rule),
        do("/events/rules/{kind}", Action.PLAN_EVENTS, save),
    ]


async def all_rules(look: Look) -> Page:
    lines = [(kind, rules, usual_rules(kind)) for kind, rules in await rules_by_kind(look)]
    context = {"lines": lines, "days": days_in_words, "forms": await forms_of(look)}
    return Page("staff/kind_rules.html", context)


async def rules_by_kind(look: Look) -> list[tuple[str, Rules]]:
    """The rules of every kind of event there is."""
    found = await rules_of(look.session)
    return [(kind, found.get(kind) or usual_rules(kind)) for kind in dict.fromkeys([*KINDS, *found])]


async def one_rule(look: Look) -> Page:
    kind = await _kind(look)
    rules = await rules_for(look.session, kind)
    return await _page(look, kind, _filled(rules), rules.version)


async def save(deed: Deed) -> Done | Page:
    kind, form = await _kind(deed), deed.form
    version = form.count("version", what="Version") or 0
    rules = Rules(
        _days(form), form.text("nudge") == "yes", form.text("feedback") == "yes", await _form_chosen(deed)
    )
    for problem in problems(rules):
        form.fail(FIELD.get(problem, "remind_days"), PROBLEMS[problem])
    if form.errors:
        return await _page(deed, kind, form, version)
    saved = await set_rules(deed.session, kind, rules, version, deed.staff, deed.now)
    if saved is RulesSaved.OUTDATED:
        now_is = await rules_for(deed.session, kind)
        return await _page(deed, kind, form, now_is.version, now_is)
    said = (
        "Nothing was changed." if saved is RulesSaved.UNCHANGED else f"{in_words(kind)}: the rules are saved."
    )
    return Done("/events/rules", said)


async def forms_of(look: Look) -> dict[str, str]:
    """The surveys that can be asked after an event, by id."""
    found = await surveys_for(look.session, Occasion.EVENT)
    return {id: words(one.title, "en") for id, one in found.items()}


async def _form_chosen(deed: Deed) -> str:
    """The survey that was chosen; empty for one tap, and where the form was sent without a choice."""
    if not deed.form.text("feedback_form"):
        return ""
    allowed = (ONE_TAP, *await forms_of(deed))
    chosen = deed.form.choice("feedback_form", allowed, required=PROBLEMS[RuleProblem.NO_SUCH_FORM])
    return "" if chosen == ONE_TAP else chosen


def days_in_words(days: tuple[int, ...]) -> str:
    """``7 days and 1 day before``; 0 is the day itself."""
    if not days:
        return "None"
    said = [f"{day} {'day' if day == 1 else 'days'}" for day in days if day]
    before = (
        f"{' and '.join([', '.join(said[:-1]), said[-1]] if len(said) > 1 else said)} before" if said else ""
    )
    on_the_day = "on the day" if 0 in days else ""
    both = f"{before}, and {on_the_day}" if before and on_the_day else before or on_the_day
    return both[:1].upper() + both[1:]


def _days(form: Form) -> tuple[int, ...]:
    """The days that were typed, with commas or blanks between; an error where one is no number."""
    words = form.text("remind_days").replace(",", " ").replace(";", " ").split()
    if any(not word.isascii() or not word.isdigit() or len(word) > 4 for word in words):
        form.fail("remind_days", PROBLEMS[RuleProblem.NOT_WHOLE_DAYS])
        return ()
    return tuple(sorted({int(word) for word in words}, reverse=True))


def _filled(rules: Rules) -> Form:
    return Form.filled(
        {
            "remind_days": ", ".join(map(str, rules.remind_days)),
            "nudge": "yes" if rules.nudge else "",
            "feedback": "yes" if rules.feedback else "",
            "feedback_form": rules.feedback_form or ONE_TAP,
        }
    )


async def _kind(look: Look) -> str:
    """The kind of the address: one that can be chosen, or one that has rules. Raises 404 for another."""
    kind = look.request.match_info["kind"]
    if kind not in KINDS and kind not in await rules_of(look.session):
        raise web.HTTPNotFound
    return kind


async def _page(look: Look, kind: str, form: Form, version: int, outdated: Rules | None = None) -> Page:
    forms = await forms_of(look)
    chosen = form.text("feedback_form")
    if chosen not in (*forms, ONE_TAP, ""):
        form.values["feedback_form"] = [ONE_TAP]  # out of use since: one tap is what they are asked by
    context = {"kind": kind, "form": form, "version": version, "outdated": outdated, "days": days_in_words}
    return Page("staff/kind_rule.html", {**context, "forms": forms, "one_tap": ONE_TAP})
