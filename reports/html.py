"""The report as one HTML page that needs nothing beside itself: no script, no font, no picture."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.charts import svg
from reports.method import METHOD
from reports.outline import headline_table, meanings, outline
from reports.report import Report
from reports.words import AT_THE_END, STANDS_WITH, TYPED, long_date, version_of


def to_html(report: Report) -> bytes:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"svg": svg, "long_date": long_date}
    page = environment.get_template("report.html.j2").render(
        report=report,
        version=version_of(public=report.public),
        stands_with=f"{STANDS_WITH} {AT_THE_END}",
        headlines=headline_table(report),
        sections=outline(report),
        method=METHOD,
        meanings=meanings(report),
        typed=TYPED,
    )
    return page.encode()
