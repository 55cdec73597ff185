"""Writing what a register file says into the register, and counting what it changes.

A later import of the same refs updates. Rows and columns that are absent change nothing, a carer's chat and
answers are never touched, and a language that a carer chose in the chat stays. Groups in the file replace
those that an earlier import gave; a group that staff put a carer into stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from carers.file_outcome import Tally
from carers.register_rows import CONTACTS, CarerRow, HouseholdRow
from carers.spreadsheet import Notes
from storage.engine import Session
from storage.households import Carer, Group, GroupMember, Household
from storage.households_queries import (
    all_groups,
    carers_by_ref,
    carers_of_households,
    households_by_ref,
    memberships,
    staff_of_service,
)
from storage.routing import reroute
from storage.rsvp_inviting import carry_along
from storage.staff import Role, StaffMember

_COLUMN_OF = {"type": "household_type", "social_worker_id": "social_worker", "household_id": "household_ref"}


@dataclass(slots=True)
class RegisterUpdate:
    """One file on its way into the register."""

    session: Session
    notes: Notes
    now: datetime
    today: date
    homes: Tally = field(default_factory=lambda: Tally("Households"))
    people: Tally = field(default_factory=lambda: Tally("Carers"))
    made: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The numbers for the audit log."""
        return {
            f"{tally.noun.lower()}_{what}": len(which)
            for tally in (self.homes, self.people)
            for what, which in (("new", tally.new), ("changed", tally.changed), ("ended", tally.ended))
        }

    async def run(self, rows: Mapping[str, HouseholdRow]) -> None:
        """Write the rows; every ref in them is whole and no row contradicts another."""
        homes = await self._write_households(rows)
        carer_rows = [carer for row in rows.values() for carer in row.carers]
        await self._settle_others(rows, homes, {row.ref for row in carer_rows})
        await self._write_carers(carer_rows, homes)
        await self.session.flush()
        await reroute(self.session, self.now)

    async def _write_households(self, rows: Mapping[str, HouseholdRow]) -> dict[str, Household]:
        workers = await self._social_workers(row.values.get("social_worker") for row in rows.values())
        homes = await households_by_ref(self.session, rows)
        for row in rows.values():
            values = dict(row.values)
            values["type"] = values.pop("household_type")
            if "social_worker" in values:
                worker = values.pop("social_worker")
                values["social_worker_id"] = workers[worker.casefold()].id if worker else None
            if row.ref in homes:
                self._change_household(homes[row.ref], values)
            else:
                homes[row.ref] = Household(ref=row.ref, **values)
                self.session.add(homes[row.ref])
                self.homes.new.append(row.ref)
        await self.session.flush()
        return homes

    def _change_household(self, home: Household, values: dict[str, Any]) -> None:
        had_ended = self._has_ended(home)
        changes = _write(home, values)
        if self._has_ended(home) and not had_ended:
            self.homes.ended.append(home.ref)
        else:
            _count(self.homes, home.ref, changes)

    async def _settle_others(
        self, rows: Mapping[str, HouseholdRow], homes: Mapping[str, Household], in_file: set[str]
    ) -> None:
        """See to the carers of these households whose own rows are absent, and to who is the main carer."""
        others: dict[int, list[Carer]] = {}
        for carer in await carers_of_households(self.session, [home.id for home in homes.values()]):
            if carer.ref not in in_file:
                others.setdefault(carer.household_id, []).append(carer)
        for row in rows.values():
            home = homes[row.ref]
            absent = others.get(home.id, [])
            if self._has_ended(home):
                for carer in absent:
                    if changes := _write(carer, CONTACTS):
                        _count(self.people, carer.ref, changes)
            self._settle_main_carer(row, absent)

    def _settle_main_carer(self, row: HouseholdRow, absent: list[Carer]) -> None:
        """A household has one main carer: the one that the file names, the one known, or the first."""
        if any(carer.values.get("main_carer") for carer in row.carers):
            for carer in absent:
                if changes := _write(carer, {"main_carer": False}):
                    self.notes.warn(
                        f"{carer.ref} is no longer the main carer of {row.ref}", row.number, "main_carer"
                    )
                    _count(self.people, carer.ref, changes)
        elif not any(carer.main_carer for carer in absent):
            self._first_is_main(row)

    def _first_is_main(self, row: HouseholdRow) -> None:
        first = row.carers[0]
        if "main_carer" in first.values:
            first.values["main_carer"] = True
            self.notes.warn(
                f"household {row.ref} has no main carer; {first.ref} counts as it", first.number, "main_carer"
            )
        else:
            first.main_if_new = True

    async def _write_carers(self, rows: list[CarerRow], homes: Mapping[str, Household]) -> None:
        groups = await self._groups(name for row in rows for name in row.values.get("groups", ()))
        carers = await carers_by_ref(self.session, [row.ref for row in rows])
        known = set(carers)
        changes: dict[str, list[str]] = {}
        for row in rows:
            home = homes[row.household_ref]
            if row.ref in known:
                changes[row.ref] = self._change_carer(row, carers[row.ref], home)
            else:
                carers[row.ref] = self._new_carer(row, home)
        await self.session.flush()
        moved = [carers[ref].id for ref, columns in changes.items() if "household_ref" in columns]
        await carry_along(self.session, moved, self.now)
        members = await memberships(self.session, [carer.id for carer in carers.values()])
        for row in rows:
            carer = carers[row.ref]
            regrouped = await self._regroup(row, carer, groups, members[carer.id])
            if row.ref in known:
                _count(self.people, row.ref, changes[row.ref] + ["groups"] * regrouped)

    def _new_carer(self, row: CarerRow, home: Household) -> Carer:
        values = {"main_carer": row.main_if_new, **self._values(row, home)}
        carer = Carer(ref=row.ref, household_id=home.id, **values)
        self.session.add(carer)
        self.people.new.append(row.ref)
        return carer

    def _change_carer(self, row: CarerRow, carer: Carer, home: Household) -> list[str]:
        values = self._values(row, home)
        if carer.language_chosen:
            values.pop("language", None)
        if carer.household_id != home.id:
            self.notes.warn(f"carer {row.ref} moves to household {home.ref}", row.number, "household_ref")
        mailed_to = (carer.email or "").casefold()
        changes = _write(carer, {"household_id": home.id, **values})
        if "email" in changes:
            carer.email_failed_at = carer.email_failed_reason = None
            if mailed_to and (carer.email or "").casefold() != mailed_to:
                # Whoever reads the old mailbox has the links of every mail that went there.
                carer.page_number += 1
        return changes

    def _values(self, row: CarerRow, home: Household) -> dict[str, Any]:
        values = {column: value for column, value in row.values.items() if column != "groups"}
        return values | CONTACTS if self._has_ended(home) else values

    async def _regroup(
        self, row: CarerRow, carer: Carer, groups: Mapping[str, Group], members: Mapping[int, GroupMember]
    ) -> bool:
        """Make the memberships that the register gives what the row says. True if any changed."""
        if "groups" not in row.values:
            return False
        wanted = {groups[name.casefold()].id for name in row.values["groups"]}
        gone = [row for group_id, row in members.items() if row.from_register and group_id not in wanted]
        for member in gone:
            await self.session.delete(member)
        new = sorted(wanted - set(members))
        self.session.add_all(
            [GroupMember(group_id=group_id, carer_id=carer.id, from_register=True) for group_id in new]
        )
        return bool(gone or new)

    async def _social_workers(self, names: Iterable[str | None]) -> dict[str, StaffMember]:
        """Members of staff by name; who is not known yet is made, without an account."""
        found: dict[str, StaffMember] = {}
        for member in await staff_of_service(self.session):
            found.setdefault(member.name.casefold(), member)
        for name in names:
            if name and name.casefold() not in found:
                member = StaffMember(name=name, role=Role.SOCIAL_WORKER, added_at=self.now)
                found[name.casefold()] = member
                self.session.add(member)
                self.made.append(f"social worker {name} is made")
        await self.session.flush()
        return found

    async def _groups(self, names: Iterable[str]) -> dict[str, Group]:
        """Groups by name; one that is not known yet is made."""
        found = {group.name.casefold(): group for group in await all_groups(self.session)}
        for name in names:
            if name.casefold() not in found:
                found[name.casefold()] = group = Group(name=name)
                self.session.add(group)
                self.made.append(f"group {name} is made")
        await self.session.flush()
        return found

    def _has_ended(self, home: Household) -> bool:
        return home.ended_on is not None and home.ended_on <= self.today


def _write(thing: Household | Carer, values: Mapping[str, Any]) -> list[str]:
    """Set what differs; returns the columns that did."""
    differs = [name for name, value in values.items() if getattr(thing, name) != value]
    for name in differs:
        setattr(thing, name, values[name])
    return [_COLUMN_OF.get(name, name) for name in differs]


def _count(tally: Tally, ref: str, changes: list[str]) -> None:
    if changes:
        tally.changed.setdefault(ref, []).extend(changes)
    else:
        tally.unchanged += 1
