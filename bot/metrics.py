"""What the process counts, for Prometheus. Numbers only: no label names a person or a chat."""

from collections.abc import Collection, Iterator

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


OF_THE_APP = ("sent", "failed", "unknown", "retrying", "replies_sent", "replies_failed", "cards_drawn")
OF_EMAIL = ("sent", "failed", "unknown", "retrying")
"""Listed from the start, so that the first of a kind shows as a step from 0."""


class Sending(Collector):
    """An engine's own counts, read when somebody asks for them. ``name``: what the numbers' names begin with;
    ``always``: what is listed from the start."""

    def __init__(self, progress: Progress, name: str, in_flight: str, always: Collection[str]) -> None:
        self._progress = progress
        self._name = name
        self._in_flight = in_flight
        self._always = always

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        counts = self._progress.counts
        done = CounterMetricFamily(self._name, "What became of what was to go out", labels=["what"])
        for what in sorted({*self._always, *counts}):
            done.add_metric([what], counts[what])
        yield done
        yield GaugeMetricFamily(
            self._in_flight, "Requests whose result is not written yet", self._progress.in_flight
        )


def of_the_app(progress: Progress) -> Sending:
    """What goes out by Telegram."""
    return Sending(progress, "hearthline_sending", "hearthline_in_flight", OF_THE_APP)


def of_email(progress: Progress) -> Sending:
    """What goes out by email."""
    return Sending(progress, "hearthline_mail", "hearthline_mail_in_flight", OF_EMAIL)
