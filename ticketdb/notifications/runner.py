"""The loop of a sender: claim, send without a transaction open, complete."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from typing import Any

import psycopg

from ticketdb import TicketDB, TicketDBError
from ticketdb._stop import Stop
from ticketdb.models import Notification
from ticketdb.notifications.message import NotSent

CHANNEL = "ticketdb_notifications"
# within it a signal is noticed
_NAP = 0.5

Send = Callable[[Notification], None]
Report = Callable[[Notification, str | None], None]


class Runner:
    """Sends what is due, so many at a time, until told to stop.

    Each message is claimed by one runner at a time. Where one is killed between sending and saying so, its
    messages are sent again when their lease has run out: at least once, and once where nobody is killed.
    """

    def __init__(
        self, db: TicketDB, send: Send, report: Report, *, batch: int, lease: timedelta, listens: bool
    ) -> None:
        """Take how to send and whom to tell of it; the lease must be longer than sending can take."""
        self._db = db
        self._send = send
        self._report = report
        self._batch = batch
        self._lease = lease
        self._listens = listens
        self._listening: Any = None
        self.failed = 0

    def drain(self, stop: Stop) -> None:
        """Send until nothing is due."""
        with ThreadPoolExecutor(self._batch) as threads:
            while not stop.is_set() and self._send_batch(threads):
                pass

    def run(self, stop: Stop, interval: float, on_error: Callable[[Exception], None]) -> None:
        """Send until told to stop; look for more at least so often, in seconds."""
        while not stop.is_set():
            try:
                self.drain(stop)
                self._wait(stop, interval)
            except (psycopg.Error, TicketDBError) as error:
                # the server is away, most likely: the next call connects anew
                on_error(error)
                stop.wait(interval)

    def _send_batch(self, threads: ThreadPoolExecutor) -> int:
        claimed = self._db.claim_notifications(self._batch, self._lease)
        attempts = {threads.submit(self._attempt, message): message for message in claimed}
        for attempt in as_completed(attempts):
            message, error = attempts[attempt], attempt.result()
            self._db.complete_notification(message.notification_id, message.lease_id, error)
            self.failed += error is not None
            self._report(message, error)
        return len(claimed)

    def _attempt(self, message: Notification) -> str | None:
        """Send a message; returns what went wrong."""
        try:
            self._send(message)
        except NotSent as error:
            return str(error)
        return None

    def _wait(self, stop: Stop, seconds: float) -> None:
        """Wait until the database says that there is something, or so long."""
        if not self._listens:
            stop.wait(seconds)
            return
        connection = self._db.connection
        if self._listening is not connection:
            connection.execute(f"listen {CHANNEL}")
            self._listening = connection
            # what came before is looked for once more
            return
        deadline = time.monotonic() + seconds
        while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
            for _ in connection.notifies(timeout=min(left, _NAP), stop_after=1):
                return
