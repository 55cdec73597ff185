"""Marks in addresses and message ids by which a mail that comes back is known to be ours.

A mark says which delivery it was (or whose calendar), is signed with the service's key, and holds a trace of
the address that it went to: so nobody can make up that a mail bounced, and a bounce of the address that a
carer had before tells nothing about the one they have now. Hexadecimal in small letters, for mail servers on
the way may change the case of what they carry.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from bot.mail_settings import Mailbox

LONGEST_LOCAL = 64
_MARK = re.compile(r"(?<![0-9a-z])([dc])(\d{1,18})\.([0-9a-f]{16})\.([0-9a-f]{8})(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a mark of ours says: which delivery it was, or whose calendar; and the trace of the address."""

    delivery_id: int | None
    carer_id: int | None
    trace: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Makes marks and knows its own. ``domain``: of the address that the mails are from."""

    secret_key: str
    domain: str

    def message_id(self, delivery_id: int, address: str) -> str:
        return f"<{self._mark('d', delivery_id, address)}@{self.domain}>"

    def of_delivery(self, bounces: Mailbox, delivery_id: int, address: str) -> str:
        """Where this delivery comes back to, if it does."""
        return _behind_plus(bounces, self._mark("d", delivery_id, address))

    def of_calendar(self, bounces: Mailbox, carer_id: int, address: str) -> str:
        """Where this carer's calendar sends its answers: the same in every mail, or calendars would not take
        an update for the entry that they have."""
        return _behind_plus(bounces, self._mark("c", carer_id, address))

    def find(self, text: str) -> Mark | None:
        """The first mark in a text that is ours."""
        for kind, number, signature, trace in _MARK.findall(text.lower()):
            if hmac.compare_digest(signature, self._signature(f"{kind}{number}.{trace}")):
                delivery, carer = (int(number), None) if kind == "d" else (None, int(number))
                return Mark(delivery, carer, trace)
        return None

    def trace_of(self, address: str) -> str:
        return self._digest(f"address {address.strip().lower()}")[:8]

    def _mark(self, kind: str, number: int, address: str) -> str:
        trace = self.trace_of(address)
        return f"{kind}{number}.{self._signature(f'{kind}{number}.{trace}')}.{trace}"

    def _signature(self, said: str) -> str:
        return self._digest(f"mark {said}")[:16]

    def _digest(self, said: str) -> str:
        return hmac.new(
            self.secret_key.encode(), b"hearthline mail " + said.encode(), hashlib.sha256
        ).hexdigest()


def _behind_plus(mailbox: Mailbox, mark: str) -> str:
    local = f"{mailbox.local}+{mark}"
    return f"{local}@{mailbox.domain}" if len(local) <= LONGEST_LOCAL else mailbox.address
