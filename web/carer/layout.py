"""What stands around every page of a carer's: the language, the service's name, whom to ring, the headers."""

from collections.abc import Mapping
from functools import lru_cache

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from texts import clock_words
from texts.catalogue import LANGUAGES, RIGHT_TO_LEFT, catalogue
from texts.direction import comma
from texts.render import Texts
from web.assets import asset
from web.parts import PARTS
from web.security import carer_headers

ENVIRONMENTS = web.AppKey("carer_environments", dict[str, Environment])


def setup(app: web.Application) -> None:
    """Set up the templates, one environment a language, each made when it is first needed."""
    app[ENVIRONMENTS] = {}


def render(
    request: web.Request, template: str, context: Mapping[str, object], language: str, status: int = 200
) -> web.Response:
    """A page in this language, with its headers."""
    language = language if language in LANGUAGES else "en"
    known = request.app[ENVIRONMENTS]
    parts = request.app[PARTS]
    if language not in known:
        known[language] = environment(parts.texts, language)
    shared = {
        "language": language,
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "token_page": False,
    }
    html = known[language].get_template(template).render({**shared, **context})
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


def environment(texts: Texts, language: str) -> Environment:
    """The templates in one language, with autoescape: what staff wrote never becomes markup."""
    made = Environment(
        loader=PackageLoader("web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    zone = texts.zone
    said_before = lru_cache(maxsize=200)
    made.filters["day"] = said_before(lambda value: clock_words.day(value, zone, language))
    made.filters["clock"] = said_before(lambda value: clock_words.clock(value, zone, language))
    made.filters["moment"] = said_before(lambda value: clock_words.moment(value, zone, language))
    made.globals["span"] = said_before(lambda start, end: clock_words.span(start, end, zone, language))
    made.globals["comma"] = comma(language)
    made.globals["service"] = texts.service
    made.globals["asset"] = asset
    return made
