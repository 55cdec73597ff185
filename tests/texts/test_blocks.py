"""The words of a message become proper HTML or plain words, and nothing that anybody wrote becomes more."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from texts.blocks import as_html, as_plain, blocks_of, without_links

KNOWN = {"p", "h2", "blockquote", "pre", "div", "br", "strong", "em", "u", "s", "code", "a", "span"}
WORDS = st.text(alphabet="ab <>&;\n/\"'=\u0627", max_size=30)
PIECES = st.one_of(
    WORDS,
    st.sampled_from(
        [
            *("<b>", "</b>", "<i>", "</i>", "<s>", "</u>", "<code>", "</code>", "<pre>", "</pre>"),
            *("<section>", "</section>", "<h2>", "</h2>", "<blockquote>", "</blockquote>", "</a>"),
            *('<a href="https://x.example/?a=1&amp;b=2">', '<a href="javascript:alert(1)">', "<script>"),
            *('<img src="https://x.example/pixel">', "<!-- ", "-->", "<style>", "<svg onload=x>", "\n\n"),
        ]
    ),
)


class Balance(HTMLParser):
    """Fails at a tag that is unknown, or closed in the wrong order, or that could do anything."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in KNOWN
        for name, value in attrs:
            assert name in ("href", "dir"), name
            assert name == "dir" or (value or "").startswith(("https://", "http://", "tel:", "mailto:"))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def html(text: str) -> str:
    return str(as_html(blocks_of(text)))


def plain(text: str) -> str:
    return as_plain(blocks_of(text))


@given(st.lists(PIECES, max_size=12).map("".join))
def test_whatever_somebody_wrote_the_html_is_whole_and_harmless(text: str) -> None:
    Balance(html(text))
    Balance(str(as_html(without_links(blocks_of(text)), rtl=True)))


def test_an_empty_line_begins_a_paragraph_and_another_line_does_not() -> None:
    assert html("One\ntwo\n\n\nthree") == "<p>One<br>\ntwo</p>\n<p>three</p>\n"
    assert plain("One\ntwo\n\n\nthree") == "One\ntwo\n\nthree"


def test_a_style_that_runs_over_lines_is_closed_and_opened_again() -> None:
    assert html("<b>One\n\ntwo</b> x") == "<p><strong>One</strong></p>\n<p><strong>two</strong> x</p>\n"


def test_what_people_typed_stays_words() -> None:
    assert html("Fish &amp; chips &lt;b&gt;") == "<p>Fish &amp; chips &lt;b&gt;</p>\n"
    assert plain("Fish &amp; chips &lt;b&gt;") == "Fish & chips <b>"


def test_an_address_is_written_out_in_plain_words_and_on_paper() -> None:
    text = 'See <a href="https://x.example/a">the map</a> or <a href="https://x.example/">https://x.example/</a>.'
    assert plain(text) == "See the map <https://x.example/a> or https://x.example/."
    assert str(as_html(without_links(blocks_of(text)))) == (
        "<p>See the map (https://x.example/a) or https://x.example/.</p>\n"
    )


def test_a_line_that_is_a_link_alone_is_named_and_then_written_out() -> None:
    assert plain('<a href="https://x.example/">What is on</a>') == "What is on: https://x.example/"


def test_a_link_that_is_no_web_address_is_only_words() -> None:
    assert html('<a href="javascript:alert(1)">here</a>') == "<p>here</p>\n"


def test_a_quotation_and_a_box_keep_together_what_is_theirs() -> None:
    text = "Before\n<section><h2>Title</h2>When: now</section>\n<blockquote>Said\nthus</blockquote>"
    assert plain(text) == "Before\n\nTitle\nWhen: now\n\n> Said\n> thus"
    assert "<div><h2>Title</h2>\n<p>When: now</p>\n</div>" in html(text)


def test_a_line_of_english_inside_urdu_runs_from_the_left() -> None:
    written = str(as_html(blocks_of("اردو\nCome as you are."), rtl=True))
    assert written == '<p>اردو<br>\n<span dir="ltr">Come as you are.</span></p>\n'
