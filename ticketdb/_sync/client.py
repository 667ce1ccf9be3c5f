# Made by tools/unasync.py of ticketdb/_async/client.py: change that, and run it again.
"""The client: what it works on, with the methods of every subject, one file each.

What they send, `_statements` knows; how it is sent, `calls`; on which connection, `sources`.
"""

from types import TracebackType
from typing import Any, Self

from psycopg import Connection

from ticketdb import _schema
from ticketdb import _statements as statements
from ticketdb._sync.calendars import Calendars
from ticketdb._sync.door import Door
from ticketdb._sync.maintenance import Maintenance
from ticketdb._sync.notifications import Notifications
from ticketdb._sync.passes import Passes
from ticketdb._sync.reports import Reports
from ticketdb._sync.schedules import Schedules
from ticketdb._sync.selling import Selling
from ticketdb._sync.sources import GivenConnection, OwnConnection, Pool, PooledConnections, Source
from ticketdb._sync.waitlist import Waitlist
from ticketdb.retry import Retry


class TicketDB(Schedules, Calendars, Selling, Waitlist, Passes, Door, Notifications, Reports, Maintenance):
    """ticketdb's functions and views as methods.

    Given a DSN it opens a connection in autocommit mode, so that each call is its own transaction, and closes
    it at the end of the `with` block. If it is lost, the next call opens another. It may lead through a
    pooler in transaction mode; where it does not, `prepare_threshold=5`, psycopg's default, makes calls a
    little faster.

    Given a connection of yours it neither commits nor closes it nor changes its settings. A call is part of
    the transaction that you have open, in a savepoint: if it is refused, it alone is undone, and you go on or
    roll back as you like. A connection that is not in autocommit mode starts a transaction with the first
    call, as with every statement of psycopg, and it is for you to commit it.

    Given a pool of psycopg_pool's, each call is a transaction on a connection that is lent for it.

    With `retry` a call that met a deadlock or a lost connection is sent again, unless it is part of a
    transaction of yours, and only if doing it twice does no more than doing it once: `reserve_tickets` and
    `reserve_series` with an idempotency key, `check_in` with a scan id, `join_waitlist` for a user, and
    everything else.

    Connecting by a DSN raises `SchemaMismatch` where the schema is not of this package's age, unless
    `check_schema` is false; for a connection or a pool there is the method `check_schema`.
    """

    def __init__(
        self,
        database: str | Connection[Any] | Pool,
        *,
        retry: Retry | None = None,
        check_schema: bool = True,
        prepare_threshold: int | None = None,
    ) -> None:
        """Take a DSN, a connection or a pool."""
        source: Source
        if isinstance(database, str):
            source = OwnConnection(database, check_schema, prepare_threshold)
        elif isinstance(database, Connection):
            source = GivenConnection(database)
        elif hasattr(database, "check"):
            source = PooledConnections(database)
        else:
            # another kind of connection, most likely
            raise TypeError(f"a DSN, a connection or a pool of this client's kind, not {type(database)}")
        super().__init__(source, retry)

    @property
    def connection(self) -> Connection[Any]:
        """The connection, for statements of your own.

        One that was opened here is replaced when it is lost, and its settings with it. For several calls in
        one transaction give the client a connection of yours.
        """
        return self._source.connection

    def open(self) -> None:
        """Connect, as `with` does; without either the first call does it."""
        self._source.open()

    def close(self) -> None:
        """Close the connection, if it was opened here."""
        self._source.close()

    def __enter__(self) -> Self:
        """Connect."""
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connection, if it was opened here."""
        self.close()

    def check_schema(self) -> None:
        """Raise SchemaMismatch, which says what to run, unless the schema is of this package's age."""
        _schema.refuse_unless_same(self._fetch_one(statements.NEWEST_MIGRATION, ()))
