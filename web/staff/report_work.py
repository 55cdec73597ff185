"""A document of the report made as long work, where the register is so large that it takes a while."""

import asyncio
from collections.abc import Mapping
from typing import Any

from carers.audit import record
from carers.works import Ended
from reports.report import make_report
from reports.write import MAKERS
from reports.years import FosteringYear
from storage.engine import Session
from web.working import Finish, Job, WorkKind

REPORT = "report"
LARGE = 5_000
"""Households of a register whose documents are made as work: below it takes about a second."""

VERSIONS = ("internal", "public")
KINDS_OF_FILE = {
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "csv": "text/csv",
}


def name_of(file: str, year: FosteringYear, version: str) -> str:
    """What the file is called once it lies among others: ``report-2022-23-public.docx``."""
    stem, _, ending = file.rpartition(".")
    return f"{stem}-{str(year).replace('/', '-')}-{version}.{ending}"


def kind_of_file(name: str) -> tuple[str, str | None]:
    """Its content type and charset."""
    ending = name.rpartition(".")[2]
    return KINDS_OF_FILE[ending], "utf-8" if ending in ("html", "json", "csv") else None


async def make(job: Job) -> Finish:
    """Compute the figures as they stand, and lay out the document."""
    parts, file, version = job.parts, job.params["file"], job.params["version"]
    year = FosteringYear(job.params["year"])
    job.progress.what = "Counting"
    async with parts.database.read() as session:
        report = await make_report(
            session,
            year=year,
            service=parts.texts.service.name,
            zone=parts.texts.zone,
            register_since=parts.register_since,
            now=job.now,
            public=version == "public",
        )
    job.progress.what = "Laying out the document"
    body = await asyncio.to_thread(MAKERS[file], report)
    name = name_of(file, year, version)

    async def finish(session: Session) -> Ended:
        subject = f"report:{year}"
        await record(session, job.now, job.by, "report.read", subject, file=file, version=version)
        return Ended("It is ready. It is kept for a day.", file=body, file_name=name)

    return finish


def _title(params: Mapping[str, Any]) -> str:
    return f"Report of {params['label']}, {params['version']}, {params['file']}"


KINDS = {REPORT: WorkKind(_title, make)}
