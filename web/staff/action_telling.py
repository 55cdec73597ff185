"""Telling all carers of what was done: a message to many is begun, with the chosen actions in it.

Who writes it goes on in the form of a broadcast, where the check, the test, the minute to call it off and the
recall are.
"""

from html import unescape

from broadcasts.drafts import Wording, start_draft
from care import actions
from carers.audience import EVERYONE
from carers.audit import record
from carers.roles import Action
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import plural
from web.whole_numbers import whole_number

OFFERED = 20
"""How many of the latest published ones can be chosen from."""
MOST = 5
"""How many go into one message: with the longest texts it is as long as the app takes."""
_MARKS = str.maketrans("", "", "\u200e\u200f\u2066\u2069")
"""Where letters run the other way these stand around telephone numbers; they are set anew at the sending."""


def routes() -> list[Route]:
    return [
        see("/actions/tell", Action.WRITE_ACTIONS, choose),
        do("/actions/tell", Action.WRITE_ACTIONS, tell),
    ]


async def choose(look: Look) -> Page:
    return await _page(look, Form())


async def tell(deed: Deed) -> Done | Page:
    form = deed.form
    offered = {str(one.id) for one in await actions.latest_published(deed.session, OFFERED)}
    ids = [number for one in form.several("which") if one in offered and (number := whole_number(one))]
    if not ids:
        form.fail("which", "Choose what the message tells of")
    elif len(ids) > MOST:
        form.fail("which", f"Choose {MOST} at most: more do not fit into one message")
    if form.errors:
        return await _page(deed, form)
    texts = {
        language: await _text(deed, ids, language)
        for language in await actions.languages_of(deed.session, ids)
    }
    draft = await start_draft(deed.session, Wording(texts, EVERYONE), deed.staff, deed.now)
    await record(deed.session, deed.now, deed.staff, "action.tell", f"broadcast:{draft.id}", actions=ids)
    written = f"The message is a draft, in {plural(len(texts), 'language')}."
    return Done(f"/broadcasts/{draft.id}/edit", f"{written} Read it before you go on: nobody has it yet.")


async def _text(deed: Deed, ids: list[int], language: str) -> str:
    """The message in the markup of broadcasts, in this language."""
    told = [one.as_params() for one in await actions.chosen(deed.session, ids, language)]
    message = deed.parts.texts.render("said_broadcast", {"actions": told}, language)
    return unescape(message.text).translate(_MARKS)


async def _page(look: Look, form: Form) -> Page:
    offered = await actions.latest_published(look.session, OFFERED)
    chosen = form.several("which")
    items = [
        {
            "value": str(one.id),
            "text": one.said,
            "hint": {"text": one.did} if one.did else None,
            "checked": str(one.id) in chosen,
        }
        for one in offered
    ]
    return Page("staff/actions_tell.html", {"form": form, "items": items, "most": MOST})
