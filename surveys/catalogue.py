"""Which surveys there are: the standard ones, which come as files."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import orjson

from surveys.definition import Definition
from surveys.reading import read_definition

FILES = Path(__file__).parent / "definitions"


@cache
def standard_definitions() -> Mapping[str, Definition]:
    """The definitions that come with Hearthline, by id."""
    found = [read_definition(orjson.loads(path.read_bytes())) for path in sorted(FILES.glob("*.json"))]
    return {definition.id: definition for definition in found}
