"""Comparing what somebody types with what is stored: letters without case and without accents.

Neither database does so by itself. A typed word becomes a pattern in which each letter stands for all that
look like it: a GLOB on SQLite, a regular expression on PostgreSQL. No index would help to find a part of a
word; sixty thousand names are read in some hundredths of a second.
"""

import re
import unicodedata
from functools import cache
from typing import Any

from sqlalchemy import Boolean, ColumnElement, SQLColumnExpression, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_LATIN = (range(0x00C0, 0x0250), range(0x1E00, 0x1F00))
_ALIKE = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i"}
_SIGNS = ("'’‘ʼ`´", "-‐‑–")


def folded(text: str) -> str:
    """The text in small letters without accents, its apostrophes and hyphens the plain ones."""
    apart = unicodedata.normalize("NFKD", text).lower()
    return "".join(_plain(sign) for sign in apart if not unicodedata.combining(sign))


def _plain(sign: str) -> str:
    return _ALIKE.get(sign) or next((signs[0] for signs in _SIGNS if sign in signs), sign)


def has_letters(word: str, *texts: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether one of these texts has the word in it, whatever the case and the accents of either.

    A space at the beginning of the word stands for itself: with one before the text too, the word is found
    only where one of the text's words begins.
    """
    signs = folded(word)
    glob, regex = "".join(map(_in_glob, signs)), "".join(map(_in_regex, signs))
    return _HasLetters(literal(f"*{glob}*", Text), literal(regex, Text), *texts)


class _HasLetters(FunctionElement[bool]):
    """The pattern for either database, and the texts: each by itself, for to join them takes longer."""

    type = Boolean()
    inherit_cache = True


@compiles(_HasLetters, "sqlite")
def _for_sqlite(element: _HasLetters, compiler: SQLCompiler, **more: Any) -> str:
    glob, _, *texts = (compiler.process(one, **more) for one in element.clauses)
    return "({})".format(" OR ".join(f"({text}) GLOB {glob}" for text in texts))


@compiles(_HasLetters, "postgresql")
def _for_postgresql(element: _HasLetters, compiler: SQLCompiler, **more: Any) -> str:
    _, regex, *texts = (compiler.process(one, **more) for one in element.clauses)
    return "({})".format(" OR ".join(f"({text}) ~ {regex}" for text in texts))


@cache
def _lookalikes() -> dict[str, str]:
    """By a folded sign: all that are folded into it."""
    found: dict[str, str] = {signs[0]: signs for signs in _SIGNS}
    for sign in (chr(number) for numbers in _LATIN for number in numbers):
        if len(plain := folded(sign)) == 1 and plain.isascii() and plain.isalpha():
            found[plain] = found.get(plain, plain + plain.upper()) + sign
    return found


def _class(sign: str) -> str:
    """Every sign that this one stands for, a hyphen last, where it means nothing else."""
    alike = _lookalikes().get(sign) or "".join(dict.fromkeys((sign, sign.upper()[:1])))
    return "".join(sorted(alike, key=lambda one: one == "-"))


def _in_glob(sign: str) -> str:
    alike = _class(sign)
    return f"[{alike}]" if len(alike) > 1 or alike in "*?[" else alike


def _in_regex(sign: str) -> str:
    alike = _class(sign)
    return f"[{alike}]" if len(alike) > 1 else re.escape(alike)
