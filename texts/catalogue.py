"""Translations: one gettext catalogue a language, read from its .po file as it stands.

English is the source. A message without a translation appears in English, so a missing line never stops a
notice; the tests list what is missing. Compiling in memory keeps binary files out of the repository.
"""

from fnmatch import fnmatch
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("en", "ur", "pa", "ar")
TRANSLATED = LANGUAGES[1:]
RIGHT_TO_LEFT = frozenset({"ur", "ar"})
STAFF_TEXTS = (
    "_broadcast",
    "_counts",
    "_report",
    "alert_*",
    "attendance",
    "broadcast_*",
    "help_staff",
    "inbox",
    "inbox_*",
    "mail_foot_staff",
    "newevent_*",
    "no_console",
    "report",
    "report_*",
    "rsvps",
    "rsvps_*",
    "sign_in_*",
    "staff_*",
    "welcome_staff",
)
"""Names of the templates that only staff read. They stay English and out of the catalogues."""

Catalogue = NullTranslations


def is_for_staff(kind: str) -> bool:
    """Whether only staff read this kind of text."""
    return any(fnmatch(kind, name) for name in STAFF_TEXTS)


@cache
def catalogue(language: str) -> Catalogue:
    """The translations of one language; of English, and of one without a file, the source itself."""
    path = LOCALES / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
