"""The poster at the venue: one sheet, nothing from outside, and a code that a telephone reads."""

from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Page

from events.poster import HEIGHT, Poster, Sentence, check_in_link, draw
from storage.events import new_checkin_code

SVG = "{http://www.w3.org/2000/svg}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
LINK = check_in_link("riverside_bot", new_checkin_code())
POSTER = Poster(
    service="Riverside Fostering",
    title="Tea & cake <friends>",
    when=("Saturday 24 May 2025", "2:00 pm to 4:00 pm"),
    place="The Old Mill",
    link=LINK,
    sentences=(
        Sentence("en", "Point your phone's camera at this code."),
        Sentence("ur", "اپنے فون کا کیمرا اس کوڈ کے سامنے لائیں۔", from_right=True),
    ),
)
FULLEST = replace(
    POSTER,
    service="S" * 120,
    title="Wednesday " * 20,
    place="Riverside Park " * 20,
    sentences=tuple(Sentence("en", "word " * 40) for _ in range(4)),
)


def texts(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}text"))  # noqa: S314 - we drew it


def test_it_says_what_when_and_where_and_what_to_do() -> None:
    shown = texts(draw(POSTER))
    assert [one.text for one in shown] == [
        "Riverside Fostering",
        "Tea & cake <friends>",
        "Saturday 24 May 2025",
        "2:00 pm to 4:00 pm",
        "The Old Mill",
        "Point your phone's camera at this code.",
        "اپنے فون کا کیمرا اس کوڈ کے سامنے لائیں۔",
    ]
    assert (shown[-1].get(XML_LANG), shown[-1].get("direction")) == ("ur", "rtl")
    assert shown[0].get("direction") is None


def test_nothing_in_it_comes_from_outside() -> None:
    svg = draw(POSTER).replace('xmlns="http://www.w3.org/2000/svg"', "")
    for outside in ("http", "href", "url(", "@import", "@font-face", "<script", "<image", "<style", "t.me"):
        assert outside not in svg


@pytest.mark.parametrize("poster", [POSTER, FULLEST, replace(POSTER, place="", title="\x00\x07A\nB\ufffe")])
def test_it_is_one_well_formed_sheet_however_much_there_is_to_say(poster: Poster) -> None:
    svg = draw(poster)
    root = ElementTree.fromstring(svg)  # noqa: S314 - we drew it
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("210mm", "297mm", "0 0 210 297")
    assert all(float(one.get("y", "")) < HEIGHT - 8 for one in texts(svg))


@pytest.mark.browser
@pytest.mark.parametrize("poster", [POSTER, FULLEST], ids=["usual", "fullest"])
async def test_a_telephone_reads_the_code_of_the_printed_sheet(page: Page, poster: Poster) -> None:
    await page.set_viewport_size({"width": 820, "height": 1160})
    await page.set_content(f'<body style="margin:0">{draw(poster)}</body>')
    picture = Image.open(BytesIO(await page.screenshot(full_page=True)))
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == LINK
    assert code.text.startswith("https://t.me/riverside_bot?start=checkin-")
    for turn in (7, 90, 180):  # as people hold their telephones
        (turned,) = zxingcpp.read_barcodes(picture.convert("L").rotate(turn, expand=True, fillcolor=255))
        assert turned.text == LINK


def test_the_link_is_one_that_telegram_takes() -> None:
    payload = LINK.partition("?start=")[2]
    assert len(payload) <= 64
    assert payload.replace("-", "").isalnum()
