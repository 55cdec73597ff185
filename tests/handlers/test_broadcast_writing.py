"""/broadcast from the first word to the summary: nothing that staff wrote is lost, whatever they do next."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.broadcasts import Attachment, Broadcast, BroadcastState
from storage.engine import Database
from storage.households import Channel
from storage.ways import note_mail
from tests.handlers.broadcasting import (
    AMAL,
    ASH,
    FILM,
    NEWS,
    PDF,
    PHOTO,
    PRIYA,
    PROGRAM,
    STICKER,
    TOM,
    VIDEO,
    VOICE,
    Office,
)
from tests.support.cast import STRANGER_CHAT

pytestmark = pytest.mark.one_database


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office.opened(database, tmp_path / "keys")


async def test_a_message_is_written_and_looked_over_step_by_step(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    assert "What should it say?" in office.last(PRIYA).text
    assert "{first_name}" in office.last(PRIYA).text
    await office.post(PRIYA, text="Closed on Monday", entities=[{"type": "bold", "offset": 0, "length": 6}])
    _, preview = office.shown(PRIYA, "<b>Closed</b> on Monday")
    assert [[button.label for button in row] for row in preview.buttons] == [["Choose what I get"]]
    assert "Who gets it?" in office.last(PRIYA).text
    assert office.labels(PRIYA)[0] == ["Everyone · 4"]
    await office.tap(PRIYA, "Everyone · 4")
    assert "What is it about?" in office.last(PRIYA).text
    await office.tap(PRIYA, "Training")
    summary = office.last(PRIYA)
    assert "Ready to send" in summary.text
    assert "Everyone: 4 carers" in summary.text
    assert "Training" in summary.text
    assert "4 messages, all sent by about 12:01 pm" in summary.text
    assert office.labels(PRIYA)[0] == ["Send 4 messages"]
    broadcast = await office.broadcast()
    assert (broadcast.texts, broadcast.audience, broadcast.topic) == (
        {"en": "*Closed* on Monday"},
        "all",
        "training",
    )
    assert len(office.all(PRIYA)) == 3  # the question, the preview, and one message for all that follows


async def test_a_photo_keeps_its_place_while_the_words_change(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    await office.post(PRIYA, **PHOTO, caption="Our open day")
    attachment = office.shown(PRIYA, "Our open day")[1].attachment
    assert attachment is not None
    assert (attachment.file_id, attachment.is_photo) == ("PHOTO-1", True)
    await office.tap(PRIYA, "Everyone · 4")
    await office.tap(PRIYA, "Service news")
    assert "no child can be recognised" in office.last(PRIYA).text
    await office.tap(PRIYA, "Change the words")
    await office.write(PRIYA, "Our open day is on 7 June")
    assert office.shown(PRIYA, "7 June")[1].attachment is not None
    assert office.labels(PRIYA)[0] == ["Send 4 messages"]
    await office.tap(PRIYA, "Change the words")
    await office.tap(PRIYA, "Without the photo or file")
    assert office.shown(PRIYA, "7 June")[1].attachment is None
    async with office.database.read() as session:
        assert await session.get(Attachment, 1) is None


async def test_a_file_without_words_waits_for_them(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    await office.post(PRIYA, **PDF)
    assert "needs some words in English" in office.last(PRIYA).text
    await office.write(PRIYA, "The new rates")
    attachment = office.shown(PRIYA, "The new rates")[1].attachment
    assert attachment is not None
    assert attachment.filename == "Rates.pdf"


UNFIT: tuple[tuple[dict[str, Any], str], ...] = (
    (VOICE, "not everybody can listen"),
    (VIDEO, "words with the link"),
    (STICKER, "An emoji"),
    (PROGRAM, "A PDF or a picture works"),
    (FILM, "20 MB"),
    ({"location": {"latitude": 53.4, "longitude": -1.3}}, "words, a photo or a file"),
)


async def test_what_cannot_be_sent_on_gets_a_kind_answer_and_the_draft_stays(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    for sent, said in UNFIT:
        await office.post(PRIYA, **sent)
        assert said in office.last(PRIYA).text
    await office.write(PRIYA, NEWS)
    await office.tap(PRIYA, "Everyone · 4")
    await office.tap(PRIYA, "Service news")
    await office.tap(PRIYA, "Change the words")
    for sent, said in UNFIT:
        await office.post(PRIYA, **sent)
        assert said in office.last(PRIYA).text
        assert "Your draft is kept" in office.last(PRIYA).text
    assert (await office.broadcast()).texts == {"en": NEWS}


async def test_an_album_is_answered_once(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    before = len(office.all(PRIYA))
    for _ in range(3):
        await office.post(PRIYA, **PHOTO, media_group_id="7")
    assert "one photo, not several" in office.last(PRIYA).text
    assert len(office.all(PRIYA)) == before + 1


async def test_words_that_are_too_long_are_counted_and_the_good_ones_stay(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Change the words")
    await office.post(PRIYA, **PHOTO, caption="x" * 1020 + " {first_name}")
    assert "1,061 characters" in office.last(PRIYA).text
    assert "room for 1,024 under a photo or file" in office.last(PRIYA).text
    assert (await office.broadcast()).texts == {"en": NEWS}


async def test_first_words_with_a_mistake_are_kept_and_asked_for_again(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    await office.write(PRIYA, "Dear {name}, closed on Monday")
    assert "only fill in {first_name}" in office.last(PRIYA).text
    assert (await office.broadcast()).texts == {"en": "Dear {name}, closed on Monday"}
    await office.write(PRIYA, NEWS)
    assert (await office.broadcast()).texts == {"en": NEWS}
    assert "Who gets it?" in office.last(PRIYA).text


async def test_a_group_may_be_written_by_its_name(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    await office.write(PRIYA, NEWS)
    await office.write(PRIYA, "the neighbours")
    assert "no group of that name" in office.last(PRIYA).text
    await office.write(PRIYA, "everyone")
    assert "What is it about?" in office.last(PRIYA).text


async def test_each_language_has_its_own_text_and_what_is_missing_is_said(office: Office) -> None:
    async with office.database.write() as session:
        amal = await session.get_one(type(office.cast.amal), office.cast.amal.id)
        amal.language = type(amal.language)("ur")
    await office.compose()
    assert "1 carer chose Urdu and will get the English." in office.last(PRIYA).text
    await office.tap(PRIYA, "Languages…")
    await office.tap(PRIYA, "Urdu")
    assert "Send me the message in Urdu" in office.last(PRIYA).text
    await office.post(PRIYA, **PHOTO, caption="دفتر بند ہے")
    assert "same in every language" in office.last(PRIYA).text
    await office.write(PRIYA, "دفتر پیر کو بند ہے۔")
    assert office.shown(PRIYA, "دفتر پیر")[1].buttons[0][0].label == "چنیں کہ مجھے کیا ملے"
    assert "chose Urdu" not in office.last(PRIYA).text
    await office.tap(PRIYA, "Languages…")
    await office.tap(PRIYA, "✅ Urdu")
    await office.tap(PRIYA, "Leave this language out")
    assert "1 carer chose Urdu" in office.last(PRIYA).text
    assert (await office.broadcast()).texts == {"en": NEWS}


async def test_it_may_go_out_on_a_morning_or_at_a_time_in_words(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send later…")
    assert office.labels(PRIYA) == [["Tomorrow 9:30"], ["Mon 12 May, 9:30"], ["Back"]]
    await office.tap(PRIYA, "Mon 12 May, 9:30")
    assert "Monday 12 May, 9:30 am" in office.last(PRIYA).text
    assert (await office.broadcast()).send_at == datetime(2025, 5, 12, 8, 30, tzinfo=UTC)
    await office.tap(PRIYA, "Send later…")
    await office.write(PRIYA, "tomorrow")
    assert "24/05/2026 10:00" in office.last(PRIYA).text
    await office.write(PRIYA, "01/05/2025 10:00")
    assert "past" in office.last(PRIYA).text
    await office.write(PRIYA, "08/05/2025 10:15")
    assert "Thursday 8 May, 10:15 am" in office.last(PRIYA).text
    await office.tap(PRIYA, "Send later…")
    await office.tap(PRIYA, "At once")
    assert (await office.broadcast()).send_at is None


async def test_a_test_comes_in_every_language_that_is_written_and_to_nobody_else(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Languages…")
    await office.tap(PRIYA, "Punjabi")
    await office.write(PRIYA, "ਦਫ਼ਤਰ ਬੰਦ ਹੈ।")
    before = len(office.all(PRIYA))
    await office.tap(PRIYA, "Test to myself")
    sent = [message.text for message in office.all(PRIYA)[before:]]
    assert sent == ["Dear Priya, the office is closed on Monday.", "ਦਫ਼ਤਰ ਬੰਦ ਹੈ।"]
    assert office.all(AMAL) == []


async def test_words_that_nobody_asked_for_change_nothing(office: Office) -> None:
    await office.compose()
    await office.write(PRIYA, "thank you")
    assert "your draft is kept" in office.last(PRIYA).text
    assert (await office.broadcast()).texts == {"en": NEWS}


async def test_a_draft_outlives_another_command_and_is_offered_again(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    await office.write(PRIYA, NEWS)
    await office.write(PRIYA, "/newevent")
    await office.write(PRIYA, "/broadcast")
    await office.tap(PRIYA, "Draft: Dear …, the office is closed on Monday.")
    assert "Who gets it?" in office.last(PRIYA).text
    await office.tap(PRIYA, "Finish it later")
    assert "Your draft is kept" in office.last(PRIYA).text
    await office.write(PRIYA, "/broadcast")
    await office.tap(PRIYA, "Stop")
    assert "Nothing was written" in office.last(PRIYA).text


async def test_a_draft_is_dropped_only_with_a_second_tap(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Drop it")
    assert "Its words will be gone" in office.last(PRIYA).text
    await office.tap(PRIYA, "Keep it")
    assert "Ready to send" in office.last(PRIYA).text
    await office.tap(PRIYA, "Drop it")
    await office.tap(PRIYA, "Drop it")
    assert "The draft is dropped" in office.last(PRIYA).text
    await office.send_data(PRIYA, "broadcast:1:send:1")
    assert "That draft is gone" in office.toast


async def test_only_those_who_may_can_write_to_everybody(office: Office) -> None:
    await office.compose(ASH)
    for chat in (AMAL, TOM, STRANGER_CHAT):
        await office.write(chat, "/broadcast")
        assert "What should it say" not in office.last(chat).text
        for deed in ("send:4", "drop:yes", "words", "to:xyz", "open", "show", "approve:4", "recall:yes"):
            await office.send_data(chat, f"broadcast:1:{deed}")
        await office.post(chat, **PHOTO, caption="Mine")
    assert "Please ask one of them" in office.shown(TOM, "Coordinators")[1].text
    broadcast = await office.broadcast()
    assert (broadcast.state, broadcast.texts) == (BroadcastState.DRAFT, {"en": NEWS})


INVENTED = (
    "broadcast:",
    "broadcast:1",
    "broadcast:1:",
    "broadcast:1:send",
    "broadcast:1:send:x:y:z",
    "broadcast:x:send:1",
    "broadcast:1:nonsense",
    "broadcast:1:at:31-31-31",
    "broadcast:1:at:9999-12-31",
    "broadcast:1:to:00000000",
    "broadcast:1:lang:en",
    "broadcast:1:lang:xx",
    "broadcast:1:unlang:en",
    "broadcast:1:pause",
    "broadcast:1:recall:yes",
    "broadcast:1:correct:yes",
    "broadcast:1:keep",
    "broadcast:1:approve:1",
    "broadcast:99999999999:send:1",
)


async def test_whatever_a_client_invents_harms_nobody(office: Office) -> None:
    await office.compose()
    for data in INVENTED:
        await office.send_data(PRIYA, data)
        broadcast = await office.broadcast()
        assert (broadcast.state, broadcast.texts) == (BroadcastState.DRAFT, {"en": NEWS}), data
    await office.tick(timedelta(minutes=2))
    assert office.all(AMAL) == []


async def test_somebody_who_lost_the_role_is_heard_no_more(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    async with office.database.write() as session:
        priya = await session.get_one(type(office.cast.priya), office.cast.priya.id)
        priya.role = type(priya.role)("social_worker")
    await office.write(PRIYA, NEWS)
    assert "Please ask one of them" in office.last(PRIYA).text


async def test_a_colleague_who_drops_the_draft_is_not_written_over(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Change the words")
    await office.send_data(ASH, "broadcast:1:drop:yes")
    await office.write(PRIYA, "Closed on Tuesday.")
    assert "Somebody dropped that draft" in office.last(PRIYA).text


async def test_a_file_from_the_console_comes_with_the_message_a_moment_later(office: Office) -> None:
    await office.compose()
    async with office.database.write() as session:
        file = Attachment(
            filename="Rates.pdf",
            mime="application/pdf",
            is_photo=False,
            content=b"%PDF-1.7",
            created_at=office.now,
        )
        session.add(file)
        await session.flush()
        (await session.get_one(Broadcast, 1)).attachment_id = file.id
    await office.send_data(PRIYA, "broadcast:1:show")
    attachment = office.last(PRIYA).attachment
    assert attachment is not None
    assert (attachment.filename, attachment.content) == ("Rates.pdf", b"%PDF-1.7")


async def test_a_double_tap_on_who_gets_it_does_not_skip_what_it_is_about(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    await office.write(PRIYA, NEWS)
    shown, message = office.shown(PRIYA, "Who gets it?")
    data = message.buttons[0][0].data
    await office.send_data(PRIYA, data, shown)
    await office.send_data(PRIYA, data, shown)
    assert "What is it about?" in office.last(PRIYA).text


async def test_nobody_to_send_to_is_said_before_it_is_sent(office: Office) -> None:
    await office.write(PRIYA, "/broadcast")
    await office.write(PRIYA, NEWS)
    await office.tap(PRIYA, "Every constellation · 0")
    await office.tap(PRIYA, "Service news")
    assert "Nobody would get this" in office.last(PRIYA).text
    assert office.labels(PRIYA)[0] == ["Test to myself", "Send later…"]
    await office.send_data(PRIYA, "broadcast:1:send:3")
    assert (await office.broadcast()).state is BroadcastState.DRAFT


async def test_a_time_that_has_passed_meanwhile_is_said_and_nothing_is_sent(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send later…")
    await office.tap(PRIYA, "Tomorrow 9:30")
    office.now += timedelta(days=2)
    await office.tap(PRIYA, "Send 4 messages")
    assert "⚠️ That time is past" in office.last(PRIYA).text
    assert office.labels(PRIYA)[0] == ["Test to myself", "Send later…"]
    assert (await office.broadcast()).state is BroadcastState.DRAFT


async def test_who_is_left_out_and_who_waits_is_said_with_the_reason(office: Office) -> None:
    async with office.database.write() as session:
        carer = type(office.cast.amal)
        (await session.get_one(carer, office.cast.amal.id)).chat_id = None
        (await session.get_one(carer, office.cast.sam.id)).stopped_at = office.now
        lin = await session.get_one(carer, office.cast.lin.id)
        lin.paused_until = office.now + timedelta(hours=3)
    await office.write(PRIYA, "/broadcast")
    await office.write(PRIYA, NEWS)
    await office.write(PRIYA, "everyone")
    await office.tap(PRIYA, "Service news")
    summary = office.last(PRIYA).text
    assert "2 messages" in summary
    assert "Waiting a little: 1 on a break they chose" in summary
    assert "Left out: 1 not on Telegram or email, 1 asked for no messages" in summary


async def test_it_is_said_how_many_get_it_by_which_way(office: Office) -> None:
    async with office.database.write() as session:
        await note_mail(session, True, office.now)
        carer = type(office.cast.amal)
        sam, lin = [await session.get_one(carer, one.id) for one in (office.cast.sam, office.cast.lin)]
        sam.chat_id, sam.email = None, "sam@example.org"
        lin.chat_id, lin.channel = None, Channel.LETTER
    await office.compose()
    summary = office.last(PRIYA).text
    assert "4 messages: 2 on Telegram, 1 by email, 1 by letter" in summary
    assert "On Telegram all sent by about" in summary
    assert "By email all sent by about" in summary
    assert "Letters wait in the console to be printed" in summary
    assert office.labels(PRIYA)[0] == ["Send 4 messages"]
