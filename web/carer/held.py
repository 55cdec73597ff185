"""What is held about a carer: on a page, all of it as a file, and the wish to be erased."""

from typing import Any

import orjson
from aiohttp import web

from care import erasure
from surveys.held import whole_file
from web.carer.opening import Deed, Done, Purpose, Route, Visit, do, render_page, see
from web.security import carer_headers

MOST_SHOWN = 50
"""How many of a kind the page shows; the file has all."""


def routes() -> list[Route]:
    return [
        see(Purpose.HOME, "/held", show),
        see(Purpose.HOME, "/held.json", download),
        see(Purpose.HOME, "/erase", ask),
        do(Purpose.HOME, "/erase", choose),
    ]


async def show(visit: Visit) -> web.Response:
    held = await _held(visit)
    return render_page(visit, "carer/held.html", {"held": held, "most": MOST_SHOWN})


async def _held(visit: Visit) -> dict[str, Any]:
    language, handed = visit.carer.language.value, bool(visit.opened.handed)
    return await whole_file(visit.session, visit.carer, language, visit.now, handed=handed)


async def ask(visit: Visit) -> web.Response:
    return render_page(visit, "carer/erase.html", {})


async def choose(deed: Deed) -> Done:
    """Ask to be erased, or take that back; a form that did not arrive whole does neither."""
    match deed.form.text("what"):
        case "ask":
            await erasure.ask(deed.session, deed.carer, deed.now, deed.parts.address)
        case "keep":
            await erasure.take_back(deed.session, deed.carer, deed.now)
    return Done("/erase")


async def download(visit: Visit) -> web.Response:
    """The same as a file that other programs read, and the very file that /mydata sends."""
    held = await _held(visit)
    return web.Response(
        body=orjson.dumps(held, option=orjson.OPT_INDENT_2),
        content_type="application/json",
        headers={
            **carer_headers(https=visit.parts.address.startswith("https://")),
            "Content-Disposition": 'attachment; filename="what-is-held.json"',
        },
    )
