"""The ways of selling, beside each other: each at each number of clients, in short rounds that take turns."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from ticketdb.bench import checks, pgbench
from ticketdb.bench.options import Options, Tell
from ticketdb.bench.results import Check, Run
from ticketdb.bench.scratch import Scratch
from ticketdb.bench.ways import Way

# more than a run can sell
_PLENTY = 10_000_000
# what a core sells in a second where each ticket is a row that must be there before
_TICKETS_PER_CORE = 20_000
# a small house, sold until the last buyer is refused
_HOUSE = 200
_PATIENCE = 10


@contextmanager
def prepared(scratch: Scratch, options: Options, ways: list[Way]) -> Iterator[str]:
    """The name of a database with all that the ways need, to be copied."""
    with scratch.database() as template:
        scratch.load(template, "schedules", *(way.setup for way in ways if way.setup))
        with scratch.connect(template) as connection:
            if any(way.stock == "spread" for way in ways):
                # 2,000 seats each are more than a run sells of one
                connection.execute(
                    "create table bench.spread as select bench.open_schedules(%s, 2000) as first_id",
                    (options.sizes.spread,),
                )
            connection.execute("vacuum analyze")
        yield template


def measure(scratch: Scratch, options: Options, ways: list[Way], tell: Tell) -> tuple[list[Run], list[Check]]:
    """Rates of all ways at all numbers of clients, and what was found after each run."""
    total = len(options.clients) * options.rounds * len(ways)
    done = 0
    runs: list[Run] = []
    found: list[Check] = []
    with prepared(scratch, options, ways) as template:
        for clients in options.clients:
            rates: dict[Way, list[float]] = {way: [] for way in ways}
            # a copy for each number, so that the later ones do not sell on top of the earlier ones' rows
            with scratch.database(template) as database:
                for turn in range(options.rounds):
                    for way in ways if turn % 2 == 0 else reversed(ways):
                        tell(f"{way.name}, {clients} clients", done, total)
                        after = f"{way.name}, {clients} clients, round {turn + 1}"
                        rates[way].append(_run(scratch, options, database, way, clients, after, found))
                        done += 1
            runs += [Run(way.name, clients, median(rates[way]), tuple(rates[way])) for way in ways]
        with scratch.database(template) as database:
            houses = [way for way in ways if way.sells and way.stock != "spread"]
            for number, way in enumerate(houses):
                tell(f"{way.name}, sold out", number, len(houses))
                found.append(_sell_out(scratch, options, database, way))
    return runs, found


def open_stock(
    connection: psycopg.Connection[TupleRow], way: Way, capacity: int, options: Options
) -> dict[str, int]:
    """Make what is sold; returns the variables of the script."""
    if way.stock == "spread":
        row = connection.execute("select s.first_id from bench.spread as s").fetchone()
        schedules = options.sizes.spread
    else:
        opening = sql.SQL("select {}(%s)").format(sql.Identifier("bench", f"open_{way.stock}"))
        row = connection.execute(opening, (capacity,)).fetchone()
        schedules = 1
    assert row is not None
    return {"schedule": row[0], "schedules": schedules}


def _run(
    scratch: Scratch, options: Options, database: str, way: Way, clients: int, after: str, found: list[Check]
) -> float:
    capacity = _PLENTY
    if way.row_per_seat:
        capacity = _TICKETS_PER_CORE * (os.cpu_count() or 1) * (options.warm_up + options.seconds)
    with scratch.connect(database) as connection:
        variables = open_stock(connection, way, capacity, options)
        outcome = pgbench.run(
            options.pgbench,
            scratch.name(database),
            way.script,
            clients=clients,
            seconds=options.seconds,
            warm_up=options.warm_up,
            variables=variables,
        )
        if way.sells:
            found.append(checks.count(connection, way, variables["schedule"], after))
    return outcome.rate


def _sell_out(scratch: Scratch, options: Options, database: str, way: Way) -> Check:
    """Sell a small house until every client is told that nothing is left."""
    clients = options.crowd
    with scratch.connect(database) as connection:
        variables = open_stock(connection, way, _HOUSE, options)
        outcome = pgbench.run(
            options.pgbench,
            scratch.name(database),
            way.script,
            clients=clients,
            seconds=2 if options.quick else _PATIENCE,
            variables=variables,
            until_sold_out=True,
        )
        return checks.count(
            connection,
            way,
            variables["schedule"],
            f"{way.name}, {_HOUSE} seats sold out to {clients} clients",
            sold_out=outcome.sold_out == clients,
        )
