"""Fostering panels that staff note, so that the household is asked how it was (`surveys.occasions`).

That one was held and what kind is all that is kept: never what was said or decided, which is for the
statutory record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.audit import record
from storage import panels_queries as queries
from storage.engine import Session
from storage.household_queries import lock_household
from storage.staff import StaffMember

LONGEST_AGO = timedelta(days=366)
"""How long back a panel can be noted; beyond it the year was mistyped."""


class About(StrEnum):
    """What a panel considered."""

    APPROVAL = "approval"
    REVIEW = "review"
    CHANGE = "change"
    """A change of the terms of approval."""
    OTHER = "other"


class PanelNoted(StrEnum):
    """What became of the wish to note a panel, or to take it back."""

    NOTED = "noted"
    TAKEN_BACK = "taken_back"
    NOT_FOUND = "not_found"
    FUTURE = "future"
    BEFORE_APPROVAL = "before_approval"
    TOO_LONG_AGO = "too_long_ago"
    ALREADY = "already"
    """A panel of that day is noted."""
    ENDED = "ended"
    """The household's approval has ended: it is asked about that."""
    ASKED = "asked"
    """Its carers were asked already: it cannot be taken back."""


@dataclass(frozen=True, slots=True)
class PanelLine:
    """A panel that was noted. ``held_on`` is a local day; ``asked_at``: when its carers were asked."""

    id: int
    held_on: date
    about: About
    asked_at: datetime | None


async def panels_of(session: Session, household_id: int) -> Sequence[PanelLine]:
    """The panels noted of a household, the latest first."""
    found = await queries.panels_of(session, household_id)
    return [PanelLine(one.id, one.held_on, About(one.about), one.asked_at) for one in found]


async def note_panel(
    session: Session,
    household_id: int,
    held_on: date,
    about: About,
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
) -> PanelNoted:
    """Note that a panel considered this household on this local day."""
    home = await lock_household(session, household_id)
    today = now.astimezone(zone).date()
    if home is None:
        return PanelNoted.NOT_FOUND
    if home.ended_on is not None and home.ended_on <= today:
        return PanelNoted.ENDED
    if held_on > today:
        return PanelNoted.FUTURE
    if held_on < home.approved_on:
        return PanelNoted.BEFORE_APPROVAL
    if held_on < today - LONGEST_AGO:
        return PanelNoted.TOO_LONG_AGO
    values = {"household_id": home.id, "held_on": held_on, "about": about.value, "noted_at": now}
    if await queries.add_panel(session, {**values, "noted_by_id": by.id}) is None:
        return PanelNoted.ALREADY
    await record(session, now, by, "panel.note", f"household:{home.ref}", held_on=held_on.isoformat())
    return PanelNoted.NOTED


async def take_back_panel(
    session: Session, household_id: int, panel_id: int, by: StaffMember, now: datetime
) -> PanelNoted:
    """The panel was noted by mistake: nobody is asked about it, unless they were already."""
    home = await lock_household(session, household_id)
    panel = await queries.locked_panel(session, panel_id, household_id)
    if home is None or panel is None:
        return PanelNoted.NOT_FOUND
    if panel.asked_at is not None:
        return PanelNoted.ASKED
    held_on = panel.held_on.isoformat()
    await queries.delete_panel(session, panel.id)
    await record(session, now, by, "panel.take_back", f"household:{home.ref}", held_on=held_on)
    return PanelNoted.TAKEN_BACK


__all__ = ["About", "PanelLine", "PanelNoted", "note_panel", "panels_of", "take_back_panel"]
