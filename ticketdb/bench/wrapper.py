"""What the Python wrapper costs: a call by `TicketDB` against the same statement by psycopg itself."""

import time
from collections.abc import Callable
from statistics import median

from ticketdb import TicketDB, _statements
from ticketdb.bench.options import Options, Tell
from ticketdb.bench.results import Check, Row
from ticketdb.bench.scratch import Scratch

_BATCH = 100


def measure(scratch: Scratch, options: Options, tell: Tell) -> tuple[list[Row], list[Check]]:
    """Small batches of both in turn, on one connection.

    A call that writes waits for the disk most of the time. This one is the quickest that there is, so the
    wrapper's own share is at its greatest.
    """
    batches = 10 if options.quick else 100
    statement = _statements.CHECK_TICKET_AVAILABILITY.sql
    with scratch.database() as database:
        scratch.load(database, "schedules")
        with scratch.connect(database) as connection, TicketDB(connection) as client:
            row = connection.execute("select bench.open_schedule(1000)").fetchone()
            assert row is not None
            schedule = row[0]

            def wrapped() -> None:
                client.check_ticket_availability(schedule)

            def plain() -> None:
                connection.execute(statement, (schedule, 1, None)).fetchall()

            # what psycopg prepares after a few calls, it shall have prepared
            _time(wrapped)
            _time(plain)
            times: dict[Callable[[], None], list[float]] = {wrapped: [], plain: []}
            for batch in range(batches):
                tell("the Python wrapper", batch, batches)
                for call, seconds in times.items():
                    seconds.append(_time(call))
    return [
        Row(
            "wrapper",
            "check_ticket_availability by the Python wrapper",
            "the same SQL by psycopg",
            1,
            "per second",
            _BATCH / median(times[wrapped]),
            _BATCH / median(times[plain]),
            0.85,
        )
    ], []


def _time(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(_BATCH):
        call()
    return time.perf_counter() - started
