"""The connections to Telegram: through the machine's proxy where it has one, and patient to a point."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from telegram.error import Forbidden, RetryAfter

import bot.request
from bot.patience import Patience
from bot.request import AiohttpRequest, NoAnswer, NotSent, ServerFault, proxy_for

ELSEWHERE = "http://bot-api.example"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Proxy:
    """Answers every request itself, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[web.BaseRequest] = []
        self.answer = web.json_response({"ok": True, "result": {"message_id": 7}}).body
        self.status = 200

    async def handle(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(request)
        return web.Response(body=self.answer, status=self.status, content_type="application/json")


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    made = Proxy()
    runner = web.ServerRunner(web.Server(made.handle))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("https_proxy", f"http://hearth:line@127.0.0.1:{port}")
    yield made
    await runner.cleanup()


@pytest.fixture
async def request_(proxy: Proxy) -> AsyncIterator[AiohttpRequest]:
    made = AiohttpRequest(ELSEWHERE)
    await made.initialize()
    yield made
    await made.shutdown()


async def test_requests_go_through_the_machines_proxy(request_: AiohttpRequest, proxy: Proxy) -> None:
    assert await request_.call(f"{ELSEWHERE}/bot1:a/sendMessage", b"{}") == {"message_id": 7}
    assert proxy.asked[0].path == "/bot1:a/sendMessage"


async def test_a_proxy_is_given_its_password_and_where_it_refuses_nothing_was_sent(proxy: Proxy) -> None:
    proxy.status = 403
    secure = AiohttpRequest("https://bot-api.example")
    await secure.initialize()
    with pytest.raises(NotSent):
        await secure.call("https://bot-api.example/bot1:a/sendMessage", b"{}")
    await secure.shutdown()
    assert proxy.asked[0].method == "CONNECT"
    assert proxy.asked[0].headers["Proxy-Authorization"] == "Basic aGVhcnRoOmxpbmU="


def test_the_machine_itself_and_what_it_excepts_are_reached_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert proxy_for("http://127.0.0.1:8081") is None
    assert proxy_for("http://inside.example") is None
    assert proxy_for("https://bot-api.example") is None
    assert str(proxy_for(ELSEWHERE)) == "http://proxy.example:3128"


async def test_refusals_of_the_short_way_are_the_librarys_own(request_: AiohttpRequest, proxy: Proxy) -> None:
    url = f"{ELSEWHERE}/bot1:a/sendMessage"
    for status, answer, error in (
        (403, b'{"ok":false,"description":"Forbidden: bot was blocked by the user"}', Forbidden),
        (429, b'{"ok":false,"parameters":{"retry_after":3}}', RetryAfter),
        (502, b"bad gateway", ServerFault),
    ):
        proxy.status, proxy.answer = status, answer
        with pytest.raises(error):
            await request_.call(url, b"{}")


async def test_what_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.request, "ANSWER_SECONDS", 0.05)
    silent = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    request = AiohttpRequest(address)
    await request.initialize()
    with pytest.raises(NoAnswer):
        await request.call(f"{address}/bot1:a/sendMessage", b"{}")
    await request.shutdown()
    silent.close()


async def waits_for_ever(patience: Patience) -> str:
    task = patience.begin()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return "given up" if patience.gave_up(task) else "cancelled"
    finally:
        patience.end(task)
    return "done"


async def test_patience_ends_for_each_in_its_own_time_and_knows_who_else_cancelled() -> None:
    patience = Patience(0.1)
    slow, cancelled = [asyncio.create_task(waits_for_ever(patience)) for _ in range(2)]
    await asyncio.sleep(0)
    cancelled.cancel()
    assert await cancelled == "cancelled"
    assert await slow == "given up"
    assert patience._since == {}
