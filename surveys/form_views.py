"""What the console shows of surveys: the list, one with its versions, and how a carer meets it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from storage import survey_forms_queries as queries
from storage.engine import Session
from storage.survey_forms import SurveyForm
from storage.surveys import Round
from surveys.answering import Outcome, Step
from surveys.catalogue import standard_definitions
from surveys.definition import Definition, Occasion, Question
from surveys.drafts import Sheet
from surveys.form_use import Uses, uses_of
from surveys.notices import round_params
from surveys.pages import page
from surveys.reading import read_definition


@dataclass(frozen=True, slots=True)
class FormLine:
    """A survey in the list. ``definition`` is null while it has been drafted only."""

    survey: str
    title: str
    definition: Definition | None
    is_own: bool
    """The service has worded it, or worded it anew."""
    retired: bool
    drafted: bool
    rounds: int
    """How many rounds of it are open or to open."""


@dataclass(frozen=True, slots=True)
class Version:
    """``number`` null: the standard version that the own ones go before."""

    number: int
    standard: bool
    published_at: datetime | None
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FormPage:
    """A survey with all of its versions, the one that holds first; none while it has been drafted only."""

    survey: str
    title: str
    versions: tuple[Version, ...]
    retired_at: datetime | None
    drafted: bool
    uses: Uses

    def version(self, number: int | None) -> Version | None:
        """The version of this number; None asks for the one that holds."""
        return next((one for one in self.versions if number is None or one.number == number), None)


async def form_lines(session: Session) -> list[FormLine]:
    """Every survey that there is: those in use first, then by title."""
    own = {form.survey: form for form in await queries.latest_published(session)}
    drafted = {form.survey: form for form in await queries.drafts(session)}
    asking = [survey for survey, *_ in await queries.rounds_of_surveys(session)]
    lines = []
    for survey in {*standard_definitions(), *own, *drafted}:
        form = own.get(survey)
        definition = read_definition(form.source) if form else standard_definitions().get(survey)
        lines.append(
            FormLine(
                survey,
                definition.title["en"] if definition else _title(drafted[survey]),
                definition,
                is_own=survey not in standard_definitions()
                or (form is not None and form.published_at is not None),
                retired=form is not None and form.retired_at is not None,
                drafted=survey in drafted,
                rounds=asking.count(survey),
            )
        )
    return sorted(lines, key=lambda line: (line.retired, line.title.casefold(), line.survey))


def _title(form: SurveyForm) -> str:
    return str(form.source["title"].get("en") or form.survey)


async def form_page(session: Session, survey: str) -> FormPage | None:
    """One survey, published or drafted; None where there is none of this id."""
    own = await queries.own_versions(session, survey)
    draft = await queries.draft_of(session, survey)
    versions = [
        Version(form.version, False, form.published_at, form.source)
        for form in own
        if form.published_at is not None
    ]
    standard = standard_definitions().get(survey)
    if standard is not None:
        versions.append(Version(standard.version, True, None, standard.source))
    if not versions and draft is None:
        return None
    title = versions[0].source["title"]["en"] if versions else _title(draft) if draft else survey
    retired_at = own[0].retired_at if own else None
    uses = await uses_of(session, survey)
    return FormPage(survey, title, tuple(versions), retired_at, draft is not None, uses)


@dataclass(frozen=True, slots=True)
class Screen:
    """What a carer reads at one step: the kind of text and its parameters. ``because``: the earlier question
    and its answers that lead here, null where everybody comes here."""

    kind: str
    params: dict[str, Any]
    because: tuple[str, tuple[str, ...]] | None = None


def screens(definition: Definition, language: str, now: datetime) -> list[Screen]:
    """The survey as carers meet it in the chat: the introduction, then question by question.

    Where a round may be either, it is shown anonymous, but for those who leave: that is what is usual.
    """
    round = Round(  # never stored: what is shown of a survey is shown of a round of it
        id=0,
        definition=definition.source,
        anonymous=definition.anonymous_only or definition.occasion is not Occasion.EXIT,
        threshold=5,
        occasion=definition.occasion,
        closes_at=now + timedelta(days=14),
    )
    shown = [Screen("survey", round_params(round) | {"web": True})]
    for place, question in enumerate(definition.questions):
        alone = replace(definition, questions=(replace(question, asked_if=None),))
        kind, params = page(Step(Outcome.STANDS, round, alone, Sheet()), language)
        params |= {"number": place, "place": place + 1, "total": len(definition.questions)}
        shown.append(Screen(kind, params, _because(definition, question)))
    return shown


def _because(definition: Definition, question: Question) -> tuple[str, tuple[str, ...]] | None:
    needs = question.asked_if
    earlier = definition.question(needs.question) if needs else None
    if needs is None or earlier is None:
        return None
    labels = (option.label["en"] for option in earlier.options if option.value in needs.values)
    return earlier.text["en"], tuple(labels)
