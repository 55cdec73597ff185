"""Where one carer stands in a round: sealed in an anonymous round, plain in a named one.

An anonymous sheet is one encrypted row of a fixed size, found by a keyed hash of the carer. It carries no
time, and each change rewrites it whole. A visit by a handed way (`surveys.answering`) has a sheet of its own,
found by a keyed hash of the carer and the visit, and what such visits sent is one more. In a named round the
latest visit's stands beside the carer's own.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from storage.engine import Session
from storage.surveys import NamedDraft, Round, SealedDraft
from storage.surveys_queries import add_named_draft, add_sealed_draft, sealed_draft
from surveys.definition import LONGEST_TEXT, Definition, QuestionType
from surveys.keys import RoundKeys
from surveys.sealing import owner_of, seal, unseal

Answers = Mapping[str, Any]
_BYTES_A_CHARACTER = 6  # the longest that JSON makes of one
_STEP = 4096
BY_HAND = "sent by hand"
"""In place of a visit: the sheet that was sent by a handed way. No visit is called so, for it has spaces."""
_APART = ""
"""Where the answers of a named draft would be of a question without a name: what a visit began."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Answers by question id, and the question that comes next (their number: the review)."""

    position: int = 0
    answers: Answers = field(default_factory=dict)
    submitted: bool = False
    segments: Mapping[str, str] = field(default_factory=dict)

    def at(self, position: int) -> "Sheet":
        return replace(self, position=position)

    def with_answer(self, question: str, value: Any) -> "Sheet":
        return replace(self, answers={**self.answers, question: value})

    def without_answer(self, question: str) -> "Sheet":
        return replace(self, answers={key: value for key, value in self.answers.items() if key != question})


def sheet_size(definition: Definition) -> int:
    """Bytes that the fullest sheet of this survey can need; every sheet of the round is padded to it."""
    needed = 512
    for question in definition.questions:
        needed += 128 + len(question.id) * _BYTES_A_CHARACTER
        if question.type is QuestionType.TEXT:
            needed += LONGEST_TEXT * _BYTES_A_CHARACTER
    return -(-needed // _STEP) * _STEP


async def load_sheet(
    session: Session, round: Round, carer_id: int, visit: str, keys: RoundKeys, *, lock: bool = True
) -> Sheet:
    """This carer's sheet, or that of this visit, empty if not begun. Raises `surveys.keys.KeyMissing`."""
    if not round.anonymous:
        named = await session.get(NamedDraft, (round.id, carer_id))
        return _named_sheet(named, visit) if named else Sheet()
    key = keys.get(round.ref)
    row = await sealed_draft(session, round.id, owner_of(key, carer_id, visit), lock=lock)
    return open_sheet(key, round, row) if row is not None else Sheet()


async def save_sheet(
    session: Session,
    round: Round,
    definition: Definition,
    carer_id: int,
    visit: str,
    sheet: Sheet,
    keys: RoundKeys,
) -> None:
    """Keep this carer's sheet, or that of this visit, in place of the one before. Raises
    `surveys.keys.KeyMissing`."""
    if not round.anonymous:
        named = await add_named_draft(session, round.id, carer_id)
        named.submitted = sheet.submitted
        if visit:
            apart = {"visit": visit, "at": sheet.position, "answers": dict(sheet.answers)}
            named.answers = {**named.answers, _APART: apart}
        else:
            apart = {name: kept for name, kept in named.answers.items() if name == _APART}
            named.position, named.answers = sheet.position, {**sheet.answers, **apart}
    else:
        key = keys.get(round.ref)
        owner = owner_of(key, carer_id, visit)
        content = {
            "at": sheet.position,
            "answers": sheet.answers,
            "segments": sheet.segments,
            "sent": sheet.submitted,
            "visit_of": owner_of(key, carer_id) if visit else "",
        }
        sealed = seal(key, _purpose(round, owner), content, sheet_size(definition))
        row = await sealed_draft(session, round.id, owner) or await add_sealed_draft(
            session,
            {"id": secrets.token_hex(16), "round_id": round.id, "owner": owner, "sealed": sealed},
        )
        # The close takes the rows that say so in the clear: of a visit it is known inside the row alone.
        row.sealed, row.submitted = sealed, sheet.submitted and visit in ("", BY_HAND)
    await session.flush()


async def drop_sheet(session: Session, round: Round, carer_id: int, visit: str, keys: RoundKeys) -> None:
    """Delete this sheet of an anonymous round, if there is one. Raises `surveys.keys.KeyMissing`."""
    row = await sealed_draft(session, round.id, owner_of(keys.get(round.ref), carer_id, visit))
    if row is not None:
        await session.delete(row)
        await session.flush()


def _named_sheet(named: NamedDraft, visit: str) -> Sheet:
    """What a visit by a handed way began lies beside the carer's own answers, the latest visit's alone."""
    if not visit:
        own = {question: given for question, given in named.answers.items() if question != _APART}
        return Sheet(named.position, own, named.submitted)
    apart = named.answers.get(_APART, {})
    theirs = apart.get("visit") == visit
    return Sheet(apart["at"] if theirs else 0, apart["answers"] if theirs else {}, named.submitted)


def open_sheet(key: bytes, round: Round, row: SealedDraft) -> Sheet:
    """The sheet inside a sealed row. Raises `surveys.sealing.Unreadable`."""
    content = unseal(key, _purpose(round, row.owner), row.sealed)
    sent = row.submitted or content.get("sent", False)  # rows from before visits had one say it outside alone
    return Sheet(content["at"], content["answers"], sent, content["segments"])


def is_visit_of(key: bytes, round: Round, row: SealedDraft, carer_id: int) -> bool:
    """Whether this row is of a visit by a way that was handed to this carer. Raises as `open_sheet` does."""
    content = unseal(key, _purpose(round, row.owner), row.sealed)
    return bool(content.get("visit_of", "") == owner_of(key, carer_id))


def _purpose(round: Round, owner: str) -> str:
    return f"sheet {round.ref} {owner}"
