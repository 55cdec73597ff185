"""What a preview may put into a page: bold, italic, links to the web, and otherwise letters."""

import pytest

from broadcasts.markup import to_html
from tests.support.console import LONDON
from texts.render import Service, Texts
from web.staff.broadcast_bubble import bubble, safe_words

TEXTS = Texts(Service("Riverside Fostering", "01632 960000"), LONDON)


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("Tea at <b>three</b>, <i>please</i>", "Tea at <b>three</b>, <i>please</i>"),
        ("Tom &amp; Jo &lt;3", "Tom &amp; Jo &lt;3"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('<img src=x onerror="alert(1)">', "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;"),
        ('<b onclick="alert(1)">x</b>', "<b>x</b>"),
        ("<b>never closed", "<b>never closed</b>"),
        ("<b><i>crossed</b></i>", "<b><i>crossed</i></b>&lt;/i&gt;"),
        ('<a href="javascript:alert(1)">x</a>', "&lt;a href=&#34;javascript:alert(1)&#34;&gt;x&lt;/a&gt;"),
        ("<!-- x -->", "&lt;!-- x --&gt;"),
        ("<style>p{}</style>", "&lt;style&gt;p{}&lt;/style&gt;"),
    ],
)
def test_only_bold_italic_and_links_come_through(html: str, shown: str) -> None:
    assert str(safe_words(html)) == shown


def test_a_link_opens_apart_and_keeps_its_address() -> None:
    words = str(safe_words('<a href="https://example.org/?a=1&amp;b=%22">here</a>'))
    assert 'href="https://example.org/?a=1&amp;b=%22"' in words
    assert 'rel="noopener noreferrer"' in words
    assert words.endswith(">here</a>")


@pytest.mark.parametrize(
    "typed", ["<script>x</script>", "*<b onload=x>*", '[x](https://e.org/"onmouseover="x)', "_a_ & *b*"]
)
def test_what_staff_type_never_becomes_markup_of_the_page(typed: str) -> None:
    words = str(safe_words(to_html(typed)))
    for tag in ("<script", "<b onload", ' onmouseover="'):
        assert tag not in words


def test_the_bubble_has_the_button_of_the_message_in_its_language() -> None:
    english, urdu = (bubble(TEXTS, {"html": to_html("*Salaam*")}, code) for code in ("en", "ur"))
    assert str(english.words) == "<b>Salaam</b>"
    assert english.buttons == ("Choose what I get",)
    assert urdu.buttons != english.buttons
