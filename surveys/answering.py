"""Answering a survey: one question at a time, back and forth, and sending it off once.

Nothing here trusts what a button says: that the carer was asked, that the round is open and that the question
can have this answer are checked at every step. Each function is one use case and returns a `Step`.
"""

import secrets
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.engine import Session
from storage.surveys import Participant, Round, RoundState
from storage.surveys_closing import write_comments, write_responses
from storage.surveys_queries import round_for_answering
from surveys.definition import LONGEST_TEXT, Definition, Question, QuestionType
from surveys.drafts import Sheet, load_sheet, save_sheet
from surveys.keys import KeyMissing, RoundKeys
from surveys.reading import read_definition


class Outcome(StrEnum):
    STANDS = "stands"
    """The sheet is as the step says: show its question, or the review at the end."""
    SENT = "sent"
    ALREADY_SENT = "already_sent"
    """Sent before: nothing changes any more."""
    REQUIRED = "required"
    """A question that must be answered is not: the sheet stands at it."""
    WRONG = "wrong"
    """No such question or answer; nothing changed."""
    TOO_LONG = "too_long"
    NOT_OPEN = "not_open"
    """Not begun, over, or not for this carer: they learn no more than that."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a carer stands after what they did. ``round`` and what follows are None if it is not open."""

    outcome: Outcome
    round: Round | None = None
    definition: Definition | None = None
    sheet: Sheet | None = None

    @property
    def question(self) -> Question | None:
        """The question to ask now; None at the review."""
        if self.definition is None or self.sheet is None:
            return None
        questions = self.definition.questions
        return questions[self.sheet.position] if self.sheet.position < len(questions) else None


@dataclass(frozen=True, slots=True)
class _Place:
    session: Session
    round: Round
    definition: Definition
    participant: Participant
    sheet: Sheet
    keys: RoundKeys

    def step(self, outcome: Outcome) -> Step:
        return Step(outcome, self.round, self.definition, self.sheet)

    async def keep(self, sheet: Sheet, outcome: Outcome = Outcome.STANDS, by: str = "") -> Step:
        sheet = replace(sheet, by=by)
        await save_sheet(
            self.session, self.round, self.definition, self.participant.carer_id, sheet, self.keys
        )
        return Step(outcome, self.round, self.definition, sheet)


async def look(session: Session, round_id: int, carer_id: int, keys: RoundKeys, now: datetime) -> Step:
    """Where this carer stands, for a page that is only looked at: a read-only transaction will do."""
    place = await _enter(session, round_id, carer_id, keys, now, lock=False)
    return place if isinstance(place, Step) else place.step(Outcome.STANDS)


async def stand(session: Session, round_id: int, carer_id: int, keys: RoundKeys, now: datetime) -> Step:
    """Where this carer stands: the first question, the one that they had come to, or the review."""
    place = await _enter(session, round_id, carer_id, keys, now)
    return place if isinstance(place, Step) else place.step(Outcome.STANDS)


async def claim(
    session: Session,
    round_id: int,
    carer_id: int,
    by: str,
    keys: RoundKeys,
    now: datetime,
    *,
    anew: bool = True,
) -> Step:
    """Keep an anonymous sheet for one visit by a way that staff had in their hands, such as the code of a
    letter that they printed: such a visit is shown no answers but its own.

    ``anew``: empty what was begun by another way or in another visit. Every other step gives the claim up.
    """
    place = await _enter(session, round_id, carer_id, keys, now)
    if isinstance(place, Step):
        return place
    if not place.round.anonymous:
        return place.step(Outcome.STANDS)
    kept = place.sheet if place.sheet.by == by or not anew else Sheet()
    return await place.keep(kept, by=by)


async def choose(
    session: Session, round_id: int, carer_id: int, number: int, value: int, keys: RoundKeys, now: datetime
) -> Step:
    """Answer question ``number`` (0 for the first) and go on to the next."""

    def answer(question: Question, sheet: Sheet) -> Sheet | None:
        if question.type is QuestionType.SEVERAL or value not in question.values:
            return None
        return sheet.with_answer(question.id, value).at(number + 1)

    return await _change(session, round_id, carer_id, number, keys, now, answer)


