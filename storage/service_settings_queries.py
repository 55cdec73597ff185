"""Reading and writing what was set in the console in place of the server's own settings."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, CursorResult, delete, select, update

from storage.engine import Session
from storage.rows import insert_for
from storage.service_settings import ServiceSetting
from storage.staff import StaffMember


class SettingRow(NamedTuple):
    """One setting with who set it; their name is null for a row that a restore brought without them."""

    name: str
    value: str
    version: int
    changed_at: datetime
    changed_by: str | None


async def setting_rows(session: Session) -> Sequence[SettingRow]:
    """All that is set in the console."""
    columns = (
        ServiceSetting.name,
        ServiceSetting.value,
        ServiceSetting.version,
        ServiceSetting.changed_at,
        StaffMember.name,
    )
    rows = await session.execute(
        select(*columns)
        .outerjoin(StaffMember, StaffMember.id == ServiceSetting.changed_by_id)
        .order_by(ServiceSetting.name)
    )
    return [SettingRow(*row) for row in rows]


async def add_setting(session: Session, name: str, value: str, now: datetime, by_id: int) -> bool:
    """Set what is not set yet; false where somebody was quicker."""
    row = {"name": name, "value": value, "version": 1, "changed_at": now, "changed_by_id": by_id}
    added = insert_for(session, ServiceSetting).values(row).on_conflict_do_nothing(index_elements=["name"])
    return await session.scalar(added.returning(ServiceSetting.name)) is not None


async def change_setting(session: Session, seen: SettingRow, value: str, now: datetime, by_id: int) -> bool:
    """Set another value in place of the one that was seen; false where that is not there any more."""
    changed = await session.execute(
        update(ServiceSetting)
        .where(*_is(seen))
        .values(value=value, version=seen.version + 1, changed_at=now, changed_by_id=by_id)
    )
    assert isinstance(changed, CursorResult)  # noqa: S101 - for the type checker
    return changed.rowcount == 1


async def drop_setting(session: Session, seen: SettingRow) -> bool:
    """Take a setting away; false where the one that was seen is not there any more."""
    dropped = await session.execute(delete(ServiceSetting).where(*_is(seen)))
    assert isinstance(dropped, CursorResult)  # noqa: S101 - for the type checker
    return dropped.rowcount == 1


def _is(seen: SettingRow) -> tuple[ColumnElement[bool], ...]:
    """The very row that was seen: the version alone begins anew where it was taken away and set once more."""
    return (
        ServiceSetting.name == seen.name,
        ServiceSetting.version == seen.version,
        ServiceSetting.changed_at == seen.changed_at,
    )
