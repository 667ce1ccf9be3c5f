"""`ticketdb roles`: makes PostgREST's roles on a plain server, and grants them what they need."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from test_cli import rows, run
from test_cli_doctor import findings

from tools.security import ROLES


@pytest.fixture
def owner(db: str) -> Iterator[psycopg.Connection]:
    """A direct connection; roles that the server lacked before are gone afterwards."""
    with psycopg.connect(db, autocommit=True) as connection:
        there = {name for (name,) in connection.execute("select rolname from pg_roles")}
        yield connection
        for (name,) in connection.execute("select rolname from pg_roles").fetchall():
            if name in ROLES and name not in there:
                connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(name)))
                connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def test_roles_are_made_once_and_granted_again_where_something_was_taken_back(
    db: str, owner: psycopg.Connection
) -> None:
    reads = "select has_table_privilege('anon', 'public.event_schedules', 'select')"
    granted = rows("roles", "--create", dsn=db)
    assert {"object": "public.verify_inventory()", "privilege": "execute", "roles": "service_role"} in granted
    assert owner.execute(reads).fetchone() == (True,)
    owner.execute("revoke select on public.event_schedules from anon")
    assert findings(db)[1]["roles"] is False
    assert rows("roles", dsn=db) == granted
    assert owner.execute(reads).fetchone() == (True,)
    assert findings(db)[1]["roles"] is True


def test_without_the_roles_it_says_how_to_make_them(db: str, owner: psycopg.Connection) -> None:
    missing = owner.execute("select ticketdb.grant_roles()").fetchone()
    result = run("roles", dsn=db)
    assert result.exit_code == 0
    assert ("--create" in result.stderr) == bool(missing and missing[0])
