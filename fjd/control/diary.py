"""What users did to jobs, told in a journal of their own, so that history and fronts can say who and when.

A journal has one writer, and a command lives for a moment: a journal for each would be thousands of files. So all that
users of one host do is told in one, ``user-HOST-BOOT.jsonl``: each line is appended by one write, which the kernel of
that host does not mix with another (write(2), O_APPEND), and no second host writes to it (rule 10). The rename comes
first and the line after (rule 3); a line that the disk refuses is lost, and nothing else.
"""

import os
import zlib
from functools import cache

from fjd import identity
from fjd.spool import journal
from fjd.spool.journal import Journal
from fjd.spool.layout import Layout


def tell(layout: Layout, event: str, **values: object) -> None:
    """Append a line on what this user has done."""
    diary = Journal(layout, writer())
    diary.write(event, **values, by=user())
    diary.close()


@cache
def writer() -> str:
    """Return the writer's name: of this host, and of its present boot, since names of hosts come again."""
    host = identity.this_host()
    plain = "".join(char if char.isascii() and (char.isalnum() or char == "-") else "_" for char in host.name)[:64]
    return f"{journal.USER}{plain}-{zlib.crc32(host.boot_id.encode()):08x}"


@cache
def user() -> str:
    """Return who this is, for people: ``ada@nova``."""
    import pwd

    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        name = str(os.geteuid())
    return f"{name}@{identity.this_host().name}"
