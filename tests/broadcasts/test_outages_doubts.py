"""5xx, resets and time-outs: whoever sent a request and heard nothing cannot know whether it was carried out.

So it is not made again, but shown to staff; except for what is better said twice than never.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import pytest

import bot.request
from bot.sender import UPLOAD_WAIT
from broadcasts import ledger_views
from broadcasts.kinds import KINDS as ALL_KINDS
from sandbox.faults import Fault, hang, reset, server_error
from storage.deliveries import Delivery, DeliveryState, Errand
from tests.broadcasts.outages import Wire
from texts.message import Attachment, Message

RETRYING, SENT, UNKNOWN = DeliveryState.RETRYING, DeliveryState.SENT, DeliveryState.UNKNOWN
MINUTE = timedelta(minutes=1)
When = Literal["before", "after"]
CASES: dict[str, tuple[Callable[..., Fault], str]] = {
    "a 502": (lambda **where: server_error(502, **where), "server_fault"),
    "a reset": (reset, "no_answer"),
    "a time-out": (hang, "no_answer"),
}
KINDS = {name: kind for name, kind in ALL_KINDS.items() if kind.app}
REPEATED = sorted(kind.name for kind in KINDS.values() if kind.repeats)
SAID_ONCE = sorted(kind.name for kind in KINDS.values() if not kind.repeats)


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What goes wrong. Of the twenty seconds without an answer a fraction passes, and only where none comes:
    it counts for bots made from here on, so whoever wants the wire too names this one first."""
    if request.param == "a time-out":
        monkeypatch.setattr(bot.request, "ANSWER_SECONDS", 0.3)
        # An upload is watched by the clock, and a busy machine may stand still for a moment.
        monkeypatch.setattr(bot.request, "_USUAL", bot.request._timeout(1.0))
    return str(request.param)


@pytest.fixture(params=["before", "after"])
def when(request: pytest.FixtureRequest) -> When:
    """Whether the request fails before it takes effect or after: its sender sees no difference."""
    return request.param  # type: ignore[no-any-return]  # one of the two


async def one_of_each_kind(wire: Wire) -> None:
    for kind, carer in zip(KINDS, await wire.crowd(len(KINDS)), strict=True):
        await wire.queue(kind, carer)


def test_what_is_repeated_is_what_loses_somebody_the_way() -> None:
    assert REPEATED == ["cancellation", "change", "join_link"]


async def test_one_request_without_an_answer_leaves_a_doubt_or_is_made_once_more(
    case: str, wire: Wire, when: When
) -> None:
    spoil, reason = CASES[case]
    await one_of_each_kind(wire)
    wire.spoil(spoil(method="sendMessage", when=when, times=len(KINDS)))
    await wire.go()
    assert len(wire.requests) == len(KINDS)
    for minutes in (1, 1, 60, 24 * 60):
        await wire.later(minutes * MINUTE)
    assert len(wire.requests) == len(KINDS) + len(REPEATED)
    arrived = 1 if when == "after" else 0
    for row in await wire.deliveries():
        if row.kind in REPEATED:
            assert (row.state, row.reason, row.attempts, row.doubts) == (SENT, None, 2, 1)
            assert wire.shown(row.chat_id) == [row.dedupe_key] * (arrived + 1)
        else:
            assert (row.state, row.reason, row.attempts, row.doubts) == (UNKNOWN, reason, 1, 1)
            assert row.message_id is None
            assert wire.shown(row.chat_id) == [row.dedupe_key] * arrived
    await wire.the_chats_bear_the_ledger_out()


async def test_what_is_never_answered_is_asked_twice_at_most_and_shown_to_staff(
    case: str, file_wire: Wire
) -> None:
    wire = file_wire
    spoil, reason = CASES[case]
    await one_of_each_kind(wire)
    fault = wire.spoil(spoil(method="sendMessage", when="after"))
    await wire.go()
    before_the_second = await wire.states()
    assert before_the_second[RETRYING, reason] == len(REPEATED)
    for minutes in (1, 60):
        await wire.later(minutes * MINUTE)
    fault.times = 0
    await wire.later(24 * 60 * MINUTE)
    assert await wire.states() == {(UNKNOWN, reason): len(KINDS)}
    assert len(wire.requests) == len(KINDS) + len(REPEATED)
    await wire.the_chats_bear_the_ledger_out()
    async with wire.database.read() as session:
        shown = {(row.kind, row.state) for row in await ledger_views.troubled(session)}
    # Who has not taken part in a survey is nobody's business.
    assert shown == {(kind, UNKNOWN) for kind in KINDS if kind != "survey_reminder"}


