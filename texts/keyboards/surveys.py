"""Buttons of surveys: answers, the way back and forth, sending."""

from collections.abc import Mapping
from typing import Any

from texts.callbacks import pack
from texts.catalogue import Catalogue
from texts.labels import all_fit, cut
from texts.message import Button
from texts.render import Rows, keyboard

_NUMBERS_A_ROW = 6


@keyboard("survey", "survey_reminder")
def survey(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Begin, or go on where one stopped; on a page of the web, for who would rather not in the chat."""
    _ = catalogue.gettext
    rows = [[Button(_("Start"), pack("survey", params["round"], "start"))]]
    if params.get("web"):
        rows.append([Button(_("Answer on a web page"), pack("survey", params["round"], "web"))])
    return rows


@keyboard("surveys")
def surveys(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """One row a survey; then what came of earlier ones, and the way to thank another carer."""
    _ = catalogue.gettext
    rows = [[Button(one["label"], pack("survey", one["round"], "intro"))] for one in params["rounds"]]
    if params.get("told"):
        rows.append([Button(_("What you told us"), pack("told", "list"))])
    if params.get("said"):
        rows.append([Button(_("You said, we did"), pack("said", 1))])
    if params.get("nominate"):
        rows.append([Button(_("Nominate somebody"), pack("nominate", "start"))])
    return rows


@keyboard("survey_question")
def question(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """The answers, the chosen ones marked; then back, onwards and, where that may be, no answer."""
    _ = catalogue.gettext
    where = (params["round"], params["number"])
    last = []
    if params["number"] > 0:
        last.append(Button(_("Back"), pack("survey", *where, "back")))
    if params["answered"]:
        label = _("Done") if params["type"] == "several" else _("Next")
        last.append(Button(label, pack("survey", *where, "done")))
    if params["required"]:
        return [*_answers(params), last]
    if not params["answered"]:
        return [*_answers(params), [*last, Button(_("Skip"), pack("survey", *where, "skip"))]]
    # Beside the two others a narrow phone would cut it, and it takes away what was chosen.
    return [*_answers(params), last, [Button(_("No answer"), pack("survey", *where, "skip"))]]


def _answers(params: Mapping[str, Any]) -> Rows:
    """Where one would not fit, all are numbered as the words above them are."""
    options = params["options"]
    if not all_fit(options):
        numbered = enumerate(options, start=1)
        options = [option | {"label": cut(f"{at}. {option['label']}")} for at, option in numbered]
    buttons = [_answer(params, option) for option in options]
    if params["type"] != "0-10":
        return [[button] for button in buttons]
    return [buttons[at : at + _NUMBERS_A_ROW] for at in range(0, len(buttons), _NUMBERS_A_ROW)]


def _answer(params: Mapping[str, Any], option: Mapping[str, Any]) -> Button:
    data = ["survey", params["round"], params["number"], option["value"]]
    if params["type"] == "several":
        # The state it leads to, so that a double tap leads to the same.
        label = f"{'✅' if option['chosen'] else '⬜'} {option['label']}"
        return Button(label, pack(*data, "off" if option["chosen"] else "on"))
    return Button(f"✅ {option['label']}" if option["chosen"] else option["label"], pack(*data))


@keyboard("survey_review")
def review(params: Mapping[str, Any], catalogue: Catalogue) -> Rows:
    """Back, or send."""
    _ = catalogue.gettext
    buttons = [Button(_("Back"), pack("survey", params["round"], params["number"], "back"))]
    if params["answered"]:
        buttons.append(Button(_("Send"), pack("survey", params["round"], "send")))
    return [buttons]
