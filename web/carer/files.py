"""What an invitation's page brings along: the picture, and the entry for the carer's own calendar."""

import re

from aiohttp import web

from broadcasts.attachments import file_of
from events.calendar import MIME, calendar_file
from events.cards import card_for
from events.flyer import flyer_of, read_flyer
from web.carer.opening import Deed, Purpose, Route, Shown, Shut, Visit, do, see
from web.security import carer_headers, image_type

KEPT = "private, max-age=3600"
"""A picture may weigh megabytes and says nothing of anybody; the page around it is never kept."""


def routes() -> list[Route]:
    return [
        see(Purpose.INVITATION, "/flyer", show_picture),
        do(Purpose.INVITATION, "/calendar", give_entry),
    ]


async def has_picture(visit: Visit, event_id: int) -> bool:
    """Whether the event has a picture that we keep ourselves, and not Telegram alone."""
    file = await file_of(visit.session, await flyer_of(visit.session, event_id))
    return file is not None and bool(file["is_photo"]) and file["file_id"] is None


async def show_picture(visit: Visit) -> web.Response | Shut:
    """The picture of the event."""
    facts = await card_for(visit.session, visit.about, visit.carer, visit.now)
    flyer = await flyer_of(visit.session, facts["event_id"]) if facts else None
    content = await read_flyer(visit.session, flyer) if flyer is not None else None
    if content is None:
        return Shut.NOT_OURS
    headers = {**_headers(visit), "Cache-Control": KEPT, "Content-Disposition": "inline"}
    return web.Response(body=content, content_type=image_type(content), headers=headers)


async def give_entry(deed: Deed) -> Shown | Shut:
    """The file that puts the event into a calendar, or takes it out. That they have it now is noted."""
    file = await calendar_file(deed.session, deed.about, deed.carer, deed.now)
    if file is None:
        return Shut.NOT_OURS
    name = re.sub(r"[^\w.-]", "-", file.filename, flags=re.ASCII)
    headers = {**_headers(deed), "Content-Disposition": f'inline; filename="{name}"'}
    body = file.content.encode()
    return Shown(web.Response(body=body, content_type=MIME, charset="utf-8", headers=headers))


def _headers(visit: Visit) -> dict[str, str]:
    return carer_headers(https=visit.parts.address.startswith("https://"))
