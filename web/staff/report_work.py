"""Long work on reports, where the register is so large that it takes a while: a document, and the figures."""

import asyncio
from collections.abc import Mapping
from typing import Any

from carers.audit import record
from carers.works import Ended
from reports.kept import keep
from reports.pdf import NoPdf
from reports.write import MAKERS
from reports.years import FosteringYear
from storage.engine import Session
from web.staff.report_wanted import Wanted, made
from web.working import Finish, Job, WorkKind

REPORT = "report"
COUNT = "report.count"
NO_PDF = "A library that makes PDFs is missing on this server. The Word document says the same"

KINDS_OF_FILE = {
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv",
}


def name_of(file: str, wanted: Wanted) -> str:
    """What the file is called once it lies among others: ``report-2022-23-public.docx``."""
    stem, _, ending = file.rpartition(".")
    return f"{stem}-{str(wanted.year).replace('/', '-')}-{wanted.version}.{ending}"


def kind_of_file(name: str) -> tuple[str, str | None]:
    """Its content type and charset."""
    ending = name.rpartition(".")[2]
    return KINDS_OF_FILE[ending], "utf-8" if ending in ("html", "json", "csv") else None


def params_of(wanted: Wanted, **more: str) -> dict[str, Any]:
    """What work on this report has to know, and what it is called by."""
    return {"year": wanted.year.start, "label": str(wanted.year), "version": wanted.version, **more}


def _wanted(params: Mapping[str, Any]) -> Wanted:
    return Wanted(FosteringYear(params["year"]), params["version"] == "public")


async def make(job: Job) -> Finish:
    """Compute the figures as they stand, and lay out the document."""
    parts, file, wanted = job.parts, job.params["file"], _wanted(job.params)
    job.progress.what = "Counting"
    async with parts.database.read() as session:
        report = await made(parts, session, wanted, job.now)
    job.progress.what = "Laying out the document"
    try:
        body = await asyncio.to_thread(MAKERS[file], report)
    except NoPdf:
        return _no_pdf

    async def finish(session: Session) -> Ended:
        subject = f"report:{wanted.year}"
        await record(session, job.now, job.by, "report.read", subject, file=file, version=wanted.version)
        said = "It is ready. It is kept for a day."
        return Ended(said, file=body, file_name=name_of(file, wanted))

    return finish


async def _no_pdf(_session: Session) -> Ended:
    return Ended(f"{NO_PDF}.", refused=True)


async def count(job: Job) -> Finish:
    """Count the figures of the year anew, and keep them: of both versions, so that neither is older than the
    other."""
    wanted, reports = _wanted(job.params), []
    for number, public in enumerate((False, True)):
        job.progress.what = f"Counting, {'public' if public else 'internal'} version"
        job.progress.at(number, 2)
        async with job.parts.database.read() as session:
            reports.append(await made(job.parts, session, Wanted(wanted.year, public), job.now))

    async def finish(session: Session) -> Ended:
        for report in reports:
            await keep(session, report, job.now)
        return Ended(f"The figures of {wanted.year} are counted.", wanted.address, "To the report")

    return finish


def _title(params: Mapping[str, Any]) -> str:
    return f"Report of {params['label']}, {params['version']}, {params['file']}"


def _title_of_count(params: Mapping[str, Any]) -> str:
    return f"Count the figures of {params['label']}"


KINDS = {REPORT: WorkKind(_title, make), COUNT: WorkKind(_title_of_count, count)}
