"""Posting updates to the bot's webhook: one at a time for each chat, again until a 2xx comes back."""

from __future__ import annotations

import asyncio
from collections import deque

import aiohttp

from sandbox.faults import Faults
from sandbox.state import Event, State
from sandbox.updates import Update, Webhook

ANSWER_SECONDS = 60.0
"""How long the bot may take to answer one update."""
LONGEST_WAIT = 60.0
"""Seconds between two attempts at most."""


class Courier:
    """Delivers while a webhook is set. `retry_seconds` is the first wait; it doubles each time."""

    def __init__(self, state: State, faults: Faults, retry_seconds: float = 1.0) -> None:
        self._state = state
        self._faults = faults
        self._retry_seconds = retry_seconds
        self._queues: dict[int, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._webhook: Webhook | None = None
        self._free = asyncio.Semaphore(40)
        state.updates.on_arrival.append(self._offer)
        state.listeners.append(self._on_event)

    def _on_event(self, event: Event) -> None:
        if event.kind == "webhook":
            self.restart()

    def restart(self) -> None:
        """Begin anew with the webhook as it is set now, and with everything that waits."""
        self._stop_tasks()
        self._queues = {}
        self._webhook = self._state.updates.webhook
        if self._webhook is None:
            return
        self._free = asyncio.Semaphore(self._webhook.max_connections)
        for update in list(self._state.updates.pending.values()):
            self._offer(update)

    async def close(self) -> None:
        """Stop delivering."""
        tasks = self._stop_tasks()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _stop_tasks(self) -> list[asyncio.Task[None]]:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        return tasks

    def _offer(self, update: Update) -> None:
        if self._webhook is None:
            return
        queue = self._queues.get(update.chat_id)
        if queue is not None:
            queue.append(update)
            return
        queue = self._queues[update.chat_id] = deque([update])
        task = asyncio.get_running_loop().create_task(self._deliver_all(update.chat_id, queue, self._webhook))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_all(self, chat_id: int, queue: deque[Update], webhook: Webhook) -> None:
        wait = self._retry_seconds
        while queue:
            async with self._free:
                refusal = await self._post(webhook, queue[0])
            if refusal is None:
                self._state.updates.confirm(queue.popleft().id)
                wait = self._retry_seconds
                continue
            webhook.last_error, webhook.last_error_at = refusal, self._state.timestamp()
            self._state.emit(Event("webhook_error"))
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
            if queue[0].expires_at <= self._state.now().timestamp():
                self._state.updates.confirm(queue.popleft().id)
        if self._queues.get(chat_id) is queue:
            del self._queues[chat_id]

    async def _post(self, webhook: Webhook, update: Update) -> str | None:
        """Deliver one update; return what went wrong, or None."""
        refusal = await self._post_once(webhook, update)
        if refusal is None and self._faults.strike("webhook", update.chat_id, kinds=("duplicate_updates",)):
            refusal = await self._post_once(webhook, update)
        if self._faults.strike("webhook", update.chat_id, kinds=("lost_webhook_response",)):
            return "Connection reset by peer"
        return refusal

    async def _post_once(self, webhook: Webhook, update: Update) -> str | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
                connector=aiohttp.TCPConnector(limit=0),
            )
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        try:
            async with self._session.post(webhook.url, data=update.body, headers=headers) as response:
                await response.read()
                if 200 <= response.status < 300:
                    return None
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return str(error) or type(error).__name__
