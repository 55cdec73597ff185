"""What the process counts, for Prometheus. Numbers only: no label names a person or a chat."""

from collections.abc import Iterator

from prometheus_client import Counter, Gauge, Histogram, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from broadcasts.progress import Progress

UPDATES_STORED = Counter("hearthline_updates_stored_total", "Updates stored, without duplicates")
UPDATES_DONE = Counter("hearthline_updates_done_total", "Updates handled")
UPDATES_SET_ASIDE = Counter("hearthline_updates_set_aside_total", "Updates that could not be handled")
UPDATES_UNREADABLE = Counter("hearthline_updates_unreadable_total", "What came that is no update at all")
UPDATE_SECONDS = Histogram(
    "hearthline_update_seconds",
    "From the start of handling an update to its commit",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
LEADS = Gauge("hearthline_leads", "Whether this process polls, sends and runs jobs")
POLL_FAILURES = Counter("hearthline_poll_failures_total", "Polls that Telegram did not answer well", ["why"])
TICK_FAILURES = Counter("hearthline_tick_failures_total", "Runs of due work that failed", ["job"])
WAITING = Gauge("hearthline_waiting", "What is due and has not gone out, counted when asked", ["what"])


class Sending(Collector):
    """The engine's own counts, read when somebody asks for them."""

    ALWAYS = ("sent", "failed", "unknown", "retrying", "replies_sent", "replies_failed", "cards_drawn")
    """Listed from the start, so that the first of a kind shows as a step from 0."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        counts = self._progress.counts
        done = CounterMetricFamily("hearthline_sending", "What became of what was to go out", labels=["what"])
        for what in sorted({*self.ALWAYS, *counts}):
            done.add_metric([what], counts[what])
        yield done
        yield GaugeMetricFamily(
            "hearthline_in_flight", "Requests whose result is not written yet", self._progress.in_flight
        )
