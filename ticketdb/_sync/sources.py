# Made by tools/unasync.py of ticketdb/_async/sources.py: change that, and run it again.
"""Where the connection of a call comes from, and whose transaction the call is."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg import Connection, Cursor, IsolationLevel
from psycopg.pq import TransactionStatus

from ticketdb import _schema, _statements
from ticketdb._statements import Statement
from ticketdb._waiting import Lock

Row = TypeVar("Row")

_IN_TRANSACTION = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class Pool(Protocol):
    """What is needed of a pool. Those of psycopg_pool have it, which need not be installed."""

    def connection(self) -> AbstractContextManager[Connection[Any]]:
        """Lend a connection, and end its transaction when it comes back."""

    def check(self) -> None:
        """Throw broken connections away."""


def run(connection: Connection[Any], statement: Statement[Row], parameters: Sequence[Any]) -> list[Row]:
    """Send a statement and read all of its rows."""
    # a plain cursor, whatever kind the caller's connection makes by itself; and binary, for psycopg reads
    # times in text only where the session's DateStyle is ISO
    cursor = Cursor(connection, row_factory=statement.row)
    cursor.execute(statement.sql, parameters, binary=True)
    return cursor.fetchall()


def run_nested(
    connection: Connection[Any], statement: Statement[Row], parameters: Sequence[Any]
) -> list[Row]:
    """The same as a part of the caller's transaction; a refusal takes back nothing of what he did before."""
    if connection.autocommit and connection.pgconn.transaction_status not in _IN_TRANSACTION:
        return run(connection, statement, parameters)
    if connection.pgconn.transaction_status == TransactionStatus.IDLE:
        # his transaction begins with any statement; transaction() would begin one of its own, and commit it
        run(connection, _statements.BEGIN, ())
    with connection.transaction():
        rows = run(connection, statement, parameters)
    return rows


class GivenConnection:
    """A connection of the caller's: never committed, never closed, its settings left as they are."""

    def __init__(self, connection: Connection[Any]) -> None:
        """Keep it."""
        self.connection = connection
        # the status of the connection tells whose transaction a call is in only while no other call runs
        self._lock = Lock()

    def open(self) -> None:
        """It is open."""

    def close(self) -> None:
        """It is the caller's to close."""

    def fetch(self, statement: Statement[Row], parameters: Sequence[Any]) -> list[Row]:
        """All rows of a statement."""
        with self._lock:
            return run_nested(self.connection, statement, parameters)

    def may_repeat(self, lost: bool) -> bool:  # noqa: ARG002
        """Whether the call that failed was a transaction by itself, on a connection that still stands."""
        return self.connection.pgconn.transaction_status == TransactionStatus.IDLE


class OwnConnection:
    """A connection that is opened here, in autocommit mode; one that was lost is replaced with the next call.

    Nothing of the session outlives a call, so that it may lead through a transaction pooler.
    """

    def __init__(self, dsn: str, check_schema: bool, prepare_threshold: int | None) -> None:
        """Connect later: a constructor cannot wait."""
        self._dsn = dsn
        self._check_schema = check_schema
        self._prepare_threshold = prepare_threshold
        self._connection: Connection[Any] | None = None
        self._begins = False
        self._is_final = False
        self._lock = Lock()

    @property
    def connection(self) -> Connection[Any]:
        """The connection of this moment."""
        if self._connection is None:
            raise psycopg.InterfaceError(
                "there is no connection yet: enter the client's `with`, or open() it"
            )
        return self._connection

    def open(self) -> None:
        """Connect, unless that is done."""
        with self._lock:
            if self._connection is None or self._connection.closed:
                self._is_final = False
                self._connection = self._connect()

    def close(self) -> None:
        """Close the connection for good."""
        with self._lock:
            self._is_final = True
            if self._connection is not None:
                self._connection.close()

    def fetch(self, statement: Statement[Row], parameters: Sequence[Any]) -> list[Row]:
        """All rows of a statement."""
        with self._lock:
            connection = self._connection
            if connection is None or connection.closed:
                connection = self._connection = self._connect()
            status = connection.pgconn.transaction_status
            if self._begins and status == TransactionStatus.IDLE:
                with connection.transaction():
                    rows = run(connection, statement, parameters)
                return rows
            try:
                return run_nested(connection, statement, parameters)
            finally:
                if status in _IN_TRANSACTION and connection.closed:
                    # the caller believes himself in a transaction that is gone: what he calls next must fail
                    self._is_final = True

    def may_repeat(self, lost: bool) -> bool:
        """Whether the call that failed was a transaction by itself."""
        if lost:
            return not self._is_final
        return self.connection.pgconn.transaction_status == TransactionStatus.IDLE

    def _connect(self) -> Connection[Any]:
        if self._is_final:
            raise psycopg.OperationalError("the connection is closed")
        connection = Connection.connect(
            self._dsn,
            autocommit=True,
            prepare_threshold=self._prepare_threshold,
            fallback_application_name="ticketdb",
        )
        try:
            # a replacement is not looked at: the package goes on as it began while another is rolled out
            if self._connection is None:
                self._begins = self._look(connection) not in ("read committed", "read uncommitted")
            if self._begins:
                connection.set_isolation_level(IsolationLevel.READ_COMMITTED)
        except BaseException:
            connection.close()
            raise
        return connection

    def _look(self, connection: Connection[Any]) -> str:
        """The isolation level of transactions. Raises SchemaMismatch for a schema of another age."""
        if self._check_schema:
            try:
                [(level, newest)] = run(connection, _statements.ISOLATION_AND_NEWEST, ())
                _schema.refuse_unless_same(newest)
                return str(level)
            except psycopg.errors.UndefinedTable:
                _schema.refuse_unless_same(None)
            except psycopg.errors.InsufficientPrivilege:
                pass  # a role that may not see the records is not kept from what it may do
        [level] = run(connection, _statements.ISOLATION, ())
        return level


class PooledConnections:
    """A pool of the caller's: each call is a transaction on a connection lent for it."""

    def __init__(self, pool: Pool) -> None:
        """Keep it."""
        self._pool = pool

    @property
    def connection(self) -> Connection[Any]:
        """There is none."""
        raise psycopg.InterfaceError("a client on a pool has no connection of its own: ask the pool for one")

    def open(self) -> None:
        """It is the caller's to open."""

    def close(self) -> None:
        """It is the caller's to close."""

    def fetch(self, statement: Statement[Row], parameters: Sequence[Any]) -> list[Row]:
        """All rows of a statement."""
        with self._pool.connection() as connection:
            rows = run(connection, statement, parameters)
        return rows

    def may_repeat(self, lost: bool) -> bool:
        """Always. Where one connection was lost, the others may be: the pool shall not lend them."""
        if lost:
            self._pool.check()
        return True


Source = OwnConnection | GivenConnection | PooledConnections
