"""The same sale on a table with a few reservations and on one with millions."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import psycopg
from psycopg.rows import TupleRow

from ticketdb.bench import checks, pgbench
from ticketdb.bench.options import Options, Tell
from ticketdb.bench.results import Check, Row
from ticketdb.bench.scratch import Scratch
from ticketdb.bench.ways import BY_NAME

_SHORT = 1_000
_SCHEDULES = 100
_CAPACITY = 10_000_000
_CHUNK = 500_000


def measure(scratch: Scratch, options: Options, tell: Tell) -> tuple[list[Row], list[Check]]:
    """Rates with a short and a long history, round by round in turn."""
    way = BY_NAME["reserve_hot"]
    history = options.sizes.history
    lengths = (_SHORT, history)
    rates: dict[int, list[float]] = {length: [] for length in lengths}
    found: list[Check] = []
    with _loaded(scratch, _SHORT, tell) as short, _loaded(scratch, history, tell) as long:
        databases = dict(zip(lengths, (short, long), strict=True))
        for turn in range(options.rounds):
            for number, length in enumerate(lengths if turn % 2 == 0 else lengths[::-1]):
                tell(f"reserve_tickets with {length:,} reservations", 2 * turn + number, 2 * options.rounds)
                database, schedule = databases[length]
                outcome = pgbench.run(
                    options.pgbench,
                    scratch.name(database),
                    way.script,
                    clients=options.crowd,
                    seconds=options.seconds,
                    warm_up=options.warm_up,
                    variables={"schedule": schedule},
                )
                rates[length].append(outcome.rate)
        for length, (database, schedule) in databases.items():
            tell(f"counting again with {length:,} reservations", 1, 2)
            with scratch.connect(database) as connection:
                found.append(checks.count(connection, way, schedule, f"{length:,} old reservations"))
    return [
        Row(
            "history",
            f"reserve_tickets with {history:,} reservations in the table",
            f"with {_SHORT:,}",
            options.crowd,
            "per second",
            median(rates[history]),
            median(rates[_SHORT]),
            0.85,
        )
    ], found


@contextmanager
def _loaded(scratch: Scratch, reservations: int, tell: Tell) -> Iterator[tuple[str, int]]:
    """The name of a database with so many old reservations, and the occurrence in it to sell."""
    with scratch.database() as database:
        scratch.load(database, "schedules", "history")
        with scratch.connect(database) as connection:
            row = connection.execute(
                "select bench.open_schedules(%s, %s)", (_SCHEDULES, _CAPACITY)
            ).fetchone()
            assert row is not None
            _load(connection, row[0], reservations, tell)
        yield database, row[0]


def _load(connection: psycopg.Connection[TupleRow], schedule: int, reservations: int, tell: Tell) -> None:
    superuser = connection.info.parameter_status("is_superuser") == "on"
    # foreign keys are triggers too, which only a superuser may pass by
    triggers = "all" if superuser else "user"
    connection.execute("set synchronous_commit = off")
    connection.execute(f"alter table public.ticket_reservations disable trigger {triggers}")
    connection.execute("select bench.drop_indexes()")
    for loaded in range(0, reservations, _CHUNK):
        tell(f"loading {reservations:,} old reservations", loaded, reservations)
        last = min(loaded + _CHUNK, reservations)
        connection.execute(
            "select bench.load_history(%s, %s, %s, %s)", (schedule, _SCHEDULES, loaded + 1, last)
        )
    tell("indexes and statistics of the old reservations", reservations, reservations)
    dropped = connection.execute("select i.restore from bench.dropped_indexes as i").fetchall()
    for (restore,) in dropped:
        connection.execute(restore)
    connection.execute(f"alter table public.ticket_reservations enable trigger {triggers}")
    connection.execute("vacuum analyze")
