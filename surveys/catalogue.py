"""Which surveys there are: the standard ones, which come as files, and what a service has made of them.

A version that a service published goes before the standard survey of the same id, whatever their numbers: it
is what the service wants to ask. A survey that was taken out of use is offered no more, though its earlier
rounds keep what they asked.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import orjson

from storage.engine import Session
from storage.survey_forms_queries import latest_published, own_versions
from surveys.definition import Definition
from surveys.reading import read_definition

FILES = Path(__file__).parent / "definitions"


@cache
def standard_definitions() -> Mapping[str, Definition]:
    """The definitions that come with Hearthline, by id."""
    found = [read_definition(orjson.loads(path.read_bytes())) for path in sorted(FILES.glob("*.json"))]
    return {definition.id: definition for definition in found}


async def definitions(session: Session) -> dict[str, Definition]:
    """What can be asked now, by id and in the order of their English titles."""
    found = dict(standard_definitions())
    for form in await latest_published(session):
        if form.retired_at is None:
            found[form.survey] = read_definition(form.source)
        else:
            found.pop(form.survey, None)
    return dict(sorted(found.items(), key=lambda item: item[1].title["en"].casefold()))


async def definition_named(session: Session, survey: str) -> Definition | None:
    """The version of a survey that holds now; None for one that there is not or that is out of use."""
    own = await own_versions(session, survey)
    if not own:
        return standard_definitions().get(survey)
    return None if own[0].retired_at is not None else read_definition(own[0].source)
