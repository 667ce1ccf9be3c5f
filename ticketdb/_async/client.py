"""The client: what it works on, with the methods of every subject, one file each.

What they send, `_statements` knows; how it is sent, `calls`; on which connection, `sources`.
"""

from types import TracebackType
from typing import Any, Self

from psycopg import AsyncConnection

from ticketdb import _schema
from ticketdb import _statements as statements
from ticketdb._async.calendars import Calendars
from ticketdb._async.door import Door
from ticketdb._async.maintenance import Maintenance
from ticketdb._async.notifications import Notifications
from ticketdb._async.passes import Passes
from ticketdb._async.reports import Reports
from ticketdb._async.schedules import Schedules
from ticketdb._async.selling import Selling
from ticketdb._async.sources import AsyncPool, GivenConnection, OwnConnection, PooledConnections, Source
from ticketdb._async.waitlist import Waitlist
from ticketdb.retry import Retry


class AsyncTicketDB(
    Schedules, Calendars, Selling, Waitlist, Passes, Door, Notifications, Reports, Maintenance
):
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
        database: str | AsyncConnection[Any] | AsyncPool,
        *,
        retry: Retry | None = None,
        check_schema: bool = True,
        prepare_threshold: int | None = None,
    ) -> None:
        """Take a DSN, a connection or a pool."""
        source: Source
        if isinstance(database, str):
            source = OwnConnection(database, check_schema, prepare_threshold)
        elif isinstance(database, AsyncConnection):
            source = GivenConnection(database)
        elif hasattr(database, "check"):
            source = PooledConnections(database)
        else:
            # another kind of connection, most likely
            raise TypeError(f"a DSN, a connection or a pool of this client's kind, not {type(database)}")
        super().__init__(source, retry)

    @property
    def connection(self) -> AsyncConnection[Any]:
        """The connection, for statements of your own.

        One that was opened here is replaced when it is lost, and its settings with it. For several calls in
        one transaction give the client a connection of yours.
        """
        return self._source.connection

    async def open(self) -> None:
        """Connect, as `with` does; without either the first call does it."""
        await self._source.open()

    async def close(self) -> None:
        """Close the connection, if it was opened here."""
        await self._source.close()

    async def __aenter__(self) -> Self:
        """Connect."""
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connection, if it was opened here."""
        await self.close()

    async def check_schema(self) -> None:
        """Raise SchemaMismatch, which says what to run, unless the schema is of this package's age."""
        _schema.refuse_unless_same(await self._fetch_one(statements.NEWEST_MIGRATION, ()))