async def tick(
    session: Session,
    round_id: int,
    carer_id: int,
    number: int,
    value: int,
    on: bool,
    keys: RoundKeys,
    now: datetime,
) -> Step:
    """Tick or untick one box of a question of several, and stay at it."""

    def mark(question: Question, sheet: Sheet) -> Sheet | None:
        if question.type is not QuestionType.SEVERAL or value not in question.values:
            return None
        boxes = set(sheet.answers.get(question.id, ())) - {value} | ({value} if on else set())
        kept = sheet.with_answer(question.id, sorted(boxes)) if boxes else sheet.without_answer(question.id)
        return kept.at(number)

    return await _change(session, round_id, carer_id, number, keys, now, mark)


async def tick_all(
    session: Session,
    round_id: int,
    carer_id: int,
    number: int,
    values: Collection[int],
    keys: RoundKeys,
    now: datetime,
) -> Step:
    """Tick these boxes, at least one, of a question of several and no other, and go on."""

    def mark(question: Question, sheet: Sheet) -> Sheet | None:
        if question.type is not QuestionType.SEVERAL or not _possible(question, list(values)):
            return None
        return sheet.with_answer(question.id, sorted(set(values))).at(number + 1)

    return await _change(session, round_id, carer_id, number, keys, now, mark)


async def go_on(
    session: Session, round_id: int, carer_id: int, number: int, keys: RoundKeys, now: datetime
) -> Step:
    """To the question after ``number``, leaving its answer as it is; a required one must have one."""

    def onwards(question: Question, sheet: Sheet) -> Sheet | None:
        return None if question.required and question.id not in sheet.answers else sheet.at(number + 1)

    return await _change(session, round_id, carer_id, number, keys, now, onwards)


async def skip(
    session: Session, round_id: int, carer_id: int, number: int, keys: RoundKeys, now: datetime
) -> Step:
    """Leave a question out; an answer that was there is taken away."""

    def leave(question: Question, sheet: Sheet) -> Sheet | None:
        return None if question.required else sheet.without_answer(question.id).at(number + 1)

    return await _change(session, round_id, carer_id, number, keys, now, leave)


async def back(
    session: Session, round_id: int, carer_id: int, number: int, keys: RoundKeys, now: datetime
) -> Step:
    """To the question before ``number``; from the review (their number) to the last."""
    place = await _enter(session, round_id, carer_id, keys, now)
    if isinstance(place, Step):
        return place
    if not 1 <= number <= len(place.definition.questions):
        return place.step(Outcome.WRONG)
    return await place.keep(place.sheet.at(number - 1))


async def write(
    session: Session,
    round_id: int,
    carer_id: int,
    text: str,
    keys: RoundKeys,
    now: datetime,
    number: int | None = None,
) -> Step:
    """Answer the free-text question ``number``, or the one at which this carer stands, and go on."""
    place = await _enter(session, round_id, carer_id, keys, now)
    if isinstance(place, Step):
        return place
    at = place.sheet.position if number is None else number
    question = place.definition.questions[at] if 0 <= at < len(place.definition.questions) else None
    if question is None or question.type is not QuestionType.TEXT:
        return place.step(Outcome.WRONG)
    words = _plain(text)
    if len(words) > LONGEST_TEXT:
        return place.step(Outcome.TOO_LONG)
    if not words:
        return place.step(Outcome.WRONG)
    return await place.keep(place.sheet.with_answer(question.id, words).at(at + 1))


async def send(session: Session, round_id: int, carer_id: int, keys: RoundKeys, now: datetime) -> Step:
    """Send the sheet off. Doing it again, or two at once, never makes a second response.

    Of an anonymous round the sheet stays sealed until the close; that somebody took part is a flag alone.
    """
    place = await _enter(session, round_id, carer_id, keys, now)
    return place if isinstance(place, Step) else await _send(place, place.sheet)


