"""The rules of Supabase's database advisor find nothing that ticketdb brings, and each can find something.

A rule is a query in `lints/`, named as the advisor names it, that gives what breaks it: rule, object, detail.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from conftest import database
from hosts import APPLICATION, run
from lint_faults import PLANTED, TABLE
from servers import Server

from ticketdb.migrate import migrate

RULES = {path.stem: path.read_text() for path in sorted((Path(__file__).parent / "lints").glob("*.sql"))}
ROLES = {"anon": "nologin", "authenticated": "nologin", "service_role": "nologin bypassrls"}
# What a project of Supabase's grants on everything that is made in public.
SUPABASE = """
grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
"""

# rule, object, detail
Finding = tuple[str, str, str]


def findings(connection: psycopg.Connection, rule: str) -> set[Finding]:
    """What a rule finds."""
    with connection.transaction():
        connection.execute("set local search_path = pg_catalog")
        return set(connection.execute(RULES[rule].encode()).fetchall())


def everything_found(connection: psycopg.Connection) -> set[Finding]:
    """What all rules find."""
    return set().union(*(findings(connection, rule) for rule in RULES))


@contextmanager
def api_roles(server: Server) -> Iterator[None]:
    """The roles of the API; those that the server lacked are gone afterwards."""
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        there = {name for (name,) in connection.execute("select rolname from pg_roles")}
        missing = [name for name in ROLES if name not in there]
        for name in missing:
            connection.execute(f"create role {name} {ROLES[name]}")
        try:
            yield
        finally:
            for name in missing:
                connection.execute(f"drop role {name}")


@pytest.fixture(scope="module", params=["an empty database", "a database of an application"])
def installed(request, server) -> Iterator[tuple[psycopg.Connection, set[Finding]]]:
    """A connection to a database like Supabase's with ticketdb, and what the rules would find without."""
    with api_roles(server), database(server) as name:
        dsn = server.database(name)
        run(dsn, SUPABASE)
        without: set[Finding] = set()
        if request.param == "a database of an application":
            run(dsn, APPLICATION)
            with psycopg.connect(dsn) as connection:
                without = everything_found(connection)
        migrate(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            yield connection, without


@pytest.mark.parametrize("rule", RULES)
def test_the_advisor_finds_nothing_that_ticketdb_brought(installed, rule):
    connection, without = installed
    assert sorted(findings(connection, rule) - without) == []


@pytest.mark.parametrize("rule", sorted(RULES | PLANTED))
def test_a_planted_fault_is_found_and_what_resembles_it_is_not(installed, rule):
    connection, _ = installed

    def planted(statements: str) -> set[tuple[str, str]]:
        """What the rule finds more than without them: its own name, and the object."""
        with connection.transaction(force_rollback=True):
            before = findings(connection, rule)
            connection.execute(TABLE)
            connection.execute(statements.encode())
            return {(name, found) for name, found, _ in findings(connection, rule) - before}

    assert planted(PLANTED[rule].found) == {(rule, PLANTED[rule].object)}
    assert planted(PLANTED[rule].harmless) == set()
