"""Names that nobody can guess, as the standard library's ``secrets`` makes them, which imports OpenSSL besides.

Each worker would pay for that as it starts: 6 ms of processor time.
"""

import os


def token(size: int) -> str:
    """Return ``size`` random bytes in hexadecimal, from the kernel's own source."""
    return os.urandom(size).hex()
