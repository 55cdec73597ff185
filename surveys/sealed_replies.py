"""Replies of an anonymous round wait to be sent like any others, as rows: sealed, for they show answers.

A page with ticked boxes or a review says what somebody answered. Such a reply carries its parameters sealed
under the round's key, all of one size, and `SealedReplies` opens them when the text is rendered. Once the key
is gone whatever the database's log or a backup still holds of them stays shut.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from broadcasts.sender import Renderer
from storage.surveys import Round
from surveys.keys import KeyMissing, RoundKeys
from surveys.sealing import Unreadable, seal, unseal

_SIZE = 24 * 1024
"""More bytes than any page can have: Telegram shows 4,096 characters."""
_PURPOSE = "reply"


def seal_params(keys: RoundKeys, round: Round, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a reply, sealed if the round is anonymous. Raises `surveys.keys.KeyMissing`."""
    if not round.anonymous:
        return dict(params)
    sealed = seal(keys.get(round.ref), _PURPOSE, dict(params), _SIZE)
    return {"sealed_for": round.ref, "sealed": b64encode(sealed).decode()}


class SealedReplies:
    """A renderer that opens sealed parameters and leaves all else to the renderer inside."""

    def __init__(self, inside: Renderer, keys: RoundKeys) -> None:
        self._inside = inside
        self._keys = keys

    def render(self, kind: str, params: dict[str, Any], language: str) -> Any:
        """The message; where the round closed before the reply went out, that it is over."""
        if "sealed" not in params:
            return self._inside.render(kind, params, language)
        try:
            key = self._keys.get(params["sealed_for"])
            opened = unseal(key, _PURPOSE, b64decode(params["sealed"]))
        except (KeyMissing, Unreadable):
            return self._inside.render("survey_over", {}, language)
        # In a chat that carers share it stands beside what is sealed whose survey this is.
        return self._inside.render(kind, {**opened, "whose": params.get("whose")}, language)
