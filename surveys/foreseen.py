"""What a round will be, for staff to look at before anybody is asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carers.audience import audience_conditions
from storage.engine import Session
from storage.households import Channel
from storage.surveys_queries import count_ways_and_languages
from surveys.definition import Definition
from surveys.reminding import reminder_times

NO_WAY = "none"
IN_ORDER = (Channel.APP, Channel.EMAIL, Channel.LETTER, NO_WAY)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Who would be asked, as the register stands today. ``ways``: how many by the name of a channel and
    `NO_WAY`; ``languages``: how many read which. ``untranslated``: of those the languages in which a text is
    missing, so that English stands in. ``reminders``: when they would go out. Times are UTC."""

    carers: int
    ways: Mapping[str, int]
    languages: Mapping[str, int]
    untranslated: Sequence[str]
    reminders: Sequence[datetime]
    threshold: int

    @property
    def unreached(self) -> int:
        return self.ways.get(NO_WAY, 0)

    @property
    def are_few(self) -> bool:
        """So few are asked that there may be no results at all: where half of them answer, that is fewer
        than any result needs."""
        return self.carers < 2 * self.threshold

    @property
    def are_too_few(self) -> bool:
        """There can be no result, whoever answers."""
        return self.carers < self.threshold


async def foresee(
    session: Session,
    definition: Definition,
    audience: str,
    opens_at: datetime,
    closes_at: datetime,
    threshold: int,
    today: date,
) -> Foreseen:
    """What a round of this survey for this audience would be. ``today`` is the service's local date."""
    conditions = await audience_conditions(session, audience, today)
    counted = [] if conditions is None else await count_ways_and_languages(session, today, conditions)
    ways, languages = Counter[str](), Counter[str]()
    for way, language, carers in counted:
        ways[way or NO_WAY] += carers
        languages[language] += carers
    return Foreseen(
        carers=languages.total(),
        ways={way: ways[way] for way in IN_ORDER if ways[way]},
        languages=dict(languages.most_common()),
        untranslated=sorted(set(languages) - definition.languages()),
        reminders=reminder_times(opens_at, closes_at),
        threshold=threshold,
    )
