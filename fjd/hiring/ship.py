"""fjd as one file that a host with nothing but a Python can run: a zipapp in the spool, of this very version.

In it are this package and click, which are all that a worker and its recruiter import. Its name has a digest of what is
in it, so that hosts which run another one are not disturbed.
"""

import hashlib
import importlib.util
import io
import os
import zipfile
from collections.abc import Iterator

from fjd.spool import fsio
from fjd.spool.layout import Layout

_PACKAGES = ("fjd", "click")
_LEFT_OUT = ("tui",)
"""Rooms of fjd that need libraries which are not in it."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAIN = b"""\
import sys
if sys.version_info < (3, 10):
    sys.exit("python3 there is %d.%d, and fjd needs 3.10 or later: name another by setup" % sys.version_info[:2])
from fjd.cli.recruiter import main
main(prog_name="recruiter.py")
"""


def put(layout: Layout) -> str:
    """Make sure that this fjd stands in the spool as a zipapp, and return its path."""
    data = build()
    path = f"{layout.private}/fjd-{hashlib.sha256(data).hexdigest()[:12]}.pyz"
    fsio.publish(layout.tmp, path, data)
    return path


def build() -> bytes:
    """Return the zipapp; the same for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", _EPOCH), _MAIN)
        for name, data in _modules():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _modules() -> Iterator[tuple[str, bytes]]:
    for package in _PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise ImportError(f"{package} is not where Python finds it")
        yield from _files(os.path.dirname(spec.origin), package)


def _files(directory: str, package: str) -> Iterator[tuple[str, bytes]]:
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if name.endswith(".py"):
            with open(path, "rb") as file:
                yield f"{package}/{name}", file.read()
        elif os.path.isdir(path) and name != "__pycache__" and name not in _LEFT_OUT:
            yield from _files(path, f"{package}/{name}")
