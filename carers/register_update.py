"""Writing what a register file says into the register, and keeping what it changes.

A later import of the same refs updates. Rows and columns that are absent change nothing, a carer's chat and
answers are never touched, and a language that a carer chose in the chat stays. Nobody who left their
household, or was erased, is filled again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from carers.pace import Pace
from carers.register_changes import RegisterChanges, count
from carers.register_groups import RegisterGroups
from carers.register_rows import CONTACTS, CarerRow, HouseholdRow
from carers.spreadsheet import Notes
from storage.engine import Session
from storage.households import Carer, Household
from storage.households_queries import (
    carers_by_ref,
    carers_of_households,
    households_by_ref,
    staff_of_service,
)
from storage.people import carers_of_chat
from storage.register_queries import hold_for_import, names_of_staff, refs_of_households
from storage.routing import reroute
from storage.rsvp_inviting import carry_along
from storage.staff import Role, StaffMember

_OF_A_PERSON = (*CONTACTS, "language", "groups")
"""What the register takes in of nobody who was erased."""


@dataclass(slots=True)
class RegisterUpdate:
    """One file on its way into the register."""

    session: Session
    notes: Notes
    now: datetime
    today: date
    changes: RegisterChanges = field(default_factory=RegisterChanges)
    known: dict[str, Carer] = field(default_factory=dict)
    """The carers of the file that the register has, by ref."""
    pace: Pace = field(default_factory=Pace)
    """Goes over every household and every carer once, and once more over the carers."""

    async def run(self, rows: Mapping[str, HouseholdRow]) -> None:
        """Write the rows; every ref in them is whole and no row contradicts another."""
        carer_rows = [carer for row in rows.values() for carer in row.carers]
        await hold_for_import(self.session, rows, [row.ref for row in carer_rows])
        self.known = await carers_by_ref(self.session, [row.ref for row in carer_rows])
        homes = await self._write_households(rows)
        for row in carer_rows:
            self._leave_out(row, homes[row.household_ref])
        await self._note_shared_chats(carer_rows, homes)
        await self._settle_others(rows, homes, {row.ref for row in carer_rows})
        await self._write_carers(carer_rows, homes)
        await self.session.flush()
        await reroute(self.session, self.now)

    async def _write_households(self, rows: Mapping[str, HouseholdRow]) -> dict[str, Household]:
        workers = await self._social_workers(row.values.get("social_worker") for row in rows.values())
        homes = await households_by_ref(self.session, rows)
        async for row in self.pace.over(rows.values(), self.session.flush):
            values = dict(row.values)
            values["type"] = values.pop("household_type")
            if "social_worker" in values:
                worker = values.pop("social_worker")
                values["social_worker_id"] = workers[worker.casefold()].id if worker else None
            if row.ref in homes:
                self._change_household(row, homes[row.ref], values)
            else:
                homes[row.ref] = Household(ref=row.ref, **values)
                self.session.add(homes[row.ref])
                self.changes.new_household(row)
        await self.session.flush()
        return homes

    def _change_household(self, row: HouseholdRow, home: Household, values: dict[str, Any]) -> None:
        had_ended, notice_on = self._has_ended(home), home.notice_on
        ends_now = not had_ended and _is_past(values.get("ended_on"), self.today)
        columns = self.changes.write(home, values, ended=ends_now)
        if notice_on is not None and "ended_on" in columns:
            # The day that it named is not the day any more: whoever knows gives the notice again.
            home.notice_on = None
            said = f"differs from what the notice of {notice_on} says; that notice no longer counts"
            self.notes.warn(said, row.number, "ended_on")
        if ends_now:
            self.changes.homes.ended.append(home.ref)
        else:
            count(self.changes.homes, home.ref, columns)

    def _leave_out(self, row: CarerRow, home: Household) -> None:
        """Take out of a row what is not to be filled again."""
        carer = self.known.get(row.ref)
        if carer is None:
            return
        if carer.erased_at is not None:
            self._drop(row, _OF_A_PERSON, "was erased")
        elif _is_past(carer.left_on, self.today) and carer.household_id == home.id:
            self._drop(row, (*CONTACTS, "groups"), "has left this household")
            row.values.pop("main_carer", None)

    def _drop(self, row: CarerRow, columns: Iterable[str], why: str) -> None:
        dropped = [name for name in columns if row.values.pop(name, None)]
        if told := [name for name in dropped if name != "language"]:
            self.notes.warn(f"{row.ref} {why}: {', '.join(told)} left out", row.number, told[0])

    async def _note_shared_chats(self, rows: Iterable[CarerRow], homes: Mapping[str, Household]) -> None:
        """Say who moves to another household and shares a phone with who does not: a file unlinks nobody, and
        what is for one household would go on coming to the phone of the other."""
        will_be = {
            carer.id: homes[row.household_ref].id for row in rows if (carer := self.known.get(row.ref))
        }
        for row in rows:
            carer = self.known.get(row.ref)
            if carer is None or not carer.shares_chat or will_be[carer.id] == carer.household_id:
                continue
            there = await carers_of_chat(self.session, carer.chat_id or 0)
            if any(will_be.get(one.id, one.household_id) != will_be[carer.id] for one in there):
                said = f"{row.ref} shares a phone with somebody of the household that they leave"
                self.notes.warn(f"{said}; give them a link for another phone", row.number, "household_ref")

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
                    if columns := self.changes.write(carer, CONTACTS):
                        count(self.changes.people, carer.ref, columns)
            self._settle_main_carer(row, absent)

    def _settle_main_carer(self, row: HouseholdRow, absent: list[Carer]) -> None:
        """A household has one main carer: the one that the file names, the one known, or the first."""
        if any(carer.values.get("main_carer") for carer in row.carers):
            for carer in absent:
                if columns := self.changes.write(carer, {"main_carer": False}):
                    self.notes.warn(
                        f"{carer.ref} is no longer the main carer of {row.ref}", row.number, "main_carer"
                    )
                    count(self.changes.people, carer.ref, columns)
        elif not any(carer.main_carer for carer in absent):
            self._first_is_main(row)

    def _first_is_main(self, row: HouseholdRow) -> None:
        first = next((carer for carer in row.carers if not self._has_left(carer.ref)), None)
        if first is None:
            return
        if "main_carer" in first.values:
            first.values["main_carer"] = True
            self.notes.warn(
                f"household {row.ref} has no main carer; {first.ref} counts as it", first.number, "main_carer"
            )
        else:
            first.main_if_new = True

    async def _write_carers(self, rows: list[CarerRow], homes: Mapping[str, Household]) -> None:
        await self._name_households(homes)
        carers, known, columns = dict(self.known), set(self.known), {}
        async for row in self.pace.over(rows, self.session.flush):
            home = homes[row.household_ref]
            if row.ref in known:
                columns[row.ref] = self._change_carer(row, carers[row.ref], home)
            else:
                carers[row.ref] = self._new_carer(row, home)
        await self.session.flush()
        moved = [carers[ref].id for ref, changed in columns.items() if "household_ref" in changed]
        await carry_along(self.session, moved, self.now)
        regrouped = await RegisterGroups(self.session, self.notes, self.changes, self.pace).write(
            rows, carers
        )
        for ref, changed in columns.items():
            count(self.changes.people, ref, changed + ["groups"] * (ref in regrouped))

    async def _name_households(self, homes: Mapping[str, Household]) -> None:
        """Learn what the households that carers move between are called."""
        before = {carer.household_id for carer in self.known.values()}
        self.changes.names["household_ref"] = {
            **await refs_of_households(self.session, before),
            **{home.id: home.ref for home in homes.values()},
        }

    def _new_carer(self, row: CarerRow, home: Household) -> Carer:
        values = {"main_carer": row.main_if_new, **self._values(row, home)}
        carer = Carer(ref=row.ref, household_id=home.id, **values)
        self.session.add(carer)
        self.changes.new_carer(carer, home)
        return carer

    def _change_carer(self, row: CarerRow, carer: Carer, home: Household) -> list[str]:
        values = self._values(row, home)
        if carer.language_chosen:
            values.pop("language", None)
        if carer.household_id != home.id:
            self.notes.warn(f"carer {row.ref} moves to household {home.ref}", row.number, "household_ref")
            carer.left_on = None  # what they left is the other one
        mailed_to = (carer.email or "").casefold()
        columns = self.changes.write(carer, {"household_id": home.id, **values})
        if "email" in columns:
            carer.email_failed_at = carer.email_failed_reason = None
            if mailed_to and (carer.email or "").casefold() != mailed_to:
                # Whoever reads the old mailbox has the links of every mail that went there.
                carer.page_number += 1
        return columns

    def _values(self, row: CarerRow, home: Household) -> dict[str, Any]:
        values = {column: value for column, value in row.values.items() if column != "groups"}
        return values | CONTACTS if self._has_ended(home) else values

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
                self.changes.made.append(f"social worker {name} is made")
        await self.session.flush()
        self.changes.names["social_worker"] = await names_of_staff(self.session)
        return found

    def _has_ended(self, home: Household) -> bool:
        return _is_past(home.ended_on, self.today)

    def _has_left(self, ref: str) -> bool:
        carer = self.known.get(ref)
        return carer is not None and _is_past(carer.left_on, self.today)


def _is_past(day: date | None, today: date) -> bool:
    return day is not None and day <= today
