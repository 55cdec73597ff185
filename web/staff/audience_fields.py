"""The fields of a rule: what can be chosen in them, how a rule fills them, and the rule that they say."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from carers.audience import group_words
from carers.audience_rules import (
    FIRST_DAY,
    MOST_MONTHS,
    MOST_YEARS,
    Answer,
    Answered,
    Approved,
    Attended,
    ConstellationRole,
    HasWorker,
    HouseholdType,
    InArea,
    InConstellation,
    InGroup,
    Language,
    MainCarer,
    NotAttended,
    OfType,
    OnHold,
    Reads,
    Rule,
    Silent,
    To,
    ToldBy,
    TookPart,
    Way,
    Which,
)
from carers.saved_audiences import Choices
from web.staff.forms import Form, split_day
from web.staff.words import channel_in_words, in_words

LABELS: dict[str, str] = {
    OfType.kind: "Kind of fostering",
    InArea.kind: "Area",
    InConstellation.kind: "Constellation",
    InGroup.kind: "Group",
    Reads.kind: "Language",
    Approved.kind: "Years since approval",
    HasWorker.kind: "Supervising social worker",
    OnHold.kind: "Household on hold",
    MainCarer.kind: "Main carer",
    ToldBy.kind: "How they are told",
    Attended.kind: "Came to something",
    NotAttended.kind: "Not seen: came to nothing",
    Answered.kind: "Answer to one event",
    Silent.kind: "Silent: invited, but answered nothing",
    TookPart.kind: "Answer to a survey with names",
}
WITHOUT_FIELDS: Mapping[str, Rule] = {OnHold.kind: OnHold(), MainCarer.kind: MainCarer()}
_ANSWERS = {
    Answer.NONE: "No answer yet",
    Answer.ANY: "Any answer",
    Answer.GOING: "Going",
    Answer.MAYBE: "Maybe",
    Answer.NOT_GOING: "Not going",
    Answer.WAITING: "Waiting for a place, or in the draw",
}
_CHOOSE = {"value": "", "text": "Choose"}
Items = list[dict[str, str]]


def items(there: Choices, zone: ZoneInfo) -> dict[str, Items]:
    """What can be chosen in each field, as the components want it."""

    def dated(rows: Iterable[tuple[int, str, object]]) -> Items:
        return [
            {"value": str(number), "text": f"{title}, {_day(at.astimezone(zone))}"}  # type: ignore[attr-defined]  # a start in UTC
            for number, title, at in rows
        ]

    kinds = [
        {"value": f"{To.KIND.value}:{kind}", "text": f"Any event of the kind {in_words(kind)}"}
        for kind in there.kinds
    ]
    return {
        "types": [{"value": one.value, "text": in_words(one)} for one in HouseholdType],
        "areas": [{"value": name, "text": name} for name in there.areas],
        "constellations": [{"value": name, "text": name} for name in there.constellations],
        "groups": [{"value": name, "text": group_words(name)} for name in there.groups],
        "languages": [{"value": one.value, "text": in_words(one)} for one in Language],
        "workers": [
            *({"value": str(number), "text": name} for number, name in there.workers),
            {"value": "nobody", "text": "Nobody: they have no social worker"},
        ],
        "ways": [{"value": one.value, "text": channel_in_words(one)} for one in Way],
        "to": [
            {"value": To.ANYTHING.value, "text": "Anything"},
            *kinds,
            *({**one, "value": f"{To.EVENT.value}:{one['value']}"} for one in dated(there.events)),
        ],
        "events": [_CHOOSE, *dated(there.events)],
        "answers": [{"value": one.value, "text": text} for one, text in _ANSWERS.items()],
        "rounds": [_CHOOSE, *dated(there.rounds)],
    }


def filled(rule: Rule) -> dict[str, list[str]]:
    """The fields of a rule as they say what it says."""
    match rule:
        case OfType(values=types):
            return {"types": [one.value for one in types]}
        case InArea(values=names):
            return {"areas": list(names)}
        case InConstellation(which=which, names=names, role=role):
            return {"which": [which.value], "constellations": list(names), "role": [role or "either"]}
        case InGroup(names=names):
            return {"groups": list(names)}
        case Reads(values=languages):
            return {"languages": [one.value for one in languages]}
        case Approved(at_least=at_least, years=years):
            return {"approved": ["at_least" if at_least else "under"], "years": [str(years)]}
        case HasWorker(ids=ids, nobody=nobody):
            return {"workers": [*map(str, ids), *(["nobody"] if nobody else [])]}
        case ToldBy(values=ways):
            return {"ways": [one.value for one in ways]}
        case Attended():
            return _filled_attended(rule)
        case Answered(event_id=event_id, values=answers):
            return {"event": [str(event_id)], "answers": [one.value for one in answers]}
        case Silent(months=months):
            return {"months": [str(months)]}
        case TookPart(round_id=number, answered=answered):
            return {"round": [str(number)], "answered": ["yes" if answered else "no"]}
        case _:
            return {}


def usual(kind: str) -> dict[str, list[str]]:
    """What the fields of a new rule say before anybody touches them."""
    match kind:
        case InConstellation.kind:
            return {"which": [Which.ANY.value], "role": ["either"]}
        case Approved.kind:
            return {"approved": ["at_least"]}
        case Attended.kind | NotAttended.kind:
            return {"to": [To.ANYTHING.value], "when": ["months"], "months": ["6"]}
        case Silent.kind:
            return {"months": ["6"]}
        case _:
            return {}


def _filled_attended(rule: Attended) -> dict[str, list[str]]:
    when = "months" if rule.months else "since" if rule.since else "ever"
    about = rule.event_kind or rule.event_id
    shown: dict[str, object] = {
        "to": f"{rule.to.value}:{about}" if about else rule.to.value,
        "when": when,
        "months": rule.months or "",
        **split_day("since", rule.since),
    }
    return {name: [str(value)] for name, value in shown.items()}


def read_rule(kind: str, form: Form, there: Choices, today: date) -> Rule | None:
    """The rule that the fields describe; None where something is to be put right, which is noted."""
    if kind in WITHOUT_FIELDS:
        return WITHOUT_FIELDS[kind]
    found = _READERS[kind](form, there, today)
    return None if form.errors else found


def _several(form: Form, name: str, allowed: Iterable[str], required: str) -> tuple[str, ...]:
    offered = set(allowed)
    chosen = tuple(dict.fromkeys(one for one in form.several(name) if one in offered))
    if not chosen:
        form.fail(name, required)
    return chosen


def _type(form: Form, _: Choices, __: date) -> Rule | None:
    chosen = _several(form, "types", HouseholdType, "Choose at least one kind of fostering")
    return OfType(tuple(map(HouseholdType, chosen))) if chosen else None


def _area(form: Form, there: Choices, _: date) -> Rule | None:
    chosen = _several(form, "areas", there.areas, "Choose at least one area")
    return InArea(chosen) if chosen else None


def _constellation(form: Form, there: Choices, _: date) -> Rule | None:
    which = form.choice("which", Which, required="Choose which constellations")
    role = form.choice("role", ("either", *ConstellationRole), required="Choose hub, satellites or both")
    names: tuple[str, ...] = ()
    if which == Which.NAMED:
        names = _several(form, "constellations", there.constellations, "Choose at least one constellation")
    if form.errors:
        return None
    of = ConstellationRole(role) if role != "either" and which != Which.NONE else None
    return InConstellation(Which(which), names, of)


def _group(form: Form, there: Choices, _: date) -> Rule | None:
    chosen = _several(form, "groups", there.groups, "Choose at least one group")
    return InGroup(chosen) if chosen else None


def _language(form: Form, _: Choices, __: date) -> Rule | None:
    chosen = _several(form, "languages", Language, "Choose at least one language")
    return Reads(tuple(map(Language, chosen))) if chosen else None


def _approved(form: Form, _: Choices, __: date) -> Rule | None:
    which = form.choice("approved", ("at_least", "under"), required="Choose at least or less than")
    years = _number(form, "years", "Years", "Enter a number of years", MOST_YEARS)
    return Approved(which == "at_least", years) if years and which else None


def _worker(form: Form, there: Choices, _: date) -> Rule | None:
    offered = [str(number) for number, _ in there.workers]
    chosen = _several(form, "workers", [*offered, "nobody"], "Choose at least one social worker, or nobody")
    ids = tuple(int(one) for one in chosen if one != "nobody")
    return HasWorker(ids, "nobody" in chosen) if chosen else None


def _told(form: Form, _: Choices, __: date) -> Rule | None:
    chosen = _several(form, "ways", Way, "Choose at least one way")
    return ToldBy(tuple(map(Way, chosen))) if chosen else None


def _attended(form: Form, there: Choices, today: date) -> Rule | None:
    return _came(Attended, form, there, today)


def _not_attended(form: Form, there: Choices, today: date) -> Rule | None:
    return _came(NotAttended, form, there, today)


def _came(rule: type[Attended], form: Form, there: Choices, today: date) -> Rule | None:
    """What they came to is one choice: ``anything``, ``kind:training`` or ``event:12``."""
    offered = {To.ANYTHING.value, *(f"{To.KIND.value}:{kind}" for kind in there.kinds)}
    offered |= {f"{To.EVENT.value}:{number}" for number, _, _ in there.events}
    to, _, about = form.choice("to", offered, required="Choose what they came to").partition(":")
    if to == To.EVENT:
        return rule(To.EVENT, event_id=int(about))
    when = form.choice("when", ("ever", "months", "since"), required="Choose since when")
    months = _number(form, "months", "Months", "Enter a number of months", MOST_MONTHS, when == "months")
    since = None
    if when == "since":
        since = form.day("since", what="The day", required="Enter the day")
        if since is not None and not FIRST_DAY <= since <= today:
            form.fail("since", "The day must be in the past")
    return None if form.errors else rule(To(to), about, None, months, since)


def _answered(form: Form, there: Choices, _: date) -> Rule | None:
    event = _one_of(form, "event", [number for number, _, _ in there.events], "Choose an event")
    chosen = _several(form, "answers", Answer, "Choose at least one answer")
    return Answered(event, tuple(map(Answer, chosen))) if event and chosen else None


def _silent(form: Form, _: Choices, __: date) -> Rule | None:
    months = _number(form, "months", "Months", "Enter a number of months", MOST_MONTHS)
    return Silent(months) if months else None


def _survey(form: Form, there: Choices, _: date) -> Rule | None:
    number = _one_of(form, "round", [number for number, _, _ in there.rounds], "Choose a survey")
    answered = form.choice("answered", ("yes", "no"), required="Choose answered or not answered")
    return TookPart(number, answered == "yes") if number and answered else None


def _one_of(form: Form, name: str, allowed: Iterable[int], required: str) -> int | None:
    chosen = form.choice(name, map(str, allowed), required=required)
    return int(chosen) if chosen else None


def _number(form: Form, name: str, what: str, required: str, most: int, is_asked: bool = True) -> int | None:
    if not is_asked:
        return None
    number = form.count(name, what=what, least=1, most=most)
    if number is None:
        form.fail(name, required)
    return number


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


_READERS: dict[str, Callable[[Form, Choices, date], Rule | None]] = {
    OfType.kind: _type,
    InArea.kind: _area,
    InConstellation.kind: _constellation,
    InGroup.kind: _group,
    Reads.kind: _language,
    Approved.kind: _approved,
    HasWorker.kind: _worker,
    ToldBy.kind: _told,
    Attended.kind: _attended,
    NotAttended.kind: _not_attended,
    Answered.kind: _answered,
    Silent.kind: _silent,
    TookPart.kind: _survey,
}
