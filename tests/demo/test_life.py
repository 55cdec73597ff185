"""Carers who answer by themselves: they see what people see, and tap like people."""

import asyncio
from random import Random

from sandbox.demo_life import Life
from sandbox.server import Sandbox
from sandbox.users import User


def _someone(sandbox: Sandbox, name: str = "Ray", *, pinned: bool = False) -> User:
    user = sandbox.add_user(name, "Varley", pinned=pinned)
    user.started = True
    return user


def _message(sandbox: Sandbox, user: User, *rows: list[tuple[str, str]]) -> int:
    keyboard = [[{"text": label, "callback_data": data} for label, data in row] for row in rows]
    content = {"text": "…", "reply_markup": {"inline_keyboard": keyboard}}
    number: int = user.put(sandbox.state.bot, content)["message_id"]
    return number


CARD = [("Going", "rsvp:1:going"), ("Maybe", "rsvp:1:maybe"), ("Can't go", "rsvp:1:not_going")]


def _life(sandbox: Sandbox, seed: int = 3) -> Life:
    return Life(sandbox, Random(seed), waits=lambda seconds: 0.0)


async def test_an_invitation_is_answered_once_with_one_of_its_buttons() -> None:
    sandbox = Sandbox()
    people = [_someone(sandbox, name) for name in ("Ray", "Joy", "Lee", "Kim", "Pat", "Val")]
    for user in people:
        _message(sandbox, user, CARD)
    life = _life(sandbox)
    while life.act_once():
        pass
    taps = list(sandbox.state.taps.values())
    assert 0 < len(taps) <= len(people)
    assert {tap.data for tap in taps} <= {data for _, data in CARD}
    assert len({tap.user_id for tap in taps}) == len(taps)
    assert not life.act_once()


async def test_whom_the_visitor_plays_and_who_has_blocked_the_bot_do_nothing_by_themselves() -> None:
    sandbox = Sandbox()
    played, blocked, new = _someone(sandbox, pinned=True), _someone(sandbox), _someone(sandbox)
    blocked.blocked, new.started = True, False
    for user in (played, blocked, new):
        _message(sandbox, user, [(str(number), f"feedback:1:{number}") for number in range(1, 6)])
    assert not _life(sandbox).act_once()


async def test_what_is_answered_already_asks_nothing() -> None:
    sandbox = Sandbox()
    user = _someone(sandbox)
    _message(sandbox, user, [("✅ Going", "rsvp:1:going"), *CARD[1:]])
    _message(sandbox, user, [("⏳ Going", "rsvp:2:going"), *CARD[1:]])
    assert not _life(sandbox).act_once()


async def test_feedback_gets_a_mark_from_one_to_five() -> None:
    sandbox = Sandbox()
    user = _someone(sandbox)
    _message(sandbox, user, [(str(number), f"feedback:7:{number}") for number in range(1, 6)])
    assert _life(sandbox).act_once()
    (tap,) = sandbox.state.taps.values()
    assert tap.data in {f"feedback:7:{number}" for number in range(1, 6)}


async def test_a_survey_is_gone_through_to_its_end() -> None:
    sandbox = Sandbox()
    user = _someone(sandbox)
    number = _message(sandbox, user, [("Start", "survey:4:start")])
    pages = [
        [[("Not at all", "survey:4:0:1"), ("Very much", "survey:4:0:5")], [("Skip", "survey:4:0:skip")]],
        [[("Back", "survey:4:1:back"), ("Send", "survey:4:send")]],
        [],
    ]

    def turn_the_page() -> None:
        for rows in pages[:1]:
            keyboard = [[{"text": label, "callback_data": data} for label, data in row] for row in rows]
            user.raw_messages[number]["reply_markup"] = {"inline_keyboard": keyboard}
        pages[:1] = []

    tapped: list[str] = []

    def note(event: object) -> None:
        if getattr(event, "kind", "") == "tap":
            tapped.append(getattr(event, "detail", {})["data"])
            turn_the_page()

    sandbox.state.listeners.append(note)
    life = _life(sandbox, seed=5)
    while not tapped:
        assert life.act_once()
    for _ in range(20):
        await asyncio.sleep(0)
    assert tapped[0] == "survey:4:start"
    assert tapped[1] in {"survey:4:0:1", "survey:4:0:5"}
    assert tapped[2:] == ["survey:4:send"]


async def test_words_are_written_once_and_never_after_the_answers_are_sent() -> None:
    sandbox = Sandbox()
    user = _someone(sandbox)
    number = _message(sandbox, user, [("Skip", "survey:4:6:skip")])
    life = _life(sandbox)
    message = user.message(number)
    while not any(not one.from_bot for one in user.messages):
        assert life._answer_question(user, message)
    for _ in range(20):
        assert life._answer_question(user, message)
    assert sum(not one.from_bot for one in user.messages) == 1
    review = _message(sandbox, user, [("Back", "survey:4:7:back"), ("Send", "survey:4:send")])
    assert not life._answer_question(user, user.message(review))
