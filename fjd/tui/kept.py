"""The arrangement of a table as it is remembered: to plain values and back, leniently. Pure."""

from collections.abc import Mapping

from fjd.tui.columns import Order
from fjd.tui.worktable import WorkTable


def arrangement(table: WorkTable) -> dict[str, object]:
    """Return which columns a table has and its order, as JSON has values."""
    order = table.order
    return {
        "columns": [column.name for column in table.columns],
        "order": [order.column, order.descending] if order else None,
    }


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
