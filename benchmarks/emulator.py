"""A lean stand-in for Telegram's Bot API, for measuring: ``python -m benchmarks.emulator``.

It accepts everything, answers as much as Telegram does (a whole message, so that clients that parse one pay
for it), and remembers what came when. It runs in a process of its own and takes a fraction of the time of any
client. The sandbox checks every request as Telegram does, and is for the tests; this one checks nothing.

Beside the methods of the Bot API there are ``GET /report`` and ``/counts``, ``POST /reset``, and
``POST /updates`` with a JSON list for getUpdates. Requests have a Content-Length; a body is JSON or a form.
"""

import argparse
import asyncio
import gc
import re
import time
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import orjson

from benchmarks.seen import Fields, State, report

BOT = {"id": 7000000001, "is_bot": True, "first_name": "Hearthline", "username": "hearthline_bench_bot"}
MOST_UPDATES = 100
"""How many updates one answer holds at most, as with Telegram."""

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_TAG = re.compile(r"<(/?)(b|i)>")
_ENTITIES = {"b": "bold", "i": "italic"}


class Emulator:
    """Answers methods; one for all connections."""

    def __init__(self, latency: float, limit: int | None, chat_limit: int | None) -> None:
        self.state = State(latency, limit, chat_limit)
        self._methods: dict[str, Callable[[Fields], bytes]] = {
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_message,
            "answercallbackquery": self._answer_query,
            "getme": lambda _: _ok({**BOT, "can_join_groups": True, "supports_inline_queries": False}),
            "getwebhookinfo": lambda _: _ok(
                {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
            ),
        }

    def answer(self, method: str, fields: Fields) -> bytes:
        """The whole response to one call of the Bot API."""
        return self._methods.get(method, _accepted)(fields)

    async def updates(self, fields: Fields) -> bytes:
        """Updates from the offset on; waits for some as long as is asked for."""
        state = self.state
        offset = int(fields.get("offset") or 0)
        state.updates = [update for update in state.updates if update["update_id"] >= offset]
        if not state.updates and (patience := float(fields.get("timeout") or 0)):
            state.loaded.clear()
            try:
                async with asyncio.timeout(patience):
                    await state.loaded.wait()
            except TimeoutError:
                pass
        return _ok(state.updates[: min(int(fields.get("limit") or MOST_UPDATES), MOST_UPDATES)])

    def control(self, path: str, body: bytes) -> bytes:
        """Requests of the harness, not of a bot."""
        state = self.state
        match path:
            case "/report":
                return _response(200, orjson.dumps(report(state), option=orjson.OPT_NON_STR_KEYS))
            case "/counts":
                counts = {"toasts": len(state.toasts), "edits": len(state.edits)}
                return _response(200, orjson.dumps(counts))
            case "/reset":
                self.state = State(state.latency, state.limit, state.chat_limit, last_id=state.last_id)
                return _response(200, b"true")
            case "/updates":
                state.updates += orjson.loads(body)
                state.loaded_at = time.monotonic()
                state.loaded.set()
                return _response(200, b"true")
            case _:
                return _response(404, b'{"ok":false,"error_code":404,"description":"Not Found"}')

    def _send_message(self, fields: Fields) -> bytes:
        state, now, chat = self.state, time.monotonic(), int(fields["chat_id"])
        state.begun.append(now)
        if self._too_many(chat, now):
            state.refused += 1
            return _too_many_requests()
        state.last_id += 1
        state.arrivals.append((chat, state.last_id))
        state.words += zlib.crc32(fields["text"].encode())
        return _ok(_message(chat, state.last_id, fields))

    def _edit_message(self, fields: Fields) -> bytes:
        chat = int(fields["chat_id"])
        self.state.edits.setdefault(chat, time.monotonic() + self.state.latency)
        return _ok({**_message(chat, int(fields["message_id"]), fields), "edit_date": int(time.time())})

    def _answer_query(self, fields: Fields) -> bytes:
        self.state.toasts[str(fields["callback_query_id"])] = time.monotonic() + self.state.latency
        return _accepted(fields)

    def _too_many(self, chat: int, now: float) -> bool:
        state = self.state
        if state.limit is not None and _full(state.recent, state.limit, now):
            return True
        if state.chat_limit is not None and _full(
            state.of_chat.setdefault(chat, deque()), state.chat_limit, now
        ):
            return True
        if state.limit is not None:
            state.recent.append(now)
        if state.chat_limit is not None:
            state.of_chat[chat].append(now)
        return False


def _full(recent: deque[float], limit: int, now: float) -> bool:
    while recent and recent[0] <= now - 1:
        recent.popleft()
    return len(recent) >= limit


def _message(chat: int, message_id: int, fields: Fields) -> Fields:
    """A message as Telegram describes it, once its markup has become entities."""
    text, entities = _plain(fields["text"])
    message: Fields = {
        "message_id": message_id,
        "from": BOT,
        "chat": {"id": chat, "first_name": "Carer", "last_name": str(chat), "type": "private"},
        "date": int(time.time()),
        "text": text,
        "entities": entities,
        "link_preview_options": {"is_disabled": True},
    }
    if keyboard := fields.get("reply_markup"):
        message["reply_markup"] = orjson.loads(keyboard) if isinstance(keyboard, str) else keyboard
    return message


def _plain(marked: str) -> tuple[str, list[Fields]]:
    """Text and entities of bold and italic; other tags stay as they are."""
    parts: list[str] = []
    entities: list[Fields] = []
    at = length = opened = 0
    for tag in _TAG.finditer(marked):
        parts.append(marked[at : tag.start()])
        length += tag.start() - at
        at = tag.end()
        if tag[1]:
            entities.append({"type": _ENTITIES[tag[2]], "offset": opened, "length": length - opened})
        else:
            opened = length
    parts.append(marked[at:])
    return "".join(parts), entities


def _ok(result: Any) -> bytes:
    return _response(200, orjson.dumps({"ok": True, "result": result}))


def _accepted(_: Fields) -> bytes:
    return _response(200, b'{"ok":true,"result":true}')


def _too_many_requests() -> bytes:
    return _response(
        429,
        b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1",'
        b'"parameters":{"retry_after":1}}',
    )


_STATUS = {200: b"200 OK", 404: b"404 Not Found", 429: b"429 Too Many Requests"}


def _response(status: int, body: bytes) -> bytes:
    return (
        b"HTTP/1.1 %b\r\nServer: nginx\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
        b"Connection: keep-alive\r\nAccess-Control-Allow-Origin: *\r\n\r\n%b"
    ) % (_STATUS[status], len(body), body)


class Connection(asyncio.Protocol):
    """HTTP/1.1, kept open, one request after the other."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._waiting: set[asyncio.Task[None]] = set()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        for task in self._waiting:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._buffer, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            target = self._buffer[: self._buffer.index(b"\r\n")].split(b" ")[1].decode()
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            self._serve(target, body)

    def _serve(self, target: str, body: bytes) -> None:
        path, _, query = target.partition("?")
        if not path.startswith("/bot"):
            self._write(self._emulator.control(path, body))
            return
        method = path.rpartition("/")[2].lower()
        fields = _fields(body) if body else dict(parse_qsl(query))
        if method == "getupdates":
            task = self._loop.create_task(self._serve_updates(fields))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)
            return
        response = self._emulator.answer(method, fields)
        if latency := self._emulator.state.latency:
            self._loop.call_later(latency, self._write, response)
        else:
            self._write(response)

    async def _serve_updates(self, fields: Fields) -> None:
        response = await self._emulator.updates(fields)
        await asyncio.sleep(self._emulator.state.latency)
        self._write(response)

    def _write(self, response: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(response)


def _fields(body: bytes) -> Fields:
    fields: Fields = orjson.loads(body) if body.startswith(b"{") else dict(parse_qsl(body.decode()))
    return fields


async def serve(latency: float, limit: int | None, chat_limit: int | None) -> None:
    """Serve on a free port, whose address is printed, until killed."""
    emulator = Emulator(latency, limit, chat_limit)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(emulator), "127.0.0.1", 0, backlog=512
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    gc.disable()  # nothing here is cyclic, and a pause would look like the client's
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emulator")
    parser.add_argument("--latency", type=float, default=0, metavar="MS")
    parser.add_argument("--limit", type=int, metavar="RATE", help="messages in any sliding second")
    parser.add_argument("--chat-limit", type=int, metavar="RATE", help="and of those to one chat")
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.latency / 1000, chosen.limit, chosen.chat_limit))
