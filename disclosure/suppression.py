"""Small-number suppression: no published table lets anyone work out a group of 1 to k-1 people.

Primary suppression hides each count below k. That alone is worth nothing beside a total: 20 less the 18 that
are shown is 2. Complementary suppression hides further cells until every hidden small count *could* be k or
more for all that the reader can work out. That one condition covers every difference, not only single lines:
were some set of cells with a sum below k derivable, none of its cells could reach k.

A table with its totals is a circulation: each cell is a pipe, each sum a joint where as much flows in as out.
How high a hidden cell could be is then a maximal flow, the cheapest further cells to hide a shortest path.
"""

from collections import deque
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, TypeVar

K = 5
"""The fewest people that a published cell may stand for."""

TOTAL = "*"
"""Where a total stands in what `suppress` returns."""

Key = TypeVar("Key", bound=Hashable)
Node = Hashable
_DEAR = 1_000_000  # hiding a total costs the reader more than hiding any cell
_DEARER = 100 * _DEAR


@dataclass(frozen=True, slots=True)
class Cell:
    """A count, as a pipe from one joint to another. A total runs the other way, closing the circle."""

    tail: Node
    head: Node
    count: int
    total: bool = False


def suppress(
    counts: Mapping[Key, int], k: int = K, *, known: Collection[Any] = (), show_zeros: bool = False
) -> dict[Any, int | None]:
    """The counts of a table and of its totals, with None for what must not be shown.

    Keys are plain for a one-way table and ``(row, column)`` for a two-way one. The result holds every key,
    and the totals under ``TOTAL``, or ``(row, TOTAL)``, ``(TOTAL, column)`` and ``(TOTAL, TOTAL)``.
    ``known``: keys of totals that are published elsewhere, so that hiding them would be vain. Zeros are
    hidden like other small counts unless ``show_zeros``, which costs more cells of cover.
    Where no cover is enough (a known total is itself below k) every cell that is not known is hidden.
    Raises ``ValueError`` for a negative count, or one-way and two-way keys in one table.
    """
    two_way = [isinstance(key, tuple) for key in counts]
    if any(two_way) and not all(two_way):
        raise ValueError("a table is one-way or two-way, not both")
    cells = two_way_cells(counts) if any(two_way) else one_way_cells(counts)
    return protect(cells, k, known=known, show_zeros=show_zeros)


def one_way_cells(counts: Mapping[Any, int]) -> dict[Any, Cell]:
    """A list of counts and its total, as `protect` takes them."""
    cells = {key: Cell("all", "parts", count) for key, count in counts.items()}
    cells[TOTAL] = Cell("parts", "all", sum(counts.values()), total=True)
    return cells


def two_way_cells(counts: Mapping[Any, int]) -> dict[Any, Cell]:
    """A table of rows and columns with all its totals, as `protect` takes them; an absent cell is 0."""
    rows = list(dict.fromkeys(row for row, _ in counts))
    columns = list(dict.fromkeys(column for _, column in counts))
    cells: dict[Any, Cell] = {}
    for row in rows:
        for column in columns:
            cells[row, column] = Cell(("row", row), ("column", column), counts.get((row, column), 0))
        across = sum(counts.get((row, column), 0) for column in columns)
        cells[row, TOTAL] = Cell(("columns",), ("row", row), across, total=True)
    for column in columns:
        down = sum(counts.get((row, column), 0) for row in rows)
        cells[TOTAL, column] = Cell(("column", column), ("rows",), down, total=True)
    cells[TOTAL, TOTAL] = Cell(("rows",), ("columns",), sum(counts.values()), total=True)
    return cells


def protect(
    cells: Mapping[Key, Cell],
    k: int = K,
    *,
    known: Collection[Any] = (),
    spare: Collection[Any] = (),
    show_zeros: bool = False,
) -> dict[Key, int | None]:
    """`suppress` for any set of cells and sums that closes into circles, such as subtotals of subtotals.

    ``spare``: keys that other tables are built on, which hide small ones only where nothing else would.
    """
    if any(cell.count < 0 for cell in cells.values()):
        raise ValueError("a count is never negative")
    least = 1 if show_zeros else 0
    network = _Network({key: cell for key, cell in cells.items() if key not in known}, least, spare)
    small = [key for key, cell in network.cells.items() if least <= cell.count < k]
    network.hidden.update(small)
    # Hiding more only widens what a hidden cell could be, so one pass leaves all of them covered.
    for key in small:
        if cells[key].count > 0 and not network.cover(key, k):
            network.hidden.update(key for key, cell in network.cells.items() if cell.count >= least)
            break
    return {key: None if key in network.hidden else cell.count for key, cell in cells.items()}


