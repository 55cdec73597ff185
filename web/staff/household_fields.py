"""The fields of a household and of a carer: forms filled with what is there, and read when sent."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from carers.household_edits import CarerFacts, HouseholdFacts, Language, NewCarer, social_workers
from carers.households import ConstellationRole, HouseholdType, choices
from carers.register_rows import as_dialled, is_address
from carers.spreadsheet import tidy
from web.staff.forms import Form, split_day
from web.staff.views import Look
from web.staff.words import in_words

NO_ROLE = "none"


def filled_household(facts: HouseholdFacts) -> dict[str, Any]:
    """What the form of a household begins with."""
    return {
        "type": facts.type.value,
        **split_day("approved", facts.approved_on),
        "area": facts.area,
        "constellation": facts.constellation,
        "role": facts.constellation_role.value if facts.constellation_role else NO_ROLE,
        **split_day("hold", facts.on_hold_since),
        "worker": facts.social_worker_id,
    }


def filled_carer(facts: CarerFacts, prefix: str = "") -> dict[str, Any]:
    """What the form of a carer begins with."""
    values = {
        "first": facts.first_name,
        "last": facts.last_name,
        "birth": facts.birth_year,
        "language": facts.language.value,
        "email": facts.email,
        "phone": facts.phone,
    }
    return {f"{prefix}{name}": value for name, value in values.items()}


async def offered(look: Look) -> dict[str, Any]:
    """What the selects of a household's form offer, and what its free fields suggest."""
    today = look.now.astimezone(look.zone).date()
    known = await choices(look.session, today)
    workers = [{"value": "", "text": "None named"}]
    workers += [{"value": str(one.id), "text": one.name} for one in await social_workers(look.session)]
    return {
        "types": [{"value": one.value, "text": in_words(one)} for one in HouseholdType],
        "roles": [{"value": NO_ROLE, "text": "No role named"}]
        + [{"value": one.value, "text": in_words(one)} for one in ConstellationRole],
        "workers": workers if look.own_households is None else [],
        "known": known,
        "languages": languages(),
    }


def languages() -> list[dict[str, str]]:
    return [{"value": one.value, "text": in_words(one.value)} for one in Language]


def read_household(look: Look, form: Form, workers: Sequence[dict[str, str]]) -> HouseholdFacts | None:
    """The facts that the form says; None with errors noted. A social worker's household stays theirs."""
    today = look.now.astimezone(look.zone).date()
    kind = form.choice("type", HouseholdType, required="Choose what kind of household it is")
    approved = form.day("approved", what="The day of approval", required="Enter the day of approval")
    held = form.day("hold", what="On hold since")
    name = " ".join(form.words("constellation", most=120).split())
    role = form.choice("role", (NO_ROLE, *ConstellationRole), required="Choose a role, or none")
    area = " ".join(form.words("area", most=120).split())
    if role not in ("", NO_ROLE) and not name:
        form.fail("constellation", "Enter the constellation in which they have this role")
    if held and held > today:
        form.fail("hold", "On hold since must be today or before")
    if held and approved and held < approved:
        form.fail("hold", "On hold since must not be before the approval")
    worker = look.own_households if look.own_households is not None else _worker(form, workers)
    if form.errors or approved is None:
        return None
    in_role = ConstellationRole(role) if name and role != NO_ROLE else None
    return HouseholdFacts(HouseholdType(kind), approved, area or None, name or None, in_role, held, worker)


def _worker(form: Form, workers: Sequence[dict[str, str]]) -> int | None:
    chosen = form.choice("worker", [one["value"] for one in workers], required="Choose a social worker")
    return int(chosen) if chosen else None


def read_carer(form: Form, today: date, prefix: str = "", *, main: bool = False) -> CarerFacts | None:
    """The facts of a carer; None with errors noted."""
    first = _on_one_line(form.words(f"{prefix}first", required="Enter a first name", most=120))
    last = _on_one_line(form.words(f"{prefix}last", most=120))
    born = form.year(f"{prefix}birth", what="The year of birth", least=1900, most=today.year - 18)
    language = form.choice(f"{prefix}language", Language, required="Choose a language")
    email = form.words(f"{prefix}email", most=254)
    if email and not is_address(email):
        form.fail(f"{prefix}email", "Enter an email address such as name@example.org, or nothing")
    phone = form.words(f"{prefix}phone", most=40)
    dialled = as_dialled(phone) if phone else None
    if phone and dialled is None:
        form.fail(f"{prefix}phone", "Enter a telephone number such as 01632 960001, or nothing")
    if form.errors:
        return None
    return CarerFacts(first, last, born, Language(language), email or None, dialled, main)


def read_new_carer(form: Form, today: date, prefix: str = "", *, main: bool = False) -> NewCarer | None:
    """A carer with a number; None with errors noted."""
    ref = read_ref(form, f"{prefix}ref", "Enter the carer’s number in your records")
    facts = read_carer(form, today, prefix, main=main)
    return NewCarer(ref, facts) if facts and ref else None


def read_ref(form: Form, name: str, required: str) -> str:
    """The number by which your records know a household or a carer."""
    ref = _on_one_line(form.words(name, required=required, most=64))
    if not ref:
        form.fail(name, required)
    return ref


def _on_one_line(text: str) -> str:
    """As the register's file would have it: without line breaks and signs that nobody sees."""
    return " ".join(tidy(text).split())
