"""Writing a report's four files, all or none."""

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import orjson

from reports.html import to_html
from reports.report import Report
from reports.word import to_docx
from reports.workbook import to_xlsx


def to_json(report: Report) -> bytes:
    """``figures.json``: the figures for other programs."""
    return orjson.dumps(
        {
            "service": report.service,
            "year": str(report.year),
            "data_date": report.data_date.isoformat(),
            "public": report.public,
            "notes": list(report.notes),
            "figures": [figure.as_json() for figure in report.figures],
        },
        option=orjson.OPT_INDENT_2,
    )


MAKERS = {
    "report.html": to_html,
    "report.docx": to_docx,
    "report.xlsx": to_xlsx,
    "figures.json": to_json,
}


def makers_there_are() -> list[str]:
    """The files that can be made here: the Word document needs a library that is an extra."""
    return [name for name in MAKERS if name != "report.docx" or find_spec("docx") is not None]


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write the four files into ``folder``, which is made if need be; returns their paths.

    All of them are complete before the first takes its place, so that a failure or a full disk leaves the
    files of the last report as they were. Raises ``OSError`` where the folder cannot be written to.
    """
    contents = {name: make(report) for name, make in MAKERS.items()}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".report-") as temporary:
        for name, content in contents.items():
            (Path(temporary) / name).write_bytes(content)
        for name in contents:
            os.replace(Path(temporary) / name, folder / name)
    return [folder / name for name in contents]
