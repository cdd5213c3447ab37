"""File-based job distribution: the queue is a directory of plain files.

Importing this package costs next to nothing: the roles live in their own modules (``fjd.dispatcher``, ``fjd.worker``,
``fjd.recruiter``) and are imported by whoever plays them. The architecture is told in ``ARCHITECTURE.md`` beside this
file.
"""

__version__ = "1.0.0"
