"""A schema that is older or newer than the package is told when the client connects."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from ticketdb import NotInstalled, SchemaMismatch, SchemaNewer, SchemaOlder, TicketDB, _schema
from ticketdb.migrate import rollback, status

Connect = Callable[..., psycopg.Connection]

OLDER = "delete from ticketdb.ticket_migrations where migration_id = %s"
NEWER = (
    "insert into ticketdb.ticket_migrations (migration_hash, migration_id) values ('x', 'ticketdb-9999_x')"
)


def age(connection: psycopg.Connection, kind: type[SchemaMismatch]) -> None:
    """Make the records those of a database of another age."""
    if kind is SchemaOlder:
        assert connection.execute(OLDER, (_schema.newest_migration(),)).rowcount == 1
    else:
        connection.execute(NEWER)


def test_the_newest_migration_is_the_one_of_the_runner(db: str) -> None:
    assert _schema.newest_migration() == status(db).applied[-1]


@pytest.mark.parametrize(
    ("kind", "command"),
    [(SchemaOlder, "ticketdb migrate"), (SchemaNewer, "pip install --upgrade ticketdb")],
)
def test_a_schema_of_another_age_is_told_with_the_command(
    db: str, connect: Connect, kind: type[SchemaMismatch], command: str
) -> None:
    age(connect(), kind)
    with pytest.raises(kind) as caught, TicketDB(db):
        pass
    assert command in caught.value.message
    assert "\n" not in caught.value.message
    # without `with` the first call tells
    with pytest.raises(kind):
        TicketDB(db).verify_inventory()
    with TicketDB(db, check_schema=False) as client:
        assert client.verify_inventory() == []
        with pytest.raises(kind):
            client.check_schema()


def test_a_database_without_ticketdb_is_told_with_the_command(empty_db: str) -> None:
    with pytest.raises(NotInstalled) as caught, TicketDB(empty_db):
        pass
    assert "ticketdb migrate" in caught.value.message


def test_a_database_that_ticketdb_was_taken_out_of_is_one_without_it(db: str) -> None:
    rollback(db, everything=True)
    with pytest.raises(NotInstalled), TicketDB(db):
        pass


def test_a_refused_client_leaves_no_connection_behind(empty_db: str) -> None:
    with pytest.raises(NotInstalled), TicketDB(f"{empty_db} application_name=refused"):
        pass
    with psycopg.connect(empty_db) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where application_name = 'refused'"
        ).fetchone()
    assert row == (0,)


def test_on_a_connection_of_the_callers_the_method_tells_and_spoils_no_transaction(
    connect: Connect, empty_db: str
) -> None:
    mine = connect(autocommit=False)
    client = TicketDB(mine)
    client.check_schema()
    age(mine, SchemaOlder)
    with pytest.raises(SchemaOlder):
        client.check_schema()
    mine.rollback()
    client.check_schema()

    with psycopg.connect(empty_db) as elsewhere:
        elsewhere.execute("create table mine ()")
        with pytest.raises(NotInstalled):
            TicketDB(elsewhere).check_schema()
        assert elsewhere.execute("select count(*) from mine").fetchone() == (0,)


def test_a_process_at_work_goes_on_while_the_schema_is_renewed(db: str, connect: Connect) -> None:
    """A replaced connection is not looked at: migrating first and deploying then interrupts nobody."""
    admin = connect()
    with TicketDB(db) as client:
        age(admin, SchemaNewer)
        admin.execute("select pg_terminate_backend(%s)", (client.connection.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            client.verify_inventory()
        assert client.verify_inventory() == []


def test_a_role_that_may_not_see_the_records_connects(db: str, connect: Connect) -> None:
    """And is refused what is not granted to it, by the database."""
    admin = connect()
    role = f"clerk_{admin.info.backend_pid}"
    admin.execute(f"create role {role}")
    try:
        with (
            TicketDB(f"{db} options='-c role={role}'") as client,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            client.verify_inventory()
    finally:
        admin.execute(f"drop role {role}")
