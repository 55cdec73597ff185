"""Where Telegram posts updates. Each is stored before the 200: what was not stored, Telegram sends again."""

import hmac

from aiohttp import web

from web.parts import PARTS

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MOST_BYTES = 512 * 1024
"""Far above any update that Telegram makes: a message has at most 4,096 characters."""


def setup(app: web.Application) -> None:
    """Mount the webhook, unless the bot polls."""
    if app[PARTS].receive is not None:
        app.router.add_post(PATH, receive)


async def receive(request: web.Request) -> web.Response:
    """Store one update. 403 without the secret that only Telegram was told, 413 for what is no update."""
    parts = request.app[PARTS]
    given = request.headers.get(SECRET_HEADER, "")
    if not parts.webhook_secret or not hmac.compare_digest(given.encode(), parts.webhook_secret.encode()):
        raise web.HTTPForbidden
    if (request.content_length or 0) > MOST_BYTES:
        raise web.HTTPRequestEntityTooLarge(max_size=MOST_BYTES, actual_size=request.content_length or 0)
    body = await request.content.read(MOST_BYTES + 1)
    while len(body) <= MOST_BYTES and (more := await request.content.read(MOST_BYTES + 1 - len(body))):
        body += more
    if len(body) > MOST_BYTES:
        raise web.HTTPRequestEntityTooLarge(max_size=MOST_BYTES, actual_size=len(body))
    assert parts.receive is not None  # noqa: S101 - mounted only then
    await parts.receive(body)
    return web.Response()
