"""What a register file says of groups: it gives those that it names and takes back those that it gave.

A group that staff put a carer into stays, and one that the carer left, or was taken out of, stays left.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from carers.pace import Pace
from carers.register_changes import RegisterChanges
from carers.register_rows import CarerRow
from carers.spreadsheet import Notes
from storage.engine import Session
from storage.groups_queries import leavers
from storage.households import Carer, Group, GroupMember
from storage.households_queries import all_groups, memberships


@dataclass(slots=True)
class RegisterGroups:
    """The groups of one file."""

    session: Session
    notes: Notes
    changes: RegisterChanges
    pace: Pace
    by_name: dict[str, Group] = field(default_factory=dict)

    async def write(self, rows: Iterable[CarerRow], carers: Mapping[str, Carer]) -> set[str]:
        """Make the memberships what the rows say; returns the refs of carers with another set of groups."""
        grouped = [row for row in rows if "groups" in row.values]
        await self._find(name for row in grouped for name in row.values["groups"])
        names = {group.id: group.name for group in self.by_name.values()}
        ids = [carers[row.ref].id for row in grouped]
        members, left = await memberships(self.session, ids), await leavers(self.session, ids)
        changed: set[str] = set()
        new = set(self.changes.people.new)
        async for row in self.pace.over(grouped, self.session.flush):
            carer = carers[row.ref]
            before = members[carer.id]
            after = await self._regroup(row, carer, before, left.get(carer.id, ()))
            if after != set(before):
                changed.add(row.ref)
                if row.ref not in new:
                    self.changes.regrouped(
                        row.ref, [names[one] for one in before], [names[one] for one in after]
                    )
        return changed

    async def _regroup(
        self, row: CarerRow, carer: Carer, before: Mapping[int, GroupMember], left: Collection[int]
    ) -> set[int]:
        wanted = set()
        for name in row.values["groups"]:
            group = self.by_name[name.casefold()]
            if group.id in left:
                said = f"{row.ref} left {group.name}, or was taken out of it, and is not put back"
                self.notes.warn(said, row.number, "groups")
            else:
                wanted.add(group.id)
        gone = {one for one, member in before.items() if member.from_register and one not in wanted}
        for group_id in gone:
            await self.session.delete(before[group_id])
        new = sorted(wanted - set(before))
        self.session.add_all(
            [GroupMember(group_id=group_id, carer_id=carer.id, from_register=True) for group_id in new]
        )
        return set(before) - gone | wanted

    async def _find(self, names: Iterable[str]) -> None:
        """Every group by its name; one that is not known yet is made."""
        self.by_name = {group.name.casefold(): group for group in await all_groups(self.session)}
        for name in names:
            if name.casefold() not in self.by_name:
                self.by_name[name.casefold()] = group = Group(name=name)
                self.session.add(group)
                self.changes.made.append(f"group {name} is made")
        await self.session.flush()
