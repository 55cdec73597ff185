"""The tables of carers and households as files: lists, groups, constellations, audiences, reach."""

from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from carers.audience import SAVED, audience_conditions
from carers.constellations import Constellation, Constellations, list_constellations
from carers.directory import NO_WAY, CarerLine, Channel, Contact, Search, list_carers
from carers.groups import GroupView, Member, list_groups, view_group
from carers.households import Entry, HouseholdLine, Standing, list_households
from carers.panels import panels_of
from carers.reach import Reach
from carers.roles import Action
from carers.saved_audiences import saved_audiences
from carers.timeline import Happened, timeline_of
from carers.topics import Topic
from web.staff.audiences import the_audience
from web.staff.carers import searched as carers_searched
from web.staff.carers import the_carer
from web.staff.households import searched as households_searched
from web.staff.households import the_household
from web.staff.reach import reach_of
from web.staff.taking import Column, Rows, Sheet, long_sheet, sheet_of, take, times
from web.staff.views import Look, Route
from web.staff.words import channel_in_words, in_words, reason_in_words, topic_in_words

SEE = Action.SEE_HOUSEHOLDS
CONSTELLATIONS_AT_ONCE = 200
"""So many are read in one go: a hub and its satellites each, so about as many rows as of any other list."""


def routes() -> list[Route]:
    home = "/households/{household}"
    return [
        *take("/carers", Action.SEE_CARERS, carers, audited_as="carers"),
        *take("/carers/{carer}/invitations", Action.SEE_CARERS, invitations, audited_as="invitations"),
        *take("/carers/{carer}/timeline", Action.SEE_CARERS, of_carer, audited_as="what_happened"),
        *take("/households", SEE, households, audited_as="households"),
        *take(f"{home}/carers", SEE, members, audited_as="carers_of_household"),
        *take(f"{home}/timeline", SEE, timeline, audited_as="what_happened"),
        *take(f"{home}/panels", SEE, panels, audited_as="panels"),
        *take("/constellations", SEE, constellations, audited_as="constellations"),
        *take("/groups", Action.SEE_GROUPS, groups, audited_as="groups"),
        *take("/groups/{group}/carers", Action.SEE_GROUPS, in_group, audited_as="carers_of_group"),
        *take("/audiences", Action.SEE_AUDIENCES, audiences, audited_as="audiences"),
        *take(
            "/audiences/{audience}/carers", Action.SEE_AUDIENCES, in_audience, audited_as="carers_of_audience"
        ),
        *take("/reach", Action.SEE_REACH, reach, audited_as="reach"),
    ]


def _carer_columns(look: Look) -> tuple[Column[CarerLine], ...]:
    return (
        ("Carer", lambda one: one.name),
        ("Carer number", lambda one: one.ref),
        ("Household", lambda one: one.household),
        ("Kind of household", lambda one: in_words(one.household_type)),
        ("Social worker", lambda one: one.social_worker),
        ("Language", lambda one: in_words(one.language)),
        ("With the bot", lambda one: in_words(one.contact)),
        (times("Since", look), lambda one: one.since),
        ("Why", lambda one: reason_in_words(one.why) if one.why else ""),
        ("Told", lambda one: channel_in_words(one.way or NO_WAY)),
        ("Unused links", lambda one: one.links.number if one.links else 0),
        (times("Latest link", look), lambda one: one.links.latest if one.links else None),
    )


async def _carers_sheet(look: Look, name: str, search: Search, about: str = "") -> Sheet:
    async def page(number: int, count: int) -> tuple[Sequence[CarerLine], int]:
        found = await list_carers(look.session, search, look.now, look.zone, number, count)
        return found.lines, found.pages

    return await long_sheet(name, page, *_carer_columns(look), about=about)


async def carers(look: Look) -> Sheet:
    return await _carers_sheet(look, "carers", await carers_searched(look))


async def invitations(look: Look) -> Sheet:
    """The latest invitations of one carer."""
    view = await the_carer(look)
    return sheet_of(
        f"invitations-{view.carer.id}",
        view.invitations,
        ("Event", lambda one: one.title),
        (times("When", look), lambda one: one.starts_at),
        ("Answer", lambda one: in_words(one.state)),
        about=f"carer:{view.carer.ref}",
    )


async def in_audience(look: Look) -> Sheet:
    """The carers whom an audience has today."""
    saved = await the_audience(look)
    among = await audience_conditions(look.session, f"{SAVED}:{saved.name}", look.today)
    return await _carers_sheet(
        look, f"audience-{saved.id}", Search(among=tuple(among or ())), about=f"audience:{saved.id}"
    )


async def households(look: Look) -> Sheet:
    search = households_searched(look)

    async def page(number: int, count: int) -> tuple[Sequence[HouseholdLine], int]:
        found = await list_households(look.session, search, look.today, number, count)
        return found.lines, found.pages

    columns: tuple[Column[HouseholdLine], ...] = (
        ("Household", lambda home: home.ref),
        ("Carers", lambda home: " and ".join(home.carers)),
        ("Kind", lambda home: in_words(home.type)),
        ("Area", lambda home: home.area),
        ("Constellation", lambda home: home.constellation),
        ("Role in it", lambda home: in_words(home.role)),
        ("Social worker", lambda home: home.social_worker),
        ("On hold since", lambda home: home.on_hold_since),
        ("Approval ends", lambda home: home.ended_on),
    )
    name = "households" if search.standing is Standing.CURRENT else f"households-{search.standing}"
    return await long_sheet(name, page, *columns)


