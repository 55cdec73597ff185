"""Turning off one kind of notice, from the foot of an email or with a mail program's own button.

A mail program sends the form itself, from a machine of its provider: without a page of ours before it, and it
follows no redirect (RFC 8058). Looking changes nothing.
"""

from aiohttp import web

from carers import choices
from carers.topics import Topic
from web.carer.opening import Deed, Done, Purpose, Route, Shown, Shut, Visit, do, render_page, see

ONE_CLICK = "One-Click"


def routes() -> list[Route]:
    return [
        see(Purpose.UNSUBSCRIBE, "", show),
        do(Purpose.UNSUBSCRIBE, "", change, foreign=True),
    ]


async def show(visit: Visit) -> web.Response | Shut:
    topic = _topic(visit)
    return await _page(visit, topic) if topic else Shut.NOT_OURS


async def change(deed: Deed) -> Done | Shown | web.Response | Shut:
    """Off, or with the form of our page on again. Doing it twice changes nothing."""
    topic = _topic(deed)
    if topic is None:
        return Shut.NOT_OURS
    one_click = deed.form.text("List-Unsubscribe") == ONE_CLICK
    what = "off" if one_click else deed.form.text("what")
    if what not in ("off", "on"):
        return await _page(deed, topic)
    await choices.set_topic(deed.session, deed.carer, topic, what == "on", deed.now)
    return Shown(await _page(deed, topic)) if one_click else Done("", {"done": what})


async def _page(visit: Visit, topic: Topic) -> web.Response:
    wanted = topic in await choices.wanted_topics(visit.session, visit.carer)
    context = {"topic": topic.value, "wanted": wanted, "done": visit.asked("done")}
    return render_page(visit, "carer/unsubscribe.html", context)


def _topic(visit: Visit) -> Topic | None:
    topics = list(Topic)
    return topics[visit.about] if 0 <= visit.about < len(topics) else None
