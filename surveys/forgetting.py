"""What of surveys goes with a carer who is erased, beyond what stands under their name.

What they sent in an anonymous round cannot be found and stays, as was promised when they were asked: nobody
can tell which sheet it is. One that they only began is found by the round's key while the round is open, and
so is one that was begun in their name with the code of a letter.
"""

from carers.people import Carer
from storage.engine import Session
from storage.surveys import Round
from storage.surveys_closing import sealed_of
from storage.surveys_queries import open_rounds
from surveys.drafts import is_visit_of, open_sheet
from surveys.keys import RoundKeys
from surveys.sealing import Unreadable, owner_of


async def forget_begun(session: Session, carer: Carer, keys: RoundKeys) -> int:
    """Delete the sheets of open anonymous rounds that this carer began and has not sent; how many.

    Where a key is missing nothing can be found, and what it sealed can be read by nobody.
    """
    gone = 0
    for round in await open_rounds(session):
        key = keys.find(round.ref) if round.anonymous else None
        gone += await _forget(session, round, key, carer.id) if key else 0
    await session.flush()
    return gone


async def _forget(session: Session, round: Round, key: bytes, carer_id: int) -> int:
    """Visits stand apart from each other and from the carer, so each row has to be opened. The mark that a
    visit leaves when it has sent holds no answer: it goes too, uncounted."""
    gone = 0
    for row in await sealed_of(session, round.id):
        try:
            theirs = row.owner == owner_of(key, carer_id) or is_visit_of(key, round, row, carer_id)
            if theirs and not row.submitted:
                gone += not open_sheet(key, round, row).submitted
                await session.delete(row)
        except Unreadable:
            continue
    return gone
