"""The counts of an event as texts, the same on a page and in the stream that keeps it up to date."""

from events.views import EventLine, Mode, RsvpBy, RsvpState, Seats
from web.staff.words import plural

SHOWN = (
    RsvpState.GOING,
    RsvpState.MAYBE,
    RsvpState.WAITLISTED,
    RsvpState.OFFERED,
    RsvpState.NOT_GOING,
    RsvpState.INVITED,
)


def event_texts(line: EventLine) -> dict[str, str]:
    """Every text of this event that changes by itself, by its name on the page."""
    texts = {f"{line.id}-{state.value}": str(line.parties.get(state, 0)) for state in SHOWN}
    texts[f"{line.id}-people"] = going_words(line)
    texts |= {f"{line.id}-seats-{seats.mode.value}": seats_words(line, seats) for seats in line.seats}
    return texts


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
    """The sentence that is read out when the counts change."""
    going, maybe = line.parties.get(RsvpState.GOING, 0), line.parties.get(RsvpState.MAYBE, 0)
    return f"{line.title}: {going} going, {maybe} maybe, {line.unanswered} without an answer"
