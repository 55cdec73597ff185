"""Kept connections: used again, given up when they are old, and never in doubt about what was sent."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from threading import Thread

import pytest

from bot.wire import Interrupted, NotConnected, Wire

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Plays one talk for each connection, the last for all that follow."""

    def __init__(self) -> None:
        self.talks: list[Talk] = []
        self.connections = 0
        self.asked: list[bytes] = []
        self.address = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await self.talks[min(self.connections, len(self.talks)) - 1](reader, writer)

    async def hear(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        self.asked.append(head + await reader.readexactly(length))
        return self.asked[-1]

    def says(self, *pieces: bytes, closes: bool = False) -> Talk:
        """Answer every question with these pieces, each a packet of its own."""

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while True:
                    await self.hear(reader)
                    for piece in pieces:
                        writer.write(piece)
                        await writer.drain()
                        await asyncio.sleep(0)
                    if closes:
                        break
            except asyncio.IncompleteReadError:
                pass
            writer.close()

        return talk


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield made
    listening.close()


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[Wire]:
    made = Wire(server.address, keep=20, connect_within=5, answer_within=5)
    yield made
    made.close()


async def test_one_request_after_the_other_uses_one_connection(server: Server, wire: Wire) -> None:
    server.talks = [server.says(OK)]
    for _ in range(3):
        assert await wire.post("/bot1:a/sendMessage", b'{"chat_id":1}') == (200, b"ok")
    assert server.connections == 1
    asked = server.asked[0]
    assert asked.startswith(b"POST /bot1:a/sendMessage HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nContent-Type: application/json\r\n" in asked
    assert asked.endswith(b'\r\n\r\n{"chat_id":1}')


async def test_requests_at_the_same_time_have_a_connection_each(server: Server, wire: Wire) -> None:
    server.talks = [server.says(OK)]
    await asyncio.gather(*(wire.post("/", b"{}") for _ in range(5)))
    assert server.connections == 5
    await asyncio.gather(*(wire.post("/", b"{}") for _ in range(5)))
    assert server.connections == 5


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\nContent-", b"Length: 2\r\n\r\no", b"k"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n", b"1\r\nk\r\n0\r\n\r\n"),
    ],
)
async def test_an_answer_may_come_in_pieces(server: Server, wire: Wire, pieces: tuple[bytes, ...]) -> None:
    server.talks = [server.says(*pieces)]
    assert await wire.post("/", b"{}") == (200, b"ok")
    assert await wire.post("/", b"{}") == (200, b"ok")


async def test_a_server_that_wants_to_close_gets_a_new_connection_next_time(
    server: Server, wire: Wire
) -> None:
    server.talks = [
        server.says(b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
    ]
    assert await wire.post("/", b"{}") == (403, b"no")
    assert await wire.post("/", b"{}") == (403, b"no")
    assert server.connections == 2


async def test_a_connection_that_the_server_let_go_meanwhile_is_not_used_again(
    server: Server, wire: Wire
) -> None:
    server.talks = [server.says(OK, closes=True), server.says(OK)]
    assert await wire.post("/", b"{}") == (200, b"ok")
    while (line := wire._idle[-1]).is_open:  # noqa: ASYNC110 - the other end closes it
        await asyncio.sleep(0)
    assert not line.is_open
    assert await wire.post("/", b"{}") == (200, b"ok")
    assert server.connections == 2


async def test_a_connection_that_lay_idle_for_too_long_is_not_trusted(server: Server) -> None:
    server.talks = [server.says(OK)]
    wire = Wire(server.address, keep=0, connect_within=5, answer_within=5)
    await wire.post("/", b"{}")
    await wire.post("/", b"{}")
    wire.close()
    assert server.connections == 2


async def test_where_nobody_listens_nothing_was_sent() -> None:
    free = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = free.sockets[0].getsockname()[1]
    free.close()
    await free.wait_closed()
    with pytest.raises(NotConnected):
        await Wire(f"http://127.0.0.1:{port}", 20, 5, 5).post("/", b"{}")


async def test_a_certificate_that_is_none_is_no_connection(server: Server) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server.talks = [plain]
    secure = server.address.replace("http:", "https:")
    with pytest.raises(NotConnected):
        await Wire(secure, 20, 5, 5).post("/", b"{}")
    assert not server.asked


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf", b"what is this\r\n\r\n"]
)
async def test_without_a_whole_answer_nobody_knows_what_arrived(
    server: Server, wire: Wire, answer: bytes
) -> None:
    server.talks = [server.says(answer, closes=True), server.says(OK)]
    with pytest.raises(Interrupted):
        await wire.post("/", b"{}")
    assert await wire.post("/", b"{}") == (200, b"ok")


async def test_an_answer_that_comes_after_its_caller_gave_up_is_not_the_next_ones(
    server: Server, wire: Wire
) -> None:
    late = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.hear(reader)
        await late.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold")
        writer.close()

    server.talks = [slow, server.says(OK)]
    asking = asyncio.create_task(wire.post("/", b"{}"))
    while not server.asked:  # noqa: ASYNC110 - the server hears it in its own time
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    late.set()
    assert await wire.post("/", b"{}") == (200, b"ok")
    assert server.connections == 2


def answers_once(listening: socket.socket) -> None:
    """A server of a thread of its own, which goes on while our process stands still."""
    connection, _ = listening.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(OK)


async def test_a_process_that_stands_still_gives_up_nothing_that_is_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Thread(target=answers_once, args=[listening])
        server.start()
        wire = Wire(f"http://127.0.0.1:{listening.getsockname()[1]}", 20, 0.02, 0.02)
        asking = asyncio.create_task(wire.post("/", b"{}"))
        while not asking.done():
            time.sleep(0.03)  # noqa: ASYNC251 - longer than each of the limits, and nothing else goes on
            await asyncio.sleep(0)
        assert await asking == (200, b"ok")
        server.join()
        wire.close()


async def test_a_connection_that_nobody_takes_is_given_up_before_anything_went_out(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", never)
    with pytest.raises(NotConnected):
        await Wire(server.address, 20, 0.02, 0.01).post("/", b"{}")
