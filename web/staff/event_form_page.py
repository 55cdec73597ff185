"""The page of the form for an event or a series, with all that can be chosen on it."""

from carers.audience import audience_names, audience_sizes, audience_words
from events.editing import Editable
from events.pattern import Pattern
from events.planning import EventPlan
from events.series import SeriesPage
from web.staff.event_fields import in_page_order, kinds
from web.staff.flyers import LARGEST_FLYER, TAKES
from web.staff.forms import Form
from web.staff.series_fields import REPEATS, choices, skipped_days
from web.staff.views import Look, Page
from web.staff.words import in_words, plural


async def audiences_for(look: Look, before: EventPlan | Pattern | None = None) -> list[str]:
    """Whom an event can be for; the audience that it has stays possible."""
    names = await audience_names(look.session, look.now.astimezone(look.zone).date())
    return names if before is None or before.audience in names else [*names, before.audience]


async def form_page(
    look: Look,
    form: Form,
    event: Editable | None = None,
    version: int = 0,
    *,
    series: SeriesPage | None = None,
    outdated: Form | None = None,
    started_from: str = "",
    status: int | None = None,
) -> Page:
    """The form: of a new event, of this ``event``, or of this ``series``.

    ``outdated`` is how it stands now where somebody else saved meanwhile; ``started_from`` names a template.
    """
    in_page_order(form)
    form.values["skipped"] = [",".join(day.isoformat() for day in sorted(skipped_days(form)))]
    plan = series.plan if series else None
    before = event.plan if event else plan.pattern if plan else None
    back = f"/events/{event.id}" if event else f"/events/series/{series.id}" if series else "/events"
    had = before.flyer_id if before else None
    context: dict[str, object] = {
        "form": form,
        "event": event,
        "series": series,
        "version": version,
        "outdated": outdated,
        "started_from": started_from,
        "back": back,
        "action": f"{back}/edit" if event or series else "/events/new",
        "kinds": [{"value": kind, "text": in_words(kind)} for kind in kinds(before)],
        "audiences": await _audience_items(look, form, before),
        "repeats": choices(plan),
        "repeating": "|".join(REPEATS),
        "had_flyer": str(had or ""),
        "flyer_takes": TAKES,
        "largest_flyer": LARGEST_FLYER,
    }
    return Page("staff/event_form.html", context, status)


async def _audience_items(look: Look, form: Form, before: EventPlan | Pattern | None) -> list[dict[str, str]]:
    """The audiences with their numbers. Where the form names none of them, nothing is chosen for anybody."""
    today, names = look.now.astimezone(look.zone).date(), await audiences_for(look, before)
    items = [] if form.text("audience") in names else [{"value": "", "text": "Choose"}]
    for name, size in (await audience_sizes(look.session, names, today)).items():
        items.append({"value": name, "text": f"{audience_words(name)} ({plural(size.carers, 'carer')})"})
    return items