async def submit(
    session: Session,
    round_id: int,
    carer_id: int,
    answers: Mapping[str, Any],
    keys: RoundKeys,
    now: datetime,
) -> Step:
    """Send a whole sheet at once, as a form does: answers by question id, in place of any begun before.

    A value, a list of values for several, or a text. `Outcome.WRONG` if one cannot be, and nothing changes.
    """
    place = await _enter(session, round_id, carer_id, keys, now)
    if isinstance(place, Step):
        return place
    questions = {question.id: question for question in place.definition.questions}
    if not all(id in questions and _possible(questions[id], value) for id, value in answers.items()):
        return place.step(Outcome.WRONG)
    tidy = {id: _tidied(value) for id, value in answers.items()}
    return await _send(place, replace(place.sheet, answers=tidy, position=len(questions)))


async def _send(place: _Place, sheet: Sheet) -> Step:
    for number, question in enumerate(place.definition.questions):
        if question.required and question.id not in sheet.answers:
            return await place.keep(sheet.at(number), Outcome.REQUIRED)
    if not sheet.answers:
        return place.step(Outcome.WRONG)
    sent = replace(sheet, submitted=True, segments=place.participant.segments)
    place.participant.took_part = True
    if not place.round.anonymous:
        await _record(place, sent)
    return await place.keep(sent, Outcome.SENT)


def _possible(question: Question, value: Any) -> bool:
    match question.type, value:
        case QuestionType.TEXT, str():
            return 0 < len(_plain(value)) <= LONGEST_TEXT
        case QuestionType.SEVERAL, list():
            return bool(value) and all(one in question.values for one in value)
        case QuestionType.TEXT | QuestionType.SEVERAL, _:
            return False
        case _, int():
            return value in question.values
    return False


def _tidied(value: Any) -> Any:
    if isinstance(value, str):
        return _plain(value)
    return sorted(set(value)) if isinstance(value, list) else value


async def _record(place: _Place, sheet: Sheet) -> None:
    """A named response, at once."""
    whose = {"round_id": place.round.id, "carer_id": place.participant.carer_id}
    answers, comments = parted(place.definition, sheet)
    await write_responses(
        place.session,
        [{"id": secrets.token_hex(16), **whose, "segments": dict(sheet.segments), "answers": answers}],
    )
    await write_comments(
        place.session,
        [
            {"id": secrets.token_hex(16), **whose, "question": question, "text": text}
            for question, text in comments
        ],
    )


def parted(definition: Definition, sheet: Sheet) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """A sheet's answers and its comments, apart; both in the order of the questions, not of answering."""
    answers: dict[str, Any] = {}
    comments: list[tuple[str, str]] = []
    for question in definition.questions:
        if question.id in sheet.answers:
            if question.type is QuestionType.TEXT:
                comments.append((question.id, sheet.answers[question.id]))
            else:
                answers[question.id] = sheet.answers[question.id]
    return answers, comments


async def _change(
    session: Session,
    round_id: int,
    carer_id: int,
    number: int,
    keys: RoundKeys,
    now: datetime,
    change: Callable[[Question, Sheet], Sheet | None],
) -> Step:
    place = await _enter(session, round_id, carer_id, keys, now)
    if isinstance(place, Step):
        return place
    if not 0 <= number < len(place.definition.questions):
        return place.step(Outcome.WRONG)
    changed = change(place.definition.questions[number], place.sheet)
    return place.step(Outcome.WRONG) if changed is None else await place.keep(changed)


async def _enter(
    session: Session, round_id: int, carer_id: int, keys: RoundKeys, now: datetime, *, lock: bool = True
) -> _Place | Step:
    """The round and this carer's sheet in it, or the step that says why not."""
    round = await (round_for_answering(session, round_id) if lock else session.get(Round, round_id))
    if round is None or round.state is not RoundState.OPEN or now >= round.closes_at:
        return Step(Outcome.NOT_OPEN)
    participant = await session.get(Participant, (round_id, carer_id), with_for_update=lock or None)
    if participant is None:
        return Step(Outcome.NOT_OPEN)
    definition = read_definition(round.definition)
    try:
        sheet = await load_sheet(session, round, carer_id, keys, lock=lock)
    except KeyMissing:
        return Step(Outcome.NOT_OPEN)
    if participant.took_part or sheet.submitted:
        return Step(Outcome.ALREADY_SENT, round, definition)
    return _Place(session, round, definition, participant, sheet, keys)


def _plain(text: str) -> str:
    """Without control characters, which no message shows and JSON would make six bytes of."""
    kept = (sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))
    return "".join(kept).strip()
