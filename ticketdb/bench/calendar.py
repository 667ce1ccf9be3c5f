"""Generating a year of many events, and reading the next 30 days of one type among a million occurrences."""

import time
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from ticketdb.bench import checks
from ticketdb.bench.options import Options, Tell
from ticketdb.bench.results import Check, Row
from ticketdb.bench.scratch import Scratch

_AVAILABLE = """
select a.schedule_id, a.event_definition_id, a.schedule_date, a.start_time, a.end_time,
    a.start_datetime, a.end_datetime, a.max_tickets, a.tickets_sold, a.tickets_available, a.effective_price,
    a.status, a.starts_at, a.ends_at
from public.v_event_availability as a
where a.event_type = %(type)s and a.schedule_date between %(from)s and %(to)s
"""
_INDEXED = """
select s.id, s.event_definition_id, s.schedule_date, s.start_time, s.end_time,
    s.start_datetime, s.end_datetime, s.max_tickets, s.tickets_sold, s.tickets_available, s.ticket_price,
    s.status, s.starts_at, s.ends_at
from public.event_schedules as s
where s.event_definition_id = any (%(definitions)s) and s.schedule_date between %(from)s and %(to)s
"""
_TYPE = "type-0"
_READS = 41


def generation(scratch: Scratch, options: Options, tell: Tell) -> tuple[list[Row], list[Check]]:
    """A year of all events by the function and by one insert; then the function again, nothing missing."""
    first, last = _days(365)
    schedules = options.sizes.definitions * 365
    total = 2 * options.rounds
    bare: list[float] = []
    once: list[float] = []
    again: list[float] = []
    found: list[Check] = []
    with scratch.database() as template:
        scratch.load(template, "schedules", "calendar")
        with scratch.connect(template) as connection:
            connection.execute("select bench.define_events(%s)", (options.sizes.definitions,))
            connection.execute("vacuum analyze")

        def insert(done: int) -> None:
            tell(f"one insert of {schedules:,} schedules", done, total)
            with scratch.database(template) as database, scratch.connect(database) as connection:
                bare.append(_seconds(connection, "select bench.insert_schedules(%s, %s)", (first, last)))

        def generate(done: int) -> None:
            tell(f"generating {schedules:,} schedules", done, total)
            with scratch.database(template) as database:
                for seconds in (once, again):
                    with scratch.connect(database) as connection:
                        seconds.append(_seconds(connection, "select bench.generate(%s, %s)", (first, last)))
                        connection.execute("analyze public.event_schedules")
                with scratch.connect(database) as connection:
                    found.append(checks.verify(connection, "generating schedules"))

        for turn in range(options.rounds):
            for number, measure in enumerate((insert, generate) if turn % 2 == 0 else (generate, insert)):
                measure(2 * turn + number)
    what = f"generating {schedules:,} schedules"
    rates = [schedules / median(seconds) for seconds in (bare, once, again)]
    return [
        Row("generate", what, "one insert … select", None, "schedules/s", rates[1], rates[0], 0.7),
        Row("generate-again", f"{what} again", "its first run", None, "schedules/s", rates[2], rates[1], 8),
    ], found


def availability(scratch: Scratch, options: Options, tell: Tell) -> tuple[list[Row], list[Check]]:
    """`v_event_availability` against the same rows by index alone, both fetched by psycopg."""
    sizes = options.sizes
    first, last = _days(sizes.schedules // sizes.definitions)
    month = (first, first + timedelta(days=29))
    with scratch.database() as database:
        scratch.load(database, "schedules", "calendar")
        with scratch.connect(database) as connection:
            tell(f"{sizes.schedules:,} schedules for availability", 0, 2)
            connection.execute("select bench.define_events(%s)", (sizes.definitions,))
            connection.execute("select bench.insert_schedules(%s, %s)", (first, last))
            connection.execute("select bench.sell_some(%s, %s, %s)", (_TYPE, *month))
            connection.execute("vacuum analyze")
        tell("availability of 30 days", 1, 2)
        with scratch.connect(database) as connection:
            ids = connection.execute(
                "select array_agg(d.id) from public.event_definitions as d where d.event_type = %s", (_TYPE,)
            ).fetchone()
            assert ids is not None
            arguments: dict[str, Any] = {
                "type": _TYPE,
                "from": month[0],
                "to": month[1],
                "definitions": ids[0],
            }
            connection.execute("set enable_seqscan = off")
            timed: dict[str, list[float]] = {_AVAILABLE: [], _INDEXED: []}
            for _ in range(_READS):
                for query, seconds in timed.items():
                    seconds.append(_seconds(connection, query, arguments))
            rows = 30 * len(ids[0])
            found = checks.verify(connection, "selling for availability")
    return [
        Row(
            "availability",
            f"v_event_availability, 30 days of one type, {sizes.schedules:,} schedules",
            "the same rows by index alone",
            None,
            "rows/s",
            rows / median(timed[_AVAILABLE]),
            rows / median(timed[_INDEXED]),
            0.3,
        )
    ], [found]


def _days(number: int) -> tuple[date, date]:
    # tomorrow is a day to come in every zone but the last hours' of the easternmost, so the day after it
    first = datetime.now(UTC).date() + timedelta(days=2)
    return first, first + timedelta(days=number - 1)


def _seconds(connection: psycopg.Connection[TupleRow], query: str, arguments: Any) -> float:
    started = time.perf_counter()
    connection.execute(query, arguments).fetchall()
    return time.perf_counter() - started
