"""How the draft of a survey ends in the console: published, after a look at what is wrong, or discarded."""

from surveys.definition import words
from surveys.editing import TRANSLATED, Draft, Edited
from surveys.form_views import form_page
from surveys.publishing import discard, next_version, publish
from web.staff.forms import Form
from web.staff.survey_drafts import DRAFT, OUTDATED, draft_of, lock, stands
from web.staff.survey_forms import LIST, WRITE
from web.staff.survey_words import remarks
from web.staff.views import Deed, Done, Look, Page, Route, do, see
from web.staff.words import in_words


def routes() -> list[Route]:
    return [
        see(f"{DRAFT}/publish", WRITE, ask_to_publish),
        do(f"{DRAFT}/publish", WRITE, put_in_force),
        see(f"{DRAFT}/discard", WRITE, ask_to_discard),
        do(f"{DRAFT}/discard", WRITE, throw_away),
    ]


async def ask_to_publish(look: Look) -> Page:
    return await _publishing(look, await draft_of(look), Form())


async def _publishing(look: Look, draft: Draft, form: Form) -> Page:
    faults = draft.faults
    page = await form_page(look.session, draft.survey)
    context = {
        "form": form,
        "faults": remarks(draft.source, [fault for fault in faults if fault.stops]),
        "doubts": remarks(draft.source, [fault for fault in faults if not fault.stops]),
        "version": await next_version(look.session, draft.survey),
        "missing": [
            (in_words(language), count) for language in TRANSLATED if (count := draft.missing(language))
        ],
        "unrevised": [
            (in_words(language), len(keys)) for language in TRANSLATED if (keys := draft.unrevised(language))
        ],
        "survey": page,
    }
    return Page("staff/survey_draft_publish.html", stands(draft) | context)


async def put_in_force(deed: Deed) -> Done | Page:
    draft, form = await draft_of(deed), deed.form
    thought_over = form.text("thought_over") == "yes"
    done = await publish(
        deed.session, draft.survey, lock(deed), deed.staff, deed.now, thought_over=thought_over
    )
    match done:
        case Edited.SAVED:
            return Done(f"{LIST}/{draft.survey}", "It is published. The next round asks this version.")
        case Edited.QUESTIONED:
            form.fail("thought_over", "Tick that you have thought this over, or change the questions")
        case Edited.ASKED:
            form.fail("publish", "It is asked by itself, so it has to follow what it followed before")
        case Edited.UNCHANGED:
            form.fail(
                "publish", "Nothing differs from the version that holds, so there is nothing to publish"
            )
        case Edited.OUTDATED:
            form.fail("publish", OUTDATED)
    return await _publishing(deed, draft, form)


async def ask_to_discard(look: Look) -> Page:
    draft = await draft_of(look)
    here = stands(draft)
    kept = "The version that holds stays as it is." if draft.before else "There is no other version of it."
    context = {
        "title": f"Discard the draft of “{words(draft.source['title'] or {'en': draft.survey}, 'en')}”?",
        "lines": [f"What was changed in the draft is gone for good. {kept}"],
        "back": here["here"],
        "action": f"{here['here']}/discard",
        "button": "Discard the draft",
        "warning": True,
    }
    return Page("staff/confirm.html", context)


async def throw_away(deed: Deed) -> Done:
    draft = await draft_of(deed)
    await discard(deed.session, draft.survey, deed.staff, deed.now)
    return Done(f"{LIST}/{draft.survey}" if draft.before else LIST, "The draft is discarded.")
