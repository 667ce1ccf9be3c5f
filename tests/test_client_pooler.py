"""A client on a DSN that leads through PgBouncer in transaction mode, where no setting of a session stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import psycopg
import pytest
from factories import NEXT_WEEK, counters, define, value
from pgbouncer import find_program, pooling

from ticketdb import AsyncTicketDB, SoldOut, TicketDB

Connect = Callable[..., psycopg.Connection]

POOL = 2
CLIENTS = 6
# what no client can live with, unless it minds it
HOSTILE = ("datestyle = 'German, DMY'", "default_transaction_isolation = 'serializable'")


@pytest.fixture(params=[(), HOSTILE], ids=["usual", "hostile"])
def pooled(db: str, connect: Connect, request: pytest.FixtureRequest) -> Iterator[str]:
    """The DSN of a pool of two connections to a database with such settings."""
    program = find_program()
    if program is None:
        pytest.skip("PgBouncer is not installed")
    admin = connect()
    for setting in request.param:
        admin.execute(f'alter database "{admin.info.dbname}" set {setting}')
    with pooling(program, db, POOL) as dsn:
        yield dsn


def test_clients_sell_through_a_pool_that_has_fewer_connections(pooled: str, connect: Connect) -> None:
    admin = connect()
    event = define(admin, max_tickets=60)

    def serve(number: int) -> int:
        sold = 0
        with TicketDB(pooled) as client:
            [show] = client.event_availability("yoga")
            assert show.starts_at.tzinfo is not None
            while True:
                key = f"{number}-{sold}"
                try:
                    held = client.reserve_tickets(
                        show.schedule_id, idempotency_key=key, hold_for=timedelta(minutes=5)
                    )
                except SoldOut:
                    return sold
                assert (
                    client.reserve_tickets(
                        show.schedule_id, idempotency_key=key, hold_for=timedelta(minutes=5)
                    )
                    == held
                )
                assert client.confirm_reservation(held.reservation_id, f"pay-{key}").status == "confirmed"
                sold += 1

    with TicketDB(pooled) as client:
        assert client.generate_recurring_schedules(event, NEXT_WEEK, NEXT_WEEK) == 1
        with ThreadPoolExecutor(CLIENTS) as threads:
            assert sum(threads.map(serve, range(CLIENTS))) == 60
        [show] = client.event_availability("yoga")
        assert client.verify_inventory() == []
    assert counters(admin, show.schedule_id) == (0, 0, 60)


def test_asynchronous_clients_do_so_too(pooled: str, connect: Connect) -> None:
    admin = connect()
    event = define(admin, max_tickets=20)

    async def serve(number: int) -> int:
        sold = 0
        async with AsyncTicketDB(pooled) as client:
            [show] = [row async for row in client.event_availability("yoga")]
            while True:
                try:
                    held = await client.reserve_tickets(show.schedule_id)
                except SoldOut:
                    return sold
                await client.confirm_reservation(held.reservation_id, f"pay-{number}-{sold}")
                sold += 1

    async def main() -> int:
        async with AsyncTicketDB(pooled) as client:
            await client.generate_recurring_schedules(event, NEXT_WEEK, NEXT_WEEK)
        return sum(await asyncio.gather(*map(serve, range(CLIENTS))))

    assert asyncio.run(main()) == 20
    assert value(admin, "select sum(tickets_sold) from public.event_schedules") == 20


# without what PgBouncer itself sets anew for each client
STATE = """
select
    pg_backend_pid(),
    (
        select jsonb_object_agg(s.name, s.setting) from pg_settings as s
        where s.name not like 'plpgsql.%' and s.name <> 'application_name'
    ),
    (select count(*) from pg_prepared_statements)
"""


def test_a_client_leaves_nothing_to_the_next_user_of_its_connection(pooled: str) -> None:
    def states() -> set[tuple[object, ...]]:
        with ExitStack() as stack:
            users = [
                stack.enter_context(psycopg.connect(pooled, prepare_threshold=None)) for _ in range(POOL)
            ]
            # all of them at once, for each has a transaction open until the end
            return {
                (pid, str(settings), prepared)
                for user in users
                for pid, settings, prepared in user.execute(STATE)
            }

    before = states()
    assert len({pid for pid, *_ in before}) == POOL
    with TicketDB(pooled) as client:
        for _ in range(10):
            client.check_ticket_availability(1)
            client.verify_inventory()
    assert states() == before
