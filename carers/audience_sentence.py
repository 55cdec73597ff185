"""The rules of an audience as a sentence that staff read: "Mainstream carers in the North who are in Evening
support group, but not carers whose household is on hold".

In English: the console has no other language.
"""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carers.audience import group_words
from carers.audience_matching import gone
from carers.audience_rules import (
    Answer,
    Answered,
    Approved,
    Attended,
    HasWorker,
    InArea,
    InConstellation,
    InGroup,
    MainCarer,
    NotAttended,
    OfType,
    OnHold,
    Reads,
    Rule,
    Rules,
    Silent,
    To,
    ToldBy,
    TookPart,
    Way,
    Which,
)
from storage.audience_queries import Named
from storage.households import ConstellationRole, Language

_COMPASS = frozenset({"north", "south", "east", "west", "centre", "midlands"})
_LANGUAGES = {
    Language.ENGLISH: "English",
    Language.URDU: "Urdu",
    Language.PUNJABI: "Punjabi",
    Language.ARABIC: "Arabic",
}
_WAYS = {
    Way.APP: "in the app",
    Way.EMAIL: "by email",
    Way.LETTER: "by letter",
    Way.NONE: "in no way at all",
}
_ANSWERS = {
    Answer.NONE: "have not answered",
    Answer.ANY: "answered",
    Answer.GOING: "said yes to",
    Answer.MAYBE: "said maybe to",
    Answer.NOT_GOING: "said no to",
    Answer.WAITING: "wait for a place at",
}
_ROLES = {
    None: "in",
    ConstellationRole.HUB: "the hub of",
    ConstellationRole.SATELLITE: "a satellite of",
}
_GONE = {
    "group": "The group “{}” is gone",
    "area": "No household is in the area “{}” any more",
    "constellation": "No household is in the constellation “{}” any more",
    "social_worker": "A social worker is gone",
    "survey": "A survey is gone",
}


def sentence(rules: Rules, named: Named, zone: ZoneInfo) -> str:
    """Who is in this audience. ``zone``: in which the days of events are told."""
    types = next((rule for rule in rules.include if isinstance(rule, OfType)), None)
    others = [rule for rule in rules.include if rule is not types]
    who = "All carers" if not rules.include else "Carers"
    if types is not None:
        who = f"{_types(types)} carers"
    clauses = [phrase(rule, named, zone) for rule in others if not isinstance(rule, InArea)]
    places = [phrase(rule, named, zone) for rule in others if isinstance(rule, InArea)]
    said = " ".join(part for part in (who, _joined(places, "and"), _joined(clauses, "and")) if part)
    if rules.exclude:
        said += f", but not carers {_joined([phrase(rule, named, zone) for rule in rules.exclude], 'or')}"
    return f"{said[:1].upper()}{said[1:]}."


def phrase(rule: Rule, named: Named, zone: ZoneInfo) -> str:
    """One rule as it follows after the word carers: ``who are in Baby carers``."""
    match rule:
        case OfType():
            return f"of {_types(rule)} households"
        case InArea(values=names):
            return f"in {_either([_area(name) for name in names])}"
        case InConstellation():
            return f"whose household is {_constellation(rule)}"
        case InGroup(names=names):
            return f"who are in {_either([group_words(name) for name in names])}"
        case Reads(values=languages):
            return f"who read {_either([_LANGUAGES[one] for one in languages])}"
        case Approved(at_least=at_least, years=years):
            span = _counted(years, "year")
            how_long = f"{span} or more" if at_least else f"less than {span}"
            return f"who have been approved for {how_long}"
        case HasWorker(ids=ids, nobody=nobody):
            workers = [named.workers.get(number, "somebody who is gone") for number in ids]
            if not workers:
                return "who have no social worker"
            return f"whose social worker is {_either([*workers, 'nobody'] if nobody else workers)}"
        case OnHold():
            return "whose household is on hold"
        case MainCarer():
            return "who are the main carer"
        case ToldBy(values=ways):
            return f"who are told {_either([_WAYS[one] for one in ways])}"
        case Attended():
            return _attended(rule, named, zone)
        case Answered(event_id=number, values=answers):
            return f"who {_either([_ANSWERS[one] for one in answers])} {_event(number, named, zone)}"
        case Silent(months=months):
            return f"who were invited but answered nothing {_within(months)}"
        case TookPart(round_id=number, answered=answered):
            survey = _survey(number, named, zone)
            return f"who answered {survey}" if answered else f"who were asked but have not answered {survey}"
        case _:
            raise TypeError(f"no such rule: {rule.kind}")


def gone_in_words(rules: Rules, named: Named) -> list[str]:
    """A sentence for each thing that a rule names and that is not there any more."""
    return [
        f"{_GONE.get(rule.kind, 'An event is gone').format(name)}: its rule finds nobody for it."
        for rule in rules.all
        for name in gone(rule, named)
    ]


def _attended(rule: Attended, named: Named, zone: ZoneInfo) -> str:
    seen = not isinstance(rule, NotAttended)
    if rule.event_id is not None:
        return f"who {'came' if seen else 'did not come'} to {_event(rule.event_id, named, zone)}"
    when = _within(rule.months) if rule.months else f"since {_day(rule.since)}" if rule.since else ""
    what = f"{rule.event_kind.replace('_', ' ').replace('-', ' ')} event" if rule.to is To.KIND else ""
    if seen:
        came = f"came to {_article(what)}" if what else "came to something"
    elif when:
        came = f"came to no {what}" if what else "came to nothing"
    else:
        came = f"never came to {_article(what)}" if what else "never came to anything"
    return f"who {came} {when}" if when else f"who {came}"


def _types(rule: OfType) -> str:
    return _either([one.value.replace("_", " ") for one in rule.values])


def _area(name: str) -> str:
    return f"the {name}" if set(name.casefold().replace("-", " ").split()) <= _COMPASS else name


def _constellation(rule: InConstellation) -> str:
    if rule.which is Which.NONE:
        return "in no constellation"
    which = "a constellation" if rule.which is Which.ANY else f"constellation {_either(rule.names)}"
    return f"{_ROLES[rule.role]} {which}"


def _event(number: int, named: Named, zone: ZoneInfo) -> str:
    if number not in named.events:
        return "an event that is gone"
    title, starts_at = named.events[number]
    return f"{title} on {_day(starts_at.astimezone(zone))}"


def _survey(number: int, named: Named, zone: ZoneInfo) -> str:
    if number not in named.rounds:
        return "a survey that is gone"
    title, opens_at = named.rounds[number]
    return f"the survey {title} of {_day(opens_at.astimezone(zone))}"


def _day(day: date | datetime) -> str:
    return f"{day.day} {day:%B %Y}"


def _within(months: int) -> str:
    return "in the last month" if months == 1 else f"in the last {months} months"


def _counted(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def _article(words: str) -> str:
    return f"an {words}" if words[:1].lower() in "aeiou" else f"a {words}"


def _either(words: Sequence[str]) -> str:
    return _listed(list(words), "or")


def _joined(parts: Sequence[str], word: str) -> str:
    """Clauses in one sentence, with a comma before the last where one of them says "or" itself."""
    return _listed(list(parts), word, comma=any(" or " in part for part in parts))


def _listed(parts: list[str], word: str, *, comma: bool = False) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])}{',' if comma else ''} {word} {parts[-1]}"
