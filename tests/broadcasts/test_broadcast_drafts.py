"""Drafts are written by several people; what is wrong with one is said field by field."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from broadcasts.attachments import DOCUMENT_LIMIT, PHOTO_LIMIT, forget_abandoned
from broadcasts.broadcast_views import attachment_content
from broadcasts.drafts import (
    AttachmentRefused,
    Problem,
    Saved,
    Wording,
    change_draft,
    discard_draft,
    keep_attachment,
    problems,
)
from broadcasts.launching import back_to_draft
from broadcasts.markup import CAPTION_LIMIT, TEXT_LIMIT
from storage.broadcasts import Attachment, BroadcastState
from storage.engine import Database
from storage.households import Group
from tests.broadcasts.broadcasting import MINUTE, Desk, open_desk
from tests.support.delivery import LONDON

JPEG, PNG, PDF = b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7"


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await open_desk(database)


async def wrong(desk: Desk, audience: str = "all", **given: object) -> dict[str, Problem]:
    texts = given.pop("texts", {"en": "Hello"})
    async with desk.database.read() as session:
        return await problems(session, Wording(texts, audience, **given), desk.now, LONDON)  # type: ignore[arg-type]


async def test_a_good_draft_has_no_problems(desk: Desk) -> None:
    await desk.add(Group(name="Baby carers"))
    later = desk.now + MINUTE
    assert await wrong(desk, "Baby carers", topic="training", send_at=later) == {}
    assert await wrong(desk, send_at=desk.now.replace(second=0)) == {}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({}, {"texts.en": Problem.NO_ENGLISH}),
        ({"en": " \n", "ur": "سلام"}, {"texts.en": Problem.NO_ENGLISH}),
        ({"en": "{first_name}"}, {"texts.en": Problem.EMPTY}),
        ({"en": "x" * (TEXT_LIMIT + 1)}, {"texts.en": Problem.TOO_LONG}),
        ({"en": "x" * TEXT_LIMIT}, {}),
        ({"en": "x", "ar": "س" * TEXT_LIMIT}, {"texts.ar": Problem.TOO_LONG}),
        ({"en": "Dear {name}"}, {"texts.en": Problem.UNKNOWN_PLACEHOLDER}),
        ({"en": "Hello", "pa": "[x](www.a.example)"}, {"texts.pa": Problem.BAD_LINK}),
        ({"en": "Hello", "ur": "  "}, {}),
        ({"en": "Hello", "fr": "{nom}"}, {}),
    ],
)
async def test_what_is_wrong_with_texts(desk: Desk, texts: dict[str, str], found: dict[str, Problem]) -> None:
    assert await wrong(desk, texts=texts) == found


async def test_a_caption_is_shorter(desk: Desk) -> None:
    texts = {"en": "x" * (CAPTION_LIMIT + 1)}
    assert await wrong(desk, texts=texts) == {}
    assert await wrong(desk, texts=texts, attachment_id=1) == {"texts.en": Problem.TOO_LONG}


async def test_what_is_wrong_with_the_rest(desk: Desk) -> None:
    assert await wrong(desk, "gone") == {"audience": Problem.NO_AUDIENCE}
    assert await wrong(desk, topic="weather") == {"topic": Problem.BAD_TOPIC}
    assert await wrong(desk, send_at=desk.now - MINUTE) == {"send_at": Problem.IN_THE_PAST}


async def test_a_draft_keeps_what_was_written_whatever_is_wrong_with_it(desk: Desk) -> None:
    number = await desk.draft("  One\r\nTwo\x00 ", audience="x" * 200, topic="y" * 60, texts={"fr": "Un"})
    draft = await desk.broadcast(number)
    assert draft.texts == {"en": "One\nTwo"}
    assert (draft.state, draft.version, len(draft.audience)) == (BroadcastState.DRAFT, 1, 120)
    long = await desk.broadcast(await desk.draft("x" * 100_000))
    assert TEXT_LIMIT < len(long.texts["en"]) < 100_000


async def test_a_change_counts_versions_and_who_saves_an_older_one_is_told(desk: Desk) -> None:
    number = await desk.draft()
    wording = Wording({"en": "Better"}, "all")
    dee = desk.cast.dee
    assert await desk.do(change_draft, number, wording, 1, dee, desk.now) is Saved.SAVED
    assert await desk.do(change_draft, number, wording, 1, dee, desk.now) is Saved.CHANGED_MEANWHILE
    assert await desk.do(change_draft, 99, wording, 1, dee, desk.now) is Saved.NOT_FOUND
    draft = await desk.broadcast(number)
    assert (draft.version, draft.changed_by_id, draft.created_by_id) == (2, dee.id, desk.cast.priya.id)
    await desk.confirm(number)
    assert await desk.do(change_draft, number, wording, 2, dee, desk.now) is Saved.NOT_A_DRAFT


async def test_only_a_draft_is_discarded_and_its_file_goes_with_it(desk: Desk) -> None:
    file = await keep(desk, "a.png", PNG)
    number, other = await desk.draft(attachment_id=file), await desk.draft("Other", attachment_id=file)
    await desk.confirm(other)
    assert not await desk.do(discard_draft, other, desk.cast.priya, desk.now)
    assert await desk.do(discard_draft, number, desk.cast.priya, desk.now)
    assert not await desk.do(discard_draft, number, desk.cast.priya, desk.now)
    assert await files(desk) == 1
    await desk.do(back_to_draft, other, desk.cast.priya, desk.now)
    assert await desk.do(discard_draft, other, desk.cast.priya, desk.now)
    assert await files(desk) == 0


async def test_a_file_that_is_taken_out_is_forgotten(desk: Desk) -> None:
    number = await desk.draft(attachment_id=await keep(desk, "a.png", PNG))
    again = Wording({"en": "Hello"}, "all", attachment_id=await keep(desk, "b.pdf", PDF))
    await desk.do(change_draft, number, again, 1, desk.cast.priya, desk.now)
    async with desk.database.read() as session:
        file = await attachment_content(session, number)
    assert file is not None
    assert (file.filename, file.content, file.is_photo) == ("b.pdf", PDF, False)
    assert await files(desk) == 1


async def test_files_that_went_into_no_broadcast_are_forgotten_after_a_week(desk: Desk) -> None:
    await desk.draft("The plan", attachment_id=await keep(desk, "plan.pdf", PDF))
    abandoned = await keep(desk, "other.pdf", PDF + b" of another day")
    assert await desk.do(forget_abandoned, desk.now + timedelta(days=6)) == 0
    assert await desk.do(forget_abandoned, desk.now + timedelta(days=8)) == 1
    async with desk.database.read() as session:
        assert await session.get(Attachment, abandoned) is None
    assert await files(desk) == 1


async def test_a_file_that_does_not_exist_is_left_out(desk: Desk) -> None:
    assert (await desk.broadcast(await desk.draft(attachment_id=99))).attachment_id is None


async def keep(desk: Desk, filename: str, content: bytes, **given: object) -> int:
    found = await desk.do(
        keep_attachment, filename=filename, mime="a/b", content=content, now=desk.now, **given
    )
    assert not isinstance(found, AttachmentRefused), found
    return found


async def files(desk: Desk) -> int:
    async with desk.database.read() as session:
        return (await session.scalars(select(func.count()).select_from(Attachment))).one()


async def test_the_same_file_is_kept_once_so_that_the_same_message_is_known_again(desk: Desk) -> None:
    first = await keep(desk, "a.png", PNG)
    assert await keep(desk, "a.png", PNG) == first
    assert await keep(desk, "a.png", PNG + b"x") != first
    assert await keep(desk, "b.png", PNG) != first
    one = await desk.broadcast(await desk.draft("Hello", attachment_id=first))
    two = await desk.broadcast(await desk.draft("hello ", attachment_id=await keep(desk, "a.png", PNG)))
    three = await desk.broadcast(await desk.draft("hello"))
    assert one.fingerprint == two.fingerprint != three.fingerprint


@pytest.mark.parametrize(
    ("filename", "content", "refused"),
    [
        ("a.jpg", JPEG, None),
        ("A.PNG", PNG, None),
        ("a.pdf", PDF, None),
        ("a.jpg", b"", AttachmentRefused.EMPTY),
        ("a.jpg", PDF, AttachmentRefused.NOT_SUPPORTED),
        ("a.exe", b"MZ", AttachmentRefused.NOT_SUPPORTED),
        ("a.pdf", b"MZ", AttachmentRefused.NOT_SUPPORTED),
        ("a.html", b"<p>", AttachmentRefused.NOT_SUPPORTED),
        ("a", b"x", AttachmentRefused.NOT_SUPPORTED),
        ("a.png", PNG.ljust(PHOTO_LIMIT + 1), AttachmentRefused.TOO_BIG),
        ("a.pdf", PDF.ljust(DOCUMENT_LIMIT + 1), AttachmentRefused.TOO_BIG),
    ],
)
async def test_which_files_are_taken(
    desk: Desk, filename: str, content: bytes, refused: AttachmentRefused | None
) -> None:
    found = await desk.do(keep_attachment, filename=filename, mime="a/b", content=content, now=desk.now)
    assert found == refused if refused else isinstance(found, int)


async def test_a_name_has_no_folders_and_a_photo_can_be_sent_as_a_document(desk: Desk) -> None:
    number = await keep(desk, "C:\\Users\\x\\" + "y" * 300 + ".png", PNG, is_photo=False)
    async with desk.database.read() as session:
        file = await session.get_one(Attachment, number)
    assert (len(file.filename), file.filename[-5:], file.is_photo) == (200, "y.png", False)


async def test_what_telegram_has_is_known_again_by_its_id(desk: Desk) -> None:
    given = {"filename": "photo.jpg", "mime": "image/jpeg", "is_photo": True, "now": desk.now}
    first = await desk.do(keep_attachment, telegram_file_id="AgAC", **given)
    assert await desk.do(keep_attachment, telegram_file_id="AgAC", **given) == first
    assert await desk.do(keep_attachment, telegram_file_id="AgAD", **given) != first
    with pytest.raises(ValueError, match="either"):
        await desk.do(keep_attachment, **given)


async def test_an_old_minute_is_past(desk: Desk) -> None:
    desk.now += timedelta(seconds=59)
    assert await wrong(desk, send_at=desk.now - timedelta(seconds=59)) == {}
