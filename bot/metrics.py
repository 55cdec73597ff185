"""What the process counts, for Prometheus. Numbers only: no label names a person or a chat."""

from prometheus_client import Counter, Gauge, Histogram

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
