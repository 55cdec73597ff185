"""Carers of the demo who answer by themselves: they look at their chat and tap, at a believable pace.

They do what people do and know no more than people see: the buttons under the bot's latest messages. Quick at
first, so that whoever has just opened the demo sees it move; then slower.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from sandbox.demo_names import REMARKS, SURVEY_COMMENTS
from sandbox.server import Sandbox
from sandbox.users import User
from sandbox.views import Button, MessageView

LIVELY_FOR = 240.0
"""Seconds from the start during which somebody does something every one to three seconds."""

LIVELY, CALM = (1.0, 3.0), (8.0, 30.0)
SURVEY_PAUSE = (2.0, 6.0)
LOOKED_AT = 12
"""How many of the latest messages in a chat somebody looks at."""

NOT_NOW = 0.35
"""The share of messages that a carer leaves for good."""


@dataclass(slots=True)
class Life:
    """What the carers of one sandbox do. Everything runs on its event loop."""

    sandbox: Sandbox
    random: Random = field(default_factory=Random)
    waits: Callable[[float], float] = field(default=lambda seconds: seconds)
    """How long a pause of so many seconds takes: tests take none."""
    _done: set[tuple[int, int, str]] = field(default_factory=set)
    _busy: dict[int, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Live until cancelled."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            while True:
                lively = loop.time() - begun < LIVELY_FOR
                await asyncio.sleep(self.waits(self.random.uniform(*(LIVELY if lively else CALM))))
                self.act_once()
        finally:
            for task in self._busy.values():
                task.cancel()

    def act_once(self) -> bool:
        """Let one carer answer one message; false if nobody has anything to answer."""
        people = [user for user in self.sandbox.users if self._answers_alone(user)]
        self.random.shuffle(people)
        for user in people:
            message = self._to_answer(user)
            if message is not None:
                self._answer(user, message)
                return True
        return False

    def _answers_alone(self, user: User) -> bool:
        away = user.blocked or user.deactivated or not user.started
        return not (user.pinned or away or user.id in self._busy)

    def _to_answer(self, user: User) -> MessageView | None:
        """One of the latest messages that asks something and was neither answered nor let be."""
        numbers = list(user.raw_messages)[-LOOKED_AT:]
        for number in self.random.sample(numbers, len(numbers)):
            message = user.message(number)
            asks = _asks(message)
            if not asks or (user.id, number, asks) in self._done:
                continue
            self._done.add((user.id, number, asks))
            if self.random.random() > NOT_NOW or asks == "feedback":
                return message
        return None

    def _answer(self, user: User, message: MessageView) -> None:
        user.read()
        match _asks(message):
            case "rsvp":
                self._answer_invitation(user, message)
            case "feedback":
                button = self.random.choices(message.rows[0], (1, 1, 2, 6, 7))[0]
                user.tap(message, button.data or "")
            case "survey":
                user.tap(message, message.buttons[0].data or "")
                self._busy[user.id] = asyncio.ensure_future(self._take_survey(user))

    def _answer_invitation(self, user: User, message: MessageView) -> None:
        random = self.random
        weights = {"going": 5, "in_person": 4, "online": 3, "maybe": 1, "not_going": 5}
        choices = message.rows[0]
        chosen = random.choices(choices, [weights.get(_last(button), 1) for button in choices])[0]
        user.tap(message, chosen.data or "")
        says_more = random.random()
        if says_more < 0.04:
            user.say(random.choice(REMARKS))
        elif says_more < 0.5 and _last(chosen) == "going":
            self._busy[user.id] = asyncio.ensure_future(self._bring_family(user, message.id))

    async def _bring_family(self, user: User, message_id: int) -> None:
        """Where families are asked who comes, say so: a few children, and perhaps a second adult."""
        try:
            await self._pause(user)
            for label in ("Change who is coming", "+", "+", "Done"):
                button = self._find(user, message_id, label)
                if button is None:
                    return
                user.tap(message_id, button.data or "")
                await self._pause(user)
        finally:
            self._busy.pop(user.id, None)

    def _find(self, user: User, message_id: int, label: str) -> Button | None:
        if message_id not in user.raw_messages:
            return None
        found = [button for button in user.message(message_id).buttons if button.label == label]
        return self.random.choice(found) if found else None

    async def _take_survey(self, user: User) -> None:
        """Go through a survey question by question; some give up on the way."""
        try:
            for _ in range(40):
                await self._pause(user)
                message = _survey_of(user)
                if message is None or self.random.random() < 0.03 or not self._answer_question(user, message):
                    return
        finally:
            self._busy.pop(user.id, None)

    def _answer_question(self, user: User, message: MessageView) -> bool:
        """Tap an answer, or send the sheet off; false where there is nothing more to answer."""
        buttons = [button for button in message.buttons if _first(button) == "survey"]
        words = (user.id, message.id, "words")
        if not buttons or words in self._done:
            return bool(buttons)  # having written, one waits for the next page
        self._done.add((user.id, message.id, "survey"))
        send = next((button for button in buttons if _last(button) == "send"), None)
        answers = [button for button in buttons if _last(button).isdecimal()]
        if send is not None:
            user.tap(message, send.data or "")
            return False
        if answers:
            # People are kinder than chance: the later of two.
            chosen = max(self.random.sample(range(len(answers)), min(2, len(answers))))
            user.tap(message, answers[chosen].data or "")
        elif (skip := next((button for button in buttons if _last(button) == "skip"), None)) is not None:
            if self.random.random() < 0.3:
                self._done.add(words)
                user.say(self.random.choice(SURVEY_COMMENTS["help"]))
            else:
                user.tap(message, skip.data or "")
        return True  # the first page may not have turned yet

    async def _pause(self, user: User) -> None:
        await asyncio.sleep(self.waits(self.random.uniform(*SURVEY_PAUSE)))


def _survey_of(user: User) -> MessageView | None:
    """The latest message in which a survey waits for a tap."""
    for number in reversed(list(user.raw_messages)[-LOOKED_AT:]):
        message = user.message(number)
        if message.from_bot and any(_first(button) == "survey" for button in message.buttons):
            return message
    return None


def _asks(message: MessageView) -> str:
    """What a message asks for: an answer to an invitation, feedback, a survey, or nothing that is open."""
    if not message.from_bot or not message.rows or not message.rows[0]:
        return ""
    first = message.rows[0]
    kind = _first(first[0])
    if kind == "rsvp":
        answered = any(button.label.startswith(("✅", "⏳")) for button in first)
        return "" if answered else "rsvp"
    if kind == "feedback" and len(first) == 5:
        return "feedback"
    return "survey" if kind == "survey" and _last(first[0]) == "start" else ""


def _first(button: Button) -> str:
    """The topic of a button, as its data on the wire begins."""
    return (button.data or "").partition(":")[0]


def _last(button: Button) -> str:
    return (button.data or "").rpartition(":")[2]
