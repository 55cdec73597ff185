"""Telling what a page showed from anything else, so that a form changes only what its sender has seen."""

import hashlib

from web.staff.forms import Form

FIELD = "was"


def mark(*shown: object) -> str:
    """A few characters that tell these values from any others."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:12]


def is_outdated(form: Form, now_is: str) -> bool:
    """Whether the form is of a page that showed something else. One without a mark is not: that of a list
    which shows nothing of it has none to send."""
    return form.text(FIELD) not in ("", now_is)
