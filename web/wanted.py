"""Where somebody wanted to go who had to sign in first, kept by their browser until they are in.

A cookie and no part of the sign-in link: links go through a chat or an email, and come to the same browser.
What it says is believed no further than that it may lead to any page of this console, and to nothing else.
"""

import re
from datetime import timedelta
from urllib.parse import quote, unquote, urlsplit

from aiohttp import web

from web.sessions import clear_cookie, read_cookie, set_cookie

WANTED = "hearthline-wanted"
WANTED_FOR = timedelta(hours=1)

# One slash and no other at the beginning, nor what browsers take for one: with two it is another host.
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]{0,500}")
_FILE = re.compile(r"\.[a-z]{2,5}$")


def local_path(text: str) -> str:
    """The path and query of a page of this console, or nothing where it is anything else."""
    return text if _LOCAL.fullmatch(text) else ""


def ask_to_sign_in(request: web.Request, *, https: bool) -> web.HTTPSeeOther:
    """The way to the sign-in page, from which whoever signs in comes back to what they wanted."""
    sent = request.method == "POST"
    response = web.HTTPSeeOther("/?unsaved=1" if sent else "/")
    wanted = local_path(_form_page(request) if sent else _page(request))
    if wanted:
        set_cookie(response, WANTED, quote(wanted, safe=""), https=https, lives=WANTED_FOR)
    return response


def _page(request: web.Request) -> str:
    """What a person looks at: no stream, and no file, after which they would sit before an empty page."""
    is_page = "text/html" in request.headers.get("Accept", "") and not _FILE.search(request.path)
    return request.path_qs if is_page else ""


def _form_page(request: web.Request) -> str:
    """The page on which the form stood, as far as the browser tells."""
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc.lower() != request.host.lower():
        return ""
    return f"{page.path}?{page.query}" if page.query else page.path


def wants_a_page(request: web.Request, *, https: bool) -> bool:
    """Whether signing in leads anywhere else than home."""
    return bool(_wanted(request, https=https))


def _wanted(request: web.Request, *, https: bool) -> str:
    return local_path(unquote(read_cookie(request, WANTED, https=https)))


def lead_in(request: web.Request, *, https: bool) -> web.HTTPSeeOther:
    """The way to where somebody wanted to go who has signed in now, or to the home page."""
    response = web.HTTPSeeOther(_wanted(request, https=https) or "/")
    clear_cookie(response, WANTED, https=https)
    return response
