"""What staff see of broadcasts, and what they may do to each as it stands."""

import pytest

from broadcasts.broadcast_views import (
    BroadcastList,
    Deed,
    ReportPage,
    attachment_content,
    broadcast_page,
    list_broadcasts,
    pulse,
    report_rows,
)
from broadcasts.drafts import keep_attachment
from broadcasts.forecast import Tally
from broadcasts.stopping import REACH_BACK
from storage.broadcasts import BroadcastState
from storage.deliveries import DeliveryState
from storage.engine import Database
from tests.broadcasts.broadcasting import DAY, HOUR, MINUTE, Desk, open_desk
from tests.support.delivery import POLICY
from tests.support.fake_sender import BLOCKED, NO_ANSWER, NOT_CONNECTED, WRONG

BEGUN = {Deed.RECALL, Deed.CORRECT}


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await open_desk(database)


async def deeds(desk: Desk, number: int) -> set[Deed]:
    return set((await desk.page(number)).deeds)


async def test_what_may_be_done_follows_the_state(desk: Desk) -> None:
    number = await desk.draft()
    assert await deeds(desk, number) == {Deed.EDIT, Deed.CONFIRM, Deed.DISCARD, Deed.TEST}
    await desk.confirm(number)
    assert await deeds(desk, number) == {Deed.UNSCHEDULE, Deed.CANCEL, Deed.TEST}
    desk.now += MINUTE
    await desk.start_due()
    assert await deeds(desk, number) == {Deed.PAUSE, Deed.CANCEL, *BEGUN}
    await desk.pause(number)
    assert await deeds(desk, number) == {Deed.RESUME, Deed.CANCEL, *BEGUN}
    await desk.resume(number)
    await desk.go()
    await desk.finish_done()
    assert await deeds(desk, number) == BEGUN
    desk.now += REACH_BACK
    assert await deeds(desk, number) == set()


async def test_what_was_called_off_or_taken_back_is_over(desk: Desk) -> None:
    before, after = await desk.draft("One"), await desk.begun("Two")
    await desk.confirm(before)
    await desk.cancel(before)
    assert await deeds(desk, before) == set()
    await desk.recall(after)
    assert await deeds(desk, after) == set()


async def test_nobody_approves_their_own(desk: Desk) -> None:
    desk.allow(approval_above=1)
    number = await desk.draft(by=desk.cast.ash)
    await desk.confirm(number, desk.cast.priya)
    everybody = {Deed.SEND_BACK, Deed.CANCEL, Deed.TEST}
    for own in (desk.cast.priya, desk.cast.ash):
        assert (await desk.page(number, own)).deeds == everybody
    assert (await desk.page(number, desk.cast.dee)).deeds == everybody | {Deed.APPROVE}


async def test_a_page_tells_who_did_what_and_when(desk: Desk) -> None:
    desk.allow(approval_above=1)
    file = await desk.do(
        keep_attachment, filename="a.pdf", mime="application/pdf", content=b"%PDF", now=desk.now
    )
    number = await desk.draft("*Coffee* with {first_name}\nAnd cake", attachment_id=file, topic="socials")
    written = desk.now
    await desk.confirm(number, desk.cast.ash)
    desk.now += HOUR
    await desk.approve(number)
    page = await desk.page(number)
    assert (page.title, page.texts) == ("Coffee with …", {"en": "*Coffee* with {first_name}\nAnd cake"})
    assert (page.audience, page.audience_words, page.topic) == ("all", "Everyone", "socials")
    assert (page.written_by, page.changed_by) == ("Priya Lane", "Priya Lane")
    assert (page.confirmed_by, page.approved_by) == ("Ash Moor", "Dee Hall")
    assert (page.created_at, page.confirmed_at, page.approved_at) == (written, written, desk.now)
    assert (page.starts_at, page.started_at, page.paused_at) == (desk.now + MINUTE, None, None)
    assert page.attachment is not None
    assert (page.attachment.filename, page.attachment.size, page.attachment.has_content) == ("a.pdf", 4, True)
    assert page.attachment_id == page.attachment.id


async def test_what_telegram_keeps_has_nothing_to_look_at(desk: Desk) -> None:
    file = await desk.do(
        keep_attachment, filename="a.pdf", mime="application/pdf", telegram_file_id="BQAC", now=desk.now
    )
    number = await desk.draft(attachment_id=file)
    page = await desk.page(number)
    assert page.attachment is not None
    assert not page.attachment.has_content
    async with desk.database.read() as session:
        found = await attachment_content(session, number)
        assert found is not None
        assert found.content is None
        assert await attachment_content(session, 99) is None
        assert await broadcast_page(session, 99, desk.cast.priya, desk.now) is None
        assert await pulse(session, 99, POLICY, desk.now) is None


