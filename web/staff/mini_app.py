"""The console within the app: a page that hands on what the app says of who opened it, and signs them in.

The page takes nothing from anybody else, not even the app's own script: what it has to know stands in its
address. Whatever fails, it says which other ways in there are.
"""

from aiohttp import web

from carers.mini_app import Launch, LaunchRefusal, read_launch, sign_in_by_app, whose_launch
from carers.sign_in import Visit, sign_out
from web.browser_names import browser_name
from web.parts import PARTS
from web.sessions import find_visit
from web.staff.sign_in import form_before, let_in, page_before
from web.staff.views import is_https

APP = "Telegram"

WHY_NOT = {
    LaunchRefusal.FORGED: "What came with this page is not from Telegram, or not for this service’s bot.",
    LaunchRefusal.OLD: "This page was opened more than five minutes ago.",
    LaunchRefusal.TAKEN: "This page has signed somebody in already. Each opening does so once.",
    LaunchRefusal.NOT_STAFF: "Your Telegram account is not connected to a member of staff.",
}
NOT_OURS = "This page was open for too long, or its form came from somewhere else."


def setup(app: web.Application) -> None:
    """The two addresses that nobody needs to be signed in for; neither without a key to check by."""
    if app[PARTS].launch_key is not None:
        app.router.add_get("/app", show)
        app.router.add_post("/sign-in/app", enter)


async def show(request: web.Request) -> web.StreamResponse:
    """The page that the app opens. Whether anything stands behind the # of its address, it sees itself."""
    parts = request.app[PARTS]
    visit = await find_visit(parts.database, request, parts.clock(), https=is_https(parts))
    # The app opens it out of nothing. Whoever is sent here from another page is asked first, for with
    # somebody else's words in the address they would go on under that name.
    sent_from = request.headers.get("Sec-Fetch-Site", "none")
    context = {
        "ask_first": sent_from not in ("none", "same-origin"),
        "name": visit.staff.name if visit else "",
    }
    return _page(request, context)


def _page(request: web.Request, context: dict[str, object], status: int = 200) -> web.Response:
    parts = request.app[PARTS]
    shared = {"bot_username": parts.bot_username(), "mail_on": parts.mail_on}
    return page_before(request, "staff/mini_app.html", {**shared, **context}, status)


async def enter(request: web.Request) -> web.StreamResponse:
    """Sign in whom the app names."""
    parts = request.app[PARTS]
    now = parts.clock()
    sent = await form_before(request)
    if sent is None or parts.launch_key is None:
        return _page(request, {"problem": NOT_OURS}, 403)
    launch = read_launch(sent[1].text("launch"), parts.launch_key, now)
    if isinstance(launch, LaunchRefusal):
        return _page(request, {"problem": WHY_NOT[launch]}, 403)
    before = await find_visit(parts.database, request, now, https=is_https(parts))
    if before is not None and before.staff.chat_id != launch.chat_id and not sent[1].text("sure"):
        return await _ask_who(request, before, launch, sent[1].text("launch"))
    return await _enter(request, before, launch)


async def _ask_who(request: web.Request, before: Visit, launch: Launch, text: str) -> web.StreamResponse:
    """Somebody else is signed in here: a telephone that two share, or a page with the words of somebody who
    wants this person to go on under another name."""
    async with request.app[PARTS].database.read() as session:
        person = await whose_launch(session, launch)
    if person is None:
        return _page(request, {"problem": WHY_NOT[LaunchRefusal.NOT_STAFF]}, 403)
    context = {"name": person.name, "before": before.staff.name, "launch": text}
    return page_before(request, "staff/mini_app_who.html", context)


async def _enter(request: web.Request, before: Visit | None, launch: Launch) -> web.StreamResponse:
    """Sign in whom the app names, in place of whoever was signed in here before."""
    parts = request.app[PARTS]
    now = parts.clock()
    agent = browser_name(request.headers.get("User-Agent", ""), within=APP)
    async with parts.database.write() as session:
        outcome = await sign_in_by_app(session, launch, now, agent)
        if before is not None and not isinstance(outcome, LaunchRefusal):
            await sign_out(session, before, now)
    if not isinstance(outcome, LaunchRefusal):
        raise let_in(request, outcome[0])
    if before is not None and before.staff.chat_id == launch.chat_id:  # opened again with the button Back
        raise web.HTTPSeeOther("/")
    return _page(request, {"problem": WHY_NOT[outcome]}, 403)
