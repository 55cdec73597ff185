"""Staff write light markup; what carers get is Telegram's HTML, and nothing that staff wrote breaks it."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts.markup import LONGEST_NAME, bad_links, shown_length, to_html, to_plain, unknown_placeholders


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("*Bold* and _italic_", "<b>Bold</b> and <i>italic</i>"),
        ("*bold with _both_ inside*", "<b>bold with <i>both</i> inside</b>"),
        ("**As elsewhere** and __so__", "<b>As elsewhere</b> and <i>so</i>"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("5 * 3 * 2", "5 * 3 * 2"),
        ("*one line\nand the next*", "*one line\nand the next*"),
        ("Tea & cake <here>", "Tea &amp; cake &lt;here&gt;"),
        ("*ਪੰਜਾਬੀ* _اردو_", "<b>ਪੰਜਾਬੀ</b> <i>اردو</i>"),
        ("[Our page](https://a.example/b?c=1&d=2)", '<a href="https://a.example/b?c=1&amp;d=2">Our page</a>'),
        ("[a *b*](https://a.example)", '<a href="https://a.example">a <b>b</b></a>'),
        ("_see [x](https://a.example/c_d)_", '<i>see <a href="https://a.example/c_d">x</a></i>'),
        ("*a [b* c](https://a.example)", "<b>a [b</b> c](https://a.example)"),
        ("https://a.example/_next_/*x*", "https://a.example/_next_/*x*"),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("[x](http://a.example)", "[x](http://a.example)"),
    ],
)
def test_markup_becomes_html(written: str, html: str) -> None:
    assert to_html(written) == html


def test_a_first_name_is_put_in_and_cannot_be_markup() -> None:
    assert to_html("Hello {first_name}!", "Jo") == "Hello Jo!"
    assert to_html("*{first_name}*", "<b>*A*</b>") == "<b>&lt;b&gt;*A*&lt;/b&gt;</b>"
    assert to_html("Hello {first_name}, come in", " ") == "Hello, come in"
    assert to_html("{first_name}\N{NULL}", "Jo") == "Jo"


def test_a_name_is_not_put_into_an_address() -> None:
    written = "[x](https://a.example/{first_name})"
    assert "href" not in to_html(written, 'Jo" onclick="')
    assert bad_links(written) == ["https://a.example/{first_name}"]


def test_what_looks_like_a_placeholder_or_a_link_and_is_none_is_found() -> None:
    assert unknown_placeholders("{first_name} {name} {}") == ["{name}"]
    assert bad_links(
        "[a](https://a.example) [b](www.b.example) [c](https://c) [d]() [e](https://f@g.example)"
    ) == [
        "www.b.example",
        "https://c",
        "",
        "https://f@g.example",
    ]
    assert bad_links("[a](https://a.example/b_(c))") == ["https://a.example/b_"]


def test_a_text_is_as_long_as_telegram_finds_it_with_the_longest_name() -> None:
    assert shown_length("*abc* & [d](https://a.example)") == len("abc & d")
    assert shown_length("🌻") == 2
    assert shown_length("{first_name}") == LONGEST_NAME
    assert len(to_plain("{first_name}", "M" * 120)) == LONGEST_NAME
    assert to_plain("{first_name}", "🌻" * 120) == "🌻" * (LONGEST_NAME // 2)


class WellFormed(HTMLParser):
    """Fails on anything that Telegram would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("b", "i", "a")
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


pieces = st.sampled_from(
    [
        "*",
        "_",
        "**",
        "__",
        "[",
        "]",
        "(",
        ")",
        "](https://a.example)",
        "{first_name}",
        "<",
        ">",
        "&",
        '"',
        "a",
        " ",
    ]
)


@given(st.lists(pieces, max_size=40).map("".join), st.text(max_size=20))
def test_whatever_is_written_the_html_is_well_formed_and_says_the_same(written: str, name: str) -> None:
    parser = WellFormed()
    parser.feed(to_html(written, name))
    parser.close()
    assert parser.open == []
    assert shown_length(written) >= len(to_plain(written, "M" * LONGEST_NAME).encode("utf-16-le")) // 2


def test_deep_nesting_ends_in_text_and_not_in_an_error() -> None:
    written = "*_" * 2000 + "x" + "_*" * 2000
    assert "x" in to_html(written)
