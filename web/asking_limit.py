"""How often something may be asked for from one place, by this process's own count."""

from collections import deque
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

_MOST_PLACES = 10_000


class AskingLimit:
    """At most ``most`` times ``within`` a time from one place.

    Held in memory: after a restart everybody begins anew, and each process counts for itself. It is there
    against floods, and nothing rests on its being exact.
    """

    def __init__(self, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._asked: dict[str, deque[datetime]] = {}

    def allows(self, place: str, now: datetime) -> bool:
        """Count one more from there, unless there were too many."""
        times = self._asked.setdefault(place, deque())
        while times and times[0] <= now - self._within:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        if len(self._asked) > _MOST_PLACES:
            self._forget(now)
        return True

    def _forget(self, now: datetime) -> None:
        """Let places go that have been silent; if all of them ask, those that began first."""
        silent = [place for place, times in self._asked.items() if times[-1] <= now - self._within]
        for place in silent or list(self._asked)[: _MOST_PLACES // 2]:
            del self._asked[place]


def place_of(remote: str | None) -> str:
    """The network of whoever is at the other end of a connection: in IPv6 everybody has a whole one.

    Behind a proxy that is the proxy, and all who come through it are one place: what a request says of where
    it came from can be made up.
    """
    try:
        address = ip_address(remote or "")
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or f"{int(address) >> 64:x}")
