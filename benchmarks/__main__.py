"""``make bench``: run the benchmarks, print them and write ``benchmarks/results.json``.

Every figure is a ratio against a peer measured in the same run: a time alone says more of the machine than of
the program. ``make bench ARGS=taps`` runs one of them, and leaves the others' lines as they are.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import audiences, broadcast, memory, pacing, taps
from benchmarks.outcome import Outcome

BENCHMARKS: dict[str, Callable[[], list[Outcome]]] = {
    "broadcast": broadcast.run,
    "pacing": pacing.run,
    "taps": taps.run,
    "audiences": audiences.run,
    "memory": memory.run,
}
RESULTS = Path(__file__).parent / "results.json"


def main(names: list[str]) -> None:
    """Run these, or all; raises ``SystemExit`` for a name that there is not."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}.")
    rows: dict[str, dict[str, Any]] = (
        {} if not names else {row["id"]: row for row in json.loads(RESULTS.read_text())}
    )
    for name in names or BENCHMARKS:
        print(name, flush=True)
        for outcome in BENCHMARKS[name]():
            print(outcome.sentence(), flush=True)
            rows[outcome.id] = outcome.row()
        RESULTS.write_text(json.dumps(list(rows.values()), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
