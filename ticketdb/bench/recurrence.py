"""Recurrence rules: a year of them beside python-dateutil, a window far from the start, generating."""

import time
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from importlib.util import find_spec
from statistics import median

import psycopg
from psycopg.rows import TupleRow

from ticketdb.bench import checks
from ticketdb.bench.errors import BenchError
from ticketdb.bench.options import Options, Tell
from ticketdb.bench.results import Check, Row
from ticketdb.bench.scratch import Scratch

_TEN_YEARS = 3652


def has_dateutil() -> bool:
    """Whether there is what our expander is compared with."""
    return find_spec("dateutil") is not None


def measure(scratch: Scratch, options: Options, tell: Tell) -> tuple[list[Row], list[Check]]:
    """All three rows, with as many definitions as the other measurements generate from."""
    if not has_dateutil():
        raise BenchError("There is no python-dateutil to compare with.", "pip install python-dateutil")
    rows: list[Row] = []
    found: list[Check] = []
    for step, part in enumerate((_year, _window, _generation)):
        tell(f"recurrence of {options.sizes.definitions:,} definitions", step, 3)
        row, check = part(scratch, options)
        rows.append(row)
        found.append(check)
    return rows, found


def _year(scratch: Scratch, options: Options) -> tuple[Row, Check]:
    first, last = _period(365)
    ours: list[float] = []
    theirs: list[float] = []
    with scratch.database() as database:
        _define(scratch, database, options, first)
        with scratch.connect(database) as connection:
            rules = connection.execute(
                """
                select d.rrule, d.recurrence_starts_on + d.default_start_time
                from public.event_definitions as d
                """
            ).fetchall()
            for _ in range(options.rounds):
                seconds, expanded = _timed(connection, "select bench.expand_rules(%s, %s)", first, last)
                ours.append(seconds)
                started = time.perf_counter()
                by_dateutil = sum(_by_dateutil(text, start, first, last) for text, start in rules)
                theirs.append(time.perf_counter() - started)
    number = options.sizes.definitions
    return Row(
        "recurrence",
        f"a year of {number:,} recurrence rules",
        "python-dateutil",
        None,
        "rules/s",
        number / median(ours),
        number / median(theirs),
        1,
    ), _same("a year of recurrence rules", expanded, by_dateutil)


def _window(scratch: Scratch, options: Options) -> tuple[Row, Check]:
    first, last = _period(30)
    short: list[float] = []
    whole: list[float] = []
    with scratch.database() as database:
        _define(scratch, database, options, first - timedelta(days=_TEN_YEARS))
        with scratch.connect(database) as connection:
            for _ in range(options.rounds):
                seconds, expanded = _timed(connection, "select bench.expand_rules(%s, %s)", first, last)
                short.append(seconds)
                seconds, of_all = _timed(connection, "select bench.expand_rules_whole(%s, %s)", first, last)
                whole.append(seconds)
    number = options.sizes.definitions
    return Row(
        "recurrence-window",
        f"30 days of {number:,} rules begun ten years ago",
        "expanding them from the start",
        None,
        "rules/s",
        number / median(short),
        number / median(whole),
        20,
    ), _same("a window of recurrence rules", expanded, of_all)


def _generation(scratch: Scratch, options: Options) -> tuple[Row, Check]:
    first, last = _period(365)
    days = (first.date(), last.date())
    generated: list[float] = []
    inserted: list[float] = []
    with scratch.database() as template:
        _define(scratch, template, options, first)
        with scratch.connect(template) as connection:
            _, schedules = _timed(connection, "select bench.prepare_occurrences(%s, %s)", *days)
        for _ in range(options.rounds):
            with scratch.database(template) as database, scratch.connect(database) as connection:
                inserted.append(_timed(connection, "select bench.insert_occurrences()")[0])
            with scratch.database(template) as database, scratch.connect(database) as connection:
                generated.append(_timed(connection, "select bench.generate_rules(%s, %s)", *days)[0])
                check = checks.verify(connection, "generating from recurrence rules")
    return Row(
        "recurrence-generate",
        f"generating {schedules:,} schedules from rules",
        "one insert … select",
        None,
        "schedules/s",
        schedules / median(generated),
        schedules / median(inserted),
        0.7,
    ), check


def _define(scratch: Scratch, database: str, options: Options, start: datetime) -> None:
    scratch.load(database, "schedules", "recurrence")
    with scratch.connect(database) as connection:
        connection.execute("select bench.define_rules(%s, %s)", (options.sizes.definitions, start.date()))
        connection.execute("vacuum analyze")


def _by_dateutil(text: str, start: datetime, first: datetime, last: datetime) -> int:
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

    return len(rrulestr(text, dtstart=start).between(first, last, inc=True))


def _same(what: str, ours: int, others: int) -> Check:
    return Check(what, () if ours == others else (f"{ours} starts where {others} were expected",))


def _period(days: int) -> tuple[datetime, datetime]:
    # the same period whenever it is run
    first = datetime.combine(date(2026, 11, 2), time_of_day.min)
    return first, first + timedelta(days=days) - timedelta(seconds=1)


def _timed(connection: psycopg.Connection[TupleRow], query: str, *arguments: object) -> tuple[float, int]:
    started = time.perf_counter()
    row = connection.execute(query, arguments).fetchone()
    seconds = time.perf_counter() - started
    assert row is not None
    return seconds, int(row[0] or 0)
