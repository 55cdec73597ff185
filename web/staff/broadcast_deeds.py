"""Stopping a message that goes out, going on with it, taking it back, and putting its words right."""

from broadcasts.broadcast_views import BroadcastPage
from broadcasts.broadcast_views import Deed as Allowed
from broadcasts.drafts import Saved
from broadcasts.forecast import preview
from broadcasts.stopping import Recalled, beyond_reach, cancel, correct, pause, recall, resume
from carers.roles import Action
from carers.sent_forms import Undo
from web.staff.broadcast_bubble import Bubble, bubble
from web.staff.broadcast_fields import LANGUAGES, filled, note_problems, read_texts
from web.staff.broadcast_form import file_of, not_now, the_broadcast, wording_of
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import in_words, plural

WRITE = Action.WRITE_BROADCASTS
NOT_ANY_MORE = "That is not possible any more. It stands as you see it here."


def routes() -> list[Route]:
    one = "/broadcasts/{broadcast}"
    return [
        do(f"{one}/pause", WRITE, hold),
        do(f"{one}/resume", WRITE, go_on),
        see(f"{one}/cancel", WRITE, ask_to_cancel),
        do(f"{one}/cancel", WRITE, stop),
        see(f"{one}/recall", WRITE, ask_to_recall),
        do(f"{one}/recall", WRITE, take_back),
        see(f"{one}/correct", WRITE, ask_for_words),
        do(f"{one}/correct", WRITE, put_right),
    ]


async def hold(deed: Deed) -> Done:
    done = await pause(deed.session, deed.number("broadcast"), deed.staff, deed.now)
    said = "It is paused. What has gone out stays; the rest waits."
    return _back(deed, said if done else NOT_ANY_MORE, "resume" if done else "")


async def go_on(deed: Deed) -> Done:
    done = await resume(deed.session, deed.number("broadcast"), deed.staff, deed.now)
    said = "It goes on where it stopped. Nobody gets it twice."
    return _back(deed, said if done else NOT_ANY_MORE, "pause" if done else "")


async def ask_to_cancel(look: Look) -> Page:
    one = await the_broadcast(look)
    if Allowed.CANCEL not in one.deeds:
        return not_now(one, "This message cannot be cancelled now")
    if one.started_at is None:
        lines = ["Nobody has had it, and nobody gets it. That cannot be undone."]
        return _question(one, "cancel", "Cancel this message?", lines, "Cancel the message")
    lines = [
        "What has not gone out yet is not sent. That cannot be undone.",
        "Whoever has the message keeps it. To delete those as well, take the message back afterwards.",
    ]
    return _question(one, "cancel", "Cancel the rest of this message?", lines, "Cancel the rest")


async def stop(deed: Deed) -> Done:
    outcome = await cancel(deed.session, deed.number("broadcast"), deed.staff, deed.now)
    if outcome is None:
        return _back(deed, NOT_ANY_MORE)
    if not outcome.stopped:
        return _back(deed, "It is cancelled.")
    return _back(deed, f"It is cancelled. {plural(outcome.stopped, 'carer does', 'carers do')} not get it.")


async def ask_to_recall(look: Look) -> Page:
    one = await the_broadcast(look)
    if Allowed.RECALL not in one.deeds:
        return not_now(one, "This message cannot be taken back now")
    lines = [
        "What went out in the last 48 hours is deleted from carers’ chats. "
        "Telegram lets nobody delete what is older.",
        "What has not gone out yet is not sent.",
        "Some carers will have read it already, and a deleted message is not unread. "
        "If something in it was wrong, write to them afterwards.",
    ]
    if left := sum(await beyond_reach(look.session, one.id)):
        have = plural(left, "carer has", "carers have")
        lines.insert(1, f"{have} it by email, by letter or from a call: that cannot be taken back.")
    return _question(one, "recall", "Take this message back?", lines, "Take it back")


