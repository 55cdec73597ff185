"""How the bot receives: getUpdates, and the settings of a webhook."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

import orjson

from sandbox.call import Answer, Call
from sandbox.errors import ApiError, bad_request
from sandbox.faults import Faults
from sandbox.spec import API
from sandbox.state import Event, State
from sandbox.updates import Update, Webhook

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LONGEST_POLL = 50.0
"""Seconds; the real server cuts longer ones too."""
_BY_OTHER = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
_BY_WEBHOOK = "Conflict: terminated by setWebhook request"
_WEBHOOK_SET = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the"
    " webhook first"
)


class Receiving:
    """The one long poll that a bot may have open, and the webhook that excludes it."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults
        self._poll: asyncio.Future[str] | None = None

    @property
    def polling(self) -> bool:
        """Whether a long poll is open."""
        return self._poll is not None and not self._poll.done()

    def end_poll(self, reason: str) -> None:
        """End the open long poll, if any, with a 409 that tells the reason."""
        poll, self._poll = self._poll, None
        if poll is not None and not poll.done():
            poll.set_result(reason)

    async def get_updates(self, call: Call) -> list[orjson.Fragment]:
        """Return what waits, or wait for it as long as the bot said."""
        updates = self._state.updates
        if updates.webhook is not None:
            raise ApiError(409, _WEBHOOK_SET)
        self.end_poll(_BY_OTHER)
        arguments = call.arguments
        self._allow(arguments.get("allowed_updates"))
        timeout = max(0.0, min(arguments.get("timeout", 0), _LONGEST_POLL))
        limit = arguments.get("limit", 100)
        batch = updates.take(arguments.get("offset", 0), limit)
        if not batch and timeout:
            batch = await self._wait(timeout, limit)
        return self._bodies(batch)

    async def _wait(self, timeout: float, limit: int) -> list[Update]:
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[str] = loop.create_future()
        self._poll = mine
        self._state.emit(Event("poll"))
        try:
            return await self._first_batch(mine, loop.time() + timeout, limit)
        finally:  # also when the bot was killed and its connection is gone
            mine.cancel()

    async def _first_batch(self, mine: asyncio.Future[str], deadline: float, limit: int) -> list[Update]:
        """Return the first updates that come before the deadline, in seconds of the loop's clock."""
        updates = self._state.updates
        loop = asyncio.get_running_loop()
        while loop.time() < deadline:
            updates.arrived.clear()
            arrival = asyncio.ensure_future(updates.arrived.wait())
            try:
                await asyncio.wait(
                    (mine, arrival), timeout=deadline - loop.time(), return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                arrival.cancel()
            if mine.done():
                raise ApiError(409, mine.result())
            if batch := updates.take(0, limit):
                return batch
        return []

    def _bodies(self, batch: list[Update]) -> list[orjson.Fragment]:
        bodies = [orjson.Fragment(update.body) for update in batch]
        if batch and self._faults.strike("getUpdates", None, kinds=("duplicate_updates",)):
            return bodies + bodies
        return bodies

    def _allow(self, kinds: list[str] | None) -> None:
        if kinds is None:
            return
        for kind in kinds:
            if kind not in API.update_kinds:
                raise bad_request(f'unknown kind of update "{kind}" in allowed_updates')
        self._state.updates.allowed = frozenset(kinds) or None

    def set_webhook(self, call: Call) -> Answer | bool:
        """Have updates posted to an address from now on; an empty one ends it."""
        arguments = call.arguments
        url = arguments["url"]
        if not url:
            return self.delete_webhook(call)
        if call.uploads or "certificate" in arguments:
            raise bad_request("certificates are not implemented in the sandbox")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        secret = arguments.get("secret_token", "")
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        self._allow(arguments.get("allowed_updates"))
        updates = self._state.updates
        if arguments.get("drop_pending_updates"):
            updates.drop_all()
        before = updates.webhook
        webhook = Webhook(url, secret, arguments.get("max_connections", 40))
        unchanged = before is not None and (before.url, before.secret_token) == (url, secret)
        updates.webhook = webhook
        self.end_poll(_BY_WEBHOOK)
        self._state.emit(Event("webhook"))
        return Answer(True, "Webhook is already set" if unchanged else "Webhook was set")

    def delete_webhook(self, call: Call) -> Answer:
        """Let the bot poll again."""
        updates = self._state.updates
        if call.arguments.get("drop_pending_updates"):
            updates.drop_all()
        was_set = updates.webhook is not None
        updates.webhook = None
        self._state.emit(Event("webhook"))
        return Answer(True, "Webhook was deleted" if was_set else "Webhook is already deleted")

    def get_webhook_info(self, call: Call) -> dict[str, object]:
        """Tell where updates go and what went wrong last."""
        updates = self._state.updates
        updates.prune()
        webhook = updates.webhook
        info: dict[str, object] = {
            "url": webhook.url if webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(updates.pending),
        }
        if webhook is not None:
            info["max_connections"] = webhook.max_connections
            if webhook.last_error_at is not None:
                info["last_error_date"] = webhook.last_error_at
                info["last_error_message"] = webhook.last_error
        if updates.allowed is not None:
            info["allowed_updates"] = sorted(updates.allowed)
        return info
