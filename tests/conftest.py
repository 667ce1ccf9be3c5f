"""Databases to test on: a migrated template, clones of it, and connections that clear up after themselves."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from factories import assert_sound
from house import House, open_house
from http_clients import Ask, Clients, Lines
from postgrest import find_program
from postgrest_image import program_of_image
from psycopg import sql
from psycopg.pq import TransactionStatus
from servers import Choice, NotHere, Server, scratch

from ticketdb import embedded

CHOICE = pytest.StashKey[Choice]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CHOICE] = Choice()


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [] if config.option.collectonly else config.stash[CHOICE].header()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[CHOICE].close()


def execute(server: Server, statement: str, **names: str) -> None:
    """Run a statement about databases; each in a connection of its own, for they refuse transactions."""
    identifiers = {key: sql.Identifier(name) for key, name in names.items()}
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(**identifiers))


@contextmanager
def database(server: Server, template: str = "template0") -> Iterator[str]:
    """The name of a new database, dropped at the end whoever is still connected to it."""
    name = f"ticketdb_test_{secrets.token_hex(6)}"
    # Copying files beats the default, which writes every block to the log, for a small template.
    execute(
        server, "create database {name} template {template} strategy file_copy", name=name, template=template
    )
    try:
        yield name
    finally:
        execute(server, "drop database if exists {name} with (force)", name=name)


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Server:
    """The server of this run; the header says which one it is."""
    return pytestconfig.stash[CHOICE].server()


@pytest.fixture(scope="session")
def template(server: Server) -> Iterator[str]:
    """The name of a database with ticketdb installed, to be cloned; nobody can connect to it."""
    from ticketdb.migrate import migrate

    with database(server) as name:
        migrate(server.database(name))
        execute(server, "alter database {name} with allow_connections false", name=name)
        yield name


@pytest.fixture
def db(server: Server, template: str) -> Iterator[str]:
    """The DSN of a fresh database with ticketdb, for tests that commit or need several connections."""
    with database(server, template) as name:
        yield server.database(name)


@pytest.fixture
def empty_db(server: Server) -> Iterator[str]:
    """The DSN of a fresh database without ticketdb."""
    with database(server) as name:
        yield server.database(name)


@pytest.fixture
def connect(db: str) -> Iterator[Callable[..., psycopg.Connection]]:
    """Opens connections to `db`, in autocommit mode unless told otherwise; all are closed at the end."""
    opened: list[psycopg.Connection] = []

    def open_one(*, autocommit: bool = True, **options) -> psycopg.Connection:
        opened.append(psycopg.connect(db, autocommit=autocommit, **options))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture(scope="session")
def shared_db(server: Server, template: str) -> Iterator[str]:
    """The DSN of the one database that all tests with `tx` share; nothing is ever committed there."""
    with database(server, template) as name:
        yield server.database(name)


@pytest.fixture
def tx(shared_db: str) -> Iterator[psycopg.Connection]:
    """A connection in a transaction that is rolled back at the end, for tests that commit nothing."""
    with psycopg.connect(shared_db) as connection:
        # from here on what a test calls a transaction is a savepoint
        connection.execute("select")
        yield connection
        connection.rollback()
        left = connection.execute("select d.event_code from public.event_definitions as d").fetchall()
        assert left == [], "a test committed in the database that all share"


@pytest.fixture
def sound(tx: psycopg.Connection) -> Iterator[None]:
    """After the test every counter equals its rows."""
    yield
    if tx.info.transaction_status is not TransactionStatus.INERROR:
        assert_sound(tx)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The PostgREST to test with: a program that is there, else that of the image."""
    if found := find_program():
        return found
    try:
        return program_of_image(tmp_path_factory.mktemp("postgrest"))
    except NotHere as reason:
        pytest.skip(
            f"TICKETDB_TEST_POSTGREST is not set, no program `postgrest` is on the PATH, and {reason}"
        )


@pytest.fixture
def house(program: str, db: str, connect: Callable[..., psycopg.Connection]) -> Iterator[House]:
    """PostgREST with the roles, on the test's own database."""
    with open_house(program, db, connect()) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_house(program: str, server: Server, template: str) -> Iterator[House]:
    """The same for all tests of a module, each of which looks at what it made alone."""
    with database(server, template) as name:
        dsn = server.database(name)
        with psycopg.connect(dsn, autocommit=True) as shop, open_house(program, dsn, shop) as opened:
            yield opened


@pytest.fixture(scope="session")
def clients() -> Iterator[Clients]:
    """supabase-py and supabase-js."""
    started = Clients()
    yield started
    started.close()


@pytest.fixture(params=Lines._fields)
def ask(request: pytest.FixtureRequest, clients: Clients) -> Ask:
    """What one of these is answered."""
    return lambda api, lines: clients.ask(request.param, api, getattr(lines, request.param))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder for `ticketdb up`; the server that was started there goes with it.

    Not `tmp_path`: that is root's alone when root runs the tests, and root's servers run as another account.
    """
    folder = Path(tempfile.mkdtemp(prefix="tdb-test-", dir=scratch())).resolve()
    folder.chmod(0o755)
    yield folder
    embedded.down(folder)
    shutil.rmtree(folder)
