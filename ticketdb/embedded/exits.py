"""Stopping the servers of this process however it ends, short of `kill -9`.

An exception and Ctrl-C reach `atexit` by themselves. A signal that would end Python at once gets a
handler of ours, but only where nobody set one: an application's own handler knows better.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Protocol

SIGNALS = ("SIGTERM", "SIGHUP", "SIGINT")


class Stoppable(Protocol):
    """What can be stopped, more than once without harm."""

    def stop(self) -> None:
        """Stop it."""


_running: list[Stoppable] = []


def stop_at_exit(server: Stoppable) -> None:
    """Have this server stopped when the process ends."""
    if not _running:
        atexit.register(_stop_all)
        for number in _our_signals(signal.SIG_DFL):
            signal.signal(number, _stop_and_die)
    _running.append(server)


def forget(server: Stoppable) -> None:
    """The server is stopped; with the last one our signal handlers go too."""
    if server in _running:
        _running.remove(server)
    if not _running:
        atexit.unregister(_stop_all)
        for number in _our_signals(_stop_and_die):
            signal.signal(number, signal.SIG_DFL)


def _our_signals(handler: object) -> list[signal.Signals]:
    # Only the main thread may set handlers; elsewhere atexit and the next start have to do.
    if threading.current_thread() is not threading.main_thread():
        return []
    numbers = [signal.Signals[name] for name in SIGNALS]
    return [number for number in numbers if signal.getsignal(number) == handler]


def _stop_all() -> None:
    for server in _running:
        with suppress(Exception):  # one that cannot be stopped must not keep the others
            server.stop()


def _stop_and_die(number: int, _frame: FrameType | None) -> None:
    _stop_all()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
