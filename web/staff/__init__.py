"""The console of staff: one file a topic, each with its routes. `setup` mounts them all."""

from aiohttp import web

from web.assets import STATIC
from web.staff import (
    account_form,
    accounts,
    action_telling,
    actions,
    answers,
    attendance,
    audiences,
    audit,
    ballot,
    broadcast_check,
    broadcast_deeds,
    broadcast_form,
    broadcast_report,
    broadcasts,
    calendar,
    carer_links,
    carers,
    check_ins,
    erasure,
    event_form,
    event_lists,
    event_tables,
    event_templates,
    events,
    fairness,
    flyers,
    groups,
    home,
    household_carers,
    household_ends,
    household_form,
    households,
    kind_rules,
    layout,
    letters,
    message_tables,
    messages,
    mini_app,
    mistakes,
    nominations,
    not_reached,
    not_seen,
    own_account,
    panels,
    people_tables,
    poster,
    reach,
    register,
    report_comments,
    reports,
    requests,
    retention,
    roles,
    search,
    series,
    series_form,
    service_tables,
    settings,
    sign_in,
    sign_in_mail,
    standing,
    survey_drafts,
    survey_forms,
    survey_planning,
    survey_publishing,
    survey_questions,
    survey_results,
    survey_summary,
    survey_tables,
    surveys,
    terms,
    waiting,
    work,
)
from web.staff.views import RENDER, Route

TOPICS = (
    event_tables,
    message_tables,
    people_tables,
    service_tables,
    survey_tables,
    home,
    calendar,  # before the events, of which it is none
    search,
    event_form,
    event_templates,
    series,
    series_form,
    terms,
    kind_rules,
    flyers,
    fairness,
    event_lists,
    events,
    attendance,
    poster,
    broadcast_form,
    broadcasts,
    broadcast_check,
    broadcast_deeds,
    broadcast_report,
    answers,
    waiting,
    ballot,
    household_form,
    household_carers,
    household_ends,
    panels,
    check_ins,
    households,
    not_seen,
    carers,
    carer_links,
    reach,
    groups,
    register,
    not_reached,
    erasure,
    retention,
    letters,
    messages,
    audiences,
    standing,
    survey_planning,
    survey_results,
    survey_summary,
    surveys,
    survey_forms,
    survey_drafts,
    survey_publishing,
    survey_questions,
    action_telling,  # before the actions, of which it is none
    actions,
    nominations,
    reports,
    report_comments,
    requests,
    roles,
    work,
    accounts,
    account_form,
    own_account,
    audit,
    settings,
    sign_in,
)


def routes() -> list[Route]:
    """Every address of the console that needs a signed-in person, with the action that it needs."""
    return [route for topic in TOPICS for route in topic.routes()]


def setup(app: web.Application) -> None:
    """Mount the console; ``app[PARTS]`` must be there."""
    layout.make_templates(app)
    app[RENDER] = layout.render
    mistakes.setup(app)
    sign_in.setup(app)
    sign_in_mail.setup(app)
    mini_app.setup(app)
    for route in routes():
        app.router.add_route(route.method, route.path, route.handler)
    app.router.add_static("/static/", STATIC)
    app.on_response_prepare.append(_say_what_may_be_kept)


async def _say_what_may_be_kept(request: web.Request, response: web.StreamResponse) -> None:
    """Our own files change their address with their content; of all else nothing stays in a browser."""
    kept = request.path.startswith("/static/") and "v" in request.query and response.status in (200, 304)
    response.headers.setdefault(
        "Cache-Control", "public, max-age=31536000, immutable" if kept else "no-store"
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
