"""Statement and lock timeouts fire all the time while others sell: an error means that nothing happened."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
import pytest
from factories import assert_sound, reserve, rows, schedule, status, value
from faults import TIMEOUTS, Seller, assert_promises_kept, staff
from race_helpers import Client, Refusal, crowd

SECONDS = 2.5
# One in four sellers has the one, one in four the other.
HASTE = [
    "set statement_timeout = '8ms'",
    "set lock_timeout = '3ms'",
    "reset lock_timeout",
    "reset lock_timeout",
]
# What a seller may run into, whichever way sales lock.
BLOCKS = [
    "lock table public.ticket_reservations in share row exclusive mode",
    "select from public.event_schedules as s order by s.id limit 1 for update",
    "select from public.ticket_reservations as r where r.status = 'held' order by r.id limit 1 for update",
    "lock table public.ticket_payments in share row exclusive mode",
]


def block_now_and_then(connection: psycopg.Connection, done: threading.Event) -> None:
    """Hold locks for 15 ms, one kind after the other."""
    chance = random.Random(SECONDS)
    while not done.wait(0.04):
        with connection.transaction():
            connection.execute(chance.choice(BLOCKS))
            done.wait(0.015)


def sell_in_haste(sellers: list[Seller], blocker: psycopg.Connection) -> None:
    for number, seller in enumerate(sellers):
        assert seller.client.ask(HASTE[number % len(HASTE)]) is None
    done = threading.Event()
    blocking = threading.Thread(target=block_now_and_then, args=(blocker, done))
    blocking.start()
    try:
        end = time.monotonic() + SECONDS
        sold = crowd([partial(s.run, lambda: time.monotonic() > end) for s in sellers])
    finally:
        done.set()
        blocking.join()
    assert all(sold)


def test_timeouts_keep_their_sqlstate_and_undo_what_they_interrupt(
    connect: Callable[..., psycopg.Connection], tmp_path: Path
) -> None:
    """A call that was told 57014 or 55P03 has done nothing, and the same call again does it once. Neither
    becomes an error that a proxy would repeat (40001). The counters stay equal to their rows."""
    admin, blocker = connect(), connect()
    schedules = [schedule(admin, max_tickets=seats) for seats in (1000, 200, 20)]
    with staff(connect, tmp_path, schedules, hold_for="200 milliseconds") as sellers:
        sell_in_haste(sellers, blocker)
    orders = assert_promises_kept(admin, tmp_path).values()
    refusals = {refusal for order in orders for refusal in order.refusals}
    assert {sqlstate for sqlstate, _ in refusals} >= TIMEOUTS
    reasons = {reason for sqlstate, reason in refusals if sqlstate not in TIMEOUTS}
    assert reasons <= {"sold_out", "reservation_expired"}
    interrupted = [order for order in orders if order.refusals and order.refusals[0][0] in TIMEOUTS]
    assert any(order.known == {"confirmed"} for order in interrupted), "no call was made again"


@pytest.mark.parametrize(
    ("haste", "sqlstate"), [("lock_timeout = '20ms'", "55P03"), ("statement_timeout = '100ms'", "57014")]
)
def test_timeout_while_participants_are_written_undoes_the_payment(
    connect: Callable[..., psycopg.Connection], haste: str, sqlstate: str
) -> None:
    """Troubles with the application's own table never undo a sale, but a timeout in it is none of these."""
    admin, blocker, buyer = connect(), connect(), Client(connect())
    hold = reserve(admin, schedule(admin)).reservation_id
    buyer.ask(f"set {haste}")
    with blocker.transaction():
        blocker.execute("lock table public.program_participants in share mode")
        assert buyer.confirm(hold, "pay-1") == Refusal(sqlstate, None)
    assert status(admin, hold) == "held"
    assert rows(admin, "select from public.ticket_payments") == []
    buyer.ask("reset all")
    assert buyer.confirm(hold, "pay-1").status == "confirmed"
    assert value(admin, "select count(*) from public.program_participants") == 1
    assert_sound(admin)
