"""The programme: events, answers, places, reminders, cards."""
