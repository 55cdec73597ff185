"""Letters to print for carers who have not connected yet: an A4 page each, with the link as a QR code."""

from collections.abc import Sequence
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.settings import Settings
from carers.linking import InviteLink

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def letters_html(links: Sequence[InviteLink], settings: Settings) -> str:
    """One HTML document with every letter on a page of its own; it loads nothing from anywhere."""
    template = _TEMPLATES.get_template("letters.html.j2")
    return template.render(
        letters=[(link, _qr_code(link.link)) for link in links],
        service=settings.service_name,
        duty_phone=settings.duty_phone,
        fosterline=settings.fosterline_phone,
        samaritans=settings.samaritans_phone,
    )


def _qr_code(link: str) -> Markup:
    # segno writes the SVG itself and the link holds nothing but letters, digits and a few signs.
    return Markup(segno.make_qr(link, error="m").svg_inline(scale=5, border=2, omitsize=True))  # noqa: S704
