"""One's own account: how one is told, where one is signed in, and the telephone that is connected."""

from datetime import timedelta

from aiohttp import web

from carers.accounts import give_staff_link
from carers.browsers import SignInWay, own_browsers, sign_out_other, sign_out_others
from carers.roles import Action
from carers.sent_forms import Undo
from carers.sign_in import ABSOLUTE_LIMIT, IDLE_LIMIT
from carers.staff_ways import StaffWay, WayChosen, choose_staff_way, way_of_staff
from web.staff.forms import Form
from web.staff.links import AGAIN, personal_link
from web.staff.marks import FIELD, is_outdated, mark
from web.staff.views import Deed, Done, Look, Page, Route, Shown, do, see
from web.staff.words import plural

HERE = "/account"
WAYS_IN = {
    SignInWay.CHAT: "By a link in the chat",
    SignInWay.EMAIL: "By a link in an email",
    SignInWay.MINI_APP: "Within Telegram",
}
USUAL = "usual"
TOLD = {USUAL: "On Telegram while it is connected, else by email", "email": "By email"}
CHANGED_MEANWHILE = "This was changed in another window meanwhile, to “{}”. Save again to have it so"
NO_EMAIL = "There is no email address of yours that works"


def routes() -> list[Route]:
    return [
        see(HERE, Action.KEEP_OWN_ACCOUNT, own_account),
        do("/account/way", Action.KEEP_OWN_ACCOUNT, choose_way),
        do("/account/sign-out", Action.KEEP_OWN_ACCOUNT, sign_out_one),
        do("/account/sign-out-others", Action.KEEP_OWN_ACCOUNT, sign_out_rest),
        do("/account/link", Action.KEEP_OWN_ACCOUNT, make_link),
    ]


async def own_account(look: Look) -> Page:
    way = await _way(look)
    return await _page(look, way, Form.filled({"way": _chosen(way)}))


async def _page(look: Look, way: StaffWay, form: Form) -> Page:
    context = {
        "form": form,
        "way": way,
        "was": mark(way.chosen),
        "ways": [{"value": value, "text": TOLD[value]} for value in _choices(way)],
        "browsers": await own_browsers(look.session, look.visit, look.now),
        "ways_in": WAYS_IN,
        "idle": _hours(IDLE_LIMIT),
        "absolute": _hours(ABSOLUTE_LIMIT),
    }
    return Page("staff/own_account.html", context)


def _chosen(way: StaffWay) -> str:
    """The app goes first in any case, so whoever has chosen it has what is usual."""
    return "email" if way.chosen == "email" else USUAL


def _choices(way: StaffWay) -> list[str]:
    """The ways between which there is a choice; what was chosen is shown even while it does not work."""
    return list(TOLD) if (way.has_app and way.takes_mail) or _chosen(way) != USUAL else []


def _hours(span: timedelta) -> str:
    return plural(int(span / timedelta(hours=1)), "hour")


async def _way(look: Look) -> StaffWay:
    way = await way_of_staff(look.session, look.staff.id)
    if way is None:
        raise web.HTTPNotFound
    return way


async def choose_way(deed: Deed) -> Done | Page:
    way, form = await _way(deed), deed.form
    chosen = form.choice("way", _choices(way), required="Choose how you want to be told")
    if is_outdated(form, mark(way.chosen)):
        form.fail("way", CHANGED_MEANWHILE.format(TOLD[_chosen(way)]))
    if not form.errors:
        outcome = await choose_staff_way(
            deed.session, deed.staff.id, None if chosen == USUAL else chosen, deed.now
        )
        if outcome is not WayChosen.NO_EMAIL:
            now_is = None if chosen == USUAL else chosen
            undo = Undo("/account/way", {"way": _chosen(way), FIELD: mark(now_is)})
            return Done(f"{HERE}#told", f"You are told so from now on: {TOLD[chosen]}.", undo)
        form.fail("way", NO_EMAIL)
    return await _page(deed, way, form)


async def sign_out_one(deed: Deed) -> Done:
    ended = await sign_out_other(deed.session, deed.visit, deed.form.text("browser"), deed.now)
    said = "That browser is signed out." if ended else "That browser was signed out already."
    return Done(f"{HERE}#browsers", said)


async def sign_out_rest(deed: Deed) -> Done:
    ended = await sign_out_others(deed.session, deed.visit, deed.now)
    said = f"You are signed out of {plural(ended, 'other browser')}. Links on their way are worthless."
    return Done(f"{HERE}#browsers", said)


async def make_link(deed: Deed) -> Shown:
    token = await give_staff_link(deed.session, deed.staff.id, deed.staff, deed.now)
    if token is None:
        raise web.HTTPNotFound
    page = personal_link(deed, deed.staff.name, token, back=HERE, back_text="your account")
    return Shown(page, f"{HERE}#telegram", AGAIN)
