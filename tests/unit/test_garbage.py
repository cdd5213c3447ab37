"""How Python is told to look for garbage, in a process of its own: it holds for all of it."""

import subprocess
import sys

PROGRAM = """
import gc, weakref
from fjd.cli import garbage

class Knot:
    def __init__(self):
        self.me = self

garbage.look_seldom()
garbage.look_seldom()
assert gc.callbacks.count(garbage._freeze) == 1
before = gc.get_freeze_count()
kept = [Knot() for _ in range(1000)]
gc.collect(1)
assert gc.get_freeze_count() == before, "only a full look says what stays"
gone = weakref.ref(Knot())
gc.collect()
assert gone() is None, "garbage is still found"
assert gc.get_freeze_count() >= before + 1000, "what stays is not looked at again"
assert not any(isinstance(one, Knot) for one in gc.get_objects())
"""


def test_what_stays_is_looked_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