async def take_back(deed: Deed) -> Done:
    outcome = await recall(deed.session, deed.number("broadcast"), deed.staff, deed.now)
    if outcome is None:
        return _back(deed, NOT_ANY_MORE)
    return _back(
        deed, f"{plural(outcome.messages, 'message is', 'messages are')} being deleted.{_rest(outcome)}"
    )


async def ask_for_words(look: Look) -> Page:
    one = await the_broadcast(look)
    if Allowed.CORRECT not in one.deeds:
        return not_now(one, "This message cannot be corrected now")
    return _words(one, filled(wording_of(one), look.zone))


async def put_right(deed: Deed) -> Done | Page:
    """Show the new words first; with the second press they go out."""
    one, form = await the_broadcast(deed), deed.form
    if form.text("then") == "again":
        return _words(one, form)
    texts = read_texts(form)
    version = form.count("version", what="Version") or 0
    outcome = await correct(deed.session, one.id, texts, version, deed.staff, deed.now)
    if isinstance(outcome, dict):
        note_problems(form, outcome, with_file=one.attachment is not None)
        return _words(one, form)
    if outcome is Saved.CHANGED_MEANWHILE:
        return _words(one, form, outdated=True)
    if not isinstance(outcome, Recalled):
        return _back(deed, NOT_ANY_MORE)
    if form.text("then") != "send":
        context = await _new_looks(deed, one, form, outcome)
        return Page("staff/broadcast_correct_check.html", context, status=200)
    return _back(
        deed, f"{plural(outcome.messages, 'message is', 'messages are')} being corrected.{_rest(outcome)}"
    )


async def _new_looks(deed: Deed, one: BroadcastPage, form: Form, outcome: Recalled) -> dict[str, object]:
    """The corrected message in each language.

    The correction is in this transaction already, and a page that comes back undoes it.
    """
    looks: list[tuple[str, Bubble]] = [
        (in_words(code), bubble(deed.parts.texts, content.params, code, file_of(one)))
        for code in LANGUAGES
        if form.text(f"text-{code}") and (content := await preview(deed.session, one.id, code))
    ]
    return {"one": one, "looks": looks, "fields": _hidden(one, form), "outcome": outcome}


def _hidden(one: BroadcastPage, form: Form) -> dict[str, object]:
    words = {f"text-{code}": form.text(f"text-{code}") for code in LANGUAGES}
    return {**words, "version": form.text("version") or one.version}


def _words(one: BroadcastPage, form: Form, *, outdated: bool = False) -> Page:
    context = {
        "one": one,
        "form": form,
        "outdated": outdated,
        "languages": [(code, in_words(code)) for code in LANGUAGES],
    }
    return Page("staff/broadcast_correct.html", context)


def _rest(outcome: Recalled) -> str:
    """What is left as it was, if anything is."""
    said = ""
    if outcome.too_old:
        said += f" {plural(outcome.too_old, 'message is', 'messages are')} older than 48 hours and stay."
    if outcome.in_doubt:
        doubtful = plural(outcome.in_doubt, "message")
        said += f" {doubtful} may or may not have arrived and cannot be reached."
    if outcome.by_email:
        said += f" {plural(outcome.by_email, 'email', 'emails')} cannot be taken back or changed."
    if outcome.by_hand:
        said += f" {plural(outcome.by_hand, 'carer has', 'carers have')} it by letter or were rung."
    return said


def _question(one: BroadcastPage, deed: str, title: str, lines: list[str], button: str) -> Page:
    here = f"/broadcasts/{one.id}"
    context = {"title": title, "lines": lines, "back": here, "action": f"{here}/{deed}", "button": button}
    return Page("staff/confirm.html", {**context, "warning": True})


def _back(deed: Deed, said: str, undo: str = "") -> Done:
    """Back to the message. ``undo``: the deed that takes this one back, if one does."""
    here = f"/broadcasts/{deed.number('broadcast')}"
    return Done(here, said, Undo(f"{here}/{undo}", {}) if undo else None)
