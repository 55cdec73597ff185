"""What is held about a carer: on a page, and all of it as a file."""

from typing import Any

import orjson
from aiohttp import web

from carers.held import everything_held
from surveys.held import surveys_held
from web.carer.opening import Purpose, Route, Visit, render_page, see
from web.security import carer_headers

MOST_SHOWN = 50
"""How many of a kind the page shows; the file has all."""


def routes() -> list[Route]:
    return [see(Purpose.HOME, "/held", show), see(Purpose.HOME, "/held.json", download)]


async def show(visit: Visit) -> web.Response:
    return render_page(visit, "carer/held.html", {"held": await _held(visit), "most": MOST_SHOWN})


async def download(visit: Visit) -> web.Response:
    """The same as a file that other programs read."""
    held = {"held_on": visit.now.isoformat(), "service": visit.texts.service.name, **await _held(visit)}
    return web.Response(
        body=orjson.dumps(held, option=orjson.OPT_INDENT_2),
        content_type="application/json",
        headers={
            **carer_headers(https=visit.parts.address.startswith("https://")),
            "Content-Disposition": 'attachment; filename="what-is-held.json"',
        },
    )


async def _held(visit: Visit) -> dict[str, Any]:
    language = visit.carer.language.value
    return {
        **await everything_held(visit.session, visit.carer),
        "surveys": await surveys_held(visit.session, visit.carer, language),
    }
