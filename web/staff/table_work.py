"""A table that is too long to wait for, written as long work: by the same function as a short one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web

from carers.roles import may
from carers.sign_in import Visit
from carers.works import PASSING, Ended
from storage.engine import Session
from web.staff.taking import TABLE_WORK, TAKINGS, a_file, file_name, write
from web.staff.views import Look
from web.working import Finish, Job, WorkKind


@dataclass(frozen=True, slots=True)
class _Address:
    """What a table reads of the request that asked for it."""

    match_info: Mapping[str, str]
    query: Mapping[str, str]


async def make(job: Job) -> Finish:
    """Write the table as it stands now, for whoever asked, if they still may."""
    taking, ending = TAKINGS[job.params["path"]], job.params["ending"]
    if not may(job.by, taking.action):
        return _refused
    address = cast(web.Request, _Address(**job.params[PASSING]))

    def written(rows: int) -> None:
        job.progress.what = f"{rows:,} rows are written"

    with a_file() as file:
        async with job.parts.database.read() as session:
            look = Look(address, session, Visit(job.by, "", job.now), job.now, job.parts)
            sheet = await taking.table_of(look)
            rows = await write(file, sheet, ending, look, written=written)
        file.seek(0)
        body = file.read()

    async def finish(session: Session) -> Ended:
        await taking.note(look, sheet, rows, ending, session)
        said = f"It has {rows:,} rows, and is kept for a day."
        return Ended(said, file=body, file_name=file_name(sheet, look, ending))

    return finish


async def _refused(session: Session) -> Ended:
    return Ended("Your role does not include this table any more.", refused=True)


def _title(params: Mapping[str, Any]) -> str:
    kind = "Excel" if params["ending"] == "xlsx" else "CSV"
    return f"{params['name'].replace('-', ' ').capitalize()} as {kind}"


KINDS = {TABLE_WORK: WorkKind(_title, make)}