async def test_the_list_is_by_pages_the_latest_first(desk: Desk) -> None:
    numbers = [await desk.draft(f"Message {turn}") for turn in range(5)]
    await desk.confirm(numbers[0])

    async def listed(page: int, state: BroadcastState | None = None) -> BroadcastList:
        async with desk.database.read() as session:
            return await list_broadcasts(session, page=page, per_page=2, state=state)

    first = await listed(1)
    assert [line.title for line in first.lines] == ["Message 4", "Message 3"]
    assert (first.total, first.page, first.pages) == (5, 1, 3)
    last = await listed(99)
    assert ([line.title for line in last.lines], last.page) == (["Message 0"], 3)
    assert (await listed(0)).page == 1
    (line,) = (await listed(1, BroadcastState.SCHEDULED)).lines
    assert (line.id, line.written_by, line.audience_words) == (numbers[0], "Priya Lane", "Everyone")
    assert (await listed(1, BroadcastState.PAUSED)).lines == []


async def test_a_long_first_line_is_cut(desk: Desk) -> None:
    greeted = (await desk.page(await desk.draft("Hello {first_name},\n\nThe office is closed."))).title
    assert greeted == "The office is closed."
    assert (await desk.page(await desk.draft("Happy New Year!"))).title == "Happy New Year!"
    title = (await desk.page(await desk.draft("word " * 40))).title
    assert (len(title), title[-1]) == (60, "…") or title.endswith("word…")


async def test_the_pulse_counts_every_state(desk: Desk) -> None:
    await desk.change(desk.cast.jo, stopped_at=desk.now)
    number = await desk.draft()
    empty = await desk.pulse(number)
    assert (empty.state, empty.total, empty.finishes_at) == (BroadcastState.DRAFT, 0, None)
    await desk.confirm(number)
    desk.now += MINUTE
    await desk.start_due()
    before = await desk.pulse(number)
    assert (before.total, before.waiting, before.sent) == (4, 4, 0)
    assert before.finishes_at is not None
    desk.sender.will(NOT_CONNECTED, NO_ANSWER)
    await desk.go()
    now = await desk.pulse(number)
    assert (now.sent, now.retrying, now.unknown, now.skipped, now.waiting) == (1, 1, 1, 1, 0)
    assert set(now.reasons) == {Tally("not_connected", 1), Tally("no_answer", 1), Tally("stopped", 1)}
    assert now.finishes_at == desk.now
    desk.now += HOUR
    desk.sender.will(WRONG)
    await desk.go()
    await desk.finish_done()
    over = await desk.pulse(number)
    assert (over.state, over.failed, over.finishes_at) == (BroadcastState.FINISHED, 1, None)


async def test_the_pulse_knows_held_missed_cancelled_and_recalled(desk: Desk) -> None:
    await desk.change(desk.cast.sam, paused_until=desk.now + DAY)
    await desk.change(desk.cast.lin, paused_until=desk.now + 9 * DAY)
    number = await desk.begun()
    await desk.go()
    assert (await desk.pulse(number)).held == 2
    desk.now += 4 * DAY
    await desk.go()
    missed = await desk.pulse(number)
    assert (missed.missed, missed.held, missed.reasons) == (2, 0, [Tally("paused", 2)])
    desk.now += DAY
    another = await desk.begun("Another")
    desk.sender.will(NOT_CONNECTED)
    await desk.go()
    await desk.recall(another)
    await desk.go()
    assert ((await desk.pulse(another)).cancelled, (await desk.pulse(another)).recalled) == (2, 2)


async def test_the_report_lists_every_recipient(desk: Desk) -> None:
    number = await desk.begun()
    desk.sender.will(BLOCKED, NO_ANSWER)
    await desk.go()

    async def rows(state: DeliveryState | None = None, page: int = 1) -> ReportPage:
        async with desk.database.read() as session:
            found = await report_rows(session, number, page=page, per_page=3, state=state)
        assert found is not None
        return found

    first, second = await rows(), await rows(page=2)
    assert (first.total, first.pages, len(first.rows), len(second.rows)) == (4, 2, 3, 1)
    (failed,) = (await rows(DeliveryState.FAILED)).rows
    assert (failed.carer_ref, failed.name, failed.language) == ("C1", "Amal Reed", "en")
    assert (failed.reason, failed.sent_at) == ("blocked", None)
    assert [row.sent_at for row in (await rows(DeliveryState.UNKNOWN)).rows] == [None]
    async with desk.database.read() as session:
        assert await report_rows(session, 99, page=1) is None
    everybody = [*first.rows, *second.rows]
    assert len({row.carer_ref for row in everybody}) == 4
    assert [row.sent_at for row in everybody if row.state is DeliveryState.SENT] == [desk.now] * 2


async def test_the_report_of_a_draft_is_empty(desk: Desk) -> None:
    number = await desk.draft()
    async with desk.database.read() as session:
        assert await report_rows(session, number, page=3) == ReportPage([], 0, 1, 1)
