"""Keeps a rollback from dropping tickets that people paid for."""

import re

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from ticketdb.migrate.errors import TicketsSold
from ticketdb.migrate.files import SqlMigration

_TABLES = ("ticket_reservations", "ticket_payments")


def drops_sold_tickets(migration: SqlMigration, face: str) -> bool:
    """Tell whether the rollback of this migration drops the tables of sales."""
    pattern = re.compile(rf"drop table (?:if exists )?{re.escape(face)}\.(?:{'|'.join(_TABLES)})\b")
    return any(pattern.match(step.text) for step in migration.rollback_statements())


def refuse_if_sold(connection: Connection[TupleRow], face: str) -> None:
    """Stop if there is a sale or a payment."""
    reservations, payments = (sql.Identifier(face, table) for table in _TABLES)
    # both are made and dropped together
    if connection.execute("select to_regclass(%s)", (reservations.as_string(connection),)).fetchone() == (
        None,
    ):
        return
    query = sql.SQL(
        "select (select count(*) from {} as r where r.status in ('confirmed', 'refund_due')),"
        " (select count(*) from {})"
    ).format(reservations, payments)
    sold, paid = connection.execute(query).fetchone() or (0, 0)
    if sold or paid:
        raise TicketsSold(
            f"This would drop {sold} sold reservations and {paid} payments.",
            "Keep a dump of them, then repeat with --force.",
        )
