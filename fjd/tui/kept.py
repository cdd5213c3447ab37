"""The arrangement of a table as it is remembered: to plain values and back, leniently. Pure."""

from collections.abc import Mapping

from fjd.tui.columns import Order
from fjd.tui.panes.workers import WorkersPane
from fjd.tui.workergroups import GroupKey
from fjd.tui.worktable import WorkTable


def arrangement(table: WorkTable) -> dict[str, object]:
    """Return which columns a table has, its order, and the groups of workers, as JSON has values."""
    order = table.order
    kept: dict[str, object] = {
        "columns": [column.name for column in table.columns],
        "order": [order.column, order.descending] if order else None,
    }
    if isinstance(table, WorkersPane):
        kept["grouped"] = table.is_grouped
        kept["folded"] = sorted([key.host, key.kind] for key in table.folded)
    return kept


def arrange(table: WorkTable, value: object) -> None:
    """Give a table what was remembered; what is not understood is passed by."""
    if not isinstance(value, Mapping):
        return
    names, order = value.get("columns"), value.get("order")
    if isinstance(names, list):
        table.choose_columns([name for name in names if isinstance(name, str)])
    known = {column.name for column in table.all_columns}
    if isinstance(order, list) and len(order) == 2 and order[0] in known:
        table.put_in_order(Order(order[0], bool(order[1])))
    if isinstance(table, WorkersPane) and isinstance(value.get("grouped"), bool):
        table.show_groups(grouped=value["grouped"], folded=_folded(value.get("folded")))


def _folded(value: object) -> list[GroupKey]:
    pairs = value if isinstance(value, list) else []
    return [
        GroupKey(*pair)
        for pair in pairs
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(word, str) for word in pair)
    ]
