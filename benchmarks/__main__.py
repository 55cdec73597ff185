"""``make bench``: run the benchmarks, print them and write ``benchmarks/results.json``.

Every figure is a ratio against a peer measured in the same run: a time alone says more of the machine than of
the program. ``make bench ARGS=taps`` runs one module of them, ``make bench ARGS=pacing_30`` the one that this
figure is of; the lines of all others stay as they are.
"""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks import audiences, broadcast, console, memory, pacing, reports, taps

BENCHMARKS: dict[str, Any] = {
    "broadcast": broadcast,
    "pacing": pacing,
    "taps": taps,
    "audiences": audiences,
    "console": console,
    "reports": reports,
    "memory": memory,
}
RESULTS = Path(__file__).parent / "results.json"


def main(names: list[str]) -> None:
    """Run these, or all; raises ``SystemExit`` for a name that there is not."""
    rows: dict[str, dict[str, Any]] = {row["id"]: row for row in json.loads(RESULTS.read_text())}
    for name in chosen(names):
        print(name, flush=True)
        for outcome in BENCHMARKS[name].run():
            print(outcome.sentence(), flush=True)
            rows[outcome.id] = outcome.row()
        known = [rows[id] for module in BENCHMARKS.values() for id in module.IDS if id in rows]
        RESULTS.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


def chosen(names: list[str]) -> list[str]:
    """The modules with these names or figures; all of them where none is named."""
    modules = {id: name for name, module in BENCHMARKS.items() for id in (name, *module.IDS)}
    unknown = [name for name in names if name not in modules]
    if unknown:
        sys.exit(f"There is no {', '.join(unknown)}; there are {', '.join(modules)}.")
    return list(dict.fromkeys(modules[name] for name in names or BENCHMARKS))


if __name__ == "__main__":
    main(sys.argv[1:])
