"""Counting again after a run: was anything sold twice, and do the counters tell the truth?"""

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from ticketdb.bench.results import Check
from ticketdb.bench.ways import Way


def verify(connection: psycopg.Connection[TupleRow], after: str) -> Check:
    """What `verify_inventory` finds."""
    found = connection.execute(
        "select format('schedule %s: %s is %s instead of %s', v.schedule_id, v.problem, v.actual, v.expected)"
        " from public.verify_inventory() as v limit 20"
    )
    return Check(after, tuple(problem for (problem,) in found))


def count(
    connection: psycopg.Connection[TupleRow], way: Way, stock: int, after: str, *, sold_out: bool = False
) -> Check:
    """Seats against reservations against counters, and for our own ways `verify_inventory` besides."""
    row = connection.execute(
        sql.SQL("select c.capacity, c.sold, c.counted from {}(%s) as c").format(
            sql.Identifier("bench", f"count_{way.stock}")
        ),
        (stock,),
    ).fetchone()
    assert row is not None
    capacity, sold, counted = row
    problems = []
    if sold > capacity:
        problems.append(f"oversold: {sold} of {capacity} seats")
    if counted != sold:
        problems.append(f"the counter says {counted} seats, and {sold} are taken")
    if sold_out and sold < capacity:
        problems.append(f"buyers were told that nothing is left, and {sold} of {capacity} seats are taken")
    if way.ours:
        problems += verify(connection, after).problems
    return Check(after, tuple(problems))
