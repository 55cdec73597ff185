"""A carer's calendar feed. Whoever has the address may read it, and calendar apps do so by themselves.

The address is the only key, so it stands in no log: an error is reported by the kind of route alone.
"""

import hashlib

import structlog
from aiohttp import ETag, web

from events.calendar import MIME
from events.feed import read
from web.parts import PARTS

log = structlog.get_logger("web")

HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def setup(app: web.Application) -> None:
    app.router.add_get("/calendar/{secret}.ics", show)


async def show(request: web.Request) -> web.StreamResponse:
    """The feed, or 304 for a calendar that has it as it is; 404 for any secret that opens nothing."""
    try:
        content = await _content(request)
    except Exception as error:  # noqa: BLE001 - its traceback, and whoever logs it further up, know the address
        log.error("a calendar feed failed", error=type(error).__name__)
        raise web.HTTPInternalServerError(headers=HEADERS) from None
    if content is None:
        raise web.HTTPNotFound(headers=HEADERS)
    body = content.encode()
    tag = hashlib.sha256(body).hexdigest()[:32]
    response = web.Response(body=body, content_type=MIME, charset="utf-8", headers=HEADERS)
    if any(known.value in (tag, "*") for known in request.if_none_match or ()):
        response = web.Response(status=304, headers=HEADERS)
    response.etag = ETag(value=tag)
    return response


async def _content(request: web.Request) -> str | None:
    parts = request.app[PARTS]
    texts = parts.texts
    async with parts.database.read() as session:
        secret = request.match_info["secret"]
        return await read(session, secret, parts.secret_key, texts.service.name, parts.clock(), texts.zone)
