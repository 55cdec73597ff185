"""`/sandbox/...`: a JSON interface to everything that a person, a test or the page can do here.

It is no part of the Bot API; the bot never calls it.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import orjson
from aiohttp import web

from sandbox.call import Request
from sandbox.faults import Fault
from sandbox.limits import Limits
from sandbox.mail_control import MailControl
from sandbox.profile import commands_for
from sandbox.stream import Stream, summary
from sandbox.users import Tap, User
from sandbox.web_apps import menu_button_for

if TYPE_CHECKING:
    from sandbox.server import Sandbox

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PAGE = Path(__file__).with_name("page")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What the page shows; everything else is only downloaded."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self';"
    " connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Control:
    """The routes below `/sandbox/` and the chat page at `/`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._stream = Stream(sandbox.state)

    def close(self) -> None:
        """End the streams."""
        self._stream.close()

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/", self._page),
            ("GET", "/deep/{bot}", self._page),
            ("GET", "/page/{name}", self._asset),
            ("GET", "/sandbox/bot", self._bot),
            ("GET", "/sandbox/users", self._list_users),
            ("POST", "/sandbox/users", self._add_user),
            ("GET", "/sandbox/users/{user_id}", self._show_user),
            ("GET", "/sandbox/users/{user_id}/messages", self._messages),
            ("POST", "/sandbox/users/{user_id}/{action}", self._act),
            ("GET", "/sandbox/files/{file_id}", self._file),
            ("GET", "/sandbox/requests", self._requests),
            ("DELETE", "/sandbox/requests", self._forget_requests),
            ("GET", "/sandbox/counts", self._counts),
            ("POST", "/sandbox/crowd", self._add_crowd),
            ("GET", "/sandbox/faults", self._list_faults),
            ("POST", "/sandbox/faults", self._add_fault),
            ("DELETE", "/sandbox/faults", self._clear_faults),
            ("GET", "/sandbox/limits", self._show_limits),
            ("POST", "/sandbox/limits", self._set_limits),
            ("GET", "/sandbox/clock", self._show_clock),
            ("POST", "/sandbox/clock", self._set_clock),
            ("POST", "/sandbox/updates/redeliver", self._redeliver),
            ("POST", "/sandbox/updates/jump", self._jump),
            ("GET", "/sandbox/stream", self._stream.answer),
            ("GET", "/mail", self._mail_page),
            *MailControl(self._sandbox.mailbox).routes(),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, self._guarded(handler))

    def _guarded(self, handler: Handler) -> Handler:
        """Let only this server's own pages and local programs in, and turn mistakes into answers."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            if not self._may_come(request):
                return _json({"error": "only this server's own page may do that"}, 403)
            try:
                return await handler(request)
            except (LookupError, ValueError, TypeError) as error:
                missing = isinstance(error, KeyError) or not error.args
                words = f"missing or unknown: {error}" if missing else str(error)
                return _json({"error": words}, 400)

        return guarded

    def _may_come(self, request: web.Request) -> bool:
        """Refuse pages of other sites, also those that point a name of theirs at this machine."""
        served = urlsplit(self._sandbox.url).hostname
        if served in _LOOPBACK and urlsplit(f"//{request.host}").hostname not in _LOOPBACK:
            return False
        origin = request.headers.get("Origin")
        return origin is None or urlsplit(origin).netloc == request.host

    # The page

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return await self._serve_asset("index.html")

    async def _mail_page(self, request: web.Request) -> web.StreamResponse:
        return await self._serve_asset("mail.html")

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        return await self._serve_asset(request.match_info["name"])

    async def _serve_asset(self, name: str) -> web.StreamResponse:
        path = _PAGE / name
        if path.parent != _PAGE or not path.is_file():
            return _json({"error": "there is no such file"}, 404)
        headers = {
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-cache",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        return web.FileResponse(path, headers=headers)

    # The bot and the people

    async def _bot(self, request: web.Request) -> web.Response:
        state = self._sandbox.state
        language = request.query.get("language", "")
        user_id = int(request.query.get("user_id", "0"))
        descriptions = state.profile.descriptions
        return _json(
            {
                **state.bot,
                "commands": commands_for(state, user_id, language),
                "menu_button": menu_button_for(state, str(user_id)),
                "description": descriptions.get(language[:2]) or descriptions.get("", ""),
                "pending_updates": len(state.updates.pending),
                "webhook": state.updates.webhook.url if state.updates.webhook else "",
            }
        )

    async def _list_users(self, request: web.Request) -> web.Response:
        state = self._sandbox.state
        return _json([summary(state, user_id) for user_id in state.people])

    async def _add_user(self, request: web.Request) -> web.Response:
        user = self._sandbox.add_user(**await _body(request))
        return _json(summary(self._sandbox.state, user.id))

    async def _add_crowd(self, request: web.Request) -> web.Response:
        body = await _body(request)
        return _json([user.id for user in self._sandbox.add_crowd(int(body["count"]))])

    def _user(self, request: web.Request) -> User:
        user_id = int(request.match_info["user_id"])
        user = self._sandbox.state.people.get(user_id)
        if user is None:
            raise LookupError(f"there is no user {user_id}")
        return user

    async def _show_user(self, request: web.Request) -> web.Response:
        user = self._user(request)
        return _json({**summary(self._sandbox.state, user.id), "keyboard": user.keyboard})

    async def _messages(self, request: web.Request) -> web.Response:
        after = int(request.query.get("after", "0"))
        last = int(request.query.get("last", "0"))
        messages = self._user(request).raw_messages
        found = [raw for number, raw in messages.items() if number > after]
        return _json(found[-last:] if last else found)

    async def _act(self, request: web.Request) -> web.Response:
        user = self._user(request)
        action = _ACTIONS.get(request.match_info["action"])
        if action is None:
            raise LookupError(f"there is no action {request.match_info['action']!r}")
        return _json(action(user, await _body(request)))

    async def _file(self, request: web.Request) -> web.Response:
        kept = self._sandbox.state.files.get(request.match_info["file_id"])
        if kept is None:
            raise LookupError("there is no such file")
        shown = kept.mime_type if kept.mime_type in _PICTURES else "application/octet-stream"
        response = web.Response(body=kept.content, content_type=shown)
        if not shown.startswith("image/"):
            response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(kept.name)}"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    # What the bot did, and what is to go wrong

    async def _requests(self, request: web.Request) -> web.Response:
        after = int(request.query.get("after", "0"))
        method = request.query.get("method")
        found = [
            _described(entry)
            for entry in self._sandbox.api.requests
            if entry.number > after and method in (None, entry.method)
        ]
        return _json(found)

    async def _counts(self, request: web.Request) -> web.Response:
        counts = self._sandbox.counts.items()
        return _json({method: {str(code): n for code, n in codes.items()} for method, codes in counts})

    async def _forget_requests(self, request: web.Request) -> web.Response:
        self._sandbox.api.requests.clear()
        return _json({})

    async def _list_faults(self, request: web.Request) -> web.Response:
        return _json([asdict(fault) for fault in self._sandbox.faults])

    async def _add_fault(self, request: web.Request) -> web.Response:
        return _json(asdict(self._sandbox.faults.add(Fault(**await _body(request)))))

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._sandbox.faults.clear()
        return _json({})

    async def _show_limits(self, request: web.Request) -> web.Response:
        limits = self._sandbox.api.limits
        return _json(asdict(limits) if limits else None)

    async def _set_limits(self, request: web.Request) -> web.Response:
        body = await _body(request)
        known = {field.name for field in fields(Limits)}
        if unknown := body.keys() - known - {"off"}:
            raise ValueError(f"unknown limits: {', '.join(sorted(unknown))}")
        self._sandbox.api.limit(None if body.get("off") else Limits(**body))
        return await self._show_limits(request)

    async def _show_clock(self, request: web.Request) -> web.Response:
        offset = self._sandbox.clock_offset.total_seconds()
        return _json({"now": self._sandbox.now().isoformat(), "offset_seconds": offset})

    async def _set_clock(self, request: web.Request) -> web.Response:
        body = await _body(request)
        self._sandbox.clock_offset = timedelta(seconds=float(body["offset_seconds"]))
        return await self._show_clock(request)

    async def _redeliver(self, request: web.Request) -> web.Response:
        body = await _body(request)
        return _json({"update_id": self._sandbox.state.updates.redeliver(body.get("update_id"))})

    async def _jump(self, request: web.Request) -> web.Response:
        body = await _body(request)
        self._sandbox.state.updates.jump(int(body["next_id"]))
        return _json({})


def _tapped(tap: Tap) -> dict[str, Any]:
    return {"query_id": tap.id, "data": tap.data}


def _tap(user: User, body: dict[str, Any]) -> dict[str, Any]:
    if "label" in body:
        return _tapped(user.tap(int(body["message_id"]), body["label"]))
    return _tapped(user.send_callback(int(body["message_id"]), body["data"]))


def _open(user: User, body: dict[str, Any]) -> dict[str, str]:
    message_id = body.get("message_id")
    return {"url": user.open_web_app(None if message_id is None else int(message_id), body.get("label", ""))}


def _photo(user: User, body: dict[str, Any]) -> Any:
    content = base64.b64decode(body["content"]) if "content" in body else None
    return user.send_photo(content, body.get("caption", "")).raw


def _document(user: User, body: dict[str, Any]) -> Any:
    return user.send_document(body["name"], base64.b64decode(body["content"]), body.get("caption", "")).raw


_ACTIONS: dict[str, Callable[[User, dict[str, Any]], Any]] = {
    "start": lambda user, body: user.start(body.get("payload", "")).raw,
    "say": lambda user, body: user.say(body["text"], reply_to=body.get("reply_to")).raw,
    "edit": lambda user, body: user.edit(int(body["message_id"]), body["text"]).raw,
    "photo": _photo,
    "document": _document,
    "sticker": lambda user, body: user.send_sticker(body.get("emoji", "👍")).raw,
    "voice": lambda user, body: user.send_voice(int(body.get("seconds", 3))).raw,
    "location": lambda user, body: user.send_location(**body).raw,
    "contact": lambda user, body: user.send_contact(body["phone_number"]).raw,
    "tap": _tap,
    "open": _open,
    "vote": lambda user, body: user.vote(int(body["message_id"]), list(body["options"])),
    "block": lambda user, body: user.block(),
    "unblock": lambda user, body: user.unblock(),
    "deactivate": lambda user, body: user.deactivate(),
    "read": lambda user, body: user.read(body.get("up_to")),
}


def _described(request: Request) -> dict[str, Any]:
    return {
        "number": request.number,
        "at": request.at.isoformat(),
        "method": request.method,
        "arguments": request.arguments,
        "code": request.code,
        "description": request.description,
    }


async def _body(request: web.Request) -> dict[str, Any]:
    text = await request.read()
    body = orjson.loads(text) if text else {}
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def _json(value: Any, status: int = 200) -> web.Response:
    body = orjson.dumps({"done": True} if value is None and status == 200 else value)
    return web.Response(body=body, content_type="application/json", status=status)
