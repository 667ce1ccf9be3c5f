"""Selling through PgBouncer in transaction mode, where each transaction may get another connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from factories import NEXT_WEEK, assert_sound, counters, define, rows, schedule, value
from faults import SELLERS, assert_promises_kept, buy_until_sold_out, staff
from pgbouncer import find_program, pooling
from race_helpers import SOLD_OUT, Client, crowd

from ticketdb import SoldOut, TicketDB

POOL = 4
SECONDS = 1.5
STATE = """
select
    pg_backend_pid() as pid,
    (
        select jsonb_object_agg(s.name, s.setting) from pg_settings as s
        where s.name not like 'plpgsql.%' -- there once a connection has called a function
    ) as settings,
    (select count(*) from pg_prepared_statements) as prepared,
    (select count(*) from pg_locks as l where l.locktype = 'advisory' and l.pid = pg_backend_pid()) as locks
"""

Connect = Callable[[], psycopg.Connection]


@pytest.fixture
def pooled(db: str) -> Iterator[Connect]:
    """Opens connections to the pool, in autocommit mode and without prepared statements: these would stay
    with a connection of the server that the next call may not get."""
    program = find_program()
    if program is None:
        pytest.skip("PgBouncer is not installed")
    with pooling(program, db, POOL) as dsn, ExitStack() as stack:

        def connect() -> psycopg.Connection:
            connection = psycopg.connect(dsn, autocommit=True, prepare_threshold=None)
            stack.callback(connection.close)
            return connection

        yield connect


def state_of_the_pool(pooled: Connect) -> dict[int, Any]:
    """Settings, prepared statements and session locks of each connection to the server."""
    with ExitStack() as stack:
        clients = [pooled() for _ in range(POOL)]
        for client in clients:
            stack.enter_context(client.transaction())
        states = [client.execute(STATE).fetchone() for client in clients]
    return {pid: state for pid, *state in states if state}


def test_sale_through_a_pool_keeps_what_was_told_and_leaves_nothing_behind(
    pooled: Connect, connect: Connect, tmp_path: Path
) -> None:
    """Selling needs no state that outlives its transaction, and leaves none to the connection's next user."""
    admin = connect()
    schedules = [schedule(admin, max_tickets=seats) for seats in (300, 60, 10)]
    before = state_of_the_pool(pooled)
    assert len(before) == POOL
    with staff(pooled, tmp_path, schedules, hold_for="100 milliseconds") as sellers:
        end = time.monotonic() + SECONDS
        assert all(crowd([partial(s.run, lambda: time.monotonic() > end) for s in sellers]))
    orders = assert_promises_kept(admin, tmp_path).values()
    assert {sqlstate for order in orders for sqlstate, _ in order.refusals} <= {"PT409", "PT410"}
    assert sum(order.known == {"confirmed"} for order in orders) > 20
    assert state_of_the_pool(pooled) == before


def test_crowd_buys_every_seat_through_a_pool(pooled: Connect, connect: Connect) -> None:
    """Many buyers share few connections, and the seats of any bucket are there for each of them."""
    admin = connect()
    hot = schedule(admin, max_tickets=200)
    answers = crowd([partial(buy_until_sold_out, Client(pooled()), hot) for _ in range(SELLERS)])
    assert {refusal for refusals in answers for refusal in refusals} == {SOLD_OUT}
    assert counters(admin, hot) == (0, 0, 200)
    assert_sound(admin)


def test_client_sells_through_a_pool(pooled: Connect, connect: Connect) -> None:
    """Every method of the client works on any connection of the pool, as often as one likes."""
    admin = connect()
    event = define(admin, max_tickets=30)
    before = state_of_the_pool(pooled)
    client, other = TicketDB(pooled()), TicketDB(pooled())
    assert client.generate_recurring_schedules(event, NEXT_WEEK, NEXT_WEEK + timedelta(days=1)) == 2
    first, second = (row.schedule_id for row in other.event_availability("yoga"))
    # more often than psycopg sends a statement before it prepares it
    for number in range(10):
        held = client.reserve_tickets(first, 3, idempotency_key=f"order-{number}")
        assert other.reserve_tickets(first, 3, idempotency_key=f"order-{number}") == held
        paid = other.confirm_reservation(
            held.reservation_id, f"pay-{number}", participants=[{"name": "Asha"}]
        )
        assert (paid.status, len(paid.ticket_codes)) == ("confirmed", 3)
        given_back = client.reserve_tickets(second, 30)
        assert other.release_reservation(given_back.reservation_id).status == "released"
    assert not client.check_ticket_availability(first).is_available
    with pytest.raises(SoldOut):
        other.reserve_tickets(first)
    assert client.cancel_reservation(held.reservation_id).refund_due == 300
    assert sum(row.ticket_quantity or 0 for row in client.schedule_participants(first) if row.is_active) == 27
    assert client.verify_inventory() == []
    assert state_of_the_pool(pooled) == before


def test_calls_inside_a_transaction_change_no_setting_of_it(pooled: Connect, connect: Connect) -> None:
    """What the functions set for themselves, they set back: the caller goes on with his own search_path."""
    hot = schedule(connect())
    buyer = pooled()
    with buyer.transaction():
        buyer.execute("set local search_path = pg_temp")
        (before,) = rows(buyer, STATE)
        held = value(buyer, "select r.reservation_id from public.reserve_tickets(%s) as r", hot)
        buyer.execute(
            "select from public.confirm_reservation(%s, 'pay', p_participants => '[{\"name\": \"Asha\"}]')",
            [held],
        )
        # the line in front of the occurrence ends with the transaction
        assert rows(buyer, STATE) == [before._replace(locks=1)]
