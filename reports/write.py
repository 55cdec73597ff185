"""Writing a report's files, all or none."""

import os
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import orjson

from reports.html import to_html
from reports.pdf import NoPdf, pdf_is_here, to_pdf
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
            "national": [one.as_json() for one in report.national],
        },
        option=orjson.OPT_INDENT_2,
    )


MAKERS = {
    "report.html": to_html,
    "report.docx": to_docx,
    "report.xlsx": to_xlsx,
    "figures.json": to_json,
    "report.pdf": to_pdf,
}


def makers_there_are() -> list[str]:
    """The files that can be made here: the Word document and the PDF need libraries that are extras."""
    here: dict[str, Callable[[], bool]] = {
        "report.docx": lambda: all(find_spec(name) is not None for name in ("docx", "matplotlib")),
        "report.pdf": pdf_is_here,
    }
    return [name for name in MAKERS if name not in here or here[name]()]


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write the four files, and the PDF where one can be made, into ``folder``, which is made if need be;
    returns their paths.

    All of them are complete before the first takes its place, so that a failure or a full disk leaves the
    files of the last report as they were. Raises ``OSError`` where the folder cannot be written to, and
    ``ModuleNotFoundError`` where what the Word document needs is not installed.
    """
    contents = {name: make(report) for name, make in MAKERS.items() if name != "report.pdf"} | _pdf(report)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".report-") as temporary:
        for name, content in contents.items():
            (Path(temporary) / name).write_bytes(content)
        for name in contents:
            os.replace(Path(temporary) / name, folder / name)
    return [folder / name for name in contents]


def _pdf(report: Report) -> dict[str, bytes]:
    """The PDF where it can be made; where it cannot, the other four are the report."""
    try:
        return {"report.pdf": MAKERS["report.pdf"](report)} if pdf_is_here() else {}
    except NoPdf:
        return {}
