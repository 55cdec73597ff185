"""Reading what a carer's form sends."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from web.whole_numbers import whole_number

LARGEST_FORM = 64 * 1024
"""Bytes. The longest thing that a carer writes here has a few thousand characters."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent, each field as a list of trimmed texts without control characters that nothing keeps."""

    values: Mapping[str, list[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return next(iter(self.values.get(name, ())), "")

    def several(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def number(self, name: str) -> int | None:
        """A whole number from 0 on; null for anything else, an empty field included."""
        return whole_number(self.text(name))


async def read_form(request: web.Request) -> Form:
    """The fields of a form, without its files; none of one that cannot be read.

    Raises 413 for one that is too large.
    """
    try:
        fields = await request.clone(client_max_size=LARGEST_FORM).post()
    except (ValueError, LookupError):  # no form, or in letters that do not exist
        return Form()
    except (
        HttpProcessingError,
        web.RequestPayloadError,
        ConnectionError,
    ):  # broken, or broken off on its way
        return Form()
    values: dict[str, list[str]] = {}
    for name, value in fields.items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value.replace("\x00", "").replace("\r\n", "\n").strip())
    return Form(values)
