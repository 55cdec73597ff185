"""What the organiser should know about access or food: free text, for the organiser alone.

Words that cannot wait do not stay there: as in the chat, they go to the service at once, with the numbers.
"""

from aiohttp import web

from care import inbox
from events import rsvp
from events.choices import LONGEST_NEEDS
from web.carer.invitation import facts_of
from web.carer.opening import Deed, Done, Purpose, Route, Shown, Shut, Visit, do, render_page, see


def routes() -> list[Route]:
    return [
        see(Purpose.INVITATION, "/needs", show),
        do(Purpose.INVITATION, "/needs", note),
    ]


async def show(visit: Visit) -> web.Response | Shut:
    facts = await facts_of(visit)
    if facts is None or not facts["can_note_needs"]:
        return Shut.NOT_OURS
    return render_page(visit, "carer/needs.html", {"it": facts, "most": LONGEST_NEEDS})


async def note(deed: Deed) -> Done | Shown | Shut:
    """Keep what was written, or take back what was; an empty text by itself changes nothing."""
    facts = await facts_of(deed)
    words = deed.form.text("needs")[:LONGEST_NEEDS]
    if facts is None:
        return Shut.NOT_OURS
    desk = deed.parts.desk
    if desk.is_urgent(words):
        received = await inbox.receive(deed.session, deed.carer, words, deed.now, desk)
        context = {"open": received.office_is_open, "goes_on": True}
        return Shown(render_page(deed, "carer/urgent.html", context))
    if not words and deed.form.text("take_back") != "yes":
        return Done()
    outcome = await rsvp.set_needs(deed.session, deed.about, deed.carer, words, deed.now)
    said = "saved" if outcome.changed else "too_late"
    return Done("", {"said": said}, anchor="answer")
