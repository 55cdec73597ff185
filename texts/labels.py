"""What fits on a button: a narrow phone cuts a longer label wherever its edge comes."""

from collections.abc import Iterable, Mapping

ON_A_BUTTON = 32
"""Characters of a button that has its row to itself, with room for a mark before them."""


def fits(label: str) -> bool:
    """Whether a phone shows all of it."""
    return len(label) <= ON_A_BUTTON


def all_fit(options: Iterable[Mapping[str, str]]) -> bool:
    """Whether each of these answers, as ``{label}``, can be read on its button alone."""
    return all(fits(option["label"]) for option in options)


def cut(label: str, longest: int = ON_A_BUTTON) -> str:
    """The label, or as much of it as fits, with a sign that there is more."""
    return label if len(label) <= longest else f"{label[: longest - 1].rstrip()}…"
