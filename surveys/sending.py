"""What becomes of a sheet that is sent: a named one is a response at once, an anonymous one waits sealed.

At most one sheet of a carer counts. One that they send by a way of their own, in the app or on a page that
their own email led to, stands. One that came by a handed way, such as the code of a letter that staff
printed, may be somebody else's: it takes the place of an earlier one that came so, gives way to one of the
carer's own, and leaves no mark with them while the round is open. So nobody who comes by such a way learns
whether the carer has taken part: not by what they are told, and not by the number of those who have.
"""

import secrets
from typing import Any

from storage.engine import Session
from storage.surveys import Participant, Round
from storage.surveys_closing import write_comments, write_responses
from surveys.branching import of_asked
from surveys.definition import Definition, QuestionType
from surveys.drafts import BY_HAND, Sheet, drop_sheet, save_sheet
from surveys.keys import RoundKeys


async def keep_sent(
    session: Session,
    round: Round,
    definition: Definition,
    participant: Participant,
    sheet: Sheet,
    keys: RoundKeys,
) -> None:
    """A sheet by the carer's own way: they took part. Call it with the participant locked."""
    participant.took_part = True
    if round.anonymous:
        await drop_sheet(session, round, participant.carer_id, BY_HAND, keys)
    else:
        await _record(session, round, definition, participant.carer_id, sheet)


async def keep_sent_by_hand(
    session: Session,
    round: Round,
    definition: Definition,
    participant: Participant,
    sheet: Sheet,
    keys: RoundKeys,
) -> None:
    """A sheet of an anonymous round by a handed way. Call it with the participant locked."""
    if not participant.took_part:
        await save_sheet(session, round, definition, participant.carer_id, BY_HAND, sheet, keys)


async def _record(
    session: Session, round: Round, definition: Definition, carer_id: int, sheet: Sheet
) -> None:
    whose = {"round_id": round.id, "carer_id": carer_id}
    answers, comments = parted(definition, sheet)
    response = {"id": secrets.token_hex(16), **whose, "segments": dict(sheet.segments), "answers": answers}
    await write_responses(session, [response])
    await write_comments(
        session,
        [
            {"id": secrets.token_hex(16), **whose, "question": question, "text": text}
            for question, text in comments
        ],
    )


def parted(definition: Definition, sheet: Sheet) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """A sheet's answers and its comments, apart; both in the order of the questions, not of answering.

    Only what is asked of who gave these answers: an answer that hangs on one that was changed is not in it.
    """
    answers = of_asked(definition, sheet.answers)
    written = [one.id for one in definition.questions if one.type is QuestionType.TEXT and one.id in answers]
    return answers, [(question, answers.pop(question)) for question in written]
