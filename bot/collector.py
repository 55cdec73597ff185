"""How the one process of the service treats its memory: a collector that looks less often."""

import gc

COLLECTS_AFTER = 50_000
"""New objects after which the collector looks through the youngest. It is for cycles alone: nearly all is
gone long before, and at the usual 700 it would look through the same messages under way again and again."""


def spare_the_collector() -> None:
    """Call it once everything is loaded: what there is by now stays, and need not be looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTS_AFTER, 20, 20)
