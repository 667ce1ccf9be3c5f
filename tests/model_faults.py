"""Faults to plant in the database of a model test, so that the model is seen to find them."""

from __future__ import annotations

from typing import NamedTuple

import psycopg


class Fault(NamedTuple):
    """A text in the source of a function, what stands there instead, and what is dropped besides."""

    name: str
    function: str
    text: str
    instead: str
    statements: str = ""


FAULTS = (
    Fault(
        "the fast path takes seats that are not there",
        "ticketdb.hold_tickets",
        "and b.held + b.sold + p_quantity <= b.capacity",
        "",
        "alter table ticketdb.seat_buckets drop constraint seats_within_capacity",
    ),
    Fault(
        "seats of lapsed holds are not given back",
        "ticketdb.lapsed_seats",
        "coalesce(sum(r.quantity), 0)",
        "0",
    ),
    Fault(
        "a buyer may have more than his limit",
        "ticketdb.check_limits",
        "v_has + p_quantity > p_limit_per_user",
        "false",
    ),
    Fault(
        "tickets of a cancelled sale stay valid",
        "ticketdb.undo_sales",
        "set status = 'void'",
        "set status = 'valid'",
    ),
    Fault(
        "a refund is not noted",
        "ticketdb.undo_sales",
        "set refund_due = p.amount",
        "set refund_due = 0",
    ),
)


def plant(dsn: str, fault: Fault) -> None:
    """Take a protection away in the test's own database."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select pg_get_functiondef(to_regproc(%s))", (fault.function,)).fetchone()
        source = (row and row[0]) or ""
        if fault.text not in source:
            raise LookupError(f"{fault.function} has changed: adapt the fault that is planted in it")
        connection.execute(source.replace(fault.text, fault.instead).encode())
        connection.execute(fault.statements.encode())
