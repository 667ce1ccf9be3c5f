"""Databases for comparing: one built from sql/, one from migrations/."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ticketdb.embedded import EmbeddedServer
from ticketdb.migrate.schema import create_schema
from tools.project import Project


@contextmanager
def server() -> Iterator[str]:
    """Give the DSN of the server that TICKETDB_TEST_DSN names, or of an embedded one."""
    named = os.environ.get("TICKETDB_TEST_DSN")
    if named:
        yield named
    else:
        with EmbeddedServer(settings={"fsync": "off"}) as embedded:
            yield embedded.dsn("postgres")


@contextmanager
def database(dsn: str) -> Iterator[str]:
    """Give the DSN of a new database of the server, dropped at the end."""
    name = sql.Identifier(f"ticketdb_check_{secrets.token_hex(6)}")
    _execute(dsn, sql.SQL("create database {} template template0").format(name))
    try:
        yield make_conninfo(dsn, dbname=name.as_string().strip('"'))
    finally:
        _execute(dsn, sql.SQL("drop database {} with (force)").format(name))


def build_from_sql(dsn: str, project: Project) -> None:
    """Run today's definition in an empty database."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set check_function_bodies = off")
        connection.execute("set search_path = pg_catalog")
        connection.execute("set client_min_messages = warning")
        create_schema(connection, "ticketdb")
        for path, text in project.sources().items():
            try:
                connection.execute(text.encode())
            except psycopg.Error as error:
                raise SystemExit(f"sql/{path}: {error}") from error


def _execute(dsn: str, statement: sql.Composed) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)
