"""What carers open outside the chat: their calendar feed."""

from aiohttp import web

from web.carer import feed


def setup(app: web.Application) -> None:
    """Mount the carers' addresses; ``app[PARTS]`` must be there."""
    feed.setup(app)
