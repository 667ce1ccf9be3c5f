"""Every object of a database with all that tells it from another, so that two databases can be compared."""

from collections.abc import Iterable
from pathlib import Path

import psycopg

from ticketdb.migrate.state import RECORD_TABLES

Snapshot = dict[tuple[str, str], str]

_QUERY = Path(__file__).with_suffix(".sql")


def snapshot(
    dsn: str, schemas: Iterable[str] = ("public", "ticketdb"), *, without: Iterable[str] = RECORD_TABLES
) -> Snapshot:
    """Return the definition of every object by kind and name; `without` leaves relations out."""
    with psycopg.connect(dsn) as connection, psycopg.RawCursor(connection) as cursor:
        cursor.execute("set local search_path = pg_catalog")
        cursor.execute(_QUERY.read_bytes(), (list(schemas), list(without)))
        return {(kind, name): definition for kind, name, definition in cursor}


def compare(one: Snapshot, other: Snapshot, first: str, second: str) -> list[str]:
    """Return a line for each object that only one has, or that differs."""
    found = []
    for key in sorted(one.keys() | other.keys()):
        kind, name = key
        if key not in other:
            found.append(f"{kind} {name}: only {first}")
        elif key not in one:
            found.append(f"{kind} {name}: only {second}")
        elif one[key] != other[key]:
            found.append(f"{kind} {name} differs\n  {first}: {one[key]}\n  {second}: {other[key]}")
    return found
