"""The page before a message goes out: how it looks, whom it reaches, and the button that sends it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from broadcasts.broadcast_views import BroadcastPage
from broadcasts.broadcast_views import Deed as Allowed
from broadcasts.drafts import problems
from broadcasts.forecast import Forecast, RecipientLine, find_recipients, forecast, preview
from broadcasts.launching import (
    Approved,
    Confirmed,
    approve,
    back_to_draft,
    confirm,
    send_back,
    test_to_myself,
)
from carers.roles import Action
from web.staff.broadcast_bubble import Bubble, bubble
from web.staff.broadcast_fields import LANGUAGES, anchor_of, problem_words
from web.staff.broadcast_form import file_of, morning, the_broadcast, wording_of
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do
from web.staff.words import in_words, plural
from web.whole_numbers import whole_number

WRITE, APPROVE = Action.WRITE_BROADCASTS, Action.APPROVE_BROADCASTS
SAID = {
    Confirmed.AWAITING_APPROVAL: "It waits for approval now: somebody else has to look at it first.",
    Confirmed.NOBODY: "Nobody would get it, so nothing was sent.",
    Confirmed.PROBLEMS: "Nothing was sent: there is something to put right first.",
    Confirmed.NOT_A_DRAFT: "It was confirmed already. Nothing is sent twice.",
}
OUTDATED = (
    "Somebody changed this message after you opened the page. Look at it again, then press the button again."
)
AGAIN = "Tick that you mean to send it again"


def routes() -> list[Route]:
    one = "/broadcasts/{broadcast}"
    return [
        do(f"{one}/confirm", WRITE, send),
        do(f"{one}/test", WRITE, test),
        do(f"{one}/approve", APPROVE, give_approval),
        do(f"{one}/send-back", WRITE, give_back),
        do(f"{one}/unschedule", WRITE, unschedule),
    ]


@dataclass(frozen=True, slots=True)
class Sight:
    """Which look of the message is shown: in a language, or as one carer gets it."""

    bubble: Bubble
    language: str
    carer: str
    search: str
    found: Sequence[RecipientLine]
    tabs: Sequence[tuple[str, str]]


async def check_page(look: Look, one: BroadcastPage, form: Form | None = None, warning: str = "") -> Page:
    """The page of a draft and of what waits for approval."""
    seen = await forecast(look.session, one.id, look.parts.policy, look.zone, look.now)
    if seen is None:
        raise web.HTTPNotFound
    context: dict[str, object] = {
        "one": one,
        "forecast": seen,
        "sight": await _sight(look, one, seen),
        "wrong": await _wrong(look, one),
        "morning": morning(look, seen.starts_at),
        "button": _button(seen),
        "form": form,
        "warning": warning,
    }
    return Page("staff/broadcast_check.html", context)


async def _wrong(look: Look, one: BroadcastPage) -> list[dict[str, str]]:
    """What is to be put right before it can go out, each with the field where that is done."""
    found = await problems(look.session, wording_of(one), look.now, look.zone)
    return [
        {
            "text": problem_words(
                problem, one.texts.get(place.rpartition(".")[2], ""), with_file=one.attachment is not None
            ),
            "href": f"/broadcasts/{one.id}/edit#{anchor_of(place)}",
        }
        for place, problem in found.items()
    ]


def _button(seen: Forecast) -> str:
    """What the button says that sends it, with how many it sends."""
    number = plural(seen.going, "message")
    return f"Ask for approval for {number}" if seen.needs_approval else f"Send {number}"


async def _sight(look: Look, one: BroadcastPage, seen: Forecast) -> Sight | None:
    """The message as it was asked for in the address; None while there is nothing to see."""
    asked = look.asked("language")
    language = asked if asked in LANGUAGES else "en"
    carer = look.asked("carer")
    carer_id = whole_number(carer)
    content = await preview(look.session, one.id, None if carer_id else language, carer_id)
    if content is None:
        return None
    search = look.asked("q")
    found = (
        await find_recipients(look.session, one.id, search, look.now, look.zone) if search or carer_id else ()
    )
    reads = {tally.name for tally in seen.by_language}
    return Sight(
        bubble(look.parts.texts, content.params, language, file_of(one)),
        language,
        next((line.name for line in found if line.carer_id == carer_id), ""),
        search,
        found,
        [
            (code, in_words(code))
            for code in LANGUAGES
            if code == "en" or code in reads or one.texts.get(code)
        ],
    )


async def send(deed: Deed) -> Done | Page:
    """Confirm it. Asked twice, or for a version that is not the one on the page, nothing goes out."""
    one, form = await the_broadcast(deed), deed.form
    outcome = await confirm(
        deed.session,
        one.id,
        form.count("version", what="Version") or 0,
        deed.staff,
        deed.parts.policy,
        deed.zone,
        deed.now,
        repeat_meant=form.text("again") == "yes",
    )
    if outcome is Confirmed.SAME_AGAIN:
        form.fail("again", AGAIN)
        return await check_page(deed, one, form)
    if outcome is Confirmed.CHANGED_MEANWHILE:
        return await check_page(deed, one, warning=OUTDATED)
    if outcome is Confirmed.NOT_FOUND:
        raise web.HTTPNotFound
    return Done(f"/broadcasts/{one.id}", SAID.get(outcome, ""))


async def test(deed: Deed) -> Done:
    """Send it to oneself, in the language that is looked at."""
    number, language = deed.number("broadcast"), deed.form.text("language")
    wanted = language if language in LANGUAGES else "en"
    sent = await test_to_myself(deed.session, number, deed.staff, deed.now, wanted)
    said = (
        "It is on its way to you, in your chat with the bot or else by email. Nobody else gets it."
        if sent
        else "You have no chat with the bot yet. Open your personal link on your telephone first."
    )
    return Done(f"/broadcasts/{number}?language={wanted}", said)


async def give_approval(deed: Deed) -> Done | Page:
    """Approve what the page showed; what was changed since and confirmed anew is looked at first."""
    number = deed.number("broadcast")
    seen = deed.form.count("version", what="Version")
    outcome = await approve(deed.session, number, seen or 0, deed.staff, deed.now)
    if outcome is Approved.NOT_FOUND:
        raise web.HTTPNotFound
    if outcome is Approved.CHANGED_MEANWHILE:
        return await check_page(deed, await the_broadcast(deed), warning=OUTDATED)
    said = {
        Approved.YOUR_OWN: "You asked for this approval, so somebody else has to give it.",
        Approved.NOT_WAITING: "It does not wait for approval any more.",
    }
    return Done(f"/broadcasts/{number}", said.get(outcome, "You approved it."))


async def give_back(deed: Deed) -> Done:
    return await _taken_back(deed, Allowed.SEND_BACK)


async def unschedule(deed: Deed) -> Done:
    return await _taken_back(deed, Allowed.UNSCHEDULE)


async def _taken_back(deed: Deed, way: Allowed) -> Done:
    number = deed.number("broadcast")
    take = send_back if way is Allowed.SEND_BACK else back_to_draft
    if await take(deed.session, number, deed.staff, deed.now):
        return Done(
            f"/broadcasts/{number}", "It is a draft again. Nobody gets it until it is confirmed anew."
        )
    return Done(f"/broadcasts/{number}", "That is not possible any more.")
