"""Databases to measure in: made on one server, dropped at the end; those that are there are never touched."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from ticketdb.bench.errors import BenchError
from ticketdb.bench.ways import SCRIPTS
from ticketdb.embedded import EmbeddedServer
from ticketdb.migrate import migrate

# what a role or database may have set otherwise; durable commits are what is compared
_SESSION = (
    "-c synchronous_commit=on -c default_transaction_isolation=read\\ committed"
    " -c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
)
# connections besides those of the clients
_OTHERS = 10
_FITNESS = """
select
    r.rolcreatedb or r.rolsuper,
    r.rolname,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - (
        select count(*) from pg_catalog.pg_stat_activity as a where a.backend_type = 'client backend'
    )
from pg_catalog.pg_roles as r
where r.rolname = current_user
"""


class Scratch:
    """The server, and the databases that this run makes there."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._installed: str | None = None

    def name(self, database: str) -> str:
        """The DSN of one of its databases."""
        options = conninfo_to_dict(self.dsn).get("options")
        return make_conninfo(
            self.dsn, dbname=database, options=f"{options} {_SESSION}" if options else _SESSION
        )

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """The name of a new database: a copy of `template`, else with an empty ticketdb."""
        if template is None:
            template = self._install()
        with self._made(template) as name:
            yield name

    @contextmanager
    def connect(self, database: str) -> Iterator[psycopg.Connection[TupleRow]]:
        """A connection in autocommit mode."""
        with psycopg.connect(self.name(database), autocommit=True) as connection:
            yield connection

    def load(self, database: str, *setups: str) -> None:
        """Run files of `scripts/setup`."""
        with self.connect(database) as connection:
            for setup in setups:
                connection.execute((SCRIPTS / "setup" / f"{setup}.sql").read_bytes())

    def close(self) -> None:
        """Drop what `database` copies from."""
        if self._installed is not None:
            self._drop(self._installed)

    def _install(self) -> str:
        if self._installed is None:
            self._installed = self._create("template0")
            migrate(self.name(self._installed))
        return self._installed

    @contextmanager
    def _made(self, template: str) -> Iterator[str]:
        name = self._create(template)
        try:
            yield name
        finally:
            self._drop(name)

    def _create(self, template: str) -> str:
        name = f"ticketdb_bench_{secrets.token_hex(6)}"
        self._execute("create database {} template {}", name, template)
        return name

    def _drop(self, name: str) -> None:
        self._execute("drop database if exists {} with (force)", name)

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def server(dsn: str | None, clients: int, room: int) -> Iterator[Scratch]:
    """Scratch databases on the server of `dsn`, else on an embedded one that lives as long.

    `room` is how many gigabytes the embedded server has to find.
    """
    if dsn is not None:
        _refuse_unfit(dsn, clients)
        with _closing(Scratch(dsn)) as scratch:
            yield scratch
        return
    folder = tempfile.gettempdir()
    if shutil.disk_usage(folder).free < room * 1024**3:
        raise BenchError(
            f"{folder} has less than {room} GB of room, which the embedded server needs for so many rows.",
            "Set TMPDIR to a folder that has it, or use --quick.",
        )
    settings = {
        "max_connections": str(clients + 2 * _OTHERS),
        "shared_buffers": "512MB",
        # no checkpoint in the middle of a run that its neighbours do not have
        "max_wal_size": "4GB",
        "fsync": "on",
        "synchronous_commit": "on",
    }
    with EmbeddedServer(settings=settings) as embedded, _closing(Scratch(embedded.dsn())) as scratch:
        yield scratch


@contextmanager
def _closing(scratch: Scratch) -> Iterator[Scratch]:
    try:
        yield scratch
    except BaseException:
        # the first error is the one to tell: the server itself may be gone
        with suppress(psycopg.Error):
            scratch.close()
        raise
    scratch.close()


def _refuse_unfit(dsn: str, clients: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(_FITNESS).fetchone()
    assert row is not None
    may_create, role, free = row
    if not may_create:
        raise BenchError(
            f"{role} may not create databases, and the bench works in a database of its own.",
            f"Let a superuser run: alter role {role} createdb; or leave --dsn out for the embedded server.",
        )
    if free < clients + _OTHERS:
        raise BenchError(
            f"The server has room for {free} connections, and {clients} clients need {clients + _OTHERS}.",
            "Raise its max_connections, or measure fewer --clients.",
        )
