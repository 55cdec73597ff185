"""What the page of the sandbox's mail reads: `/sandbox/mail/...`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from sandbox.mailbox import Mail, Mailbox

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Route = tuple[str, str, Handler]

_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline';"
    " img-src data:; form-action 'none'; frame-ancestors 'self'"
)
"""A mail is shown as a careful program shows it: nothing runs, nothing is fetched, links open elsewhere."""
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


class MailControl:
    """The routes of the mail; the page itself is a file that whoever mounts them serves."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def routes(self) -> list[Route]:
        """What to mount beside the chats."""
        return [
            ("GET", "/sandbox/mail", self._list),
            ("GET", "/sandbox/mail/{number}", self._show),
            ("GET", "/sandbox/mail/{number}/body", self._body),
            ("GET", "/sandbox/mail/{number}/source", self._source),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        """All mails without their bodies, the latest first; ``after``: only what came since that number."""
        after = int(request.query.get("after", "0"))
        mails = [mail for mail in reversed(self._mailbox.mails) if mail.number > after]
        return _json({"on": bool(self._mailbox.url), "mails": [_line(mail) for mail in mails]})

    async def _show(self, request: web.Request) -> web.Response:
        mail = self._mail(request)
        return _json({**_line(mail), "text": mail.text, "calendar": mail.calendar, "files": mail.files})

    async def _body(self, request: web.Request) -> web.Response:
        """The mail as a page of its own, for a frame; its links open a new tab."""
        html = self._mail(request).html
        found = _HEAD.search(html)
        base = '<base target="_blank">'
        page = html[: found.end()] + base + html[found.end() :] if found else base + html
        headers = {"Content-Security-Policy": _MAIL_POLICY, "X-Content-Type-Options": "nosniff"}
        return web.Response(text=page, content_type="text/html", charset="utf-8", headers=headers)

    async def _source(self, request: web.Request) -> web.Response:
        raw = self._mail(request).raw
        return web.Response(text=raw.decode("utf-8", "replace"), content_type="text/plain", charset="utf-8")

    def _mail(self, request: web.Request) -> Mail:
        number = int(request.match_info["number"])
        found = next((mail for mail in self._mailbox.mails if mail.number == number), None)
        if found is None:
            raise LookupError(f"there is no mail {number}")
        return found


def _line(mail: Mail) -> dict[str, Any]:
    return {
        "number": mail.number,
        "to": mail.recipient,
        "name": mail.name,
        "from": str(mail.message["From"] or mail.sender),
        "subject": mail.subject,
        "at": mail.at.timestamp(),
    }


def _json(content: Any) -> web.Response:
    return web.Response(
        body=orjson.dumps(content), content_type="application/json", headers={"Cache-Control": "no-store"}
    )
