"""The console of staff: one file a topic, each with its routes. `setup` mounts them all."""

from aiohttp import web

from web.staff import accounts, audit, carers, home, layout, mistakes, requests, sign_in
from web.staff.views import RENDER, Route

TOPICS = (home, carers, requests, accounts, audit, sign_in)


def routes() -> list[Route]:
    """Every address of the console that needs a signed-in person, with the action that it needs."""
    return [route for topic in TOPICS for route in topic.routes()]


def setup(app: web.Application) -> None:
    """Mount the console; ``app[PARTS]`` must be there."""
    layout.make_templates(app)
    app[RENDER] = layout.render
    mistakes.setup(app)
    sign_in.setup(app)
    for route in routes():
        app.router.add_route(route.method, route.path, route.handler)
    app.router.add_static("/static/", layout.STATIC)
