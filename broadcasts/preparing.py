"""What becomes of due deliveries: whether each may go now, and what it says if so.

Nothing is written here but what follows from a carer's way having changed. Whoever asks writes down the
verdicts, and the intent to send what is ready.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from broadcasts.addresses import address_of
from broadcasts.attachments import FilesAtHand
from broadcasts.errands import CannotCompose, Lane, Slots
from broadcasts.kinds import COUNTED, KINDS, Kind
from broadcasts.policy import (
    WEEK,
    PolicyNow,
    Why,
    held_by_cap,
    judge,
    quiet_hours_of,
    skip,
    topic_of_delivery,
)
from broadcasts.quiet import QuietHours
from broadcasts.same_chat import NOT_SHARED, Together, told_together
from broadcasts.sender import Address, Composer, Content, Skip
from storage.deliveries import Delivery
from storage.deliveries_cards import Standing, card_versions, standings
from storage.deliveries_due import (
    DueDelivery,
    load_deliveries,
    lock_the_week,
    notices_of_households,
    opt_outs_of,
)
from storage.deliveries_moves import Settled
from storage.engine import Session
from storage.households import Channel
from storage.routing import move_to_their_way

Weeks = dict[int, dict[int, datetime]]
"""By household: the notices of the last seven days that count, and when each last went out."""


class Claimed(NamedTuple):
    """A delivery on its way. ``shows`` and ``standing``: what its message shows, as in `NewCard`."""

    due: DueDelivery
    kind: Kind
    to: Address
    shows: int = 0
    standing: Standing | None = None


class Preparing:
    """Prepares the deliveries of one channel for its lane.

    Raises `CannotCompose` where a composer raised, for the lane to set the delivery aside.
    """

    def __init__(
        self,
        lane: Lane[Claimed],
        composer: Composer,
        policy: PolicyNow,
        files: FilesAtHand,
        channel: Channel,
    ) -> None:
        self._lane = lane
        self._composer = composer
        self._policy = policy
        self._files = files
        self._channel = channel

    async def prepare(
        self, session: Session, due: Sequence[DueDelivery], now: datetime, slots: Slots
    ) -> tuple[list[tuple[Claimed, Content]], list[Settled]]:
        """What goes out now, one to an address and as many as there are slots, and what does not, and why."""
        due = await self._on_their_way(session, due, slots)
        going, settled = await self._judge(session, due, now)
        going = self._first_of_each_address(going)[: slots.room]
        together = await told_together(session, going) if self._channel is Channel.APP else NOT_SHARED
        settled += [skip(row, Why.SAME_CHAT) for row in going if together.was_told(row)]
        going = [row for row in going if not together.was_told(row)]
        weeks = await self._weeks(session, going, now)
        shown = await self._shown(session, going)
        composed = await self._compose_many(session, going, now)
        rows = await load_deliveries(session, [row.id for row in going if row.id not in composed])
        ready: list[tuple[Claimed, Content]] = []
        policy = self._policy()
        for row in going:
            week = weeks.get(row.household_id or 0, {})
            held = held_by_cap(row, week, policy, now)
            if held is not None:
                settled.append(held)
                continue
            claimed = self._claimed(shown, row)
            content = composed.get(row.id) or await self._compose(session, rows[row.id], claimed, now)
            said = await self._to_this_chat(session, row, content, together, now)
            if isinstance(said, Skip):
                settled.append(skip(row, said.reason))
            elif slots.take(claimed.to):
                ready.append((claimed, said))
                if row.kind in COUNTED:
                    week[row.notice_id] = now
        return ready, settled

    def _first_of_each_address(self, going: Sequence[DueDelivery]) -> list[DueDelivery]:
        first: dict[Address | None, DueDelivery] = {}
        for row in going:
            first.setdefault(address_of(row, self._channel), row)
        return list(first.values())

    async def _to_this_chat(
        self,
        session: Session,
        row: DueDelivery,
        content: Content | Skip,
        together: Together,
        now: datetime,
    ) -> Content | Skip:
        """The content with the name of whom it is for where two share the chat; or that the other of the two
        has had the same."""
        if isinstance(content, Skip):
            return content
        for_both = await self._is_for_both(session, row, content, together, now)
        if for_both and together.found[row.id].told:
            return Skip(Why.SAME_CHAT)
        return together.addressed(row, content, for_both)

    async def _on_their_way(
        self, session: Session, due: Sequence[DueDelivery], slots: Slots
    ) -> Sequence[DueDelivery]:
        """Those that go by this channel still. Whose way has changed since they were queued, and nobody moved
        what waits for them, are moved now."""
        astray = [row.id for row in due if row.way != self._channel]
        if not astray:
            return due
        await move_to_their_way(session, astray)
        slots.tally["rerouted"] += len(astray)
        return [row for row in due if row.way == self._channel]

    async def _compose_many(
        self, session: Session, going: Sequence[DueDelivery], now: datetime
    ) -> dict[int, Content | Skip]:
        """What to say in the deliveries of those kinds that are composed many at a time."""
        composed: dict[int, Content | Skip] = {}
        for kind in {row.kind for row in going}:
            compose = self._composer.in_bulk(kind)
            if compose is None:
                continue
            rows = [row for row in going if row.kind == kind]
            try:
                contents = await compose(session, rows, now)
                composed |= {row.id: contents[row.id] for row in rows}
            except Exception as error:
                raise CannotCompose(self._lane, self._claimed(_NOTHING_SHOWN, rows[0]), error) from error
        return composed

    async def _is_for_both(
        self, session: Session, row: DueDelivery, content: Content, together: Together, now: datetime
    ) -> bool:
        """Whether what many are told says the same, word for word, to both who share a chat: it may name
        them."""
        to_the_other = together.as_to_the_other(row)
        if to_the_other is None:
            return False
        said = await self._compose_many(session, [to_the_other], now)
        return said.get(row.id) == content

    async def _compose(
        self, session: Session, delivery: Delivery, row: Claimed, now: datetime
    ) -> Content | Skip:
        try:
            content = await self._composer.notice(session, delivery, now)
            return content if isinstance(content, Skip) else await self._files.with_flyer(session, content)
        except Exception as error:
            raise CannotCompose(self._lane, row, error) from error

    async def _shown(self, session: Session, going: Sequence[DueDelivery]) -> "_Shown":
        """What the cards among these are about to show; read before they are composed, never after."""
        invitations = {
            row.invitation_id for row in going if row.invitation_id is not None and KINDS[row.kind].card
        }
        if not invitations or self._channel is not Channel.APP:
            return _NOTHING_SHOWN
        return _Shown(await card_versions(session, invitations), await standings(session, invitations))

    async def _judge(
        self, session: Session, due: Sequence[DueDelivery], now: datetime
    ) -> tuple[list[DueDelivery], list[Settled]]:
        topics = {row.id: topic for row in due if (topic := topic_of_delivery(row)) is not None}
        asked = {row.carer_id for row in due if row.id in topics and row.carer_id is not None}
        refusals = await opt_outs_of(session, asked) if asked else set()
        quiet = self._policy().quiet
        for_all = _quiet_until(quiet, now)
        going: list[DueDelivery] = []
        settled: list[Settled] = []
        for row in due:
            opted_out = (row.carer_id, topics.get(row.id)) in refusals
            own = quiet_hours_of(row, quiet)
            quiet_until = for_all if own is None else _quiet_until(own, now)
            verdict = judge(row, opted_out, quiet_until, now, self._channel)
            if verdict is None:
                going.append(row)
            else:
                settled.append(verdict)
        return going, settled

    async def _weeks(self, session: Session, going: Sequence[DueDelivery], now: datetime) -> Weeks:
        households = {
            row.household_id for row in going if row.household_id is not None and KINDS[row.kind].capped
        }
        weeks: Weeks = {household: {} for household in households}
        if households and self._policy().weekly_cap is not None:
            await lock_the_week(session)
            for household, notice, at in await notices_of_households(
                session, households, COUNTED, now - WEEK
            ):
                weeks[household][notice] = at
        return weeks

    def _claimed(self, shown: "_Shown", row: DueDelivery) -> Claimed:
        return shown.claimed(row, address_of(row, self._channel) or 0)


def _quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    return quiet.ends(now) if quiet.is_quiet(now) else None


@dataclass(frozen=True, slots=True)
class _Shown:
    versions: Mapping[tuple[int, int], int]
    standings: Mapping[int, Standing]

    def claimed(self, due: DueDelivery, to: Address) -> Claimed:
        if due.invitation_id is None:
            return Claimed(due, KINDS[due.kind], to)
        invitation = due.invitation_id
        return Claimed(
            due,
            KINDS[due.kind],
            to,
            shows=self.versions.get((invitation, due.carer_id or 0), 0),
            standing=self.standings.get(invitation),
        )


_NOTHING_SHOWN = _Shown({}, {})
