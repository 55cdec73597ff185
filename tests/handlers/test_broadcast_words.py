"""What staff send on keeps its bold, italic and links, and nothing that nobody wrote comes in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st
from telegram import Message, MessageEntity

from broadcasts.markup import to_html, to_plain
from handlers.broadcast_words import Given, SentFile, Unfit, as_markup, given_in


def entity(kind: str, offset: int, length: int, url: str | None = None) -> MessageEntity:
    return MessageEntity(kind, offset, length, url)


def message(**content: Any) -> Message:
    raw = {"message_id": 1, "date": int(datetime(2025, 5, 6, tzinfo=UTC).timestamp())}
    made = Message.de_json(raw | {"chat": {"id": 1, "type": "private"}} | content, None)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("text", "entities", "html"),
    [
        ("All closed today", [entity("bold", 4, 6)], "All <b>closed</b> today"),
        ("All closed today", [entity("italic", 4, 6)], "All <i>closed</i> today"),
        ("All closed today", [entity("bold", 4, 7)], "All <b>closed</b> today"),
        ("Both at once", [entity("bold", 0, 4), entity("italic", 0, 4)], "<b><i>Both</i></b> at once"),
        ("One\nTwo", [entity("bold", 0, 7)], "<b>One</b>\n<b>Two</b>"),
        (
            "Read the guide.",
            [entity("text_link", 9, 5, "https://example.org/a?b=1&c=2")],
            'Read the <a href="https://example.org/a?b=1&amp;c=2">guide</a>.',
        ),
        (
            "Read the guide.",
            [entity("text_link", 9, 5, "http://example.org/old")],
            "Read the guide (http://example.org/old).",
        ),
        ("😀 Hello 😀 all", [entity("bold", 3, 5), entity("italic", 12, 3)], "😀 <b>Hello</b> 😀 <i>all</i>"),
        ("unbelievable", [entity("bold", 2, 7)], "unbelievable"),
        ("a <b> & c", [], "a &lt;b&gt; &amp; c"),
        ("See example.org and 07700 900123", [entity("url", 4, 11)], "See example.org and 07700 900123"),
        ("struck out", [entity("strikethrough", 0, 6)], "struck out"),
        ("by *hand*", [], "by <b>hand</b>"),
    ],
)
def test_formatting_in_telegram_is_formatting_for_carers(
    text: str, entities: list[MessageEntity], html: str
) -> None:
    assert to_html(as_markup(text, entities)) == html


@for_any(st.text(alphabet="ab *_[]()\n😀é", max_size=30), st.data())
def test_no_word_is_ever_lost_or_added(text: str, data: st.DataObject) -> None:
    units = len(text.encode("utf-16-le")) // 2
    kinds = st.sampled_from(["bold", "italic", "text_link", "code"])
    spans = st.tuples(kinds, st.integers(0, units), st.integers(1, 10))
    entities = [
        entity(kind, start, length, "https://example.org" if kind == "text_link" else None)
        for kind, start, length in data.draw(st.lists(spans, max_size=4))
    ]
    shown = to_plain(as_markup(text, entities))
    assert shown.split() == to_plain(text).split()


def test_a_photo_comes_with_its_words_and_the_largest_picture() -> None:
    sizes = [
        {
            "file_id": f"P{size}",
            "file_unique_id": f"u{size}",
            "width": size,
            "height": size,
            "file_size": size,
        }
        for size in (90, 800)
    ]
    words = [{"type": "bold", "offset": 0, "length": 4}]
    assert given_in(message(photo=sizes, caption="Open day", caption_entities=words)) == Given(
        "*Open* day", SentFile("P800", "photo.jpg", "image/jpeg", True, 800)
    )


def test_a_document_keeps_its_name_and_what_kind_it_is() -> None:
    file = {"file_id": "D1", "file_unique_id": "d", "file_name": "Rates.pdf", "mime_type": "application/pdf"}
    assert given_in(message(document=file)) == Given(
        "", SentFile("D1", "Rates.pdf", "application/pdf", False, 0)
    )


_FILE = {"file_id": "F", "file_unique_id": "f", "duration": 3, "width": 1, "height": 1, "length": 1}


@pytest.mark.parametrize(
    ("content", "unfit"),
    [
        ({"voice": _FILE}, Unfit.VOICE),
        ({"audio": _FILE}, Unfit.VOICE),
        ({"video": _FILE}, Unfit.VIDEO),
        ({"video_note": _FILE}, Unfit.VIDEO),
        ({"animation": _FILE, "document": _FILE}, Unfit.VIDEO),
        (
            {"sticker": _FILE | {"type": "regular", "is_animated": False, "is_video": False}},
            Unfit.STICKER,
        ),
        ({"photo": [_FILE], "media_group_id": "7"}, Unfit.ALBUM),
        ({"location": {"latitude": 53.4, "longitude": -1.3}}, Unfit.OTHER),
    ],
)
def test_what_cannot_be_sent_on_is_told_apart(content: dict[str, Any], unfit: Unfit) -> None:
    assert given_in(message(**content)) is unfit