def covered(cells: Mapping[Key, Cell], hidden: Collection[Key], k: int = K) -> bool:
    """Whether each hidden cell of 1 to k-1 could be k or more for all that one knows who sees the others.

    ``cells`` as `protect` takes them; a hidden one could also be zero.
    """
    network = _Network({key: cells[key] for key in hidden}, 0, ())
    network.hidden.update(hidden)
    return all(network.cover(key, k) for key in hidden if 0 < cells[key].count < k)


class _Network:
    """The cells that may be hidden, and which of them are."""

    def __init__(self, cells: Mapping[Any, Cell], least: int, spare: Collection[Any]) -> None:
        self.cells = cells
        self.least = least
        self.spare = spare
        self.hidden: set[Any] = set()
        self._at: dict[Node, list[tuple[Any, Node, bool]]] = {}
        for key, cell in cells.items():
            self._at.setdefault(cell.tail, []).append((key, cell.head, True))
            self._at.setdefault(cell.head, []).append((key, cell.tail, False))

    def cover(self, key: Any, k: int) -> bool:
        """Hide further cells until this hidden one could be k for all a reader knows; False if none will."""
        cell = self.cells[key]
        missing = k - cell.count
        change = dict.fromkeys(self.cells, 0)
        while missing > 0:
            path = self._free_path(key, change) or self._cheapest_path(key, change)
            if path is None:
                return False
            step = min([missing, *(self._room(used, up, change) for used, up in path if not up)])
            for used, up in path:
                self.hidden.add(used)
                change[used] += step if up else -step
            missing -= step
        return True

    def _room(self, key: Any, up: bool, change: Mapping[Any, int]) -> int:
        """How far this cell could still move: down to the least, up without end."""
        return _DEAR if up else self.cells[key].count + change[key] - self.least

    def _steps(self, node: Node, but: Any, change: Mapping[Any, int]) -> Iterable[tuple[Any, Node, bool]]:
        for key, other, up in self._at.get(node, ()):
            if key != but and self.cells[key].count >= self.least and self._room(key, up, change) > 0:
                yield key, other, up

    def _free_path(self, key: Any, change: Mapping[Any, int]) -> list[tuple[Any, bool]] | None:
        """A way round through cells that are hidden already, so that nothing more need be hidden."""
        cell = self.cells[key]
        came: dict[Node, tuple[Node, Any, bool]] = {}
        queue = deque([cell.head])
        while queue:
            node = queue.popleft()
            if node == cell.tail:
                return _walk_back(came, cell.head, cell.tail)
            for step, other, up in self._steps(node, key, change):
                if step in self.hidden and other not in came and other != cell.head:
                    came[other] = (node, step, up)
                    queue.append(other)
        return None

    def _cheapest_path(self, key: Any, change: Mapping[Any, int]) -> list[tuple[Any, bool]] | None:
        """The way round that hides the fewest people and spares totals (Dijkstra)."""
        cell = self.cells[key]
        came: dict[Node, tuple[Node, Any, bool]] = {}
        best: dict[Node, int] = {cell.head: 0}
        queue: list[tuple[int, int, Node]] = [(0, 0, cell.head)]
        order = 0
        while queue:
            cost, _, node = heappop(queue)
            if node == cell.tail:
                return _walk_back(came, cell.head, cell.tail)
            if cost > best[node]:
                continue
            for step, other, up in self._steps(node, key, change):
                dearer = cost + self._cost(step)
                if dearer < best.get(other, dearer + 1):
                    order += 1
                    best[other], came[other] = dearer, (node, step, up)
                    heappush(queue, (dearer, order, other))
        return None

    def _cost(self, key: Any) -> int:
        if key in self.hidden:
            return 0
        cell = self.cells[key]
        return cell.count + 1 + (_DEAR if cell.total else 0) + (_DEARER if key in self.spare else 0)


def _walk_back(came: Mapping[Node, tuple[Node, Any, bool]], start: Node, end: Node) -> list[tuple[Any, bool]]:
    path: list[tuple[Any, bool]] = []
    while end != start:
        end, key, up = came[end]
        path.append((key, up))
    return path
