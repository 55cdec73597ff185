"""The way around the console: a few sections with their pages, of which a role is shown what it opens."""

from collections.abc import Sequence
from dataclasses import dataclass

from carers.roles import Action, StaffMember, may


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that the menu leads to. ``around``: where other addresses begin that belong to it."""

    text: str
    href: str
    action: Action
    around: tuple[str, ...] = ()

    def claims(self, path: str) -> int:
        """How much of the path is this entry's, in characters; 0: it lies elsewhere."""
        if self.href == "/":
            return int(path == "/")
        mine = (begin for begin in (self.href, *self.around) if path == begin or path.startswith(f"{begin}/"))
        return max(map(len, mine), default=0)


@dataclass(frozen=True, slots=True)
class Section:
    """Pages of one concern. Whoever may open but one of them sees that one's name in the menu."""

    text: str
    entries: tuple[Entry, ...]


SECTIONS = (
    Section("Home", (Entry("Home", "/", Action.SEE_HOME),)),
    Section("Messages", (Entry("Messages", "/messages", Action.READ_MESSAGES),)),
    Section(
        "Events",
        (
            Entry("Events", "/events", Action.SEE_EVENTS),
            Entry("Calendar", "/events/calendar", Action.SEE_EVENTS),
        ),
    ),
    Section(
        "Broadcasts",
        (
            Entry("Broadcasts", "/broadcasts", Action.WRITE_BROADCASTS),
            Entry("Letters", "/letters", Action.SEND_LETTERS),
            Entry("Audiences", "/audiences", Action.SEE_AUDIENCES),
        ),
    ),
    Section(
        "Carers",
        (
            Entry("Carers", "/carers", Action.SEE_CARERS),
            Entry("Households", "/households", Action.SEE_HOUSEHOLDS, around=("/constellations",)),
            Entry("Not seen", "/not-seen", Action.CHECK_IN),
            Entry("Groups", "/groups", Action.SEE_GROUPS),
            Entry("Reach", "/reach", Action.SEE_REACH),
            Entry("Not reached", "/not-reached", Action.SEE_NOT_REACHED),
            Entry("Register", "/register", Action.IMPORT_REGISTER),
            Entry("Requests", "/requests", Action.SEE_STRANGERS),
        ),
    ),
    Section(
        "Surveys",
        (
            Entry("Surveys", "/surveys", Action.SEE_SURVEYS),
            Entry("Forms", "/survey-forms", Action.WRITE_SURVEYS),
            Entry("You said, we did", "/actions", Action.SEE_ACTIONS),
            Entry("Nominations", "/nominations", Action.SEE_NOMINATIONS),
        ),
    ),
    Section("Reports", (Entry("Reports", "/reports", Action.SEE_REPORTS),)),
    Section(
        "Service",
        (
            Entry("Settings", "/settings", Action.SEE_SETTINGS),
            Entry("Staff", "/staff", Action.MANAGE_STAFF),
            Entry("Roles", "/staff/roles", Action.READ_AUDIT),  # the rest open it from beside their name
            Entry("Audit log", "/audit", Action.READ_AUDIT),
            Entry("Retention", "/retention", Action.SEE_RETENTION),
            Entry("Erasure requests", "/erasures", Action.ERASE_CARERS),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Link:
    """``current``: it is this very page. ``active``: this page belongs to it."""

    text: str
    href: str
    current: bool
    active: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """What stands over a page: a link for each section and, where one has several pages, one for each of
    those. ``section``: the name of the one that the page belongs to."""

    sections: Sequence[Link]
    section: str = ""
    pages: Sequence[Link] = ()


def menu_of(staff: StaffMember, path: str) -> Menu:
    """The menu over the page at this path, for this person."""
    mine = [
        (section.text, entries)
        for section in SECTIONS
        if (entries := [entry for entry in section.entries if may(staff, entry.action)])
    ]
    here = max((entry for _, entries in mine for entry in entries), key=lambda entry: entry.claims(path))
    found = here if here.claims(path) else None
    sections = [
        Link(
            text if len(entries) > 1 else entries[0].text,
            entries[0].href,
            current=path == entries[0].href,
            active=found in entries,
        )
        for text, entries in mine
    ]
    name, around = next(((text, entries) for text, entries in mine if found in entries), ("", []))
    pages = [Link(entry.text, entry.href, path == entry.href, entry is found) for entry in around]
    return Menu(sections, name, pages if len(pages) > 1 else ())
