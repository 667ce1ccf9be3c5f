"""Keeps a rollback from dropping tickets that people paid for."""

import re
from collections.abc import Collection

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from ticketdb.migrate.errors import TicketsSold
from ticketdb.migrate.files import SqlMigration

# which rows of a table somebody paid for, and what they are; imported passes can be imported again
_SALES = {
    "ticket_reservations": ("sold reservations", "r.status in ('confirmed', 'refund_due')"),
    "ticket_payments": ("payments", "true"),
    "event_passes": (
        "sold passes",
        "r.status in ('active', 'refund_due', 'cancelled') and r.origin <> 'legacy'",
    ),
}


def dropped_sales(migration: SqlMigration, face: str) -> set[str]:
    """The tables of sales that the rollback of this migration drops."""
    pattern = re.compile(rf"drop table (?:if exists )?{re.escape(face)}\.({'|'.join(_SALES)})\b")
    found = (pattern.match(step.text) for step in migration.rollback_statements())
    return {match[1] for match in found if match}


def refuse_if_sold(connection: Connection[TupleRow], face: str, tables: Collection[str]) -> None:
    """Stop if one of these tables has a sale or a payment."""
    sold = {}
    for table, (what, condition) in _SALES.items():
        name = sql.Identifier(face, table)
        if table not in tables or connection.execute(
            "select to_regclass(%s)", (name.as_string(connection),)
        ).fetchone() == (None,):
            continue
        query = sql.SQL("select count(*) from {} as r where {}").format(name, sql.SQL(condition))
        (sold[what],) = connection.execute(query).fetchone() or (0,)
    if any(sold.values()):
        raise TicketsSold(
            f"This would drop {' and '.join(f'{count} {what}' for what, count in sold.items() if count)}.",
            "Keep a dump of them, then repeat with --force.",
        )
