"""yoyo's psycopg backend, made to apply a migration and its record in one transaction."""

import getpass
import socket
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.errors import DeadlockDetected, InvalidParameterValue, LockNotAvailable
from yoyo import internalmigrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend

from ticketdb.migrate.blockers import blocked
from ticketdb.migrate.errors import StatementFailed
from ticketdb.migrate.files import SqlMigration, Statement
from ticketdb.migrate.pooler import refuse_transaction_pooler
from ticketdb.migrate.schema import create_schema, finish_record_tables
from ticketdb.migrate.state import RECORD_TABLES

# a migration does the same whoever runs it, whatever that role or database has set
SETTINGS = {
    "search_path": "pg_catalog",
    "check_function_bodies": "off",
    "standard_conforming_strings": "on",
    "client_min_messages": "warning",
    "default_transaction_isolation": "read committed",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}


class Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]
    """A connection that runs migrations and keeps their record in `schema`."""

    log_table, version_table = RECORD_TABLES[1:]
    schema: str
    _internal_schema_updated: bool

    def __init__(self, dsn: str, schema: str, lock_timeout: float) -> None:
        """Connect; nothing is written yet."""
        self.schema = schema
        self.lock_timeout = lock_timeout
        super().__init__(dsn, RECORD_TABLES[0])

    def connect(self, dburi: str) -> psycopg.Connection[Any]:
        """Hand the DSN to libpq as it is: yoyo would lose sockets, TLS settings and lists of hosts."""
        connection = psycopg.connect(
            dburi,
            autocommit=True,
            prepare_threshold=None,
            fallback_application_name="ticketdb migrate",
            client_encoding="utf8",
        )
        try:
            # before any setting is pinned: it would stay with a connection that is others' next
            refuse_transaction_pooler(connection, dburi)
        except BaseException:
            connection.close()
            raise
        return connection

    def init_connection(self, connection: psycopg.Connection[Any]) -> None:
        """Pin the session's settings."""
        for name, value in SETTINGS.items():
            connection.execute("select pg_catalog.set_config(%s, %s, false)", (name, value))
        # a killed run's session shall end, and free its lock, soon; not every platform can tell
        with suppress(InvalidParameterValue):
            connection.execute("set client_connection_check_interval = '1s'")

    def quote_identifier(self, s: str) -> str:
        """Quote, and name the schema of yoyo's tables, which are not on the search path."""
        quoted: str = super().quote_identifier(s)
        return f"{super().quote_identifier(self.schema)}.{quoted}" if s in RECORD_TABLES else quoted

    def list_tables(self, **kwargs: Any) -> list[str]:  # noqa: ARG002
        """Return the tables of the schema."""
        rows = self.connection.execute(
            "select tablename from pg_catalog.pg_tables where schemaname = %s", (self.schema,)
        )
        return [name for (name,) in rows]

    def transaction(self, rollback_on_exit: bool = False) -> AbstractContextManager[Any]:
        """Begin one, or join the one that runs: a savepoint for each statement would serve nobody."""
        return nullcontext() if self._in_transaction else super().transaction(rollback_on_exit)

    def rollback(self) -> None:
        """Roll back, also where the server has gone and has done so itself."""
        self._in_transaction = False
        if (
            not self.connection.closed
            and self.connection.info.transaction_status != self.TRANSACTION_STATUS_IDLE
        ):
            self.connection.execute("rollback")

    def ensure_internal_schema_updated(self) -> None:
        """Make the schema, yoyo's tables and our checksum column, all or nothing."""
        if self._internal_schema_updated or not internalmigrations.needs_upgrading(self):
            return
        with self.transaction():
            create_schema(self.connection, self.schema)
            internalmigrations.upgrade(self)
            finish_record_tables(self.connection, self.schema)
        self._internal_schema_updated = True

    def apply_one(self, migration: SqlMigration, force: bool = False, mark: bool = True) -> None:  # noqa: ARG002
        """Apply it and mark it applied."""
        self._run(migration, migration.statements(), "apply", self.mark_one)

    def rollback_one(
        self,
        migration: SqlMigration,
        force: bool = False,  # noqa: ARG002
        check: Callable[[], None] | None = None,
    ) -> None:
        """Take it out and forget it; `check` may still refuse, in the same transaction."""
        self._run(migration, migration.rollback_statements(), "rollback", self.unmark_one, check)

    def _run(
        self,
        migration: SqlMigration,
        statements: list[Statement],
        operation: str,
        record: Callable[..., None],
        check: Callable[[], None] | None = None,
    ) -> None:
        # outside a transaction each statement stands by itself and can be repeated; the record comes last
        with self.transaction() if migration.use_transactions else nullcontext():
            if check:
                check()
            for statement in statements:
                self._execute(statement)
            with self.transaction():
                record(migration, log=False)
                self.log_migration(migration, operation)

    def _execute(self, statement: Statement) -> None:
        # nobody queues behind a concurrent index build, so it may wait longer for old transactions to end
        seconds = self.lock_timeout * (60 if statement.is_concurrent else 1)
        self.connection.execute(
            "select pg_catalog.set_config('lock_timeout', %s, false)", (f"{int(seconds * 1000)}ms",)
        )
        try:
            statement.execute(self.connection)
        except StatementFailed as error:
            if error.sqlstate in (LockNotAvailable.sqlstate, DeadlockDetected.sqlstate):
                # the failed transaction answers no questions
                self.rollback()
                raise blocked(error, self.connection, seconds) from error
            raise

    def mark_one(self, migration: SqlMigration, log: bool = True) -> None:
        """Mark it applied, with its checksum."""
        super().mark_one(migration, log)
        self.connection.execute(
            sql.SQL("update {} as r set checksum = %s where r.migration_id = %s").format(
                sql.Identifier(self.schema, RECORD_TABLES[0])
            ),
            (migration.checksum, migration.id),
        )

    def get_log_data(self, migration: SqlMigration | None = None, operation: str = "apply") -> dict[str, Any]:
        """Return a row of the log. yoyo's own asks the DNS for this machine's name, and may hang on it."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):  # a container's user without a name
            user = "unknown"
        return {
            "id": str(uuid.uuid4()),
            "migration_id": migration.id if migration else None,
            "migration_hash": migration.hash if migration else None,
            "username": user,
            "hostname": socket.gethostname(),
            "created_at_utc": datetime.now(UTC).replace(tzinfo=None),
            "operation": operation,
        }
