"""Who stands in the way of a migration that waited too long for a lock."""

from typing import Any

from psycopg import Connection
from psycopg.errors import DeadlockDetected

from ticketdb.migrate.errors import Blocked, StatementFailed

# Sessions that hold a lock on a table outside the system schemas, longest transaction first. Who held
# the very lock cannot be asked any more: the wait is over.
_HOLDERS = """
    select a.pid, coalesce(nullif(a.application_name, ''), a.backend_type), a.usename, a.state,
           date_trunc('second', a.xact_start)::text, left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80),
           string_agg(distinct c.relname, ', ')
    from pg_catalog.pg_locks as l
    join pg_catalog.pg_stat_activity as a on a.pid = l.pid
    join pg_catalog.pg_class as c on c.oid = l.relation
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    join pg_catalog.pg_database as d on d.oid = l.database
    where d.datname = current_database() and l.pid <> pg_backend_pid() and l.granted
      and c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    group by a.pid, a.application_name, a.backend_type, a.usename, a.state, a.xact_start, a.query
    order by a.xact_start
    limit 10
"""


def blocked(error: StatementFailed, connection: Connection[Any], lock_timeout: float) -> Blocked:
    """Return the error for a lock that was not to be had, with the sessions that hold locks now."""
    sessions = [
        f"  server process {pid} ({application}, user {user}), {state} since {since}, locks {tables}: {query}"
        for pid, application, user, state, since, query, tables in connection.execute(_HOLDERS).fetchall()
    ]
    found = "\n".join(sessions) or "  none any more: whoever held it has just gone"
    waited = (
        "ended in a deadlock with the application" if error.sqlstate == DeadlockDetected.sqlstate
        else f"waited for a lock for {lock_timeout:g} seconds"
    )  # fmt: skip
    return Blocked(
        f"{error.file}, line {error.line}: {error.statement.splitlines()[0]}\n"
        f"{waited} (SQLSTATE {error.sqlstate}).\nSessions that hold locks:\n{found}",
        "This migration was not applied. Run it again when they have ended, or with a longer lock timeout.",
        file=error.file,
        line=error.line,
        statement=error.statement,
        sqlstate=error.sqlstate,
    )
