"""The four files: what they say, that they say the same, and that they appear together."""

import json
import os
import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from docx import Document
from openpyxl import load_workbook

from bot.cli_report import report as command
from reports import write
from reports.outline import outline
from reports.report import Report
from reports.words import sentence
from reports.write import write_report
from storage.engine import open_database
from tests.reports.register import published, report_of, store


@pytest.fixture
async def report(sqlite_url: str) -> Report:
    return await _report(sqlite_url)


async def _report(url: str, *, public: bool = False) -> Report:
    database = open_database(url)
    await store(database, published())
    made = await report_of(database, public=public)
    await database.close()
    return made


async def test_the_four_files_are_written_and_can_be_read(report: Report, tmp_path: Path) -> None:
    paths = write_report(report, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["report.html", "report.docx", "report.xlsx", "figures.json"]
    assert sorted(path.name for path in paths[0].parent.iterdir()) == sorted(path.name for path in paths)
    figures = json.loads(paths[3].read_bytes())
    assert (figures["service"], figures["year"], figures["data_date"], figures["public"]) == (
        "Fostering Riverside",
        "2022/23",
        "2023-06-01",
        False,
    )
    sheet = load_workbook(paths[2])["Figures"]
    assert sheet.max_row == len(report.figures) + 1 == len(figures["figures"]) + 1
    words = "\n".join(paragraph.text for paragraph in Document(str(paths[1])).paragraphs)
    assert "9 of 25 households that left in 2022/23 had fostered for under two years: 36%" in words


async def test_the_page_is_whole_and_its_charts_are_described(report: Report, tmp_path: Path) -> None:
    page = write_report(report, tmp_path)[0].read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in page
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) == sum(len(section.charts) for section in outline(report)) >= 5
    for chart in charts:
        root = ElementTree.fromstring(chart)  # noqa: S314 - our own page
        names = [child.tag.rpartition("}")[2] for child in root]
        assert names[:2] == ["title", "desc"]
        assert root.get("role") == "img"
    assert "9 of 25 households that left in 2022/23 had fostered for under two years: 36%" in page
    assert (
        "10 of 23 mainstream households that left in 2022/23 had fostered for ten years or more: 43%" in page
    )


async def test_every_sentence_says_its_numerator_and_denominator(report: Report) -> None:
    for figure in report.figures:
        words = sentence(figure)
        if figure.numerator is None or figure.value is None:
            assert words == ""
            continue
        numbers = {number.replace(",", "") for number in re.findall(r"\d[\d,]*", words)}
        assert str(abs(figure.numerator)) in numbers
        if figure.denominator is not None:
            assert str(figure.denominator) in numbers


async def test_the_public_page_holds_no_small_number_of_households(sqlite_url: str, tmp_path: Path) -> None:
    report = await _report(sqlite_url, public=True)
    paths = write_report(report, tmp_path)
    page = paths[0].read_text(encoding="utf-8")
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"\b[1-4] of \d", body)
    assert not re.search(r"\b(2[1-4]) of 25\b", body)
    assert "public version" in page
    assert "not shown" in page
    figures = json.loads(paths[3].read_bytes())["figures"]
    for figure in figures:
        if figure["suppressed"]:
            assert (
                figure["numerator"] is figure["denominator"] is figure["value"] is figure["interval"] is None
            )
        elif figure["denominator"] and figure["id"] != "change_on_previous_year":
            assert figure["numerator"] >= 5
            assert figure["denominator"] - figure["numerator"] not in range(1, 5)


async def test_a_name_that_looks_like_markup_stays_a_name(report: Report, tmp_path: Path) -> None:
    named = replace(report, service="<b>Care & Co</b>")
    page = write_report(named, tmp_path)[0].read_text(encoding="utf-8")
    assert "&lt;b&gt;Care &amp; Co&lt;/b&gt;" in page


async def test_a_failure_leaves_the_last_report_as_it_was(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in write_report(report, tmp_path / "report")}

    def fails(report: Report) -> bytes:
        raise OSError("no space left")

    monkeypatch.setitem(write.MAKERS, "figures.json", fails)
    with pytest.raises(OSError, match="no space"):
        write_report(replace(report, service="Another"), tmp_path / "report")
    assert {name: (tmp_path / "report" / name).read_bytes() for name in before} == before
    assert sorted(before) == sorted(os.listdir(tmp_path / "report"))


def test_the_command_writes_a_report_and_says_where(sqlite_url: str, tmp_path: Path) -> None:
    out = tmp_path / "report"
    result = _run(sqlite_url, "--year", "2022/23", "--out", str(out), "--public")
    assert result.exit_code == 0, result.output
    assert "The register is empty" in result.output
    assert str(out / "figures.json") in result.output
    assert json.loads((out / "figures.json").read_bytes())["public"] is True
    zipfile.ZipFile(BytesIO((out / "report.docx").read_bytes())).testzip()


@pytest.mark.parametrize(
    ("year", "said"),
    [("2022", "Write it as 2022/23"), ("2022/24", "not one year"), ("2150/51", "nothing to report yet")],
)
def test_a_wrong_year_is_told_what_would_be_right(
    sqlite_url: str, tmp_path: Path, year: str, said: str
) -> None:
    result = _run(sqlite_url, "--year", year, "--out", str(tmp_path / "report"))
    assert result.exit_code != 0
    assert said in result.output
    assert not (tmp_path / "report").exists()


def test_a_folder_that_cannot_be_written_to_is_named(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = _run(sqlite_url, "--year", "2022/23", "--out", str(tmp_path / "file" / "report"))
    assert result.exit_code == 1
    assert "cannot be written to" in result.output


def _run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, env={"HEARTHLINE_DATABASE_URL": url})
