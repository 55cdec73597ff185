"""The files of a report: what they say, that they say the same, and that they appear together."""

import asyncio
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from docx import Document
from openpyxl import load_workbook

from bot.cli_report import report as command
from reports import curve_charts, pdf, write
from reports.charts import svg
from reports.outline import headline_table, outline
from reports.parts import Chart, Point
from reports.pictures import png, told
from reports.report import Comment, Report
from reports.sentences import sentence
from reports.survival import Curve, Line, Step
from reports.write import MAKERS, makers_there_are, write_report
from storage.engine import open_database
from tests.reports.register import by_chance, published, put_together
from tests.surveys.closed_rounds import closed_round, health_sheets

FOUR = ["report.html", "report.docx", "report.xlsx", "figures.json"]
SVG = "{http://www.w3.org/2000/svg}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture
def report() -> Report:
    return put_together(published())


@pytest.fixture(scope="module")
def full() -> Report:
    """A report that has every chart, of a service whose first years are known."""
    random = Random(5)
    households = [replace(each, engaged=random.random() < 0.5) for each in by_chance(random, 300)]
    return put_together(households, comments=(Comment("leaving", "We think 27.\nTwo lines.", ("27",)),))


@pytest.fixture(scope="module")
def document(full: Report) -> Any:
    """Its Word document, as Word would open it."""
    return Document(BytesIO(MAKERS["report.docx"](full)))


@pytest.fixture(autouse=True)
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """WeasyPrint takes seconds: the tests of the PDF ask for it."""
    monkeypatch.setattr(write, "pdf_is_here", lambda: False)


def charts_in(page: str) -> Iterator[ElementTree.Element]:
    for chart in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        yield ElementTree.fromstring(chart)  # noqa: S314 - our own page


