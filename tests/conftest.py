"""What holds for all tests."""

import signal

# A shell without job control starts what it puts into the background with SIGINT ignored, and that is inherited by
# everything below: then no command under test could be interrupted by its ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
