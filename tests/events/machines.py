"""Playing a state machine on either database: the same stories in every run."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.support import postgres


def play(
    machine: type[RuleBasedStateMachine], sorts: Iterable[Mapping[str, Any]], examples: int, steps: int
) -> None:
    """So many stories of each sort (what the machine's class says of it), with chances of their own.

    Without shrinking: each step is a transaction, and two dozen of them can be read as they are.
    """
    for number, sort in enumerate(sorts):
        run_state_machine_as_test(
            seed(number)(type(f"{machine.__name__}{number}", (machine,), dict(sort))),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                phases=(Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
                database=None,
                derandomize=False,
                deadline=None,
            ),
        )


def on_sqlite(machine: type[RuleBasedStateMachine], url: str) -> type[RuleBasedStateMachine]:
    """The machine with a copy of this database for each story: it takes its ``template``."""
    return type("OnSqlite", (machine,), {"template": Path(url.removeprefix("sqlite:///"))})


def on_postgresql(
    machine: type[RuleBasedStateMachine], server_url: str, template_url: str
) -> type[RuleBasedStateMachine]:
    """The machine with a database of its own for each story, made from a template: it takes its ``url``."""

    class OnPostgresql(machine):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            self.own = postgres.new_database(server_url, postgres.name_of(template_url))
            self.url = self.own.__enter__()
            super().__init__()

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                self.own.__exit__(None, None, None)

    return OnPostgresql