async def members(look: Look) -> Sheet:
    """The carers of one household, those who left it last."""
    view = await the_household(look)
    return sheet_of(
        f"household-{view.line.id}",
        [*view.members, *view.left],
        ("Carer", lambda one: one.name),
        ("Carer number", lambda one: one.ref),
        ("Main carer", lambda one: one.main),
        ("Connected to the bot", lambda one: one.connected),
        ("Left", lambda one: one.left_on),
        about=f"household:{view.line.ref}",
    )


async def timeline(look: Look) -> Sheet:
    """What happened in a household, as its page tells it."""
    view = await the_household(look)
    name, about = f"timeline-{view.line.id}", f"household:{view.line.ref}"
    return sheet_of(name, view.timeline, *_timeline_columns(look), about=about)


def _timeline_columns(look: Look) -> tuple[Column[Entry | Happened], ...]:
    return (
        ("Day", lambda entry: entry.on),
        (times("Time", look), lambda entry: entry.at),
        ("What", lambda entry: entry.text),
        ("Who of staff", lambda entry: entry.by),
    )


async def of_carer(look: Look) -> Sheet:
    """What happened with a carer, as their page tells it."""
    view = await the_carer(look)

    async def page(number: int, count: int) -> tuple[Sequence[Happened], int]:
        found = await timeline_of(look.session, view.carer.id, look.zone, number, count)
        return found.entries, number + found.more

    name, about = f"timeline-carer-{view.carer.id}", f"carer:{view.carer.ref}"
    return await long_sheet(name, page, *_timeline_columns(look), about=about)


async def panels(look: Look) -> Sheet:
    view = await the_household(look)
    return sheet_of(
        f"panels-{view.line.id}",
        await panels_of(look.session, view.line.id),
        ("Held on", lambda panel: panel.held_on),
        ("About", lambda panel: in_words(panel.about)),
        (times("Carers were asked how it was", look), lambda panel: panel.asked_at),
        about=f"household:{view.line.ref}",
    )


async def constellations(look: Look) -> Sheet:
    """One row a household that is in one."""

    async def page(number: int, count: int) -> Constellations:
        return await list_constellations(look.session, look.today, look.own_households, number, count)

    async def rows() -> AsyncIterator[Rows]:
        number, pages = 1, 1
        while number <= pages:
            found = await page(number, CONSTELLATIONS_AT_ONCE)
            yield [row for each in found.found for row in _constellation_rows(each)]
            number, pages = number + 1, found.pages

    columns = ("Constellation", "Role", "Household", "Carers", "Area", "On hold", "To put right")
    return Sheet("constellations", columns, rows(), number=(await page(1, 1)).households)


def _constellation_rows(one: Constellation) -> Rows:
    odd = "; ".join(one.odd)
    return [
        (one.name, in_words(home.role), home.ref, home.carers, home.area, home.on_hold, odd)
        for home in (*one.hubs, *one.satellites, *one.without_role)
    ]


async def groups(look: Look) -> Sheet:
    return sheet_of(
        "groups",
        await list_groups(look.session, look.today, look.own_households),
        ("Group", lambda group: group.words),
        ("About", lambda group: group.about),
        ("Open to join", lambda group: group.is_open),
        ("In place of any data about a child", lambda group: group.in_place_of_children),
        ("Carers", lambda group: group.carers),
    )


async def _group(look: Look, page: int = 1, count: int = 1) -> GroupView:
    """The group of the address and a page of its members. Raises 404 where there is none."""
    number, own = look.number("group"), look.own_households
    view = await view_group(look.session, number, look.now, look.zone, page, own, count)
    if view is None:
        raise web.HTTPNotFound
    return view


async def in_group(look: Look) -> Sheet:
    group = (await _group(look)).line

    async def page(number: int, count: int) -> tuple[Sequence[Member], int]:
        view = await _group(look, number, count)
        return view.members, view.pages

    return await long_sheet(
        f"group-{group.id}",
        page,
        ("Carer", lambda one: one.name),
        ("Carer number", lambda one: one.ref),
        ("Household", lambda one: one.household),
        ("Put in by the register", lambda one: one.from_register),
        about=f"group:{group.id}",
    )


async def audiences(look: Look) -> Sheet:
    return sheet_of(
        "audiences",
        await saved_audiences(look.session, look.now, look.zone),
        ("Audience", lambda line: line.name),
        ("Who", lambda line: line.sentence),
        ("A rule needs a look", lambda line: line.gone),
        ("Carers today", lambda line: line.carers),
        ("In use", lambda line: line.uses),
    )


async def reach(look: Look) -> Sheet:
    """Every number of the page, a row a social worker."""
    _, parts = await reach_of(look)
    return sheet_of("reach", parts, *_reach_columns())


def _reach_columns() -> tuple[Column[tuple[str, Reach]], ...]:
    standing = [one for one in Contact if one is not Contact.NOT_CONNECTED]
    ways = [*(channel.value for channel in Channel), NO_WAY]
    return (
        ("Social worker", lambda pair: pair[0]),
        ("Carers", lambda pair: pair[1].carers),
        *((in_words(one), lambda pair, one=one: pair[1].contacts[one]) for one in standing),
        ("Link given", lambda pair: pair[1].with_a_link),
        ("No link yet", lambda pair: pair[1].without_a_link),
        *((f"Told: {channel_in_words(way)}", lambda pair, way=way: pair[1].ways[way]) for way in ways),
        *(
            (f"Turned off: {topic_in_words(one)}", lambda pair, one=one: pair[1].turned_off[one])
            for one in Topic
        ),
    )
