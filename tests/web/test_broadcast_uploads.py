"""Forms with files: what comes through, and that one too large costs no words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, FormData, web

from web.staff.uploads import MOST_PARTS, MOST_TEXT, read_multipart

RAW = {"Content-Type": "multipart/form-data; boundary=b"}


@asynccontextmanager
async def reading(largest: int) -> AsyncIterator[str]:
    """A server that says what it read of a form."""

    async def handle(request: web.Request) -> web.Response:
        fields, files = await read_multipart(request, largest)
        sizes = {name: None if one.content is None else len(one.content) for name, one in files.items()}
        names = {name: one.filename for name, one in files.items()}
        return web.json_response({"fields": fields, "sizes": sizes, "names": names})

    app = web.Application(client_max_size=1000)
    app.router.add_post("/", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def answered(largest: int, data: FormData | bytes) -> dict[str, Any]:
    """What the server read of this form."""
    headers = RAW if isinstance(data, bytes) else {}
    async with (
        reading(largest) as address,
        ClientSession() as client,
        client.post(address, data=data, headers=headers) as answer,
    ):
        read: dict[str, Any] = await answer.json()
        return read


def form(content: bytes, filename: str = "plan.pdf", words: str = "Tea – چائے") -> FormData:
    data = FormData()
    data.add_field("before", words)
    data.add_field("file", content, filename=filename, content_type="application/pdf")
    data.add_field("after", "as typed")
    return data


async def test_fields_and_a_file_come_through_whole() -> None:
    read = await answered(2_000_000, form(b"x" * 1_500_000))
    assert read["fields"] == [["before", "Tea – چائے"], ["after", "as typed"]]
    assert read["sizes"] == {"file": 1_500_000}


async def test_a_file_that_is_too_large_is_dropped_and_the_words_are_kept() -> None:
    read = await answered(1_000_000, form(b"x" * 3_000_000))
    assert read["sizes"] == {"file": None}
    assert read["fields"][1] == ["after", "as typed"]


def raw(filename: str, content: bytes) -> bytes:
    """A form as a browser writes it, with this name of a file."""
    return (
        b'--b\r\nContent-Disposition: form-data; name="words"\r\n\r\nhello\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n%b\r\n--b--\r\n"
    ) % (filename.encode(), content)


async def test_a_path_in_a_file_s_name_is_cut_off() -> None:
    read = await answered(100, raw("/home/me/My plan.pdf", b"x"))
    assert read["names"] == {"file": "My plan.pdf"}


async def test_a_form_without_a_chosen_file_has_none() -> None:
    read = await answered(100, raw("", b""))
    assert ["words", "hello"] in read["fields"]
    assert read["sizes"] == {}


async def test_too_many_words_too_many_parts_and_broken_forms_are_refused() -> None:
    many = FormData()
    for number in range(MOST_PARTS + 1):
        many.add_field(f"f{number}", "x", content_type="text/plain")
    long = FormData()
    for name in "ab":
        long.add_field(name, "x" * (MOST_TEXT - 100), content_type="text/plain")
    async with reading(100) as address, ClientSession() as client:
        for data, status in ((many, 400), (long, 413), (b"--b\r\nnothing", 400)):
            headers = RAW if isinstance(data, bytes) else {}
            async with client.post(address, data=data, headers=headers) as answer:
                assert answer.status == status
