"""One run at a time: a session advisory lock, which ends with its session however that ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg import Connection
from psycopg.rows import TupleRow

from ticketdb.migrate.errors import RunInProgress

# the letters of "ticketdb"
KEY = int.from_bytes(b"ticketdb", "big")
_PAUSE = 0.2
_HOLDER = """
    select l.pid
    from pg_catalog.pg_locks as l
    join pg_catalog.pg_database as d on d.oid = l.database
    where d.datname = pg_catalog.current_database()
      and l.locktype = 'advisory' and l.objsubid = 1 and l.granted
      and (l.classid::bigint << 32) + l.objid::bigint = %s
"""


@contextmanager
def run_lock(
    connection: Connection[TupleRow], wait: float, progress: Callable[[str], None]
) -> Iterator[None]:
    """Hold the lock of the database; wait for another run for at most `wait` seconds.

    Polls: a session that waits inside `pg_advisory_lock` holds a snapshot, for whose end `create index
    concurrently` of the run before it would wait in turn.
    """
    deadline = time.monotonic() + wait
    said = False
    while not _ask(connection, "select pg_catalog.pg_try_advisory_lock(%s)"):
        pid = _ask(connection, _HOLDER)
        if time.monotonic() > deadline:
            raise RunInProgress(
                f"Another run (server process {pid}) has held this database for more than {wait:g} seconds.",
                f"Run it again when that one has ended, or end it: select pg_terminate_backend({pid});",
            )
        if not said:
            progress(f"waiting for another run (server process {pid})")
            said = True
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_catalog.pg_advisory_unlock(%s)", (KEY,))


def _ask(connection: Connection[TupleRow], query: str) -> object:
    row = connection.execute(query, (KEY,)).fetchone()
    return row[0] if row else None
