"""Sales of one occurrence stand in line for its row; nobody stays there who waits for himself."""

from __future__ import annotations

import time

import pytest
from race_helpers import PATIENCE, Client, Connect
from race_shop import Shop, assert_consistent, check_no_deadlock

WAITS_FOR = """
select l.locktype
from pg_locks as l
where l.pid = %s and not l.granted
"""


def waits_for(shop: Shop, client: Client) -> list[str]:
    """The kinds of locks that it comes to wait for, in order, until it waits for the row itself or ends."""
    assert client.pending is not None
    kinds: list[str] = []
    deadline = time.monotonic() + PATIENCE
    while not client.pending.done() and (not kinds or kinds[-1] == "advisory"):
        row = shop.admin.ask(WAITS_FOR, client.pid)
        if row is not None and row.locktype not in kinds[-1:]:
            kinds.append(row.locktype)
        assert time.monotonic() < deadline, "it neither ended nor waits"
        time.sleep(0.002)
    return kinds


def two_holds(shop: Shop) -> tuple[int, list[int]]:
    """A schedule, and holds of two connections: their seats lie in buckets of their own."""
    schedule = shop.schedule(1024)
    return schedule, [client.reserve(schedule).reservation_id for client in shop.clients(2)]


def change_price(client: Client, schedule: int) -> None:
    client.ask("update public.event_schedules set ticket_price = 5 where id = %s", schedule)


def test_payments_stand_in_line_until_it_takes_too_long(connect: Connect) -> None:
    shop = Shop(connect)
    _, holds = two_holds(shop)
    first, second = shop.clients(2)
    first.begin()
    first.confirm(holds[0], "pay-1")
    second.start(second.confirm, holds[1], "pay-2")
    line, row = waits_for(shop, second)
    assert line == "advisory"
    assert row in ("transactionid", "tuple")
    first.commit()
    assert second.finish().tickets_sold == 2
    assert_consistent(shop)


@pytest.mark.parametrize("patience", ["1s", "50ms"])
def test_sale_of_an_occurrence_that_the_same_transaction_changed_meets_a_payment(
    connect: Connect, patience: str
) -> None:
    shop = Shop(connect)
    schedule, (mine, other) = two_holds(shop)
    office, payment = shop.clients(2)
    office.ask(f"set deadlock_timeout = '{patience}'")
    office.begin()
    change_price(office, schedule)
    payment.start(payment.confirm, other, "pay-1")
    assert shop.waits(payment, on=office)
    answer = office.confirm(mine, "pay-2")
    office.ask("commit")
    check_no_deadlock(shop, answer, payment.finish())


def test_line_ends_with_its_transaction(connect: Connect) -> None:
    shop = Shop(connect)
    _, holds = two_holds(shop)
    first, second = shop.clients(2)
    first.begin()
    first.confirm(holds[0], "pay-1")
    first.rollback()
    second.ask("set lock_timeout = '1ms'")
    assert second.confirm(holds[1], "pay-2").tickets_sold == 1
    held = "select count(*) as locks from pg_locks as l where l.locktype = 'advisory'"
    assert shop.admin.ask(held).locks == 0
    assert_consistent(shop)


def test_transaction_that_sells_on_many_occurrences_stands_in_few_lines(connect: Connect) -> None:
    """Advisory locks have room in a table of the server's that all connections share; rows need none."""
    shop = Shop(connect)
    bulk = shop.client()
    bookings = [shop.admin.book(shop.schedule(10), f"B-{number}").id for number in range(40)]
    bulk.begin()
    bulk.ask("update public.bookings set status = 'paid' where id = any(%s) returning id", bookings)
    held = "select count(*) as locks from pg_locks as l where l.locktype = 'advisory' and l.pid = %s"
    assert 0 < shop.admin.ask(held, bulk.pid).locks <= 16
    bulk.commit()
    sold = "select sum(s.tickets_sold)::int as tickets from public.event_schedules as s"
    assert shop.admin.ask(sold).tickets == 40
    assert_consistent(shop)
