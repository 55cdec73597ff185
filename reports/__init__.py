"""Read-only figures: queries to frozen dataclasses, statistics, charts, documents."""
