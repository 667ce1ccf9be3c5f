"""A database may grant rights on all that is new, as Supabase does: nothing of ours is open all the same."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from ticketdb.migrate import migrate, rollback

RELATIONS = """
    select c.oid::regclass::text, p.privilege
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as p (privilege)
    where n.nspname in ('public', 'ticketdb') and c.relkind in ('r', 'v')
      and c.relname not in ('users', 'venues', 'spaces', 'bookings', 'program_participants')
      and has_table_privilege(%(role)s, c.oid, p.privilege)
"""
SEQUENCES = """
    select d.refobjid::regclass::text, 'usage'
    from pg_class as c
    join pg_depend as d on d.objid = c.oid and d.deptype in ('a', 'i')
    where d.refobjid::regclass::text not in ('users', 'venues', 'spaces', 'bookings', 'program_participants')
      and case when c.relkind = 'S' then has_sequence_privilege(%(role)s, c.oid, 'usage') end
"""
FUNCTIONS = """
    select p.oid::regprocedure::text, 'execute'
    from pg_proc as p
    join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname in ('public', 'ticketdb') and has_function_privilege(%(role)s, p.oid, 'execute')
"""


@pytest.fixture
def visitor(empty_db: str) -> Iterator[str]:
    """A role that the database grants everything in public by default; ticketdb is installed after that."""
    name = f"tdb_visitor_{secrets.token_hex(4)}"
    with psycopg.connect(empty_db, autocommit=True) as connection:
        role = sql.Identifier(name)
        connection.execute(sql.SQL("create role {}").format(role))
        for kind in ("tables", "functions", "sequences"):
            connection.execute(
                sql.SQL("alter default privileges grant all on {} to {}").format(sql.SQL(kind), role)
            )
        migrate(empty_db)
        yield name
        connection.execute(sql.SQL("drop owned by {}").format(role))
        connection.execute(sql.SQL("drop role {}").format(role))


@pytest.mark.parametrize(
    "open_to", [RELATIONS, SEQUENCES, FUNCTIONS], ids=["relations", "sequences", "functions"]
)
def test_nothing_of_ours_is_open_by_default(empty_db: str, visitor: str, open_to: str) -> None:
    with psycopg.connect(empty_db) as connection:
        assert connection.execute(open_to, {"role": visitor}).fetchall() == []


def test_tables_that_were_made_for_the_application_show_and_take_no_row(empty_db: str, visitor: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as connection:
        connection.execute("insert into users (username) values ('asha@example.org')")
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(visitor)))
        assert connection.execute("select username from users").fetchall() == []
        with pytest.raises(InsufficientPrivilege):
            connection.execute(
                "insert into bookings (booking_reference, start_datetime, end_datetime, status)"
                " values ('free', now(), now(), 'paid')"
            )


def test_what_a_role_of_somebodys_own_may_do_it_may_after_functions_were_made_anew(db: str) -> None:
    name = f"tdb_door_{secrets.token_hex(4)}"
    role, face = sql.Identifier(name), "public.check_in_batch(jsonb)"
    rollback(db, to="0034")
    with psycopg.connect(db, autocommit=True) as connection:
        connection.execute(sql.SQL("create role {}").format(role))
        connection.execute(
            sql.SQL("grant execute on function public.check_in_batch to {} with grant option").format(role)
        )
        migrate(db)
        asked = "select has_function_privilege(%s, %s, 'execute with grant option')"
        assert connection.execute(asked, (name, face)).fetchone() == (True,)
        connection.execute(sql.SQL("drop owned by {}").format(role))
        connection.execute(sql.SQL("drop role {}").format(role))
