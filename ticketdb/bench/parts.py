"""A run of the bench, part by part."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import psycopg

from ticketdb.bench import calendar, history, machine, recurrence, sellers, selling, table, wrapper
from ticketdb.bench.errors import BenchError
from ticketdb.bench.options import Options, Tell
from ticketdb.bench.results import Results
from ticketdb.bench.scratch import Scratch, server


def run(dsn: str | None, options: Options, tell: Tell) -> Results:
    """Measure the rows that are asked for, on the server of `dsn` or on an embedded one."""
    clients = max(*options.clients, sellers.PROCESSES)
    with server(dsn, clients, options.sizes.room) as scratch:
        results = Results(_describe(scratch, options), _settings(options))
        wanted = set(options.rows)
        with _surviving(results):
            if ways := table.ways_of(options.rows):
                runs, found = selling.measure(scratch, options, ways, tell)
                results.add(table.pair_rows(options.rows, runs), found, runs)
        for names, measure in (
            ({"generate", "generate-again"}, calendar.generation),
            (set(table.RECURRENCE), recurrence.measure),
            ({"availability"}, calendar.availability),
            ({"history"}, history.measure),
            ({"wrapper"}, wrapper.measure),
            ({"processes"}, sellers.measure),
        ):
            with _surviving(results):
                if names & wanted:
                    rows, found = measure(scratch, options, tell)
                    results.add((row for row in rows if row.name in wanted), found)
    return results


@contextmanager
def _surviving(results: Results) -> Iterator[None]:
    """A part that breaks takes nothing of the others with it: the whole run is a quarter of an hour."""
    try:
        yield
    except BenchError as error:
        results.failures.append(f"{error.message} {error.hint}")
    except psycopg.Error as error:
        results.failures.append(str(error).strip())


def _describe(scratch: Scratch, options: Options) -> dict[str, str | int | float]:
    version = subprocess.run(
        [options.pgbench, "--version"], capture_output=True, text=True, check=False
    ).stdout.strip()
    with scratch.database() as database, scratch.connect(database) as connection:
        return machine.describe(connection, version)


def _settings(options: Options) -> dict[str, object]:
    settings = asdict(options) | {"sizes": asdict(options.sizes)}
    del settings["pgbench"]
    return settings
