"""The programme of fostering events: invitations, RSVP, waiting list, reminders, attendance, calendar."""
