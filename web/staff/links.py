"""A personal link as staff hand it over: the address, and a QR code to hold under a telephone."""

from markupsafe import Markup

from carers.linking import deep_link
from web.staff.views import Look, Page


def personal_link(look: Look, name: str, token: str, *, back: str, back_text: str) -> Page:
    """The page that shows a token once."""
    bot = look.parts.bot_username()
    link = deep_link(bot, token) if bot else ""
    return Page(
        "staff/personal_link.html",
        {
            "name": name,
            "token": token,
            "link": link,
            "qr": qr_code(link) if link else "",
            "back": back,
            "back_text": back_text,
        },
    )


def qr_code(text: str) -> Markup:
    """A drawing without any style of its own, which the page's policy would refuse."""
    import segno  # a link is made once in a while

    drawing = segno.make(text, error="m", micro=False)
    return Markup(drawing.svg_inline(border=3, omitsize=True, svgclass="hl-qr__code", lineclass=None))  # noqa: S704 - segno draws paths alone
