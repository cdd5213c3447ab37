"""What ``import fjd`` offers to programs: `Spool` and `Executor`. A front as the command lines are, for Python."""

from fjd.api.executor import Call, Executor
from fjd.api.spool import Happening, Spool, Status

__all__ = ["Call", "Executor", "Happening", "Spool", "Status"]
