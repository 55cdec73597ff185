"""Whether the process lives, whether it is ready, and its numbers for Prometheus."""

import asyncio
from ipaddress import ip_address

from aiohttp import web
from prometheus_client import REGISTRY
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from care.inbox import set_aside_count
from web.parts import PARTS

ANSWER_SECONDS = 5


def setup(app: web.Application) -> None:
    app.router.add_get("/healthz", live)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", metrics)


async def live(_request: web.Request) -> web.Response:
    """200 as long as the process answers at all."""
    return web.Response(text="ok\n")


async def ready(request: web.Request) -> web.Response:
    """200 when every part is well, else 503; either way each part with what is wrong, in plain words.

    ``set_aside`` counts updates that could not be handled: nothing stands still because of them.
    """
    parts = dict(request.app[PARTS].readiness())
    set_aside = None
    try:
        async with asyncio.timeout(ANSWER_SECONDS), request.app[PARTS].database.read() as session:
            set_aside = await set_aside_count(session)
        parts["database"] = None
    except Exception as error:  # noqa: BLE001 - whatever stops the database from answering is the answer
        parts["database"] = f"does not answer ({type(error).__name__})"
    well = all(trouble is None for trouble in parts.values())
    return web.json_response(
        {
            "ready": well,
            "parts": {name: trouble or "ok" for name, trouble in parts.items()},
            "set_aside": set_aside,
        },
        status=200 if well else 503,
    )


async def metrics(request: web.Request) -> web.Response:
    """The numbers, for who asks from a permitted network and not through a proxy that speaks for others."""
    if not _may_read_metrics(request):
        raise web.HTTPForbidden
    if measure := request.app[PARTS].measure:
        await measure()
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _may_read_metrics(request: web.Request) -> bool:
    # Behind a reverse proxy on this machine everybody seems to come from loopback.
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers or not request.remote:
        return False
    address = ip_address(request.remote)
    return any(address in network for network in request.app[PARTS].metrics_from)
