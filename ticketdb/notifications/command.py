"""Handing a message to a command."""

import subprocess
from collections.abc import Sequence

from ticketdb.models import Notification
from ticketdb.notifications.message import NotSent, body_of


class Command:
    """Runs a command with the message on its standard input; exit status 0 means that it is sent."""

    def __init__(self, arguments: Sequence[str], timeout: float) -> None:
        """Take the command and the seconds it may take."""
        self._arguments = arguments
        self._timeout = timeout

    def __call__(self, message: Notification) -> None:
        """Send; raises NotSent."""
        try:
            done = subprocess.run(
                self._arguments,
                input=body_of(message),
                capture_output=True,
                timeout=self._timeout,
                # ctrl-C ends the runner, which lets what is under way finish
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotSent(f"the command took more than {self._timeout:g} seconds") from None
        except OSError as error:
            raise NotSent(f"the command did not start: {error.strerror}") from None
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise NotSent(": ".join([f"exit status {done.returncode}", *said[-1:]]))
