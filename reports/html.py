"""The report as one HTML page that needs nothing beside itself: no script, no font, no picture."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.charts import svg
from reports.definitions import DEFINITIONS
from reports.outline import outline
from reports.report import Report
from reports.words import TITLES, cell, interval, label, long_date


def to_html(report: Report) -> bytes:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "svg": svg,
        "cell": cell,
        "interval": interval,
        "label": label,
        "long_date": long_date,
    }
    page = environment.get_template("report.html.j2").render(
        report=report, sections=outline(report), definitions=DEFINITIONS, titles=TITLES
    )
    return page.encode()
