"""Large files of the register: read, compared and taken in while whoever brought them does other things.

Reading needs no database. Comparing and taking in hold SQLite's one writer, so they come last and go through
the rows in slices.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from carers import register_drafts as drafts
from carers.pace import Pace
from carers.register_drafts import Preview, Taken
from carers.register_file import ReadFile, read_file
from carers.register_shown import as_file, in_short
from carers.works import Ended
from events.register_taking import follow_the_register
from storage.engine import Session
from web.staff.words import plural
from web.working import Finish, Job, WorkKind

LOOK_AT, TAKE_IN = "register.look", "register.take"
INVITED_SOON = "Who is new is invited within minutes to the events that are open for them."
GONE = "That file is not here any more. Nothing was changed."


async def _read(job: Job) -> ReadFile | None:
    """The file that the job is about; None where it is gone."""
    job.progress.what = "Reading the file"
    async with job.parts.database.read() as session:
        found = await drafts.read_draft(session, job.params["draft"])
    if found is None:
        return None
    read = await read_file(*found, _today(job))
    job.progress.at(0, read.rows)
    return read


def _today(job: Job) -> date:
    return job.now.astimezone(job.parts.texts.zone).date()


async def look(job: Job) -> Finish:
    """What the file would change; with errors nothing of it is kept."""
    read = await _read(job)

    async def finish(session: Session) -> Ended:
        if read is None:
            return Ended(GONE, refused=True)
        job.progress.what = "Comparing with the register"
        draft_id, pace = job.params["draft"], Pace(job.progress.at)
        found = await drafts.preview(session, draft_id, job.now, _today(job), read, pace)
        if found is None:
            return Ended(GONE, refused=True)
        if found.outcome.errors:
            await drafts.drop(session, draft_id)
        return _found(job, found)

    return finish


def _found(job: Job, found: Preview) -> Ended:
    address = f"/register/looks/{job.id}"
    if errors := found.outcome.errors:
        nobody = Preview(found.name, found.outcome)
        said = f"{found.name} has {plural(len(errors), 'error')}. Nothing was changed, and it was not kept."
        return Ended(said, address, "See what to put right", refused=True, file=as_file(in_short(nobody)))
    said = ". ".join(map(str, found.outcome.tallies))
    return Ended(f"{said}.", address, "See what it would change, and decide", file=as_file(in_short(found)))


async def take(job: Job) -> Finish:
    """Take the file in, if it changes what was shown."""
    read = await _read(job)

    async def finish(session: Session) -> Ended:
        job.progress.what = "Taking it in"
        draft_id, pace = job.params["draft"], Pace(job.progress.at)
        shown, today = job.params["shown"], _today(job)
        taken = await drafts.take_in(session, draft_id, shown, job.by, job.now, today, read, pace)
        if taken.found is None:
            return Ended(GONE, refused=True)
        if taken.result is Taken.DIFFERS:
            said = "The register changed since you looked. Nothing was taken in."
            return Ended(said, f"/register/{draft_id}", "Look again", refused=True, undo=True)
        said = await followed(session, taken.found, job.now, job.parts.texts.zone, invite=False)
        return Ended(f"{said} {INVITED_SOON}", "/register", "To the register")

    return finish


async def followed(
    session: Session, found: Preview, now: datetime, zone: ZoneInfo, *, invite: bool = True
) -> str:
    """See to what follows from a register that was taken in; what to say of both. ``invite``: at once."""
    follows = await follow_the_register(session, now, zone, invite=invite)
    lines = (*map(str, found.outcome.tallies), *follows)
    return f"The register is taken in. {'. '.join(line[:1].upper() + line[1:] for line in lines)}."


def _titled(verb: str) -> Any:
    def title(params: Mapping[str, Any]) -> str:
        return f"{verb} {params['name']}"

    return title


KINDS = {
    LOOK_AT: WorkKind(_titled("Look at"), look),
    # Not begun anew by itself: whoever asked decides again, after a look at what the register says now.
    TAKE_IN: WorkKind(_titled("Take in"), take, repeatable=False),
}
