"""Two carers on one phone: the same is said there once, and what is for one of them begins with their name.

Once means: one notice, about one invitation, in one language. Where the two read different languages each
is told in their own. A delivery that is left out for this is ``skipped`` with the reason ``same_chat``. What
a crash leaves in doubt of the first counts as told, as it does for the first itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from broadcasts.sender import Content
from storage.deliveries_due import DueDelivery
from storage.engine import Session
from storage.shared_chats import InSharedChat, in_shared_chats


@dataclass(frozen=True, slots=True)
class Together:
    """What is known of the deliveries to shared chats among those that are about to go."""

    found: Mapping[int, InSharedChat]

    def was_told(self, row: DueDelivery) -> bool:
        """Whether the other carer had this, which is about their household's invitation."""
        shared = self.found.get(row.id)
        return shared is not None and shared.told and row.invitation_id is not None

    def as_to_the_other(self, row: DueDelivery) -> DueDelivery | None:
        """The same delivery as if it were to the other carer of the chat: where what many are told is word
        for word the same, it is nobody's own. None where it is about an invitation, or no chat is shared."""
        shared = self.found.get(row.id)
        if shared is None or row.invitation_id is not None:
            return None
        return row._replace(first_name=shared.other)

    def addressed(self, row: DueDelivery, content: Content, for_both: bool) -> Content:
        """The content as it goes out: what is one carer's own says for whom it is."""
        shared = self.found.get(row.id)
        if shared is None or for_both or not row.first_name:
            return content
        if row.invitation_id is not None and not shared.own:
            return content
        return replace(content, params={**content.params, "for_name": row.first_name})


NOT_SHARED = Together({})


async def told_together(session: Session, going: Sequence[DueDelivery]) -> Together:
    """Look at those whose chats are shared; without a query where none is."""
    shared = [row.id for row in going if row.shares_chat]
    return Together(await in_shared_chats(session, shared)) if shared else NOT_SHARED
