"""Personal links as staff hand them over: the address, and a QR code to hold under a telephone."""

from collections.abc import Sequence

from markupsafe import Markup

from carers.linking import InviteLink, deep_link
from web.staff.views import Look, Page

AGAIN = "A link was made a moment ago and shown once. Make another if you need one."


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


def own_page(look: Look, name: str, link: str, code: str, *, back: str) -> Page:
    """The page that shows a link to a carer's own page once, and a code that opens it too."""
    address = f"{look.parts.pages.address.partition('://')[2]}/c"
    context = {"name": name, "link": link, "qr": qr_code(link), "code": code, "address": address}
    return Page("staff/own_page.html", {**context, "back": back})


def letters_to_print(letters: Sequence[InviteLink], *, left: int, back: str, back_text: str) -> Page:
    """The page with letters that hold fresh links, to print at once. ``left``: how many carers wait for
    another time."""
    sheets = [(letter, qr_code(letter.link)) for letter in letters]
    context = {"sheets": sheets, "left": left, "back": back, "back_text": back_text}
    return Page("staff/link_letters.html", context)


def qr_code(text: str) -> Markup:
    """A drawing without any style of its own, which the page's policy would refuse."""
    import segno  # a link is made once in a while

    drawing = segno.make(text, error="m", micro=False)
    return Markup(drawing.svg_inline(border=3, omitsize=True, svgclass="hl-qr__code", lineclass=None))  # noqa: S704 - segno draws paths alone