def test_the_four_files_are_written_and_can_be_read(report: Report, tmp_path: Path) -> None:
    paths = write_report(report, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == FOUR
    assert sorted(path.name for path in paths[0].parent.iterdir()) == sorted(FOUR)
    figures = json.loads(paths[3].read_bytes())
    assert (figures["service"], figures["year"], figures["data_date"], figures["public"]) == (
        "Fostering Riverside",
        "2022/23",
        "2023-06-01",
        False,
    )
    assert [one["compares"] for one in figures["national"]] == [one.compares for one in report.national]
    sheet = load_workbook(paths[2])["Figures"]
    assert sheet.max_row == len(report.figures) + 1 == len(figures["figures"]) + 1
    words = "\n".join(paragraph.text for paragraph in Document(str(paths[1])).paragraphs)
    assert "9 of 25 households that left in 2022/23 had fostered for under two years: 36%" in words


def test_the_page_is_whole_and_its_charts_are_described(full: Report) -> None:
    page = MAKERS["report.html"](full).decode()
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in page
    charts = list(charts_in(page))
    assert len(charts) == sum(len(section.charts) for section in outline(full)) > 6
    ids = [each.get("id") for root in charts for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    for root in charts:
        assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
        assert all(child.text for child in root[:2])
        assert root.get("role") == "img"


def test_the_headlines_come_first_each_with_what_it_is_made_of(report: Report) -> None:
    page = re.sub(r"<[^>]+>", " ", MAKERS["report.html"](report).decode())
    first = page[: page.index("Households that left, by year")]
    assert re.search(r"Left within two years\s+36%\s+9 of 25\s+20% to 55%", first)
    hidden = headline_table(put_together(published()[:3], public=True))
    assert any("not shown" in row for row in hidden.rows)


def test_a_chart_needs_no_stylesheet_and_runs_nothing(full: Report) -> None:
    for root in charts_in(MAKERS["report.html"](full).decode()):
        for each in root.iter():
            assert "style" not in each.attrib
            assert not any(name.startswith("on") for name in each.attrib)
            colours = {each.get("fill"), each.get("stroke")} - {None, "none"}
            assert colours <= {"currentColor"}


def test_the_lines_of_a_curve_are_told_apart_without_colour(full: Report) -> None:
    (curve,) = [
        root
        for root in charts_in(MAKERS["report.html"](full).decode())
        if root[0].text == "How long households stay, by type"
    ]
    lines = [each for each in curve.iter() if (each.get("class") or "").startswith("line ")]
    dashes = {each.get("class"): each.get("stroke-dasharray") for each in lines}
    assert len(dashes) > 2
    assert len(set(dashes.values())) == len(dashes)
    words = [each.text for each in curve.iter(f"{SVG}text")]
    drawn = next(one for one in full.curves if one.title.endswith("by type"))
    for line in drawn.lines:
        assert words.count(line.label) == 2  # at its end, and beside its numbers at risk
        for _, watched in line.at_risk:
            assert f"{watched:,}" in words


def test_names_of_lines_that_end_together_stand_below_one_another_and_above_the_axis() -> None:
    steps = (Step(0.0, 1.0, 1.0, 1.0), Step(3.0, 0.02, 0.0, 0.1))
    lines = tuple(Line(f"Households of kind {number}", steps, ((0.0, 9), (3.0, 1))) for number in range(4))
    root = ElementTree.fromstring(svg(Curve("All gone", lines), "c"))  # noqa: S314 - our own drawing
    words = [each for each in root.iter(f"{SVG}text") if float(each.get("x", "0")) > 400]
    heights = [float(each.get("y", "0")) for each in words if "Households of kind" in (each.text or "")]
    assert len(heights) == 4
    assert all(later - one >= 15 for one, later in pairwise(heights))
    assert max(heights) <= curve_charts.TOP + curve_charts.PLOT_HEIGHT


def test_what_the_service_says_stands_under_its_section(full: Report) -> None:
    page = MAKERS["report.html"](full).decode()
    assert "We think 27.\nTwo lines." in page
    assert "Typed by hand, and not what the data say: 27." in page


def test_the_word_document_has_real_headings_captions_and_tables(document: Any) -> None:
    assert document.core_properties.title == "Fostering Riverside: fostering in 2022/23"
    assert document.core_properties.language == "en-GB"
    headings = [each.text for each in document.paragraphs if each.style and each.style.name == "Heading 1"]
    assert headings[:3] == ["Headlines", "Households that left", "How and why they left"]
    for table in document.tables:
        assert table.rows[0]._tr.find(f"{WORD}trPr/{WORD}tblHeader") is not None
    captions = [
        "".join(text.text or "" for text in each._p.iter(f"{WORD}t"))
        for each in document.paragraphs
        if each.style and each.style.name == "Caption"
    ]
    assert len(captions) == len(document.tables) + len(document.inline_shapes)
    assert captions[:2] == ["Table 1: Headlines of 2022/23", "Figure 1: Households that left, by year"]
    foot = document.sections[0].footer.paragraphs[0]._p
    fields = {field.get(f"{WORD}instr") for field in foot.iter(f"{WORD}fldSimple")}
    assert fields == {"PAGE", "NUMPAGES"}


def test_every_picture_of_the_word_document_says_what_it_shows(full: Report, document: Any) -> None:
    charts = [chart for section in outline(full) for chart in section.charts]
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert described == [told(chart) for chart in charts]


def test_the_workbook_draws_its_charts_itself(full: Report) -> None:
    content = MAKERS["report.xlsx"](full)
    book = load_workbook(BytesIO(content))
    sections = outline(full)
    assert book.sheetnames == ["About", "Figures", "Definitions", *(each.title for each in sections)]
    with zipfile.ZipFile(BytesIO(content)) as parts:
        drawn = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
        assert len(drawn) == sum(len(each.charts) for each in sections)
        assert all(
            b"c:barChart" in parts.read(name) or b"c:scatterChart" in parts.read(name) for name in drawn
        )
    for each in sections:
        words = {cell.value for row in book[each.title].iter_rows(max_col=1) for cell in row}
        assert words >= {*each.opening, *each.sentences, *(table.caption for table in each.tables)}


def test_a_pdf_is_made_from_the_page_where_one_can_be(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not pdf.pdf_is_here():
        pytest.skip("WeasyPrint or its libraries are not here")
    monkeypatch.setattr(write, "pdf_is_here", pdf.pdf_is_here)
    for name in FOUR:
        monkeypatch.setitem(MAKERS, name, lambda _report: b"")
    paths = write_report(report, tmp_path)
    assert [path.name for path in paths] == [*FOUR, "report.pdf"]
    content = paths[-1].read_bytes()
    assert content.startswith(b"%PDF-")
    packed = re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL)
    unpacked = b"".join(zlib.decompress(each) for each in packed if each[:1] == b"x")
    assert b"/MarkInfo" in content + unpacked  # tagged: it can be read aloud


def test_where_no_pdf_can_be_made_the_other_four_are_the_report(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert makers_there_are() == FOUR

    def fails(_report: Report) -> bytes:
        raise pdf.NoPdf("cannot load library")

    monkeypatch.setattr(write, "pdf_is_here", lambda: True)
    for name in FOUR:
        monkeypatch.setitem(MAKERS, name, lambda _report: b"")
    monkeypatch.setitem(MAKERS, "report.pdf", fails)
    assert [path.name for path in write_report(report, tmp_path)] == FOUR


def test_weasyprint_is_not_looked_for_where_its_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> Any:
        raise OSError("no such library")

    monkeypatch.setattr("ctypes.CDLL", missing)
    assert not pdf.pdf_is_here.__wrapped__()


def test_every_sentence_says_its_numerator_and_denominator(report: Report) -> None:
    for figure in report.figures:
        words = sentence(figure)
        if figure.numerator is None or figure.value is None:
            assert words == ""
            continue
        numbers = {number.replace(",", "") for number in re.findall(r"\d[\d,]*", words)}
        assert str(abs(figure.numerator)) in numbers or words.startswith("No ")
        if figure.denominator is not None:
            assert str(figure.denominator) in numbers


def test_the_public_page_holds_no_small_number_of_households() -> None:
    report = put_together(published(), public=True)
    page = MAKERS["report.html"](report).decode()
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"\b[1-4] of \d", body)
    assert not re.search(r"\b(2[1-4]) of 25\b", body)
    assert "public version" in page
    assert "not shown" in page
    for figure in json.loads(MAKERS["figures.json"](report))["figures"]:
        if figure["suppressed"]:
            assert (
                figure["numerator"] is figure["denominator"] is figure["value"] is figure["interval"] is None
            )
        elif figure["denominator"] and figure["id"] not in ("change_on_previous_year", "change_on_same_days"):
            assert figure["numerator"] >= 5
            assert figure["denominator"] - figure["numerator"] not in range(1, 5)


def test_a_label_with_money_in_it_is_no_formula() -> None:
    point = Point("Up to $400, $\\frac{1", 0.5, None, "50%")
    assert png(Chart("Reasons", [point], share=True)).startswith(b"\x89PNG")


def test_a_name_that_looks_like_markup_stays_a_name(report: Report) -> None:
    page = MAKERS["report.html"](replace(report, service="<b>Care & Co</b>")).decode()
    assert "&lt;b&gt;Care &amp; Co&lt;/b&gt;" in page


def test_a_failure_leaves_the_last_report_as_it_was(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MAKERS, "report.docx", lambda report: report.service.encode())
    before = {path.name: path.read_bytes() for path in write_report(report, tmp_path / "report")}

    def fails(report: Report) -> bytes:
        raise OSError("no space left")

    monkeypatch.setitem(MAKERS, "figures.json", fails)
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


def test_the_first_report_after_an_update_has_the_themes_of_rounds_that_closed_before_it(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MAKERS, "report.docx", lambda _report: b"")
    asyncio.run(_hold_a_round(sqlite_url))
    result = _run(sqlite_url, "--year", "2025/26", "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "figures.json").read_bytes())["figures"]
    themes = [one for one in figures if one["id"] == "survey_theme" and one["period"] == "2025/26"]
    assert any(one["value"] for one in themes), themes


async def _hold_a_round(url: str) -> None:
    database = open_database(url)
    await database.migrate()
    async with database.write() as session:
        await closed_round(session, "health-check-short", health_sheets(40))
    await database.close()


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
