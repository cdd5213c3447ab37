"""The files that the jobs of one worker print to.

A file that is made and removed again is what a short job costs most: on ext4 the two take 170 us, when a start takes
800. So a job prints to a file in ``.fjd/tmp`` at first, which is put into ``output/`` when the job has run for a
moment, or has ended and printed anything; and one that stayed empty, and that nobody has open any more, is there for
the next job. What a job leaves running in the background keeps the file that it began with.
"""

import contextlib
import os

from fjd import chance
from fjd.errors import DiskError
from fjd.spool import fsio, syscalls, wholeness
from fjd.spool.fsio import Moved
from fjd.spool.layout import Layout
from fjd.spool.wholeness import Writing


class Outputs:
    """Makes the outputs of one job after the other. Where ``spares`` is false, each is made in its place."""

    def __init__(self, layout: Layout, *, spares: bool) -> None:
        self._layout = layout
        self._spares = spares
        self._next_spare = self._new_name()
        """Where the next spare is made: one name for all tries, so that what the disk says of it is said once."""
        self._target = ""
        self._writer = -1
        self._spare = ""
        """The path of the file in ``.fjd/tmp``, empty when there is none."""
        self._reader = -1
        """The spare, open for reading: whoever else has it open for writing can be told from that."""

    def _new_name(self) -> str:
        return f"{self._layout.tmp}/{chance.token(8)}"

    def begin(self, path: str) -> int:
        """Return a descriptor for what a job prints, which `show` and `end` put at ``path``, where nothing stands now.

        Raises `DiskError`, and `JobFileError` where a directory stands in the way. Can be tried again.
        """
        self._target = path
        if not self._spares:
            self._writer = fsio.open_output(path)
            return self._writer
        fsio.clear_output(path)
        self._writer = self._reopened() if self._spare else -1
        if self._writer < 0:
            self._writer = self._made()
        return self._writer

    def _reopened(self) -> int:
        try:
            return syscalls.open_to_write(self._spare, os.O_APPEND, 0)
        except OSError:  # somebody has swept it away, or the disk is in trouble, as a new one will show
            self.drop()
            return -1

    def _made(self) -> int:
        spare = self._next_spare
        writer = fsio.open_output(spare, like=self._layout.outputs)
        try:
            with fsio.trouble("open", spare):
                self._reader = os.open(spare, fsio.READING)
        except DiskError:
            os.close(writer)
            raise
        self._spare, self._next_spare = spare, self._new_name()
        return writer

    def show(self) -> None:
        """Put the file at its path, so that it can be read while the job prints. Raises `DiskError`."""
        if self._spare and self._writer >= 0:
            if fsio.move(self._spare, self._target) is Moved.ASTRAY:
                raise DiskError(f"{self._layout.outputs} is not there")
            self._forget()

    def end(self) -> None:
        """The job has ended: put what it printed at its path, or see to it that nothing is there.

        Raises `DiskError` while what was printed cannot be put there.
        """
        if self._writer < 0:
            return
        if size := self._size():
            self.show()
        writer, self._writer = self._writer, -1
        try:  # as it is: this is done for every job
            os.close(writer)
        except OSError:  # EIO, ENOSPC: what the job printed
            size = size or 1
        if not size:
            self._clear()

    def leave(self) -> str:
        """Leave the file where it is, and return where that is; the next job gets another."""
        path = self._spare or self._target
        if self._spare:
            self._forget()
        if self._writer >= 0:
            writer, self._writer = self._writer, -1
            fsio.close(writer)
        return path

    def _size(self) -> int:
        try:
            return os.fstat(self._writer).st_size
        except OSError:  # ESTALE on NFS where it was removed
            return 1

    def _clear(self) -> None:
        if self._spare:
            if wholeness.writing_to(self._reader) is not Writing.NO:  # left running by the job, and may print yet
                self.drop()
            return
        with contextlib.suppress(DiskError):  # an empty file left behind harms nobody, an outcome lost would
            fsio.remove(self._target)

    def drop(self) -> None:
        """Remove the spare: nothing is to lie about while there is nothing to do. What a job printed stays."""
        if self._spare and self._writer < 0:
            with contextlib.suppress(DiskError):
                fsio.remove(self._spare)
            self._forget()

    def _forget(self) -> None:
        self._spare = ""
        os.close(self._reader)
        self._reader = -1
