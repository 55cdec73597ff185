"""Writing a message to many carers, and changing it while it is a draft.

What is typed is saved with every step, even while something is still to be put right: a draft reaches nobody,
and a browser cannot give back a file that was chosen once.
"""

from datetime import datetime

from aiohttp import web

from broadcasts.broadcast_views import BroadcastPage, broadcast_page
from broadcasts.broadcast_views import Deed as Allowed
from broadcasts.drafts import (
    AttachmentRefused,
    Saved,
    Wording,
    change_draft,
    discard_draft,
    keep_attachment,
    problems,
    start_draft,
)
from carers.audience import audience_names, audience_sizes, audience_words
from carers.roles import Action
from web.staff.broadcast_bubble import File
from web.staff.broadcast_fields import (
    LANGUAGES,
    LARGEST_FILE,
    REFUSED,
    TAKES,
    TOPICS,
    empty,
    filled,
    note_problems,
    read_wording,
)
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, Shown, do, see
from web.staff.words import in_words, plural

WRITE = Action.WRITE_BROADCASTS
TOO_LATE = "It is no draft any more. Nothing was changed."
NEEDS_CARE = ("attachment", "on", "at")
"""What a draft cannot hold as it was typed: to save without a word would lose it."""


def routes() -> list[Route]:
    one = "/broadcasts/{broadcast}"
    return [
        see("/broadcasts/new", WRITE, new_message),
        do("/broadcasts/new", WRITE, write, largest_file=LARGEST_FILE),
        see(f"{one}/edit", WRITE, edit),
        do(f"{one}/edit", WRITE, change, largest_file=LARGEST_FILE),
        see(f"{one}/discard", WRITE, ask_to_discard),
        do(f"{one}/discard", WRITE, discard),
    ]


async def the_broadcast(look: Look) -> BroadcastPage:
    """The message of the address. Raises 404 where there is none."""
    found = await broadcast_page(look.session, look.number("broadcast"), look.staff, look.now)
    if found is None:
        raise web.HTTPNotFound
    return found


async def new_message(look: Look) -> Page:
    return await _page(look, empty())


async def write(deed: Deed) -> Done | Page | Shown:
    attachment_id = await _attachment(deed, None)
    wording = await _read(deed, attachment_id)
    nothing = attachment_id is None and not any(wording.texts.values())
    if nothing and deed.form.errors and deed.form.text("then") != "draft":
        return await _page(deed, deed.form)  # a draft that nobody asked for and that says nothing
    draft = await start_draft(deed.session, wording, deed.staff, deed.now)
    return await _saved(deed, draft.id)


async def edit(look: Look) -> Page:
    draft = await the_broadcast(look)
    if Allowed.EDIT not in draft.deeds:
        return not_now(draft, "This message cannot be changed now")
    return await _page(look, filled(wording_of(draft), look.zone), draft, draft.version)


async def change(deed: Deed) -> Done | Page | Shown:
    """Save a draft, unless somebody else saved it since this form was opened."""
    draft, form = await the_broadcast(deed), deed.form
    had = draft.attachment.id if draft.attachment else None
    wording = await _read(deed, await _attachment(deed, had), draft)
    version = form.count("version", what="Version") or 0
    saved = await change_draft(deed.session, draft.id, wording, version, deed.staff, deed.now)
    if saved is Saved.CHANGED_MEANWHILE:
        form.errors.clear()  # first things first: what is in the boxes is checked with the next press
        return await _page(deed, form, draft, draft.version, outdated=True)
    if saved is not Saved.SAVED:
        return Done(f"/broadcasts/{draft.id}", TOO_LATE)
    return await _saved(deed, draft.id)


async def _read(deed: Deed, attachment_id: int | None, draft: BroadcastPage | None = None) -> Wording:
    """What the form says, with everything noted that is to be put right before it can go out."""
    wording = read_wording(deed.form, deed.zone, await _audiences(deed, draft), attachment_id)
    wrong = await problems(deed.session, wording, deed.now, deed.zone)
    note_problems(deed.form, wrong, with_file=attachment_id is not None)
    return wording


