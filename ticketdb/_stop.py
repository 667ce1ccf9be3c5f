"""Ending what runs until it is told to stop."""

import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether it is time to stop, and a wait that ends with it.

    Not threading.Event: whoever sets one in a signal handler can wait for the lock that he holds himself.
    """

    def __init__(self) -> None:
        """Go on, for now."""
        self._is_set = False
        self._read, self._write = socket.socketpair()

    def is_set(self) -> bool:
        """Whether it is time."""
        return self._is_set

    def set(self) -> None:
        """It is time. Safe in a signal handler."""
        self._is_set = True
        self._write.send(b".")

    def wait(self, seconds: float) -> None:
        """Wait so long, or until it is time."""
        select.select([self._read], [], [], seconds)

    def close(self) -> None:
        """Close what the wait needs."""
        self._read.close()
        self._write.close()


@contextmanager
def until_stopped() -> Iterator[Stop]:
    """SIGTERM and ctrl-C say stop; what is under way is finished. A second one ends it at once."""
    stop = Stop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def note(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, note)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()
