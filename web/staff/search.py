"""Search from any page: what was typed, looked for among all that this person may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from broadcasts.broadcast_alerts import title_in
from carers.audience import group_words
from carers.finding import KINDS, LONGEST, SHORTEST, Hit, Part, Wanted, find, read, says
from carers.roles import Action
from surveys.form_views import form_lines
from web.staff.places import places_found
from web.staff.views import Look, Page, Route, see
from web.staff.words import broadcast_in_words, in_words

FEW, MANY = 6, 50
"""Hits of one kind beside those of the others, and on a page of their own."""

TITLES = {
    "carers": "Carers",
    "households": "Households",
    "constellations": "Constellations",
    "events": "Events",
    "series": "Series",
    "templates": "Templates of events",
    "broadcasts": "Broadcasts",
    "audiences": "Audiences",
    "groups": "Groups",
    "surveys": "Surveys",
    "forms": "Survey forms",
    "actions": "You said, we did",
    "staff": "Staff",
    "pages": "Pages of the console",
}
ADDRESSES = {"series": "/events/series/{}", "templates": "/events/start"}
USUAL = ("invited", "open", "closed")
"""States that go without saying."""
OUT_OF_USE = "Out of use"


@dataclass(frozen=True, slots=True)
class Found:
    """Something found, and where it leads."""

    text: str
    href: str
    hit: Hit
    state: str = ""


@dataclass(frozen=True, slots=True)
class FoundKind:
    """What was found of one kind: some of it, and how much there is."""

    name: str
    title: str
    lines: Sequence[Found]
    total: int


def routes() -> list[Route]:
    return [see("/search", Action.SEE_HOME, search)]


async def search(look: Look) -> Page:
    typed, only = look.asked("q"), look.asked("in")
    wanted = read(typed, look.staff, look.now, look.zone)
    part = Part((look.page - 1) * MANY, MANY) if only in KINDS else Part(0, FEW)
    found = await _found(look, wanted, only, part) if wanted else []
    context = {
        "looked_for": typed,
        "wanted": wanted,
        "found": [kind for kind in found if kind.total],
        "only": TITLES[only] if only in KINDS else "",
        "page": look.page,
        "pages": -(-found[0].total // MANY) if only in KINDS and found else 1,
        "query": urlencode({"q": typed, "in": only}),
        "all_of": {kind: urlencode({"q": typed, "in": kind}) for kind in KINDS},
        "few": FEW,
        "shortest": SHORTEST,
        "longest": LONGEST,
    }
    return Page("staff/search.html", context)


async def _found(look: Look, wanted: Wanted, only: str, part: Part) -> list[FoundKind]:
    kinds = [KINDS[only]] if only in KINDS else KINDS.values()
    found = []
    for kind in kinds:
        hits = await find(look.session, kind, wanted, look.staff, part)
        lines = [_line(kind.name, hit) for hit in hits.lines]
        found.append(FoundKind(kind.name, TITLES[kind.name], lines, hits.total))
    return found if only in KINDS else [*found, await _forms(look, wanted), _pages(look, wanted)]


def _line(kind: str, hit: Hit) -> Found:
    text, state = hit.name, "" if hit.state in USUAL else in_words(hit.state)
    href = ADDRESSES.get(kind, f"/{kind}/{{}}").format(hit.id)
    match kind:
        case "broadcasts":
            text, state = title_in(hit.name) or "Without English words yet", broadcast_in_words(hit.state)
        case "events" if hit.state == "planned":
            state = "Not sent yet"  # as the lists of events say
        case "groups":
            text = group_words(hit.name)
        case "surveys" | "series":
            hit = replace(hit, ref="")  # made by machine, and known to nobody
        case "constellations":
            href = f"/households?constellation={quote(hit.name)}"
    return Found(text.strip() or hit.ref, href, hit, state)


def _pages(look: Look, wanted: Wanted) -> FoundKind:
    places = places_found(wanted.words, look.staff)
    lines = [Found(place.name, place.href, Hit(0, place.name)) for place in places[:FEW]]
    return FoundKind("pages", TITLES["pages"], lines, len(lines))


async def _forms(look: Look, wanted: Wanted) -> FoundKind:
    """The forms of surveys, standard ones too, of which there are few."""
    if not look.may(Action.WRITE_SURVEYS):
        return FoundKind("forms", TITLES["forms"], (), 0)
    forms = [one for one in await form_lines(look.session) if says(f"{one.title} {one.survey}", wanted)]
    lines = [
        Found(one.title, f"/survey-forms/{one.survey}", Hit(0, one.title), OUT_OF_USE if one.retired else "")
        for one in forms
    ]
    return FoundKind("forms", TITLES["forms"], lines, len(lines))
