"""Recognises a pooler that gives each transaction another session of the server.

What the runner relies on belongs to a session: its lock, its settings. Behind such a pooler both would stay
with a connection of the server that is somebody else's next.
"""

import random
import re
import select
import time
from contextlib import closing
from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus

from ticketdb.migrate.errors import TransactionPooler

# of Supabase's addresses, those with this port are poolers of that kind
_SUPABASE = re.compile(r"\.supabase\.com?\Z")
_SUPABASE_PORT = 6543
_ROUNDS = 20
_LONGEST_PAUSE = 0.01
_PATIENCE = 3
_PROCESS = "select pg_catalog.pg_backend_pid()"


def refuse_transaction_pooler(connection: psycopg.Connection[Any], dsn: str) -> None:
    """Stop where the sessions of the server are not kept."""
    if pools_transactions(connection, dsn):
        raise TransactionPooler(
            "This connection leads through a pooler in transaction mode: each transaction may get another"
            " session, so the lock that keeps two runs apart, and a run's settings, would be left to others.",
            "Nothing was changed. Migrate over a direct connection, or a pooler in session mode; on Supabase"
            " that is port 5432 instead of 6543.",
        )


def pools_transactions(connection: psycopg.Connection[Any], dsn: str) -> bool:
    """Tell whether the connection, made with this DSN and idle, may be served by changing sessions.

    Nothing is left behind: all that is asked for is the number of the server's process.
    """
    info = connection.info
    if info.port == _SUPABASE_PORT and _SUPABASE.search(info.host):
        return True
    own = _own_process(connection)
    # a server tells this number when a session begins; a pooler, which may change servers, makes one up
    if own == info.backend_pid:
        return False
    try:
        other = psycopg.connect(dsn, autocommit=True, prepare_threshold=None, connect_timeout=_PATIENCE)
    except psycopg.OperationalError:
        # no room for a second session
        return _own_process(connection) != own
    with closing(other):
        # The next transaction gets the server that was given back last, or the one that has waited longest:
        # two clients share a process, or one finds itself with two. Where sessions are kept, neither is seen.
        # A crowd of others can keep both from us by its rhythm, but not if we have none.
        for _ in range(_ROUNDS):
            if _process_in_time(other) == own or _own_process(connection) != own:
                return True
            time.sleep(random.uniform(0, _LONGEST_PAUSE))
    return False


def _own_process(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute(_PROCESS).fetchone()
    return int(row[0]) if row else 0


def _process_in_time(connection: psycopg.Connection[Any]) -> int | None:
    """Return the process that serves the connection; None if there is none to spare."""
    server = connection.pgconn
    if server.transaction_status == TransactionStatus.ACTIVE:  # still waiting
        return None
    server.send_query(_PROCESS.encode())
    deadline = time.monotonic() + _PATIENCE
    while server.is_busy():
        if not select.select([server.socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return None
        server.consume_input()
    result = server.get_result()
    while server.get_result():
        pass
    # a pooler that has waited long enough itself answers with an error
    if result is None or result.status != ExecStatus.TUPLES_OK:
        return None
    return int(result.get_value(0, 0) or 0)
