"""A sender that answers as it is told, and remembers what it was asked."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from broadcasts.sender import Outcome, Refused, Retry, Sent, Unknown, Unreachable

FLOOD = Retry(timedelta(seconds=30), "flood", everyone=True)
NOT_CONNECTED = Retry(timedelta(seconds=2), "not_connected")
BLOCKED = Unreachable("blocked")
NO_ANSWER = Unknown("no_answer")
WRONG = Refused("message is too long")


class Killed(BaseException):
    """Stands for kill -9 while a request is on its way: nothing after it runs."""


@dataclass(frozen=True)
class Request:
    """One request as it came in. ``message`` is what the renderer made; a toast's is its text."""

    op: str
    chat_id: int
    message: Any = None
    message_id: int | None = None

    @property
    def text(self) -> str:
        return self.message if isinstance(self.message, str) else str(getattr(self.message, "text", ""))


Answer = Outcome | type[Killed] | Callable[[Request], Outcome]


@dataclass
class FakeSender:
    """Takes each answer from ``script`` while there is one, then accepts everything.

    ``arrived``: the requests whose message is in the chat; ``unknown_arrives`` says whether one that was
    never answered is among them.
    """

    script: deque[Answer] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    arrived: list[Request] = field(default_factory=list)
    unknown_arrives: bool = True
    last_id: int = 5000

    def will(self, *answers: Answer) -> None:
        """Answer the next requests like this, one after the other."""
        self.script.extend(answers)

    def sent_to(self, chat_id: int) -> list[str]:
        """The texts of the new messages that arrived in this chat, in order."""
        return [
            request.text for request in self.arrived if (request.op, request.chat_id) == ("send", chat_id)
        ]

    def ops(self) -> list[str]:
        return [request.op for request in self.requests]

    async def send(self, chat_id: int, message: Any) -> Outcome:
        return self._answer(Request("send", chat_id, message))

    async def edit(self, chat_id: int, message_id: int, message: Any, *, photo: bool = False) -> Outcome:
        return self._answer(Request("edit", chat_id, message, message_id))

    async def delete(self, chat_id: int, message_id: int) -> Outcome:
        return self._answer(Request("delete", chat_id, None, message_id))

    async def toast(self, callback_id: str, text: str) -> Outcome:
        return self._answer(Request("toast", 0, text))

    def _answer(self, request: Request) -> Outcome:
        self.requests.append(request)
        answer = self.script.popleft() if self.script else self._accept(request)
        if isinstance(answer, type):
            if self.unknown_arrives:
                self.arrived.append(request)
            raise answer
        outcome = answer if not callable(answer) else answer(request)
        if isinstance(outcome, Sent) or (isinstance(outcome, Unknown) and self.unknown_arrives):
            self.arrived.append(request)
        return outcome

    def _accept(self, request: Request) -> Sent:
        if request.op != "send":
            return Sent(request.message_id)
        self.last_id += 1
        return Sent(self.last_id)
