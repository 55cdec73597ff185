"""Raw updates are sealed while they wait, for a tap on an answer comes in as plain as any other.

They are wiped once handled, but a backup taken in that very moment, and the database's write-ahead log, keep
what was written. So what is stored is sealed under a key that lives outside the database for ten minutes and
a little more: each span of time has its own, and a key is destroyed once its span is over and nothing waits
that needs it.
"""

from base64 import b64decode, b64encode
from datetime import datetime

import orjson

from storage.engine import Database
from storage.surveys_closing import starts_of_waiting_updates
from surveys.keys import RoundKeys
from surveys.sealing import seal, unseal

SPAN_SECONDS = 600
_PREFIX = "updates-"
_SMALL, _STEP = 1024, 4096
"""Bytes: what a tap takes, whatever was tapped; and the steps in which all else grows."""
_PURPOSE = "update"


class UpdateSeal:
    """Seals and opens raw updates. Its keys lie in the folder of the rounds' keys, shared by replicas."""

    def __init__(self, keys: RoundKeys) -> None:
        self._keys = keys
        self._current: tuple[str, bytes] | None = None

    def seal(self, text: str, now: datetime) -> str:
        """The text, readable only by `open`. Lengths are rounded up, so that they say nothing of an answer.

        ``text`` is valid Unicode, as JSON that escapes all but ASCII always is.
        """
        ref = _ref(_span(now))
        if self._current is None or self._current[0] != ref:
            self._current = ref, self._keys.make(ref)
        length = len(orjson.dumps(text)) + 1
        size = _SMALL if length <= _SMALL else -(-length // _STEP) * _STEP
        sealed = seal(self._current[1], _PURPOSE, text, size)
        return f"{ref}:{b64encode(sealed).decode()}"

    def open(self, sealed: str) -> str:
        """What was sealed. Raises `surveys.keys.KeyMissing` and `surveys.sealing.Unreadable`.

        A database that was restored from a backup may hold some whose key is long gone: they are lost, and
        Telegram has them no more; the carers are asked to tap again.
        """
        ref, _, content = sealed.partition(":")
        known = self._current
        key = known[1] if known is not None and known[0] == ref else self._keys.get(ref)
        return str(unseal(key, _PURPOSE, b64decode(content)))


async def destroy_old_keys(database: Database, keys: RoundKeys, now: datetime) -> int:
    """Destroy the keys of spans that are over, save those that an update still waits for; how many.

    The span before this one is spared: an update sealed in its last moment may not be committed yet.
    """
    spans = {ref: int(ref.removeprefix(_PREFIX)) for ref in keys.refs(_PREFIX)}
    old = [ref for ref, span in spans.items() if span < _span(now) - 1]
    if not old:
        return 0
    async with database.read() as session:
        waiting = await starts_of_waiting_updates(session, len(_ref(_span(now))))
    destroyed = [ref for ref in old if ref not in waiting]
    for ref in destroyed:
        keys.destroy(ref)
    return len(destroyed)


def _span(now: datetime) -> int:
    return int(now.timestamp()) // SPAN_SECONDS


def _ref(span: int) -> str:
    return f"{_PREFIX}{span:010d}"
