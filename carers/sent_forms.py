"""The forms that a browser has sent, kept in its session: what came of each, and how to take it back.

What is kept is read by the process that handles the next request, which during an update may be an older
one: what came of a form stays a list of three, and what is newer stands beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

UNDO_LIVES = timedelta(minutes=10)
_FORMS_KEPT = 40


@dataclass(frozen=True, slots=True)
class Undo:
    """A form that takes another back: where it is sent to, its hidden fields, what its button says.

    It is sent to a deed like any other, which checks and records it; nothing that is offered here is trusted
    there. ``fields`` holds refs and choices, never a carer's words: a session is no place for them.
    """

    action: str
    fields: Mapping[str, str | Sequence[str]]
    text: str = "Undo"


@dataclass(frozen=True, slots=True)
class SentForm:
    """What came of a form: where its sender was led, what they were told there, and what takes it back.

    ``undo_until`` (aware UTC) is null where ``undo`` is.
    """

    once: str
    location: str
    message: str
    undo: Undo | None = None
    undo_until: datetime | None = None

    def undo_at(self, now: datetime) -> Undo | None:
        """What takes the form back, if it still may."""
        return self.undo if self.undo_until is not None and now < self.undo_until else None


def forms_in(data: Mapping[str, Any]) -> tuple[SentForm, ...]:
    """The forms that this session's data tells of, the latest last."""
    undos = data.get("undos", {})
    return tuple(
        SentForm(once, location, message, *_undo(undos.get(once)))
        for once, location, message in data.get("forms", ())
    )


def with_form(data: Mapping[str, Any], form: SentForm, now: datetime, undoes: str = "") -> dict[str, Any]:
    """The session's data with one more form; what it ``undoes`` cannot be undone again."""
    kept = (*forms_in(data), form)[-_FORMS_KEPT:]
    undos = {
        one.once: [undo.action, dict(undo.fields), undo.text, one.undo_until.isoformat()]
        for one in kept
        if one.once != undoes and one.undo_until and (undo := one.undo_at(now))
    }
    return {**data, "forms": [[one.once, one.location, one.message] for one in kept], "undos": undos}


def _undo(kept: Sequence[Any] | None) -> tuple[Undo | None, datetime | None]:
    if kept is None:
        return None, None
    action, fields, text, until = kept
    return Undo(action, fields, text), datetime.fromisoformat(until)
