"""The ways in which Supabase, and psql, run a text of SQL, and the projects that they run it in."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from conftest import database
from hosts import run
from servers import Server
from supabase import prepare, split, supabase_roles

from ticketdb._resources import migrations_dir
from tools.catalog import snapshot

NewDatabase = Callable[[], str]
RECORDS = "select array_agg(r::text order by r.migration_id) from ticketdb.ticket_migrations as r"
LOG = "select count(*) from ticketdb.ticket_migrations_log"


@contextmanager
def projects(server: Server) -> Iterator[NewDatabase]:
    """Makes projects: empty databases as Supabase hands them over, reached as their owner."""
    with supabase_roles(server), ExitStack() as stack:
        yield lambda: prepare(server.database(stack.enter_context(database(server))))


def editor(dsn: str, statements: str) -> None:
    """As the SQL editor does it: all in one message."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statements.encode())


def db_push(dsn: str, statements: str) -> None:
    """As `supabase db push` does it: statement by statement in one pipeline, its own record at the end."""
    run(dsn, "create schema if not exists supabase_migrations")
    run(dsn, "create table if not exists supabase_migrations.schema_migrations (statements text[])")
    parts = split(statements)
    # a pipeline has one statement to a message, and is one transaction
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection, connection.pipeline():
        for part in parts:
            connection.execute(part.encode())
        connection.execute("insert into supabase_migrations.schema_migrations values (%s)", [parts])


def psql(dsn: str, statements: str) -> None:
    """As `psql -f` does it."""
    program = shutil.which("psql")
    if program is None:
        pytest.skip("psql is not installed")
    command = [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", dsn, "-f", "-"]
    done = subprocess.run(command, input=statements, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def refusal(dsn: str, statements: str) -> psycopg.errors.Diagnostic:
    """Why the text is refused; the database stays as it was."""
    before = snapshot(dsn, without=())
    with pytest.raises(psycopg.Error) as caught:
        editor(dsn, statements)
    assert snapshot(dsn, without=()) == before
    assert caught.value.diag.message_hint
    return caught.value.diag


def first_migrations(tmp_path: Path, newest: str) -> Path:
    """The folder of an earlier version."""
    folder = shutil.copytree(migrations_dir(), tmp_path / "migrations")
    for path in folder.glob("*.sql"):
        if path.name[:4] > newest:
            path.unlink()
    return folder
