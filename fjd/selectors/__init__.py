"""Which jobs are meant: ``state:failed exit:1 worker:nova age>1h scan-* !test ~fzy``. Pure.

A filter is words with blanks between them, and a job must satisfy all of them. A word is part of a name, a glob, or a
key of `FIELDS` with a value; ``!`` before it turns it round, ``~`` before it finds its letters in their order with
others between. In double quotes blanks are part of a word, and a word that begins with them is part of a name whatever
it looks like.

`parse` reads a line as it is typed into a filter, `parse_names` the arguments of a command that acts, where a word is
a whole name or a glob, and several names are alternatives: nobody who says ``kill job1`` means ``job10``.
"""

from fjd.selectors.fields import FIELDS
from fjd.selectors.language import help_lines, parse, parse_names
from fjd.selectors.names import is_glob
from fjd.selectors.selector import Need, Selector, by_states

__all__ = ["FIELDS", "Need", "Selector", "by_states", "help_lines", "is_glob", "parse", "parse_names"]
