"""Handing a message to a command."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from ticketdb.models import Notification
from ticketdb.notifications.message import NotSent, body_of

# bytes at the end of its standard error; of a longer line it is the end that is kept
_LISTENED = 1500


class Command:
    """Runs a command with the message on its standard input; exit status 0 means that it is sent."""

    def __init__(self, arguments: Sequence[str], timeout: float) -> None:
        """Take the command and the seconds it may take."""
        self._arguments = arguments
        self._timeout = timeout

    def __call__(self, message: Notification) -> None:
        """Send; raises NotSent."""
        # a file and no pipe: what the command leaves running in the background may keep it open
        with tempfile.TemporaryFile() as errors:
            status = self._run(body_of(message), errors)
            if status:
                raise NotSent(": ".join([f"exit status {status}", *_last_line(errors)]))

    def _run(self, body: bytes, errors: IO[bytes]) -> int:
        try:
            process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                # ctrl-C ends the runner, which lets what is under way finish
                start_new_session=True,
            )
        except OSError as error:
            raise NotSent(f"the command did not start: {error.strerror}") from None
        with process:
            try:
                process.communicate(body, self._timeout)
            except subprocess.TimeoutExpired:
                _end(process)
                raise NotSent(f"the command took more than {self._timeout:g} seconds") from None
            except BaseException:
                _end(process)
                raise
        return process.returncode


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill it, and what it has started: the message is another's when its lease has run out."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _last_line(errors: IO[bytes]) -> list[str]:
    """The last line in a file, if there is one, as a database can keep it."""
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - _LISTENED))
    said = errors.read().decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return said.strip().splitlines()[-1:]
