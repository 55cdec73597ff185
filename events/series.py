"""Series: planning one."""

from events.series_plan import AHEAD, Occasion, SeriesPlan, SeriesProblem, preview, problems

__all__ = ["AHEAD", "Occasion", "SeriesPlan", "SeriesProblem", "preview", "problems"]
