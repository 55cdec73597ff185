"""What stands around every page: templates, the service's name, the menu, the message after a form."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader

from carers.audience import audience_words
from carers.roles import Action, may
from carers.sent_forms import SentForm
from carers.sign_in import Visit
from texts import clock_words
from web.assets import asset
from web.parts import PARTS
from web.security import csrf_token, new_nonce, page_headers
from web.staff import words
from web.staff.menu import menu_of
from web.staff.views import is_https


def make_templates(app: web.Application) -> None:
    """Set up the templates of every page that this application serves."""
    texts, clock = app[PARTS].texts, app[PARTS].clock
    zone = texts.zone

    def year(local: date) -> str:
        return f" {local:%Y}" if local.year != clock().astimezone(zone).year else ""

    def short_day(value: datetime | date) -> str:
        local = value.astimezone(zone) if isinstance(value, datetime) else value
        return f"{local:%a} {local.day} {local:%b}{year(local)}"

    def moment(value: datetime) -> str:
        local = value.astimezone(zone)
        return f"{local:%a} {local.day} {local:%b}{year(local)}, {clock_words.clock(value, zone, 'en')}"

    environment: Environment = aiohttp_jinja2.setup(
        app,
        loader=ChoiceLoader(
            [
                PackageLoader("web"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        undefined=ChainableUndefined,  # the components read parameters that nobody gave
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        day=lambda value: clock_words.day(value, zone, "en"),
        clock=lambda value: clock_words.clock(value, zone, "en"),
        short_day=short_day,
        full_day=lambda value: f"{value:%A} {value.day} {value:%B %Y}",
        moment=moment,
        words=words.in_words,
        plural=words.plural,
        reason=words.reason_in_words,
        broadcast_state=words.broadcast_in_words,
        topic=words.topic_in_words,
        channel=words.channel_in_words,
        delivery_state=words.delivery_in_words,
        audience=audience_words,
    )
    environment.globals.update(
        span=lambda start, end: clock_words.span(start, end, zone, "en"),
        service=texts.service_present,
        asset=asset,
        Action=Action,
    )


def render(
    request: web.Request,
    template: str,
    context: Mapping[str, Any],
    *,
    visit: Visit | None,
    status: int = 200,
) -> web.Response:
    """A page of the console with its headers. Without a visit it has no menu."""
    nonce, now = new_nonce(), request.app[PARTS].clock()
    shared: dict[str, Any] = {
        "cspNonce": nonce,
        "visit": visit,
        "now": now,
        "path": request.path,
        "menu": menu_of(visit.staff, request.path) if visit else None,
        "note": _note(request, visit, now),
        "csrf": csrf_token(visit.key) if visit else "",
        "once": lambda: secrets.token_urlsafe(9),
        "may": lambda action: visit is not None and may(visit.staff, action),
    }
    response = aiohttp_jinja2.render_template(template, request, {**shared, **context}, status=status)
    response.headers.update(page_headers(nonce, https=is_https(request.app[PARTS])))
    return response


def _note(request: web.Request, visit: Visit | None, now: datetime) -> SentForm | None:
    """The form that led here, which has something to say and may still be taken back."""
    done = request.query.get("done", "")
    forms = visit.sent_forms if visit and done else ()
    return next((replace(form, undo=form.undo_at(now)) for form in forms if form.once == done), None)
