"""What holds for all tests."""

import atexit
import os
import signal
import tempfile

# A shell without job control starts what it puts into the background with SIGINT ignored, and that is inherited by
# everything below: then no command under test could be interrupted by its ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No test follows the configuration of whoever runs it, nor leaves one.
os.environ["XDG_CONFIG_HOME"] = os.path.join(tempfile.gettempdir(), "no-such-directory-of-fjd")

# Nor does one follow what fjd-tui has remembered for whoever runs it, nor add to that.
_STATE = tempfile.TemporaryDirectory(prefix="fjd-test-state-")
atexit.register(_STATE.cleanup)
os.environ["XDG_STATE_HOME"] = _STATE.name
