"""The tables of surveys as files: rounds, forms, what is done about what carers said, nominations."""

from collections.abc import Sequence

from care import nominations as nominated
from care.action_views import list_actions
from care.nominations import Line
from carers.audience import audience_words
from carers.roles import Action
from surveys.form_views import form_lines
from surveys.views import RoundSummary, round_summaries
from web.staff.actions import STATES
from web.staff.nominations import state_asked
from web.staff.survey_words import OCCASION_NAMES
from web.staff.surveys import wanted_of
from web.staff.taking import AT_ONCE, Sheet, long_sheet, sheet_of, take, times
from web.staff.views import Look, Route
from web.staff.words import in_words


def routes() -> list[Route]:
    return [
        *take("/surveys", Action.SEE_SURVEYS, rounds, audited_as="surveys"),
        *take("/survey-forms", Action.WRITE_SURVEYS, forms, audited_as="survey_forms"),
        *take("/actions", Action.SEE_ACTIONS, actions, audited_as="actions"),
        *take("/nominations", Action.SEE_NOMINATIONS, nominations, audited_as="nominations"),
    ]


async def rounds(look: Look) -> Sheet:
    return sheet_of(
        "surveys",
        wanted_of(look, await round_summaries(look.session, look.parts.keys)),
        ("Survey", lambda round: round.title),
        ("Number", lambda round: round.ref),
        ("Anonymous", lambda round: round.anonymous),
        ("State", lambda round: in_words(round.state)),
        ("Asked", lambda round: round.asked),
        ("Took part", _took_part),
        (times("Opens", look), lambda round: round.opens_at),
        (times("Closes", look), lambda round: round.closed_at or round.closes_at),
        ("Of whom", _whom),
    )


def _took_part(round: RoundSummary) -> int | None:
    """Left out where the number would tell who of a few has."""
    return round.took_part if round.counts_in_the_open else None


def _whom(round: RoundSummary) -> str:
    if round.occasion:
        return OCCASION_NAMES.get(round.occasion, in_words(round.occasion))
    return audience_words(round.audience)


async def forms(look: Look) -> Sheet:
    return sheet_of(
        "survey-forms",
        await form_lines(look.session),
        ("Survey", lambda line: line.title),
        ("Questions", lambda line: len(line.definition.questions) if line.definition else None),
        (
            "Languages",
            lambda line: ", ".join(map(in_words, line.definition.languages())) if line.definition else "",
        ),
        (
            "Asked",
            lambda line: OCCASION_NAMES.get(line.definition.occasion or "", "") if line.definition else "",
        ),
        ("Always anonymous", lambda line: line.definition.anonymous_only if line.definition else None),
        ("Draft", lambda line: line.drafted),
        ("Out of use", lambda line: line.retired),
        ("Rounds now", lambda line: line.rounds),
    )


async def actions(look: Look) -> Sheet:
    """What is to be done, the soonest due first, and then what was."""
    listed = await list_actions(look.session, look.today, 1, AT_ONCE)
    return sheet_of(
        "you-said-we-did",
        [*listed.open, *listed.settled],
        ("What carers said", lambda line: line.action.said),
        ("What was done", lambda line: line.action.did),
        ("State", lambda line: STATES[line.action.state]),
        ("Overdue", lambda line: line.overdue),
        ("Who sees to it", lambda line: line.owner),
        ("By", lambda line: line.action.due_on),
        ("Settled", lambda line: line.action.settled_on),
        (times("Carers read it since", look), lambda line: line.action.published_at),
        ("Survey", lambda line: line.round.title if line.round else ""),
        ("Event", lambda line: line.event.title if line.event else ""),
    )


async def nominations(look: Look) -> Sheet:
    """Those in one state, with what was written and what is to be read out."""

    async def page(number: int, count: int) -> tuple[Sequence[Line], int]:
        found = await nominated.list_in(look.session, state_asked(look), number, count)
        return found.lines, found.pages

    return await long_sheet(
        f"nominations-{state_asked(look)}",
        page,
        ("Number", lambda line: line.id),
        ("Who is meant", lambda line: line.of),
        ("As it was written", lambda line: line.nomination.whom or ""),
        ("Why", lambda line: line.nomination.words or ""),
        ("To be read out", lambda line: line.nomination.citation),
        ("Nominated by", lambda line: line.by),
        ("State", lambda line: in_words(line.nomination.state)),
        ("Forum", lambda line: line.event.title if line.event else ""),
        (times("Sent", look), lambda line: line.nomination.created_at),
    )