async def test_a_server_that_fails_every_third_request_costs_no_one_a_second_message(file_wire: Wire) -> None:
    wire = file_wire
    await wire.queue("reminder", *await wire.crowd(60))
    wire.spoil(server_error(503, method="sendMessage", every=3, when="after"))
    wire.spoil(reset(method="sendMessage", every=7, when="before"))
    await wire.go()
    await wire.later(60 * MINUTE)
    states = await wire.states()
    assert states[SENT, None] + states[UNKNOWN, "server_fault"] + states[UNKNOWN, "no_answer"] == 60
    assert states[UNKNOWN, "no_answer"] == 60 // 7
    assert len(wire.requests) == 60
    await wire.the_chats_bear_the_ledger_out()


async def test_what_is_taken_back_during_faults_is_gone_in_the_end(case: str, file_wire: Wire) -> None:
    wire = file_wire
    spoil, _ = CASES[case]
    await wire.queue("broadcast", *await wire.crowd(12))
    await wire.go()
    async with wire.database.write() as session:
        for row in await wire.deliveries():
            found = await session.get_one(Delivery, row.id)
            found.errand, found.errand_at = Errand.DELETE, wire.now
    wire.spoil(spoil(method="deleteMessage", when="before", times=6))
    wire.spoil(spoil(method="deleteMessage", when="after", times=3))
    for _ in range(5):
        await wire.later(MINUTE)
    assert await wire.states() == {(DeliveryState.RECALLED, None): 12}
    assert [wire.shown(row.chat_id) for row in await wire.deliveries()] == [[]] * 12


class Poster:
    """Puts the same file above all words."""

    def render(self, kind: str, params: dict[str, str], language: str) -> Message:
        poster = Attachment("poster.txt", b"Coffee afternoon", "text/plain", key="poster")
        return Message(params["words"], attachment=poster)


async def test_a_file_that_goes_to_many_survives_a_few_faults(case: str, file_wire: Wire) -> None:
    wire = file_wire
    spoil, reason = CASES[case]
    await wire.queue("broadcast", *await wire.crowd(12))
    wire.start(renderer=Poster())
    wire.spoil(spoil(method="sendDocument", when="after", skip=5, times=2))
    await wire.go()
    assert await wire.states() == {(SENT, None): 1, (RETRYING, "waits_for_upload"): 11}
    await wire.later(UPLOAD_WAIT)
    assert await wire.states() == {(SENT, None): 10, (UNKNOWN, reason): 2}
    assert len(uploads_and_mentions(wire)) == 12
    assert uploads_and_mentions(wire).count("upload") == 1
    await wire.the_chats_bear_the_ledger_out()


async def test_an_upload_without_an_answer_leaves_one_in_doubt_and_the_others_wait_for_the_next(
    case: str, file_wire: Wire
) -> None:
    wire = file_wire
    spoil, reason = CASES[case]
    await wire.queue("broadcast", *await wire.crowd(12))
    wire.start(renderer=Poster())
    wire.spoil(spoil(method="sendDocument", times=2))
    await wire.go()
    assert await wire.states() == {(UNKNOWN, reason): 1, (RETRYING, "waits_for_upload"): 11}
    assert len(uploads_and_mentions(wire)) == 1
    await wire.later(UPLOAD_WAIT)
    assert await wire.states() == {(UNKNOWN, reason): 2, (RETRYING, "waits_for_upload"): 10}
    for _ in range(2):
        await wire.later(UPLOAD_WAIT)
    assert await wire.states() == {(UNKNOWN, reason): 2, (SENT, None): 10}
    assert {row.attempts for row in await wire.deliveries()} == {1}
    assert uploads_and_mentions(wire) == ["upload"] * 3 + ["mention"] * 9
    await wire.the_chats_bear_the_ledger_out()


def uploads_and_mentions(wire: Wire) -> list[str]:
    """Of each message with a file: whether its content went along, or the name that the server gave it."""
    asked = [str(request.arguments["document"]) for request in wire.sandbox.requests_of("sendDocument")]
    return ["upload" if document.endswith("bytes)") else "mention" for document in asked]
