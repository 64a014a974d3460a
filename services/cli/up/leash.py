"""Started in place of a part, and becomes it: asks Linux to end this process when its parent dies, then executes the part.

A small program of its own, since `prctl` between fork and exec is not safe in a parent that has threads. Imports as little as it can: it runs at each start.
Elsewhere than on Linux it only executes: there a supervisor that is killed leaves its parts running.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def hold(parent: int) -> None:
    """Ask for SIGTERM when the parent dies. Exits where `parent` has died already: the signal would never come."""
    import ctypes

    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        sys.stderr.write(f"prctl refused ({os.strerror(ctypes.get_errno())}): if the supervisor is killed, this process will be left behind\n")
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    if sys.platform == "linux":
        hold(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell is wanted