async def _attachment(deed: Deed, had: int | None) -> int | None:
    """The file that goes out: the one just sent, else the one that was there unless it is to go."""
    upload = deed.form.files.get("attachment")
    if upload is None:
        return None if deed.form.text("remove") == "yes" else had
    if upload.content is None:
        deed.form.fail("attachment", REFUSED[AttachmentRefused.TOO_BIG])
        return had
    kept = await keep_attachment(
        deed.session, filename=upload.filename, mime=upload.mime, now=deed.now, content=upload.content
    )
    if isinstance(kept, AttachmentRefused):
        deed.form.fail("attachment", REFUSED[kept])
        return had
    return kept


async def _saved(deed: Deed, broadcast_id: int) -> Done | Shown:
    """It is saved: go on, or show what is still to be put right."""
    form, here = deed.form, f"/broadcasts/{broadcast_id}"
    if form.text("then") == "draft" and not any(name in form.errors for name in NEEDS_CARE):
        return Done("/broadcasts", "The draft is saved. Nobody gets it until you send it.")
    if not form.errors:
        return Done(here)
    draft = await broadcast_page(deed.session, broadcast_id, deed.staff, deed.now)
    if draft is None:
        raise web.HTTPNotFound
    page = await _page(deed, form, draft, draft.version)
    return Shown(Page(page.template, page.context, status=422), f"{here}/edit", "")


async def ask_to_discard(look: Look) -> Page:
    draft = await the_broadcast(look)
    if Allowed.DISCARD not in draft.deeds:
        return not_now(draft, "This message cannot be deleted")
    here = f"/broadcasts/{draft.id}"
    return Page(
        "staff/confirm.html",
        {
            "title": "Delete this draft?",
            "lines": ["Nobody has had it. It is gone for good."],
            "back": here,
            "action": f"{here}/discard",
            "button": "Delete the draft",
            "warning": True,
        },
    )


async def discard(deed: Deed) -> Done:
    gone = await discard_draft(deed.session, deed.number("broadcast"), deed.staff, deed.now)
    if not gone:
        return Done(f"/broadcasts/{deed.number('broadcast')}", TOO_LATE)
    return Done("/broadcasts", "The draft is deleted.")


def not_now(broadcast: BroadcastPage, title: str) -> Page:
    """A page for an address that was right a moment ago: what was asked for is not possible any more."""
    return Page("staff/broadcast_not_now.html", {"broadcast": broadcast, "title": title})


def wording_of(draft: BroadcastPage) -> Wording:
    """What it says, to whom and when, as a form and a check take it."""
    return Wording(
        texts=dict(draft.texts),
        audience=draft.audience,
        topic=draft.topic,
        attachment_id=draft.attachment.id if draft.attachment else None,
        send_at=draft.send_at,
    )


def morning(look: Look, starts_at: datetime | None) -> datetime | None:
    """When quiet hours end, if it would begin in them: until then it waits; null if they are over."""
    quiet = look.parts.policy.quiet
    return quiet.ends(starts_at) if starts_at is not None and quiet.is_quiet(starts_at) else None


def file_of(one: BroadcastPage) -> File | None:
    """The photo or document of a message, as its bubble shows it."""
    if one.attachment is None:
        return None
    address = f"/broadcasts/{one.id}/file" if one.attachment.has_content else None
    return File(one.attachment.filename, one.attachment.is_photo, address)


async def _audiences(look: Look, draft: BroadcastPage | None = None) -> list[str]:
    """Whom a message can be for; the audience that it has stays possible."""
    names = await audience_names(look.session, look.now.astimezone(look.zone).date())
    had = draft.audience if draft else ""
    return [*names, had] if had and had not in names else names


async def _page(
    look: Look, form: Form, draft: BroadcastPage | None = None, version: int = 0, *, outdated: bool = False
) -> Page:
    today = look.now.astimezone(look.zone).date()
    audiences = [{"value": "", "text": "Choose"}]
    names = await _audiences(look, draft)
    for name, size in (await audience_sizes(look.session, names, today)).items():
        text = f"{audience_words(name)} ({plural(size.carers, 'carer')}, {size.linked} connected)"
        audiences.append({"value": name, "text": text})
    context: dict[str, object] = {
        "form": form,
        "draft": draft,
        "version": version,
        "outdated": outdated,
        "file_again": outdated and "attachment" in form.files,
        "action": f"/broadcasts/{draft.id}/edit" if draft else "/broadcasts/new",
        "audiences": audiences,
        "topics": TOPICS,
        "others": [(code, in_words(code)) for code in LANGUAGES[1:]],
        "takes": TAKES,
        "largest_file": LARGEST_FILE,
    }
    return Page("staff/broadcast_form.html", context)
