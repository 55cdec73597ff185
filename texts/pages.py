"""What the templates of carers' pages say their words with."""

from collections.abc import Callable
from functools import cache
from typing import cast

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from texts.catalogue import LANGUAGES
from texts.clock_words import unbroken
from texts.render import Texts


def carer_environment(texts: Texts, loader: BaseLoader | None = None) -> Callable[[str], Environment]:
    """For each language the environment of carers' pages: ``carer_environment(texts)("ur")``. An unknown
    language is English.

    Templates have ``{% trans %}`` and ``_()``; the filters ``day``, ``weekday``, ``short_day``, ``clock`` and
    ``moment``, the function ``span(start, end)``; ``service``, ``language``, ``direction`` (ltr or rtl) and
    ``comma``. The filter ``ltr`` keeps a telephone number, a code or an address in its order inside Urdu and
    Arabic. What is missing is an error, and what people typed is escaped.
    """
    found = loader or PackageLoader("web")

    @cache
    def of(language: str) -> Environment:
        environment = Environment(
            loader=found,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        texts.equip(environment, language)
        for name in ("clock", "moment"):
            environment.filters[name] = _unbroken(environment.filters[name])
        environment.globals["span"] = _unbroken(cast(Callable[..., str], environment.globals["span"]))
        environment.filters["ltr"] = left_to_right
        environment.globals["service"] = texts.service_present
        return environment

    return lambda language: of(language if language in LANGUAGES else "en")


def _unbroken(say: Callable[..., str]) -> Callable[..., str]:
    return lambda *times: unbroken(say(*times))


def left_to_right(text: object) -> Markup:
    """What is read from the left in every language."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(escape(text))
