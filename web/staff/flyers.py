"""The picture of an event: taken from a form with the word of whoever uploads it, and shown."""

from aiohttp import web

from carers.roles import Action
from events.flyer import (
    PHOTO_LIMIT,
    AttachmentRefused,
    flyer_of,
    is_flyer,
    keep_flyer,
    read_flyer,
)
from web.parts import PARTS
from web.security import document_headers, image_type
from web.staff.views import Deed, Route, allowed_visit, is_https
from web.whole_numbers import whole_number

LARGEST_FLYER = PHOTO_LIMIT
TAKES = ".jpg,.jpeg,.png"
REFUSED = {
    AttachmentRefused.TOO_BIG: "The picture is too large: it may have 10 MB",
    AttachmentRefused.EMPTY: "The file is empty; choose another",
    AttachmentRefused.NOT_SUPPORTED: "This file is not a JPEG or PNG picture. Choose another one",
}
NO_CHILD = "Tick the box to confirm that no child can be recognised in the picture"


def routes() -> list[Route]:
    return [
        Route("GET", "/flyers/{flyer}", Action.PLAN_EVENTS, one_flyer),
        Route("GET", "/events/{event}/flyer", Action.SEE_EVENTS, flyer_of_event),
    ]


async def read_upload(deed: Deed, before: int | None) -> tuple[int | None, bool]:
    """The picture that the form means, and whether it came just now, with errors noted.

    The form remembers a picture that was uploaded with it earlier: a browser sends a chosen file only once.
    A picture that the event does not have yet needs the word that no child can be recognised in it.
    """
    form = deed.form
    flyer, fresh = await _remembered(deed, before), False
    upload = form.files.get("flyer")
    if upload is None:
        flyer = None if form.text("flyer_remove") == "yes" else flyer
    elif upload.content is None:
        form.fail("flyer", REFUSED[AttachmentRefused.TOO_BIG])
    else:
        kept = await keep_flyer(
            deed.session, filename=upload.filename, mime=upload.mime, content=upload.content, now=deed.now
        )
        if isinstance(kept, AttachmentRefused):
            form.fail("flyer", REFUSED[kept])
        else:
            flyer, fresh = kept, True
            form.values.pop("flyer_remove", None)
    form.values["flyer_id"] = ["" if flyer is None else str(flyer)]
    if flyer is not None and flyer != before and form.text("no_child") != "yes":
        form.fail("no_child", NO_CHILD)
    return flyer, fresh


async def _remembered(deed: Deed, before: int | None) -> int | None:
    if "flyer_id" not in deed.form.values:
        return before
    number = whole_number(deed.form.text("flyer_id"))
    return number if number is not None and await is_flyer(deed.session, number) else None


async def one_flyer(request: web.Request) -> web.StreamResponse:
    """A picture by its own id, as a form shows it before there is an event."""
    return await _shown(request, Action.PLAN_EVENTS, _number(request, "flyer"), None)


async def flyer_of_event(request: web.Request) -> web.StreamResponse:
    """The picture of an event."""
    return await _shown(request, Action.SEE_EVENTS, None, _number(request, "event"))


async def _shown(
    request: web.Request, action: Action, flyer_id: int | None, event_id: int | None
) -> web.StreamResponse:
    parts = request.app[PARTS]
    await allowed_visit(request, action, parts.clock())
    async with parts.database.read() as session:
        if event_id is not None:
            flyer_id = await flyer_of(session, event_id)
        content = await read_flyer(session, flyer_id) if flyer_id is not None else None
    if content is None:
        raise web.HTTPNotFound
    headers = {**document_headers(https=is_https(parts)), "Content-Disposition": "inline"}
    return web.Response(body=content, content_type=image_type(content), headers=headers)


def _number(request: web.Request, name: str) -> int:
    number = whole_number(request.match_info[name])
    if number is None:
        raise web.HTTPNotFound
    return number
