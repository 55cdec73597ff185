"""What each recipient gets: their language, their name, the file, and nothing once it was called off."""

import pytest

from bot.compose import Composers
from broadcasts import attachments
from broadcasts.attachments import file_of
from broadcasts.composing import BroadcastComposer
from broadcasts.drafts import AttachmentRefused, keep_attachment
from broadcasts.sender import Content, Skip
from storage.broadcasts import Attachment
from storage.deliveries import DeliveryState
from storage.deliveries_due import DueDelivery, due_deliveries
from storage.engine import Database, Session
from storage.households import Channel, Language
from tests.broadcasts.broadcasting import MINUTE, Desk, open_desk

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await open_desk(database)


async def due_now(desk: Desk) -> list[DueDelivery]:
    async with desk.database.write() as session:
        return await due_deliveries(session, Channel.APP, 40, desk.now, limit=100)


async def said(
    desk: Desk, rows: list[DueDelivery], composer: BroadcastComposer | None = None
) -> list[Content | Skip]:
    async with desk.database.read() as session:
        found = await (composer or BroadcastComposer()).compose_broadcasts(session, rows, desk.now)
    return [found[row.id] for row in rows]


async def kept(desk: Desk, content: bytes = PNG, filename: str = "a.png", mime: str = "image/png") -> int:
    number = await desk.do(keep_attachment, filename=filename, mime=mime, content=content, now=desk.now)
    assert not isinstance(number, AttachmentRefused)
    return number


async def test_each_gets_their_language_or_english_and_their_own_name(desk: Desk) -> None:
    await desk.change(desk.cast.jo, language=Language.URDU, first_name="Jo & co")
    await desk.change(desk.cast.sam, language=Language.ARABIC)
    await desk.begun("*Hello* {first_name}", texts={"ur": "{first_name} سلام"})
    assert await said(desk, await due_now(desk)) == [
        Content("broadcast", {"html": "<b>Hello</b> Amal"}),
        Content("broadcast", {"html": "Jo &amp; co سلام"}),
        Content("broadcast", {"html": "<b>Hello</b> Sam"}),
        Content("broadcast", {"html": "<b>Hello</b> Lin"}),
    ]


async def test_several_broadcasts_are_composed_together(desk: Desk) -> None:
    await desk.begun("One")
    await desk.begun("Two")
    contents = await said(desk, await due_now(desk))
    assert (
        sorted(what.params["html"] for what in contents if isinstance(what, Content))
        == ["One"] * 4 + ["Two"] * 4
    )


async def test_what_is_called_off_meanwhile_says_nothing_to_who_still_waits(desk: Desk) -> None:
    number = await desk.begun()
    rows = await due_now(desk)
    await desk.cancel(number)
    assert await said(desk, rows) == [Skip("cancelled")] * 4
    arrived = [row._replace(state=DeliveryState.SENT) for row in rows]
    assert all(isinstance(what, Content) for what in await said(desk, arrived))


async def test_a_notice_that_is_no_broadcast_of_ours_says_nothing(desk: Desk) -> None:
    await desk.begun()
    (row, *_) = await due_now(desk)
    assert await said(desk, [row._replace(notice_id=99)]) == [Skip("no_broadcast")]


async def test_a_file_goes_along_and_is_read_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.begun(attachment_id=await kept(desk))
    reads: list[int] = []

    async def reading(session: Session, attachment_id: int) -> bytes | None:
        reads.append(attachment_id)
        return PNG

    monkeypatch.setattr(attachments, "read_content", reading)
    composer = BroadcastComposer()
    rows = await due_now(desk)
    (what, *_) = await said(desk, rows, composer)
    assert isinstance(what, Content)
    file = what.params["file"]
    assert file.pop("key").startswith("attachment:1:")
    assert file == {
        "id": 1,
        "filename": "a.png",
        "mime": "image/png",
        "is_photo": True,
        "content": PNG,
        "file_id": None,
    }
    await said(desk, rows, composer)
    assert reads == [1]


async def test_few_files_are_kept_at_hand(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "AT_HAND", 2 * (len(PNG) + 1))
    files = attachments.FilesAtHand()
    for number in range(4):
        kept_as = await kept(desk, PNG + bytes([number]))
        async with desk.database.read() as session:
            file = await file_of(session, kept_as)
            assert file is not None
            assert (await files.filled(session, file))["content"] == PNG + bytes([number])
    assert list(files._contents.values()) == [PNG + b"\2", PNG + b"\3"]


async def test_what_telegram_keeps_goes_by_its_id(desk: Desk) -> None:
    number = await desk.do(
        keep_attachment,
        filename="letter.pdf",
        mime="application/pdf",
        telegram_file_id="BQAC",
        is_photo=False,
        now=desk.now,
    )
    await desk.begun(attachment_id=number)
    (what, *_) = await said(desk, await due_now(desk))
    assert isinstance(what, Content)
    assert (what.params["file"]["file_id"], what.params["file"]["content"]) == ("BQAC", None)


async def test_a_file_of_a_number_used_before_is_another_file(desk: Desk) -> None:
    """SQLite gives the number of a row that is gone to the next one; what was uploaded goes by its key."""

    async def key_of(number: int) -> str:
        async with desk.database.read() as session:
            file = await file_of(session, number)
        assert file is not None
        return str(file["key"])

    first = await kept(desk)
    before = await key_of(first)
    async with desk.database.write() as session:
        await session.delete(await session.get_one(Attachment, first))
    desk.now += MINUTE
    assert await key_of(await kept(desk, PNG + b"2")) != before


async def test_the_product_composes_broadcasts_in_bulk_and_tests_one_by_one() -> None:
    composers = Composers()
    assert composers.in_bulk("broadcast") is not None
    assert composers.in_bulk("invitation") is None
    assert composers.in_bulk("broadcast_test") is None
