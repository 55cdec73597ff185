"""The counts of an event as texts, the same on a page and in the stream that keeps it up to date."""

from events.views import EventLine, Mode, RsvpBy, RsvpState, Seats
from web.staff.words import plural

SHOWN = (
    RsvpState.GOING,
    RsvpState.MAYBE,
    RsvpState.WAITLISTED,
    RsvpState.OFFERED,
    RsvpState.BALLOT_ENTERED,
    RsvpState.BALLOT_LOST,
    RsvpState.NOT_GOING,
    RsvpState.INVITED,
)

WHO = {
    "adults": "Adults",
    "children_0_4": "Children aged 0 to 4",
    "children_5_10": "Children aged 5 to 10",
    "children_11_15": "Children aged 11 to 15",
    "children_16_up": "Young people aged 16 or over",
}
"""Who of a household comes along: each number by its name."""


def event_texts(line: EventLine) -> dict[str, str]:
    """Every text of this event that changes by itself, by its name on the page."""
    texts = {f"{line.id}-{state.value}": str(line.parties.get(state, 0)) for state in SHOWN}
    texts[f"{line.id}-people"] = going_words(line)
    texts |= {f"{line.id}-seats-{seats.mode.value}": seats_words(line, seats) for seats in line.seats}
    return texts


TILES = {
    RsvpState.GOING: "Going",
    RsvpState.OFFERED: "Offered a place",
    RsvpState.BALLOT_ENTERED: "In the draw",
    RsvpState.BALLOT_LOST: "Not drawn",
    RsvpState.MAYBE: "Maybe",
    RsvpState.NOT_GOING: "Not going",
    RsvpState.WAITLISTED: "Waiting list",
    RsvpState.INVITED: "No answer yet",
}


def tiles(line: EventLine, *, ballot: bool, over: bool = False) -> list[tuple[RsvpState, str]]:
    """The states that the page of this event counts: those that it can have, and any that it has anyway.

    When it is over nothing changes any more, so an empty one says nothing, save that nobody came.
    """
    limited = any(seats.capacity is not None for seats in line.seats)
    never = {RsvpState.MAYBE} if line.mode is Mode.HYBRID or ballot else set()
    never |= {RsvpState.WAITLISTED} if ballot else {RsvpState.BALLOT_ENTERED, RsvpState.BALLOT_LOST}
    never |= set() if limited else {RsvpState.OFFERED, RsvpState.WAITLISTED}
    never |= set(TILES) - {RsvpState.GOING} if over else set()
    return [(state, label) for state, label in TILES.items() if state not in never or line.parties.get(state)]


def going_words(line: EventLine) -> str:
    """How many are going: ``12``, and where households answer the people that they bring."""
    going = line.parties.get(RsvpState.GOING, 0)
    if line.rsvp_by is RsvpBy.HOUSEHOLD and going:
        return f"{plural(line.going_people, 'person', 'people')} going"
    return f"{going} going"


def seats_words(line: EventLine, seats: Seats) -> str:
    """``18 of 40 places taken``, or ``18 places taken, no limit``."""
    taken = f"{seats.taken} of {plural(seats.capacity, 'place')}" if seats.capacity is not None else ""
    text = f"{taken} taken" if taken else f"{plural(seats.taken, 'place')} taken, no limit"
    if len(line.seats) == 1:
        return text
    return f"{'Online' if seats.mode is Mode.ONLINE else 'In person'}: {text}"


def expected_words(line: EventLine) -> str:
    """The sentence that is read out when the counts change. Of a ballot it tells who is in the draw."""
    going, entered = line.parties.get(RsvpState.GOING, 0), line.parties.get(RsvpState.BALLOT_ENTERED, 0)
    second = f"{entered} in the draw" if entered else f"{line.parties.get(RsvpState.MAYBE, 0)} maybe"
    return f"{line.title}: {going} going, {second}, {line.unanswered} without an answer"
