"""Telegram's HTML into text and entities, and back."""

from __future__ import annotations

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import ApiError
from sandbox.html_entities import parse_html, render_html, utf16_length
from sandbox.message_text import compose


def _entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain", "plain", []),
        ("<b>a</b><STRONG>b</STRONG>", "ab", [_entity("bold", 0, 1), _entity("bold", 1, 1)]),
        ("<i>a</i><em>b</em>", "ab", [_entity("italic", 0, 1), _entity("italic", 1, 1)]),
        ("<u>a</u><ins>b</ins>", "ab", [_entity("underline", 0, 1), _entity("underline", 1, 1)]),
        ("<s>a</s><del>b</del>", "ab", [_entity("strikethrough", 0, 1), _entity("strikethrough", 1, 1)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [_entity("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [_entity("spoiler", 0, 1)]),
        ("😀<b>é</b>", "😀é", [_entity("bold", 2, 1)]),
        ("<b>1 <i>2</i></b>", "1 2", [_entity("bold", 0, 3), _entity("italic", 2, 1)]),
        ("<b><i>2</i></b>", "2", [_entity("bold", 0, 1), _entity("italic", 0, 1)]),
        ("&lt;b&gt; &amp; &quot;&#128512;&#x41;", '<b> & "😀A', []),
        ("&nbsp; & &#0; &foo", "&nbsp; & &#0; &foo", []),
        ("<b></b>x", "x", []),
        ("<b>x</>", "x", [_entity("bold", 0, 1)]),
        (
            "<a href='http://x.org/?a=1&amp;b'>l</a>",
            "l",
            [_entity("text_link", 0, 1, url="http://x.org/?a=1&b")],
        ),
        ("<a>http://x.org</a>", "http://x.org", [_entity("text_link", 0, 12, url="http://x.org")]),
        ('<a href="javascript:x">l</a>', "l", []),
        ('<a href="tg://user?id=5">l</a>', "l", [_entity("text_link", 0, 1, url="tg://user?id=5")]),
        ("<code>a</code>", "a", [_entity("code", 0, 1)]),
        ("<pre>a</pre>", "a", [_entity("pre", 0, 1)]),
        ('<pre><code class="language-py">a</code></pre>', "a", [_entity("pre", 0, 1, language="py")]),
        ('<code class="language-py">a</code>', "a", [_entity("code", 0, 1)]),
        ("<blockquote>a</blockquote>", "a", [_entity("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [_entity("expandable_blockquote", 0, 1)]),
        ('<tg-emoji emoji-id="5">👍</tg-emoji>', "👍", [_entity("custom_emoji", 0, 2, custom_emoji_id="5")]),
        (
            '<tg-time unix="1647531900" format="wDT">soon</tg-time>',
            "soon",
            [_entity("date_time", 0, 4, unix_time=1647531900, date_time_format="wDT")],
        ),
    ],
)
def test_what_telegram_understands(source: str, text: str, entities: list[dict[str, Any]]) -> None:
    assert parse_html(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("é<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("1 < 2 >", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<a href='x", "Unclosed start tag at byte offset 0"),
        ("<b >x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        (
            "<a href>x</a>",
            'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
        ),
        ("<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x/y>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("<tg-time>x</tg-time>", "Invalid Unix time specified"),
    ],
)
def test_what_telegram_does_not_understand(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(source)
    assert refused.value.code == 400
    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


def _html() -> st.SearchStrategy[str]:
    """Return well-formed Telegram HTML of nested tags over any text."""
    words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)

    def nest(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        tag = st.sampled_from(["b", "i", "u", "s", "tg-spoiler", "blockquote"])
        tagged = st.tuples(tag, inner).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>")
        return st.lists(tagged | inner, min_size=1, max_size=3).map("".join)

    return st.recursive(words.map(lambda text: html.escape(text, quote=False)), nest, max_leaves=8)


@given(_html())
def test_rendering_and_parsing_again_changes_nothing(source: str) -> None:
    text, entities = parse_html(source)
    assert parse_html(render_html(text, entities)) == (text, entities)
    length = utf16_length(text)
    for entity in entities:
        assert entity["length"] > 0
        assert 0 <= entity["offset"] < entity["offset"] + entity["length"] <= length


@given(st.text(st.sampled_from(list("<>/=\"'&;# abi\té😀")), max_size=30))
def test_any_text_is_parsed_or_refused(source: str) -> None:
    refusal = ""
    try:
        parse_html(source)
    except ApiError as refused:
        refusal = refused.description
    assert not refusal or refusal.startswith("Bad Request: can't parse entities: ")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_escaped_text_is_that_text(text: str) -> None:
    assert parse_html(html.escape(text)) == (text, [])


def test_white_space_at_the_ends_is_cut_and_entities_with_it() -> None:
    composed = compose("  <b> a </b> ", "HTML", None, 100, "too long")
    assert composed.text == "a"
    assert composed.entities == [_entity("bold", 0, 1)]


def test_links_commands_and_addresses_are_found_in_the_text() -> None:
    composed = compose("😀 /events or https://x.org/a. a@b.org #tea @someone", None, None, 100, "too long")
    found = [(e["type"], e["offset"], e["length"]) for e in composed.entities]
    assert found == [
        ("bot_command", 3, 7),
        ("url", 14, 15),
        ("email", 31, 7),
        ("hashtag", 39, 4),
        ("mention", 44, 8),
    ]


def test_nothing_is_found_inside_code_or_a_link() -> None:
    composed = compose('<code>/a</code> <a href="http://x.org">/b</a>', "HTML", None, 100, "too long")
    assert [entity["type"] for entity in composed.entities] == ["code", "text_link"]


def test_given_entities_must_lie_within_the_text() -> None:
    assert compose("ab", None, [_entity("bold", 0, 2)], 10, "").entities == [_entity("bold", 0, 2)]
    with pytest.raises(ApiError, match="ENTITY_BOUNDS_INVALID"):
        compose("ab", None, [_entity("bold", 1, 2)], 10, "")
