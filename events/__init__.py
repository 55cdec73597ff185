"""The programme of fostering events: invitations, RSVP, waiting list, ballot, reminders, attendance, calendar."""
