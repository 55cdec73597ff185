"""Journeys, buddies, recognition, the inbox and who has not been seen."""
