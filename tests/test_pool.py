"""The client on a pool: each call is a transaction on a connection lent for it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from factories import counters, schedule, value
from psycopg_pool import AsyncConnectionPool, ConnectionPool, NullConnectionPool

from ticketdb import AsyncTicketDB, Retry, SchemaOlder, SoldOut, TicketDB, _schema

Connect = Callable[..., psycopg.Connection]
Pool = ConnectionPool[psycopg.Connection]

PATIENT = Retry(attempts=3, first_pause=0.001, longest_pause=0.002)


@pytest.fixture(params=[False, True], ids=["transactions", "autocommit"])
def pool(db: str, request: pytest.FixtureRequest) -> Iterator[Pool]:
    with ConnectionPool(db, min_size=3, max_size=3, kwargs={"autocommit": request.param}) as pool:
        pool.wait()
        yield pool


def hang_up(admin: psycopg.Connection) -> int:
    """Take all connections of the pool away; returns how many there were."""
    return value(
        admin,
        "select count(pg_terminate_backend(a.pid)) from pg_stat_activity as a"
        " where a.datname = current_database() and a.pid <> pg_backend_pid() and a.backend_type = %s",
        "client backend",
    )


def test_each_call_is_committed_and_a_refusal_is_not(pool: Pool, connect: Connect) -> None:
    admin = connect()
    class_ = schedule(admin)
    client = TicketDB(pool)
    for quantity in (3, 2):
        client.reserve_tickets(class_, quantity)
        with pytest.raises(SoldOut):
            client.reserve_tickets(class_, 6)
    assert counters(admin, class_) == (0, 5, 0)
    assert [row.tickets_held for row in client.event_availability()] == [5]


def test_a_crowd_buys_every_seat_and_gives_all_connections_back(pool: Pool, connect: Connect) -> None:
    admin = connect()
    class_ = schedule(admin, max_tickets=30)
    client = TicketDB(pool)

    def buy(number: int) -> bool:
        try:
            held = client.reserve_tickets(class_, idempotency_key=f"order-{number}")
        except SoldOut:
            return False
        return client.confirm_reservation(held.reservation_id, f"pay-{number}").status == "confirmed"

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(buy, range(60))) == 30
    assert counters(admin, class_) == (0, 0, 30)
    assert pool.get_stats()["pool_available"] == 3


def test_other_calls_go_between_the_rows_of_an_iterator(pool: Pool, connect: Connect) -> None:
    admin = connect()
    classes = {schedule(admin) for _ in range(4)}
    client = TicketDB(pool)
    assert {
        client.reserve_tickets(row.schedule_id, 5).schedule_id for row in client.event_availability()
    } == (classes)
    assert {counters(admin, class_) for class_ in classes} == {(0, 5, 0)}


def test_a_call_is_repeated_on_a_connection_that_stands(pool: Pool, connect: Connect) -> None:
    """Not on the next of those that were lost with it."""
    admin = connect()
    class_ = schedule(admin)
    assert hang_up(admin) == 3
    TicketDB(pool, retry=PATIENT).reserve_tickets(class_, idempotency_key="order-1")
    assert value(admin, "select count(*) from public.ticket_reservations") == 1


def test_a_call_without_a_key_is_not_repeated(pool: Pool, connect: Connect) -> None:
    admin = connect()
    class_ = schedule(admin)
    hang_up(admin)
    with pytest.raises(psycopg.OperationalError):
        TicketDB(pool, retry=PATIENT).reserve_tickets(class_)


def test_the_method_tells_of_a_schema_of_another_age(pool: Pool, connect: Connect) -> None:
    client = TicketDB(pool)
    client.check_schema()
    connect().execute(
        "delete from ticketdb.ticket_migrations where migration_id = %s", (_schema.newest_migration(),)
    )
    with pytest.raises(SchemaOlder):
        client.check_schema()
    # and the connection it was asked on is as good as before
    assert client.verify_inventory() == []


def test_a_client_on_a_pool_has_no_connection_and_closes_none(pool: Pool) -> None:
    with TicketDB(pool) as client, pytest.raises(psycopg.InterfaceError):
        _ = client.connection
    assert not pool.closed
    assert client.verify_inventory() == []


def test_a_pool_that_keeps_no_connection_serves_as_well(db: str, connect: Connect) -> None:
    class_ = schedule(connect())
    with NullConnectionPool(db) as pool:
        TicketDB(pool, retry=PATIENT).reserve_tickets(class_, 5)
    assert counters(connect(), class_) == (0, 5, 0)


def test_tasks_share_an_asynchronous_pool(db: str, connect: Connect) -> None:
    admin = connect()
    class_ = schedule(admin, max_tickets=30)

    async def main() -> None:
        async with AsyncConnectionPool(db, min_size=3, max_size=3) as pool:
            await pool.wait()
            client = AsyncTicketDB(pool, retry=PATIENT)

            async def buy(number: int) -> bool:
                try:
                    held = await client.reserve_tickets(class_, idempotency_key=f"order-{number}")
                except SoldOut:
                    return False
                paid = await client.confirm_reservation(held.reservation_id, f"pay-{number}")
                return paid.status == "confirmed"

            assert sum(await asyncio.gather(*map(buy, range(60)))) == 30
            assert hang_up(admin) == 3
            assert await client.verify_inventory() == []

    asyncio.run(main())
    assert counters(admin, class_) == (0, 0, 30)


@pytest.mark.no_database
def test_the_package_does_without_the_pool_package() -> None:
    program = "import sys; sys.modules['psycopg_pool'] = None; import ticketdb; ticketdb.AsyncTicketDB('')"
    subprocess.run([sys.executable, "-c", program], check=True)
