"""What the console needs to know of the settings of the process that it runs in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ServerSetting:
    """A setting that whoever runs the server makes. ``value``: as it is; of a secret only that it is set."""

    variable: str
    meaning: str
    value: str


class ServerSettings(Protocol):
    """The settings of the server, and the one judge of what is a right value."""

    @property
    def names(self) -> Sequence[str]:
        """Those that the console may put others before."""

    def of_server(self, name: str) -> str:
        """What holds unless the console says otherwise, as it would stand in the environment; empty: none."""

    def read(self, name: str, text: str) -> str:
        """A value that was typed, as it is kept. Raises ``ValueError`` for one that would stop the start."""

    def right(self, name: str) -> str:
        """What a right value is, in words that follow "should be"."""

    def others(self) -> Sequence[ServerSetting]:
        """All that the console cannot change."""
