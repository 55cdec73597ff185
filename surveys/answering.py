"""Answering a survey: one question at a time, back and forth, and sending it off once.

Nothing here trusts what a button says: that the carer was asked, that the round is open and that the question
can have this answer are checked at every step. Each function is one use case and returns a `Step`. Which
questions a carer comes to is said in `surveys.branching`.

``visit``: not empty where they came by a way that staff had in their hands, such as the code of a letter that
they printed (`carers.pages.Opened`). Such a visit has a sheet of its own, empty at its first step, so that
nobody reads there what the carer has begun. In an anonymous round it is answered as if nobody had answered
before: `surveys.sending` says which sheet counts.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.engine import Session
from storage.surveys import Participant, Round, RoundState
from storage.surveys_queries import round_for_answering
from surveys.answers import plain, possible, tidied
from surveys.branching import backwards, is_asked, of_asked, onwards, places
from surveys.definition import LONGEST_TEXT, Definition, Question, QuestionType
from surveys.drafts import Sheet, load_sheet, save_sheet
from surveys.keys import KeyMissing, RoundKeys
from surveys.reading import read_definition
from surveys.sending import keep_sent, keep_sent_by_hand


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
    visit: str

    def step(self, outcome: Outcome) -> Step:
        return Step(outcome, self.round, self.definition, self.sheet)

    def needs(self, question: Question) -> bool:
        """Whether this carer is asked it, and cannot leave it out."""
        return question.required and is_asked(self.definition, self.sheet.answers, question)

    async def keep(self, sheet: Sheet, outcome: Outcome = Outcome.STANDS) -> Step:
        sheet = _at_what_is_asked(self.definition, sheet)
        whose = (self.participant.carer_id, self.visit)
        await save_sheet(self.session, self.round, self.definition, *whose, sheet, self.keys)
        return Step(outcome, self.round, self.definition, sheet)


def _at_what_is_asked(definition: Definition, sheet: Sheet) -> Sheet:
    return sheet.at(onwards(definition, sheet.answers, sheet.position))


async def look(
    session: Session, round_id: int, carer_id: int, keys: RoundKeys, now: datetime, *, visit: str = ""
) -> Step:
    """Where this carer stands, for a page that is only looked at: a read-only transaction will do."""
    place = await _enter(session, round_id, carer_id, keys, now, visit, lock=False)
    return place if isinstance(place, Step) else place.step(Outcome.STANDS)


async def stand(
    session: Session, round_id: int, carer_id: int, keys: RoundKeys, now: datetime, *, visit: str = ""
) -> Step:
    """Where this carer stands: the first question, the one that they had come to, or the review."""
    place = await _enter(session, round_id, carer_id, keys, now, visit)
    return place if isinstance(place, Step) else place.step(Outcome.STANDS)


async def choose(
    session: Session,
    round_id: int,
    carer_id: int,
    number: int,
    value: int,
    keys: RoundKeys,
    now: datetime,
    *,
    visit: str = "",
) -> Step:
    """Answer question ``number`` (0 for the first) and go on to the next."""

    def answer(place: _Place, question: Question) -> Sheet | None:
        if question.type is QuestionType.SEVERAL or value not in question.values:
            return None
        return place.sheet.with_answer(question.id, value).at(number + 1)

    return await _change(session, round_id, carer_id, number, keys, now, visit, answer)


async def tick(
    session: Session,
    round_id: int,
    carer_id: int,
    number: int,
    value: int,
    on: bool,
    keys: RoundKeys,
    now: datetime,
    *,
    visit: str = "",
) -> Step:
    """Tick or untick one box of a question of several, and stay at it."""

    def mark(place: _Place, question: Question) -> Sheet | None:
        if question.type is not QuestionType.SEVERAL or value not in question.values:
            return None
        sheet = place.sheet.at(number)
        boxes = set(sheet.answers.get(question.id, ())) - {value} | ({value} if on else set())
        return sheet.with_answer(question.id, sorted(boxes)) if boxes else sheet.without_answer(question.id)

    return await _change(session, round_id, carer_id, number, keys, now, visit, mark)


async def tick_all(
    session: Session,
    round_id: int,
    carer_id: int,
    number: int,
    values: Collection[int],
    keys: RoundKeys,
    now: datetime,
    *,
    visit: str = "",
) -> Step:
    """Tick these boxes, at least one, of a question of several and no other, and go on."""

    def mark(place: _Place, question: Question) -> Sheet | None:
        if question.type is not QuestionType.SEVERAL or not possible(question, list(values)):
            return None
        return place.sheet.with_answer(question.id, sorted(set(values))).at(number + 1)

    return await _change(session, round_id, carer_id, number, keys, now, visit, mark)


async def go_on(
    session: Session,
    round_id: int,
    carer_id: int,
    number: int,
    keys: RoundKeys,
    now: datetime,
    *,
    visit: str = "",
) -> Step:
    """To the question after ``number``, leaving its answer as it is; a required one must have one."""

    def leave(place: _Place, question: Question) -> Sheet | None:
        lacks = place.needs(question) and question.id not in place.sheet.answers
        return None if lacks else place.sheet.at(number + 1)

    return await _change(session, round_id, carer_id, number, keys, now, visit, leave)


async def skip(
    session: Session,
    round_id: int,
    carer_id: int,
    number: int,
    keys: RoundKeys,
    now: datetime,
    *,
    visit: str = "",
) -> Step:
    """Leave a question out; an answer that was there is taken away."""

    def leave(place: _Place, question: Question) -> Sheet | None:
        sheet = place.sheet.at(number + 1)
        return None if place.needs(question) else sheet.without_answer(question.id)

    return await _change(session, round_id, carer_id, number, keys, now, visit, leave)


async def back(
    session: Session,
    round_id: int,
    carer_id: int,
    number: int,
    keys: RoundKeys,
    now: datetime,
    *,
    visit: str = "",
) -> Step:
    """To the question before ``number`` that is asked of this carer; from the review (the number of all
    questions) to the last."""
    place = await _enter(session, round_id, carer_id, keys, now, visit)
    if isinstance(place, Step):
        return place
    before = backwards(place.definition, place.sheet.answers, number)
    return place.step(Outcome.WRONG) if before is None else await place.keep(place.sheet.at(before))


async def write(
    session: Session,
    round_id: int,
    carer_id: int,
    text: str,
    keys: RoundKeys,
    now: datetime,
    number: int | None = None,
    *,
    visit: str = "",
) -> Step:
    """Answer the free-text question ``number``, or the one at which this carer stands, and go on."""
    place = await _enter(session, round_id, carer_id, keys, now, visit)
    if isinstance(place, Step):
        return place
    at = place.sheet.position if number is None else number
    question = place.definition.questions[at] if 0 <= at < len(place.definition.questions) else None
    if question is None or question.type is not QuestionType.TEXT:
        return place.step(Outcome.WRONG)
    words = plain(text)
    if len(words) > LONGEST_TEXT:
        return place.step(Outcome.TOO_LONG)
    if not words:
        return place.step(Outcome.WRONG)
    return await place.keep(place.sheet.with_answer(question.id, words).at(at + 1))


async def send(
    session: Session, round_id: int, carer_id: int, keys: RoundKeys, now: datetime, *, visit: str = ""
) -> Step:
    """Send the sheet off. Doing it again, or two at once, never makes a second response.

    Of an anonymous round the sheet stays sealed until the close; that somebody took part is a flag alone.
    """
    place = await _enter(session, round_id, carer_id, keys, now, visit)
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
    place = await _enter(session, round_id, carer_id, keys, now, "")
    if isinstance(place, Step):
        return place
    questions = {question.id: question for question in place.definition.questions}
    if not all(id in questions and possible(questions[id], value) for id, value in answers.items()):
        return place.step(Outcome.WRONG)
    tidy = {id: tidied(value) for id, value in answers.items()}
    return await _send(place, replace(place.sheet, answers=tidy, position=len(questions)))


async def _send(place: _Place, sheet: Sheet) -> Step:
    answers = of_asked(place.definition, sheet.answers)
    for number in places(place.definition, sheet.answers):
        question = place.definition.questions[number]
        if question.required and question.id not in answers:
            return await place.keep(sheet.at(number), Outcome.REQUIRED)
    if not answers:
        return place.step(Outcome.WRONG)
    sent = replace(sheet, answers=answers, submitted=True, segments=place.participant.segments)
    where = (place.session, place.round, place.definition, place.participant)
    if place.visit and place.round.anonymous:
        await keep_sent_by_hand(*where, sent, place.keys)
        return await place.keep(Sheet(submitted=True), Outcome.SENT)
    await keep_sent(*where, sent, place.keys)
    return await place.keep(sent, Outcome.SENT)


async def _change(
    session: Session,
    round_id: int,
    carer_id: int,
    number: int,
    keys: RoundKeys,
    now: datetime,
    visit: str,
    change: Callable[[_Place, Question], Sheet | None],
) -> Step:
    place = await _enter(session, round_id, carer_id, keys, now, visit)
    if isinstance(place, Step):
        return place
    if not 0 <= number < len(place.definition.questions):
        return place.step(Outcome.WRONG)
    changed = change(place, place.definition.questions[number])
    return place.step(Outcome.WRONG) if changed is None else await place.keep(changed)


async def _enter(
    session: Session,
    round_id: int,
    carer_id: int,
    keys: RoundKeys,
    now: datetime,
    visit: str,
    *,
    lock: bool = True,
) -> _Place | Step:
    """The round and this carer's sheet in it, or the step that says why not."""
    round = await (round_for_answering(session, round_id) if lock else session.get(Round, round_id))
    if round is None or round.state is not RoundState.OPEN or now >= round.closes_at:
        return Step(Outcome.NOT_OPEN)
    # Held, so that what comes by two ways at once is sent one after the other.
    participant = await session.get(Participant, (round_id, carer_id), with_for_update=lock or None)
    if participant is None:
        return Step(Outcome.NOT_OPEN)
    definition = read_definition(round.definition)
    try:
        sheet = await load_sheet(session, round, carer_id, visit, keys, lock=lock)
    except KeyMissing:
        return Step(Outcome.NOT_OPEN)
    unseen = bool(visit) and round.anonymous
    if sheet.submitted or (participant.took_part and not unseen):
        return Step(Outcome.ALREADY_SENT, round, definition)
    sheet = _at_what_is_asked(definition, sheet)
    return _Place(session, round, definition, participant, sheet, keys, visit)
