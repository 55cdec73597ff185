"""Two carers on one phone: the same is said there once, and what is for one of them begins with their name.

Once means: one notice, about one invitation, in one language. Where the two read different languages each
is told in their own. A delivery that is left out for this is ``skipped`` with the reason ``same_chat``. What
a crash leaves in doubt of the first counts as told, as it does for the first itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from broadcasts.sender import Content
from storage.deliveries_due import DueDelivery
from storage.engine import Session
from storage.shared_chats import InSharedChat, in_shared_chats


@dataclass(frozen=True, slots=True)
class Together:
    """What is known of the deliveries to shared chats among those that are about to go.

    ``told``: the other carer had the same. ``maybe_told``: the other had the same notice, which is about no
    invitation, with the first name by which they were addressed: it is for the words to say whether it is the
    same.
    """

    found: Mapping[int, InSharedChat]
    told: frozenset[int] = frozenset()
    maybe_told: Mapping[int, str] = field(default_factory=dict)

    def addressed(self, row: DueDelivery, content: Content) -> Content:
        """The content as it goes out: what is one carer's own says for whom it is."""
        shared = self.found.get(row.id)
        if shared is None or not row.first_name:
            return content
        whose_own = shared.own or row.invitation_id is None
        return (
            replace(content, params={**content.params, "for_name": row.first_name}) if whose_own else content
        )


NOT_SHARED = Together({})


async def told_together(session: Session, going: Sequence[DueDelivery]) -> Together:
    """Look at those whose chats are shared; without a query where none is."""
    shared = [row for row in going if row.shares_chat]
    if not shared:
        return NOT_SHARED
    found = await in_shared_chats(session, [row.id for row in shared])
    told = {
        row.id: as_
        for row in shared
        if (as_ := found[row.id].told_as if row.id in found else None) is not None
    }
    with_invitation = {row.id for row in shared if row.invitation_id is not None}
    return Together(
        found,
        frozenset(told.keys() & with_invitation),
        {key: name for key, name in told.items() if key not in with_invitation},
    )
