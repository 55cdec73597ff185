"""The register of the demo: 124 households, about 200 carers, and ten years of households that left.

The leavers of 2019/20 to 2022/23 are those that an English service published, by type, route, length of stay
and age; the years around them are made up to look like them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle
from random import Random

from sandbox.demo_names import AREAS, END_REASONS, FIRST_NAMES, LAST_NAMES
from storage.households import (
    Carer,
    ConstellationRole,
    EndRoute,
    Household,
    HouseholdType,
    Language,
)

REGISTER_SINCE = date(2016, 4, 1)
"""From here on the demo's register holds every household that left."""

HOUSEHOLDS, CARERS = 124, 200
TYPES = {
    HouseholdType.MAINSTREAM: 80,
    HouseholdType.FAMILY_AND_FRIENDS: 21,
    HouseholdType.SHORT_BREAK: 8,
    HouseholdType.SECOND_HOME: 4,
    HouseholdType.PARENT_AND_CHILD: 3,
    HouseholdType.TRANSITION: 2,
    HouseholdType.STAYING_PUT: 3,
    HouseholdType.SUPPORTED_LODGINGS: 3,
}
CONSTELLATIONS = {"Oak": 10, "Willow": 9, "Rowan": 10, "Hawthorn": 5}
"""Satellites of each hub. The fourth constellation is just beginning."""

LANGUAGES = {Language.URDU: 9, Language.PUNJABI: 4, Language.ARABIC: 3}
"""How many households speak it; all others English."""

LEAVERS = {
    2016: (1, 18),
    2017: (2, 19),
    2018: (2, 18),
    2019: (1, 19),
    2020: (2, 22),
    2021: (4, 32),
    2022: (2, 23),
    2023: (3, 19),
    2024: (2, 17),
    2025: (2, 16),
}
"""Households that left in the year from that April: (family and friends, mainstream)."""

LATER = (2, 15)


@dataclass(slots=True)
class Home:
    """A household with its carers, before either has a row."""

    household: Household
    carers: list[Carer] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Leaving:
    """How one household left: days fostered, the main carer's age, the route."""

    days: int
    age: int
    route: EndRoute


