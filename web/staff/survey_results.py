"""The results of a closed round, as charts with the tables behind them."""

from typing import Any

from surveys.views import RoundSummary, Withheld, results
from web.staff.views import Look


async def shown_of(look: Look, round: RoundSummary) -> dict[str, Any]:
    """What the page of a round needs to show its results, or why there are none."""
    found = await results(look.session, round.id)
    if isinstance(found, Withheld):
        return {"results": None, "withheld": found}
    return {"results": found, "withheld": None}
