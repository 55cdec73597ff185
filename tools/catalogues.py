"""Bring the catalogues of translations in line with the English sentences of ``texts/`` and of carers' pages.

``python tools/catalogues.py`` keeps every translation whose English is unchanged, adds what is new without
one, and drops what is gone. ``--check`` changes nothing and fails where a catalogue differs from its sources.
Nothing is guessed from a similar sentence: a safety notice must never carry the words of another.
"""

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a script, it finds the project it belongs to

from texts.catalogue import LOCALES, TRANSLATED, is_for_staff  # noqa: E402

TEXTS = ROOT / "texts"
WEB = ROOT / "web"
WIDTH = 110
_JINJA = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
_HEADER = """\
# What carers read, in {name}. Translators: docs/translations.md.
# Keep %(names)s, <b>tags</b>, /commands and numbers as they are."""


def sources() -> Iterator[Path]:
    """Every file whose sentences a carer may read."""
    for path in sorted(TEXTS.rglob("*.j2")):
        if not is_for_staff(path.stem):
            yield path
    yield from sorted(TEXTS.rglob("*.py"))
    yield from sorted((WEB / "templates" / "carer").rglob("*.html"))
    yield from sorted((WEB / "carer").rglob("*.py"))


@cache
def messages() -> tuple[tuple[str, Message], ...]:
    """Each sentence with the file that holds it; read once, for every language asks for all of them."""
    return tuple(_found())


def _found() -> Iterator[tuple[str, Message]]:
    for path in sources():
        method, options = ("python", {}) if path.suffix == ".py" else ("jinja2.ext:babel_extract", _JINJA)
        with path.open("rb") as file:
            for _, message_id, comments, context in extract(method, file, options=options):
                name = str(path.relative_to(ROOT))
                yield name, Message(message_id, auto_comments=comments, context=context)


def up_to_date(language: str) -> Catalog:
    """The catalogue as it should be: the sources' sentences, with the translations that it has."""
    kept = read(language)
    fresh = Catalog(locale=language, project="Hearthline", header_comment=_header(language), fuzzy=False)
    for name, message in messages():
        known = kept.get(message.id, message.context)
        fresh.add(
            message.id,
            known.string if known else None,
            locations=[(name, 0)],
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known else (),
            context=message.context,
        )
    return fresh


def read(language: str) -> Catalog:
    """The catalogue as it stands; an empty one where there is no file."""
    path = LOCALES / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def written(catalogue: Catalog) -> bytes:
    """The bytes of its file: sorted, without line numbers, so that it changes only where a sentence does."""
    _, plural = next(item for item in catalogue.mime_headers if item[0] == "Plural-Forms")
    head = [
        catalogue.header_comment,
        'msgid ""',
        'msgstr ""',
        f'"Language: {catalogue.locale_identifier}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Plural-Forms: {plural}\\n"',
    ]
    body = BytesIO()
    write_po(body, catalogue, width=WIDTH, omit_header=True, sort_output=True, include_lineno=False)
    return "\n".join(head).encode() + b"\n\n" + body.getvalue().strip() + b"\n"


def differing(languages: Iterable[str] = TRANSLATED) -> list[str]:
    """The languages whose file is not what the sources ask for."""
    return [language for language in languages if _on_disk(language) != written(up_to_date(language))]


def _on_disk(language: str) -> bytes:
    path = LOCALES / f"{language}.po"
    return path.read_bytes() if path.exists() else b""


def _header(language: str) -> str:
    return _HEADER.format(name=Locale.parse(language).english_name)


def main() -> int:
    """Exit code 1 if ``--check`` finds a difference."""
    if "--check" in sys.argv[1:]:
        stale = differing()
        for language in stale:
            print(f"texts/locales/{language}.po is not up to date: run `make catalogues`")
        return 1 if stale else 0
    LOCALES.mkdir(exist_ok=True)
    for language in TRANSLATED:
        catalogue = up_to_date(language)
        (LOCALES / f"{language}.po").write_bytes(written(catalogue))
        missing = sum(1 for message in catalogue if message.id and not is_translated(message))
        print(f"{language}: {len(catalogue)} messages, {missing} without a translation")
    return 0


def is_translated(message: Message) -> bool:
    """Whether it has words in every form that its language asks for."""
    strings = [message.string] if isinstance(message.string, str) else message.string or []
    return bool(strings) and all(strings)


if __name__ == "__main__":
    sys.exit(main())
