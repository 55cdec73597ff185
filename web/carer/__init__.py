"""What carers open outside the chat: their signed pages, by email and by letter, and their calendar feed."""

from aiohttp import web

from web.carer import (
    calendar_link,
    choices,
    code,
    feed,
    feedback,
    files,
    groups,
    held,
    home,
    invitation,
    joining,
    layout,
    needs,
    nominate,
    opening,
    privacy,
    said,
    surveys,
    told,
    unsubscribe,
    write,
)
from web.carer.opening import Route

TOPICS = (
    invitation,
    needs,
    joining,
    files,
    home,
    groups,
    write,
    choices,
    calendar_link,
    held,
    privacy,
    surveys,
    nominate,
    said,
    feedback,
    told,
    unsubscribe,
)
"""Each has ``routes()``: the addresses below ``/c/<token>``, by purpose."""


def routes() -> list[Route]:
    """Every page that a signed link opens."""
    return [route for topic in TOPICS for route in topic.routes()]


def setup(app: web.Application) -> None:
    """Mount the carers' addresses; ``app[PARTS]`` must be there."""
    feed.setup(app)
    layout.setup(app)
    code.setup(app)  # before the pages: /c/<code> is told from /c/<token> there
    opening.setup(app, routes())
    code.setup_rest(app)
