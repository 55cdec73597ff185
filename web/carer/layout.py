"""What stands around every page of a carer's: the language, the service's name, whom to ring, the headers."""

from collections.abc import Callable, Mapping

from aiohttp import web
from jinja2 import Environment

from texts.catalogue import LANGUAGES
from texts.pages import carer_environment
from web.assets import asset
from web.parts import PARTS
from web.security import carer_headers

TEMPLATES: web.AppKey[Callable[[str], Environment]] = web.AppKey("carer_templates")
"""The templates in each language."""


def setup(app: web.Application) -> None:
    """Set up the templates; ``app[PARTS]`` must be there."""
    app[TEMPLATES] = _with_assets(carer_environment(app[PARTS].texts))


def _with_assets(templates: Callable[[str], Environment]) -> Callable[[str], Environment]:
    def of(language: str) -> Environment:
        environment = templates(language)
        environment.globals["asset"] = asset
        return environment

    return of


def render(
    request: web.Request, template: str, context: Mapping[str, object], language: str, status: int = 200
) -> web.Response:
    """A page in this language, with its headers."""
    parts = request.app[PARTS]
    html = request.app[TEMPLATES](language).get_template(template).render({"token_page": False, **context})
    headers = carer_headers(https=parts.address.startswith("https://"))
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)


def shut_page(request: web.Request, why: str, status: int) -> web.Response:
    """A page that says why there is nothing else to see, in the language of the browser."""
    return render(request, "carer/shut.html", {"why": why}, language_of(request), status)


def language_of(request: web.Request) -> str:
    """The first language that the browser asks for and we speak, for who is not known yet; else English."""
    for part in request.headers.get("Accept-Language", "")[:200].split(","):
        language = part.split(";")[0].strip().split("-")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"
