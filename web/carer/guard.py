"""What a page that cannot be shown says, and what is written down about it.

The address of a page is its only key, so it stands in no log: what goes wrong is reported by the kind of
route and the place in our code.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from traceback import extract_tb

import structlog
from aiohttp import web

from carers.pages import Shut
from web.carer.layout import shut_page

log = structlog.get_logger("web")

HOME = Path(__file__).parents[2]
OURS = frozenset(
    {"web", "texts", "care", "events", "surveys", "broadcasts", "carers", "disclosure", "storage"}
)
"""Whose lines are told, below ``HOME``: where it is installed, libraries lie there as well."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guarded(handler: Handler) -> Handler:
    """The same, but nothing that it raises gets further up, where it would be logged with the address."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            return shut_page(request, "too_large", 413)
        except web.HTTPNotFound:
            return shut(request, Shut.NOT_OURS)
        except Exception as error:  # noqa: BLE001 - its traceback, and whoever logs it further up, know the address
            resource = request.match_info.route.resource
            log.error(
                "a carer's page failed",
                page=resource.canonical if resource else "",
                error=type(error).__name__,
                where=_where(error),
            )
            return shut_page(request, "broken", 500)

    return handle


def _where(error: Exception) -> str:
    """The last place in our own code, or a template of ours, on the way to it; no value is told."""
    frames = [(Path(frame.filename), frame.lineno) for frame in extract_tb(error.__traceback__)]
    ours = [f"{path.relative_to(HOME)}:{line}" for path, line in frames if _is_ours(path)]
    return ours[-1] if ours else ""


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(HOME) and path.relative_to(HOME).parts[0] in OURS


def shut(request: web.Request, why: Shut) -> web.Response:
    """What there is to see behind a link that opens nothing."""
    return shut_page(request, why.value, 410 if why is Shut.TOO_OLD else 404)