class RegisterMaker:
    """Makes the register with its own source of chance, so that a seed gives the same one each time."""

    def __init__(self, random: Random, today: date) -> None:
        self._random = random
        self._today = today
        self._numbers = {"H": 1000, "C": 5000}
        self._names: set[tuple[str, str]] = set()

    def current(self) -> list[Home]:
        """The households approved today, none of which may look like another."""
        random = self._random
        kinds = [kind for kind, number in TYPES.items() for _ in range(number)]
        random.shuffle(kinds)
        languages = [language for language, number in LANGUAGES.items() for _ in range(number)]
        languages += [Language.ENGLISH] * (HOUSEHOLDS - len(languages))
        random.shuffle(languages)
        pairs = [True] * (CARERS - HOUSEHOLDS) + [False] * (2 * HOUSEHOLDS - CARERS)
        random.shuffle(pairs)
        homes = [self._home(*given) for given in zip(kinds, languages, pairs, strict=True)]
        self._form_constellations(homes)
        for home in random.sample(homes, 3):
            home.household.on_hold_since = self._today - timedelta(days=random.randrange(20, 120))
        return homes

    def left(self) -> Iterator[Home]:
        """The households that left since the register began, none of them after today."""
        for start in range(REGISTER_SINCE.year, self._today.year + 1):
            friends, mainstream = LEAVERS.get(start, LATER)
            ways = self._ways_of_2022() if start == 2022 else self._ways(friends + mainstream)
            for number, way in enumerate(ways):
                is_friends = number < friends
                kind = HouseholdType.FAMILY_AND_FRIENDS if is_friends else HouseholdType.MAINSTREAM
                ended = date(start, 4, 1) + timedelta(days=self._random.randrange(365))
                if ended <= self._today:
                    yield self._left(kind, ended, way)

    def _ways_of_2022(self) -> list[_Leaving]:
        """25: the two family and friends first, under two years; 9 in all were, and 10 were over ten."""
        random = self._random
        spans = [_under_two] * 9 + [_over_ten] * 10 + [_between] * 6
        ages = [random.randrange(50, 72) for _ in range(15)] + [random.randrange(29, 49) for _ in range(10)]
        random.shuffle(ages)
        routes = [EndRoute.RESIGNATION] * 23
        routes += [EndRoute.DEREGISTRATION, EndRoute.RESIGNATION_BEFORE_DEREGISTRATION]
        random.shuffle(routes)
        days = [span(random) for span in spans]
        return [_Leaving(*given) for given in zip(days, ages, routes, strict=True)]

    def _ways(self, number: int) -> list[_Leaving]:
        """As nationally: 31 % within two years, 28 % after ten, about 65 % over 50."""
        random = self._random
        return [
            _Leaving(
                random.choices((_under_two, _between, _over_ten), (31, 41, 28))[0](random),
                random.randrange(50, 73) if random.random() < 0.65 else random.randrange(30, 50),
                random.choices(list(EndRoute), (92, 4, 4))[0],
            )
            for _ in range(number)
        ]

    def _left(self, kind: HouseholdType, ended: date, way: _Leaving) -> Home:
        """A household of which nothing is kept that tells who they were."""
        random = self._random
        household = Household(
            ref=self._ref("H"),
            type=kind,
            approved_on=ended - timedelta(days=way.days),
            ended_on=ended,
            end_route=way.route,
            end_reasons=random.sample(END_REASONS, random.choice((1, 1, 1, 2))),
            area=random.choice(AREAS),
        )
        born = ended.year - way.age
        home = Home(household, [Carer(ref=self._ref("C"), main_carer=True, birth_year=born)])
        if random.random() < 0.6:
            other = Carer(ref=self._ref("C"), main_carer=False, birth_year=born + random.randrange(-4, 5))
            home.carers.append(other)
        return home

    def _home(self, kind: HouseholdType, language: Language, pair: bool) -> Home:
        random = self._random
        years = random.choices((1.0, 3.5, 7.5, 14.0), (20, 26, 29, 25))[0] * random.uniform(0.35, 1.45)
        household = Household(
            ref=self._ref("H"),
            type=kind,
            approved_on=self._today - timedelta(days=int(years * 365) + 20),
            end_reasons=[],
            area=random.choice(AREAS),
        )
        born = self._today.year - max(27, min(77, round(random.gauss(55, 9))))
        last_name = random.choice(LAST_NAMES[language.value])
        home = Home(household, [self._carer(language, last_name, born, main=True)])
        if pair:
            other = last_name if random.random() < 0.85 else random.choice(LAST_NAMES[language.value])
            home.carers.append(self._carer(language, other, born + random.randrange(-5, 6), main=False))
        return home

    def _carer(self, language: Language, last_name: str, born: int, *, main: bool) -> Carer:
        free = [name for name in FIRST_NAMES[language.value] if (name, last_name) not in self._names]
        first_name = self._random.choice(free)
        self._names.add((first_name, last_name))
        ref = self._ref("C")
        return Carer(
            ref=ref,
            main_carer=main,
            first_name=first_name,
            last_name=last_name,
            birth_year=born,
            language=language,
            email=f"{first_name}.{last_name}@example.org".lower(),
            phone=f"07700 900{int(ref[1:]) % 1000:03d}",  # numbers kept free for fiction
        )

    def _ref(self, letter: str) -> str:
        self._numbers[letter] += 1
        return f"{letter}{self._numbers[letter]}"

    def _form_constellations(self, homes: list[Home]) -> None:
        fit = [home.household for home in homes if home.household.type is HouseholdType.MAINSTREAM]
        members = iter(self._random.sample(fit, sum(CONSTELLATIONS.values()) + len(CONSTELLATIONS)))
        for name, satellites in CONSTELLATIONS.items():
            for number in range(satellites + 1):
                household = next(members)
                household.constellation = name
                role = ConstellationRole.SATELLITE if number else ConstellationRole.HUB
                household.constellation_role = role

    def share_out(self, homes: list[Home], workers: list[int]) -> None:
        """Give each household its supervising social worker."""
        for home, worker in zip(homes, cycle(workers), strict=False):
            home.household.social_worker_id = worker


def _under_two(random: Random) -> int:
    return random.randrange(120, 700)


def _between(random: Random) -> int:
    return random.randrange(760, 3600)


def _over_ten(random: Random) -> int:
    return random.randrange(3680, 8700)
