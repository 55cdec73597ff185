"""Whether anything about an event has changed since the last look, for pages that show it live."""

from storage.events_pulse import Pulse, count_events, event_pulse

__all__ = ["Pulse", "count_events", "event_pulse"]
