"""What keeps the console's pages apart from every other page that a browser has open."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from aiohttp import web

CSRF_FIELD = "csrf"


def new_nonce() -> str:
    """A value for this response alone: only scripts that carry it run."""
    return secrets.token_urlsafe(16)


def page_headers(nonce: str, *, https: bool) -> dict[str, str]:
    """The headers of a personal page: nothing foreign runs, frames or stores it."""
    policy = (
        "default-src 'none'",
        f"script-src 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-store",
        # Not "no-referrer": browsers would then send "Origin: null" with our own forms.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def carer_headers(*, https: bool) -> dict[str, str]:
    """The headers of a page that a signed link opens: as the console's, and no script runs at all.

    A page of these has no third-party part, and nothing but our own server ever learns its address.
    """
    policy = (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    return {**page_headers("", https=https), "Content-Security-Policy": "; ".join(policy)}


def document_headers(*, https: bool) -> dict[str, str]:
    """The headers of a document that we made: as a page's, and nothing in it runs or is fetched at all."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'"
    return {**page_headers("", https=https), "Content-Security-Policy": f"{policy}; base-uri 'none'"}


def image_type(content: bytes) -> str:
    """What a picture is, by its first bytes: of the two kinds of photo that are taken."""
    return "image/png" if content.startswith(b"\x89PNG\r\n\x1a\n") else "image/jpeg"


def comes_from_our_page(request: web.Request, address: str) -> bool:
    """Whether a POST was sent by a page of this console, as far as the browser tells.

    ``address`` is where browsers find the console, which behind a proxy need not be the host that this
    server sees. A program that sends neither header is not a browser, so nobody's cookie rides along
    unasked; the form's own token is checked as well.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None and fetch_site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc.lower() in {request.host.lower(), urlsplit(address).netloc.lower()}


def csrf_token(key: str) -> str:
    """The token of the forms of the browser whose cookie holds ``key``."""
    return hmac.new(key.encode(), b"hearthline form", hashlib.sha256).hexdigest()


def is_csrf_token(given: str, key: str) -> bool:
    return hmac.compare_digest(given.encode(), csrf_token(key).encode())


def opened_by_a_browser(request: web.Request) -> bool:
    """Whether a person's browser went to this address, rather than a program that previews links.

    Browsers say so themselves, to https and to this machine; nothing that a page or an older program sends
    looks like it.
    """
    headers = request.headers
    return (
        request.method == "GET"
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
        and "Sec-Purpose" not in headers
        and "Purpose" not in headers
    )
