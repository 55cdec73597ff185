"""What of surveys goes with a carer who is erased, beyond what stands under their name.

What they sent in an anonymous round cannot be found and stays, as was promised when they were asked: nobody
can tell which sheet it is. One that they only began is found by the round's key while the round is open.
"""

from carers.people import Carer
from storage.engine import Session
from storage.surveys_queries import open_rounds, sealed_draft
from surveys.keys import RoundKeys
from surveys.sealing import owner_of


async def forget_begun(session: Session, carer: Carer, keys: RoundKeys) -> int:
    """Delete the sheets of open anonymous rounds that this carer began and has not sent; how many.

    Where a key is missing nothing can be found, and what it sealed can be read by nobody.
    """
    gone = 0
    for round in await open_rounds(session):
        key = keys.find(round.ref) if round.anonymous else None
        row = await sealed_draft(session, round.id, owner_of(key, carer.id)) if key else None
        if row is not None and not row.submitted:
            await session.delete(row)
            gone += 1
    await session.flush()
    return gone
