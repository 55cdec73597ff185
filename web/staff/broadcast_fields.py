"""The fields of a message to many: from a draft to what stands in them, and back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from broadcasts.attachments import DOCUMENT_LIMIT
from broadcasts.drafts import AttachmentRefused, Problem, Wording
from broadcasts.markup import shown_length
from carers.topics import Topic
from web.staff.forms import Form, split_day
from web.staff.words import topic_in_words

LANGUAGES = ("en", "ur", "pa", "ar")
"""The languages that carers have, English first: it stands in for what is not written."""

NEWS = "news"
"""In the form: about nothing that a carer can turn off."""

TOPICS: list[dict[str, object]] = [
    {"value": NEWS, "text": topic_in_words(None), "hint": {"text": "Everybody gets it."}}
]
TOPICS += [{"value": topic.value, "text": topic_in_words(topic)} for topic in Topic]
"""What it is about, as staff choose it."""

ON_THE_PAGE = (
    *(f"text-{language}" for language in LANGUAGES),
    "attachment",
    "audience",
    "topic",
    "when",
    "on",
    "at",
)
"""The fields in the order of the page, in which their errors are listed."""

LARGEST_FILE = DOCUMENT_LIMIT
TAKES = ".jpg,.jpeg,.png,.gif,.webp,.pdf,.doc,.docx,.odt,.rtf,.txt,.xls,.xlsx,.ods,.csv,.ppt,.pptx,.odp,.ics"
"""What a browser offers to choose; what is really taken, the domain says."""

PROBLEMS = {
    Problem.NO_ENGLISH: "Write the message in English",
    Problem.EMPTY: "Write the message, or leave this box empty",
    Problem.UNKNOWN_PLACEHOLDER: (
        "Take out the words in curly brackets: only {first_name} is replaced by the carer’s name"
    ),
    Problem.BAD_LINK: (
        "Write a link as [words](https://address), with the whole address beginning with https://"
    ),
    Problem.NO_AUDIENCE: "Choose who gets it",
    Problem.IN_THE_PAST: "That time is past; choose a later one, or send it as soon as it is confirmed",
    Problem.BAD_TOPIC: "Choose what it is about",
}

REFUSED = {
    AttachmentRefused.TOO_BIG: "The file is too large: a photo may have 10 MB, a document 20 MB",
    AttachmentRefused.EMPTY: "The file is empty; choose another",
    AttachmentRefused.NOT_SUPPORTED: "This file cannot be sent; choose a photo, a PDF or an Office document",
}


def empty() -> Form:
    """A new message's form. Who gets it and what it is about are not guessed."""
    return Form.filled({"when": "now"})


def filled(wording: Wording, zone: ZoneInfo) -> Form:
    """The form with a draft in it."""
    local = wording.send_at.astimezone(zone) if wording.send_at else None
    return Form.filled(
        {
            **{f"text-{language}": wording.texts.get(language, "") for language in LANGUAGES},
            "audience": wording.audience,
            "topic": wording.topic or NEWS,
            "when": "later" if local else "now",
            **split_day("on", local.date() if local else None),
            "at": f"{local:%H:%M}" if local else "",
        }
    )


def read_texts(form: Form) -> dict[str, str]:
    """What is written, by language; a language without a word is not there."""
    return {language: text for language in LANGUAGES if (text := form.text(f"text-{language}"))}


def read_wording(form: Form, zone: ZoneInfo, audiences: Iterable[str], attachment_id: int | None) -> Wording:
    """What the form says, with errors noted for what it does not; those parts are left open in the draft."""
    return Wording(
        texts=read_texts(form),
        audience=form.choice("audience", audiences, required=PROBLEMS[Problem.NO_AUDIENCE]),
        topic=_topic(form),
        attachment_id=attachment_id,
        send_at=_send_at(form, zone),
    )


def note_problems(form: Form, problems: Mapping[str, Problem], *, with_file: bool) -> None:
    """Put what is wrong with a draft beside its field."""
    for place, problem in problems.items():
        name = field_of(place)
        if place == "send_at":
            form.anchors[name] = anchor_of(place)
        form.fail(name, problem_words(problem, form.text(name), with_file=with_file))
    form.errors = {name: form.errors[name] for name in ON_THE_PAGE if name in form.errors}


def field_of(place: str) -> str:
    """The field where what is wrong with this part of a draft is put right."""
    return "on" if place == "send_at" else place.replace("texts.", "text-")


def anchor_of(place: str) -> str:
    """The id of that field's first input."""
    return "on-day" if place == "send_at" else field_of(place)


def problem_words(problem: Problem, text: str, *, with_file: bool) -> str:
    """The sentence that says what to put right."""
    if problem is not Problem.TOO_LONG:
        return PROBLEMS[problem]
    if with_file:
        return (
            f"Shorten it, or leave the file out: with a file {shown_length(text):,} characters are too many"
        )
    return f"Shorten it: {shown_length(text):,} characters are too many for one message"


def _topic(form: Form) -> str | None:
    chosen = form.choice("topic", (NEWS, *Topic), required=PROBLEMS[Problem.BAD_TOPIC])
    return chosen if chosen and chosen != NEWS else None


def _send_at(form: Form, zone: ZoneInfo) -> datetime | None:
    """When it is to go out, aware UTC; None for as soon as it is confirmed."""
    if form.choice("when", ("now", "later"), required="Choose when it goes out") != "later":
        return None
    day = form.day("on", what="The day", required="Enter the day on which it goes out")
    at = form.clock("at", what="The time", required="Enter the time at which it goes out")
    return form.moment("at", day, at, zone)
