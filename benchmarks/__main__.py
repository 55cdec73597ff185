"""``make bench``: run the benchmarks, print them and write ``benchmarks/results.json``.

Every figure is a ratio against a peer measured in the same run: a time alone says more of the machine than of
the program. Name some (``make bench ARGS=broadcast``) to run only those.
"""

import asyncio
import json
import sys
from pathlib import Path

from benchmarks import audiences, broadcast

BENCHMARKS = {"broadcast": broadcast.run, "audiences": audiences.run}
RESULTS = Path(__file__).parent / "results.json"


async def main(names: list[str]) -> None:
    rows = []
    for name in names or list(BENCHMARKS):
        for outcome in await BENCHMARKS[name]():
            row = outcome.row()
            rows.append(row)
            verdict = "met" if outcome.met else "NOT MET"
            sys.stdout.write(
                f"{row['id']:<20} {row['value']:>10} {row['unit']:<12} {row['ratio']:>7} of {row['peer']} "
                f"({row['peer_value']}); goal {row['goal']}: {verdict}\n"
            )
            sys.stdout.flush()
    RESULTS.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
