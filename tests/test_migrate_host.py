"""What the runner demands of the application's database before it changes anything."""

import psycopg
import pytest
from hosts import APPLICATION, run

from ticketdb.migrate import HostUnsuitable, migrate, status
from tools.catalog import snapshot


def refused(dsn: str) -> str:
    """The message of the refusal; the database must be as it was."""
    before = snapshot(dsn, without=())
    with pytest.raises(HostUnsuitable) as caught:
        migrate(dsn)
    with pytest.raises(HostUnsuitable):
        migrate(dsn, dry_run=True)
    assert snapshot(dsn, without=()) == before
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize(
    ("taken", "named"),
    [
        ("create table ticket_types (id int)", "table public.ticket_types"),
        ("create view event_schedules as select 1 as id", "view public.event_schedules"),
        (
            "create materialized view event_tickets as select 1 as id",
            "materialized view public.event_tickets",
        ),
        ("create sequence ticket_payments", "sequence public.ticket_payments"),
        ("create type event_definitions as enum ('a')", "type public.event_definitions"),
        (
            "create function reserve_tickets(text) returns int language sql return 1",
            "function public.reserve_tickets",
        ),
        (
            "create table x (id int); create index idx_event_schedules_date on x (id)",
            "index public.idx_event_",
        ),
        ("create table v_event_availability (id int)", "table public.v_event_availability"),
    ],
)
def test_something_of_our_name_stops_it_before_the_first_change(empty_db, taken, named):
    run(empty_db, taken)
    assert named in refused(empty_db)


def test_everything_in_the_way_is_named_at_once(empty_db):
    run(empty_db, "create table ticket_types (id int); create table event_waitlist_of_mine (id int)")
    run(empty_db, "create function verify_inventory() returns int language sql return 1")
    message = refused(empty_db)
    assert "public.ticket_types" in message
    assert "public.verify_inventory" in message
    assert "event_waitlist_of_mine" not in message


def test_a_schema_of_our_name_that_is_in_use_is_not_ours_to_take(empty_db):
    run(empty_db, "create schema ticketdb; create table ticketdb.mine (id int)")
    run(empty_db, "create function ticketdb.f(int) returns int language sql return 1")
    message = refused(empty_db)
    assert "ticketdb.mine" in message
    assert "ticketdb.f(" in message


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("alter table bookings drop column customer_note", "public.bookings lacks customer_note"),
        (
            "alter table program_participants drop column joined_at",
            "public.program_participants lacks joined_at",
        ),
        ("alter table users drop column first_name, drop column last_name", "lacks first_name, last_name"),
        ("alter table program_participants alter column id type bigint", "public.program_participants.id"),
        (
            "alter table program_participants drop constraint program_participants_pkey",
            "participants.id must",
        ),
        ("alter table users rename to people; create view users as table people", "public.users is not an"),
        (
            "alter table bookings add event_schedule_id uuid",
            "public.bookings.event_schedule_id must be an integer",
        ),
        (
            "alter table bookings add event_schedule_id int; update bookings set event_schedule_id = 7",
            "public.bookings.event_schedule_id has values",
        ),
    ],
)
def test_an_application_that_lacks_what_we_need_is_told(empty_db, change, named):
    run(empty_db, APPLICATION)
    run(empty_db, change)
    assert named in refused(empty_db)


def test_what_a_later_migration_makes_may_not_be_taken_either(empty_db, tmp_path):
    from hosts import plant

    folder = plant(tmp_path / "m", m0001_one="create table public.a (id int);\n")
    migrate(empty_db, directory=folder)
    run(empty_db, "create table b (id int)")
    # what an earlier one made may be replaced
    plant(
        folder,
        m0002_two="create or replace view public.c as select 1 as one;\n",
        m0003_three="create table public.b (id int);\ncreate or replace view public.c as select 1 as one;\n",
    )
    with pytest.raises(HostUnsuitable) as caught:
        migrate(empty_db, directory=folder)
    assert "public.b" in caught.value.message
    run(empty_db, "drop table b")
    migrate(empty_db, directory=folder)
    assert status(empty_db, directory=folder).up_to_date


def test_a_role_that_does_not_own_the_tables_is_told(empty_db):
    run(empty_db, APPLICATION)
    run(empty_db, "create role ticketdb_stranger; grant create on schema public to ticketdb_stranger")
    try:
        with pytest.raises(HostUnsuitable) as caught:
            migrate(f"{empty_db} options='-c role=ticketdb_stranger'")
    finally:
        run(empty_db, "drop owned by ticketdb_stranger; drop role ticketdb_stranger")
    assert "does not own table public.bookings" in caught.value.message
    assert "may not create schema ticketdb" in caught.value.message


def test_a_database_that_is_not_in_utf8_is_refused(server):
    name = "tdb_latin1"
    with psycopg.connect(server.dsn, autocommit=True) as admin:
        admin.execute(f"drop database if exists {name}")
        admin.execute(f"create database {name} encoding latin1 locale 'C' template template0")
        try:
            assert "LATIN1" in refused(server.database(name))
        finally:
            admin.execute(f"drop database {name} with (force)")
