"""Measuring in a process of its own, so that nothing that ran before is in the figures.

``python -m benchmarks.fresh MODULE:FUNCTION`` runs one coroutine function, with arguments that come in as
JSON, and prints what it returns as JSON.
"""

import asyncio
import importlib
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

Work = Callable[..., Awaitable[Any]]


@dataclass
class Meter:
    """Seconds by the clock and seconds of this process's CPU time, all of its threads together."""

    seconds: float = 0.0
    cpu: float = 0.0


@contextmanager
def metered() -> Iterator[Meter]:
    """Measure the block."""
    meter = Meter()
    begun, cpu = time.perf_counter(), time.process_time()
    yield meter
    meter.seconds, meter.cpu = time.perf_counter() - begun, time.process_time() - cpu


def in_fresh_process(work: Work, **arguments: Any) -> Any:
    """What this coroutine function returns, run alone in a new process. Raises if it fails."""
    command = [sys.executable, "-m", "benchmarks.fresh", f"{work.__module__}:{work.__qualname__}"]
    done = subprocess.run(command, input=orjson.dumps(arguments), stdout=subprocess.PIPE, check=True)
    return orjson.loads(done.stdout)


def peak_megabytes(process: int | str = "self") -> float:
    """The most memory that a process has had resident; unlike getrusage's it begins with the program."""
    return _status(process, "VmHWM:")


def resident_megabytes(process: int | str = "self") -> float:
    """The memory that a process has resident now."""
    return _status(process, "VmRSS:")


def _status(process: int | str, name: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


if __name__ == "__main__":
    module, _, function = sys.argv[1].partition(":")
    # What the work prints, such as its log, goes where errors go: the result is alone on the standard output.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    found = getattr(importlib.import_module(module), function)
    result = asyncio.run(found(**orjson.loads(sys.stdin.buffer.read())))
    output.write(orjson.dumps(result, option=orjson.OPT_NON_STR_KEYS))
    output.close()
