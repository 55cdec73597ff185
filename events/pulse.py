"""Whether anything about an event has changed since the last look, for pages that show it live."""

from storage.event_lists import count_events
from storage.events_pulse import Pulse, event_pulse

__all__ = ["Pulse", "count_events", "event_pulse"]
