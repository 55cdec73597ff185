"""What a kind of long work is: how it is called, and what it does away from the page that asked for it.

A kind does its reading and reckoning first, without a transaction that would keep others waiting, and returns
what is left to write: that is run in one transaction with the note that the work has ended.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from carers.roles import StaffMember
from carers.works import Ended
from storage.engine import Session
from web.parts import Parts, Progress

Finish = Callable[[Session], Awaitable[Ended]]
"""The last part, in the transaction that ends the work."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a piece of work. ``now``: when it began, aware UTC; ``by``: who asked."""

    id: int
    parts: Parts
    by: StaffMember
    now: datetime
    params: Mapping[str, Any]
    progress: Progress = field(default_factory=Progress)


@dataclass(frozen=True, slots=True)
class WorkKind:
    """``title``: what it is called, by its parameters. ``repeatable``: beginning anew after a crash
    harms nobody."""

    title: Callable[[Mapping[str, Any]], str]
    run: Callable[[Job], Awaitable[Finish]]
    repeatable: bool = True
