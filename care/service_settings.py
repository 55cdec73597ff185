"""Settings that an administrator puts before those of the server, without a restart.

What is set here holds; without it the server's own value does. Which names there are, and which values are
right, is the server's to say: whoever calls has asked it (`bot.decided`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from broadcasts.policy import Why
from carers.audit import record
from storage.deliveries_held import held_by_reason, judge_all_again
from storage.engine import Session
from storage.service_settings_queries import (
    SettingRow,
    add_setting,
    change_setting,
    drop_setting,
    setting_rows,
)
from storage.staff import StaffMember

BY_THE_SERVICE = (Why.QUIET_HOURS, Why.WEEKLY_CAP)
"""Why something is held back by what the service has decided, not by what a carer has."""


@dataclass(frozen=True, slots=True)
class ConsoleSetting:
    """One setting as the console has it. ``mark`` tells this state of it from any other, of all times."""

    row: SettingRow

    @property
    def value(self) -> str:
        """As it would stand in the environment."""
        return self.row.value

    @property
    def changed_at(self) -> datetime:
        return self.row.changed_at

    @property
    def changed_by(self) -> str:
        return self.row.changed_by or "somebody"

    @property
    def mark(self) -> str:
        # The version alone begins anew when a setting was taken back and is set once more.
        return f"{self.row.version}.{self.row.changed_at.timestamp():.6f}"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody is about to change. ``server``: what holds without the console. ``seen``: the mark of
    what they saw when they decided, empty where nothing was set."""

    name: str
    server: str
    seen: str


class Outcome(StrEnum):
    """What came of a change. ``SAME``: it was so already. ``OVERTAKEN``: somebody changed it meanwhile."""

    DONE = "done"
    SAME = "same"
    OVERTAKEN = "overtaken"


async def console_settings(session: Session) -> dict[str, ConsoleSetting]:
    """All that is set in the console, by name."""
    return {row.name: ConsoleSetting(row) for row in await setting_rows(session)}


async def set_in_console(
    session: Session, change: Change, value: str, by: StaffMember, now: datetime
) -> Outcome:
    """Let this value hold from now on, in every process within seconds."""
    present = (await console_settings(session)).get(change.name)
    old = present.value if present else change.server
    if old == value:
        return Outcome.SAME
    if (present.mark if present else "") != change.seen:
        return Outcome.OVERTAKEN
    if present is None:
        done = await add_setting(session, change.name, value, now, by.id)
    else:
        done = await change_setting(session, present.row, value, now, by.id)
    if not done:
        return Outcome.OVERTAKEN
    await record(session, now, by, "setting.change", f"setting:{change.name}", old=old, new=value)
    return Outcome.DONE


async def leave_to_server(session: Session, change: Change, by: StaffMember, now: datetime) -> Outcome:
    """Let the server's value hold again."""
    present = (await console_settings(session)).get(change.name)
    if present is None:
        return Outcome.SAME
    if present.mark != change.seen or not await drop_setting(session, present.row):
        return Outcome.OVERTAKEN
    old, new = present.value, change.server
    await record(session, now, by, "setting.leave", f"setting:{change.name}", old=old, new=new)
    return Outcome.DONE


async def held_back(session: Session) -> Mapping[str, int]:
    """How many deliveries wait because of the service's rules, by ``quiet_hours`` and ``weekly_cap``."""
    return await held_by_reason(session, BY_THE_SERVICE)


async def judge_held_back(session: Session, now: datetime) -> int:
    """Judge what the service's rules hold back by those that hold now; how many that were.

    Without it they would go out at the time at which the rules that were would have let them go.
    """
    return await judge_all_again(session, BY_THE_SERVICE, now)
