"""The report as PDF, laid out from its web page. WeasyPrint does it, where it and its libraries are."""

import ctypes
from functools import cache
from importlib.util import find_spec
from logging import ERROR, getLogger

from reports.html import to_html
from reports.report import Report

_PANGO = ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll", "pango-1.0-0.dll")
"""What WeasyPrint sets text with, by the names that it has on Linux, on a Mac and on Windows."""


@cache
def pdf_is_here() -> bool:
    """Whether a PDF can be made on this machine. To load WeasyPrint only to find out would take a second and
    forty megabytes, so the library is asked for that is missing where WeasyPrint does not load."""
    return find_spec("weasyprint") is not None and any(map(_loads, _PANGO))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


class NoPdf(Exception):
    """A PDF cannot be made on this machine: WeasyPrint, or a library that it needs, is missing."""


def to_pdf(report: Report) -> bytes:
    """Tagged for screen readers (PDF/UA). Raises `NoPdf`."""
    try:
        from weasyprint import HTML
    except (ModuleNotFoundError, OSError) as error:
        raise NoPdf(str(error)) from error

    getLogger("weasyprint").setLevel(ERROR)  # it warns of every rule that is for screens alone
    page = HTML(string=to_html(report).decode(), url_fetcher=_nothing)
    made: bytes = page.write_pdf(pdf_variant="pdf/ua-1")
    return made


def _nothing(url: str) -> None:
    """The page needs nothing beside itself, and a document is not to reach out for anything."""
    raise ValueError(f"A report refers to nothing outside of it: {url}")
