"""Letters to print for carers who have not connected yet: an A4 page each, with the link as a QR code.

The sheet is the one that the console prints.
"""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import web
from bot.service import service_of
from bot.settings import Settings
from carers.linking import InviteLink
from web.staff.links import qr_code

_WEB = Path(web.__file__).parent
_TEMPLATES = Environment(
    loader=FileSystemLoader([Path(__file__).parent, _WEB / "templates"]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def letters_html(links: Sequence[InviteLink], settings: Settings) -> str:
    """One HTML document with every letter on a page of its own; it loads nothing from anywhere."""
    style = (_WEB / "static" / "staff" / "letter.css").read_text(encoding="utf-8")
    template = _TEMPLATES.get_template("letters.html.j2")
    return template.render(
        letters=[(link, qr_code(link.link)) for link in links],
        service=service_of(settings),
        style=Markup(style),  # noqa: S704 - a stylesheet of ours
    )
