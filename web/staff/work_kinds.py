"""Every kind of long work there is, by the name under which it is asked for."""

from collections.abc import Mapping
from typing import Any

from web.staff import register_work, report_work, table_work
from web.working import WorkKind

KINDS: Mapping[str, WorkKind] = {
    **register_work.KINDS,
    **report_work.KINDS,
    **table_work.KINDS,
}


def title_of(kind: str, params: Mapping[str, Any]) -> str:
    """What the work is called; of one from another version of this program only that it was work."""
    return KINDS[kind].title(params) if kind in KINDS else "Long work"
