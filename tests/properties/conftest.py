"""The fixtures of the fast tests serve here too."""

from tests.unit.conftest import layout, nothing_is_left_behind

__all__ = ["layout", "nothing_is_left_behind"]
