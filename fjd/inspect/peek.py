"""A look at a spool that somebody names, without working in it."""

from fjd.inspect import listing
from fjd.snapshot import Counts
from fjd.spool import create


def counts(root: str) -> Counts:
    """Return how many jobs the spool at ``root`` has in each state, by its directories; nothing is made in it.

    Raises `FjdError` where there is no spool that this user may use.
    """
    return listing.count(create.open_spool(root, create=False))
