"""Capacities and limits that are dealt anew while tickets are sold, and occurrences deleted meanwhile."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import BELOW_SOLD, SOLD_OUT, TYPE_SOLD_OUT, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent
from test_buckets_races import buckets_locked, client_of_bucket, fill

JUST_BEING_SOLD = Refusal("55P03", None)
HAS_RESERVATIONS = Refusal("23503", None)
SCHEDULE_GONE = Refusal("PT404", "schedule_not_found")
TYPE_GONE = Refusal("PT404", "ticket_type_not_found")


def capacity(shop: Shop, schedule: int, kind: int = 0) -> int:
    return shop.admin.ask(
        """
        select sum(b.capacity)::int as capacity
        from ticketdb.seat_buckets as b
        where b.schedule_id = %s and b.ticket_type_id = %s
        """,
        schedule,
        kind,
    ).capacity


@dataclass
class Recut:
    """What became of 8 sellers of two ticket types and of none, while capacity and limit changed."""

    shop: Shop
    schedule: int
    kind: int
    sold: list[Any]
    changed: list[Any]
    drift: list[Any]


def recut_while_selling(shop: Shop) -> Recut:
    """Each change is tried; one client watches, in a snapshot after the other."""
    schedule, kind = shop.schedule(40), shop.ticket_type(20)
    done = threading.Event()

    def sell(client: Client, number: int) -> list[Any]:
        answers = []
        while not done.is_set():
            turn = len(answers)
            held = client.reserve(
                schedule, 1 + (number + turn) % 3, ticket_type=kind if (number + turn) % 2 else None
            )
            answers.append(held)
            if isinstance(held, Refusal):
                continue
            if turn % 5 == 0:
                answers.append(client.confirm(held.reservation_id, f"pay-{number}-{turn}"))
            if turn % 10 != 0:
                answers.append(client.cancel(held.reservation_id))
        return answers

    def change(client: Client) -> list[Any]:
        answers = []
        try:
            for seats, limit in [
                (64, None),
                (20, 30),
                (1500, 900),
                (300, 8),
                (48, None),
                (10, 0),
                (400, 25),
            ] * 4:
                answers.append(client.set_capacity(schedule, seats))
                answers.append(client.set_limit(kind, limit))
        finally:
            done.set()
        return answers

    def watch(client: Client) -> list[Any]:
        drift = []
        while not done.is_set() and not drift:
            drift = client.connection.execute("select * from public.verify_inventory()").fetchall()
        return drift

    manager, watcher, *sellers = [shop.hurried() for _ in range(10)]
    changed, drift, *sold = crowd(
        [
            lambda: change(manager),
            lambda: watch(watcher),
            *[lambda c=c, n=n: sell(c, n) for n, c in enumerate(sellers)],
        ]
    )
    return Recut(shop, schedule, kind, [a for each in sold for a in each], changed, drift)


def check_recut(recut: Recut) -> None:
    def refusals(answers: list[Any]) -> set[Refusal]:
        return {answer for answer in answers if isinstance(answer, Refusal)}

    assert recut.drift == []
    assert refusals(recut.sold) <= {SOLD_OUT, TYPE_SOLD_OUT}
    assert refusals(recut.changed) <= {BELOW_SOLD, JUST_BEING_SOLD}
    # what was neither refused nor overtaken stands
    assert any(not isinstance(answer, Refusal) for answer in recut.changed)
    assert_consistent(recut.shop)
    seats = recut.shop.admin.ask(
        "select s.max_tickets from public.event_schedules as s where s.id = %s", recut.schedule
    ).max_tickets
    assert capacity(recut.shop, recut.schedule) == seats
    taken = recut.shop.seats(recut.schedule)
    while not isinstance(recut.shop.admin.reserve(recut.schedule), Refusal):
        taken += 1
    assert taken == seats


def test_capacity_and_limit_are_dealt_anew_while_eight_clients_sell(connect: Connect) -> None:
    check_recut(recut_while_selling(Shop(connect)))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("ticketdb.resize_schedule", r"perform ticketdb\.deal_seats\([^;]+;", ""),
        Fault("ticketdb.resize_ticket_type", r"perform ticketdb\.deal_seats\([^;]+;", ""),
    ],
    ids=["capacity not dealt", "limit not dealt"],
)
def test_dealing_anew_while_eight_clients_sell_goes_wrong_with_a_fault(
    connect: Connect, fault: Fault
) -> None:
    shop = Shop(connect)
    plant(shop, fault)
    recut = recut_while_selling(shop)
    # on a slow machine the sellers may have kept all but the first change away; these meet nobody
    shop.admin.set_capacity(recut.schedule, 500)
    shop.admin.set_limit(recut.kind, 11)
    with pytest.raises(AssertionError):
        check_recut(recut)


@dataclass
class Busy:
    """32 seats in two buckets: a seller who has not committed has ten of one, the other is full or free."""

    shop: Shop
    schedule: int
    seller: Client


def sell_in_one_bucket(shop: Shop, sold_in_the_other: int) -> Busy:
    schedule, seller = shop.schedule(32), client_of_bucket(shop, 0, 2)
    other = shop.admin.reserve(schedule, 16).reservation_id
    shop.admin.ask("update public.ticket_reservations set bucket = 1 where id = %s", other)
    if not sold_in_the_other:
        shop.admin.release(other)
    seller.begin()
    assert seller.reserve(schedule, 10).quantity == 10
    return Busy(shop, schedule, seller)


@pytest.mark.parametrize(
    ("end", "answer", "capacity_then"), [("rollback", (20,), 20), ("commit", BELOW_SOLD, 32)]
)
def test_lowering_that_cannot_be_decided_while_seats_are_being_sold_changes_nothing(
    connect: Connect, end: str, answer: Any, capacity_then: int
) -> None:
    busy = sell_in_one_bucket(Shop(connect), 16)
    before = busy.shop.admin.connection.execute(
        "select * from ticketdb.seat_buckets order by 2, 3"
    ).fetchall()
    assert busy.shop.client().set_capacity(busy.schedule, 20) == JUST_BEING_SOLD
    assert (
        before
        == busy.shop.admin.connection.execute("select * from ticketdb.seat_buckets order by 2, 3").fetchall()
    )
    busy.seller.ask(end)
    assert busy.shop.client().set_capacity(busy.schedule, 20) == answer
    assert capacity(busy.shop, busy.schedule) == capacity_then
    assert_consistent(busy.shop)


def test_lowering_below_what_is_sold_for_certain_is_refused_although_seats_are_being_sold(
    connect: Connect,
) -> None:
    busy = sell_in_one_bucket(Shop(connect), 16)
    assert busy.shop.client().set_capacity(busy.schedule, 15) == BELOW_SOLD
    busy.seller.commit()
    assert_consistent(busy.shop)


def hurried(shop: Shop) -> Client:
    """A client who waits for nobody."""
    client = shop.client()
    client.ask("set lock_timeout = '100ms'")
    return client


def check_lowered_at_once(busy: Busy) -> None:
    assert hurried(busy.shop).set_capacity(busy.schedule, 20) == (20,)
    busy.seller.commit()
    assert capacity(busy.shop, busy.schedule) == 20
    assert busy.shop.client().reserve(busy.schedule, 10).quantity == 10
    assert busy.shop.client().reserve(busy.schedule) == SOLD_OUT
    assert_consistent(busy.shop)


def test_lowering_takes_seats_of_buckets_in_which_nobody_sells(connect: Connect) -> None:
    check_lowered_at_once(sell_in_one_bucket(Shop(connect), 0))


def test_lowering_waits_for_whoever_sells_when_it_passes_over_no_bucket(connect: Connect) -> None:
    busy = sell_in_one_bucket(Shop(connect), 0)
    plant(busy.shop, Fault("ticketdb.resize_schedule", "skip locked", ""))
    with pytest.raises(AssertionError):
        check_lowered_at_once(busy)


def test_more_seats_are_on_sale_at_once_while_every_bucket_is_locked(connect: Connect) -> None:
    shop = Shop(connect)
    schedule, seller = shop.schedule(30), shop.client()
    # whoever makes the buckets has the occurrence locked: that is done
    shop.admin.release(shop.admin.reserve(schedule).reservation_id)
    seller.begin()
    seller.reserve(schedule, 30)
    assert hurried(shop).set_capacity(schedule, 64) == (64,)
    buyer = client_of_bucket(shop, 1, 4)
    buyer.ask("set lock_timeout = '100ms'")
    assert buyer.reserve(schedule, 8).quantity == 8
    seller.commit()
    assert shop.client().reserve(schedule, 26).quantity == 26
    assert_consistent(shop)


def test_capacity_is_raised_while_a_party_is_given_its_seats(connect: Connect) -> None:
    """The party has all buckets locked and counted, and deals only now: more buckets have come meanwhile."""
    shop = Shop(connect)
    schedule, party = fill(shop, 6), shop.client()
    plant(
        shop, Fault("ticketdb.gather_seats", r"perform ticketdb\.deal_seats", r"perform pg_sleep(0.5); \g<0>")
    )
    party.start(party.reserve, schedule, 6)
    while len(buckets_locked(shop, schedule)) < 6:
        assert not party.pending.done()
    assert hurried(shop).set_capacity(schedule, 1500) == (1500,)
    assert party.finish().quantity == 6
    assert capacity(shop, schedule) == 1500
    assert shop.client().reserve(schedule, 1404).quantity == 1404
    assert_consistent(shop)


@pytest.mark.parametrize(("limit", "then", "sold"), [(None, 5, 5), (5, None, 64), (5, 9, 9), (9, 5, 5)])
@pytest.mark.parametrize("capacity_first", [False, True])
def test_limit_and_capacity_that_change_at_once_both_hold(
    connect: Connect, limit: int | None, then: int | None, sold: int, capacity_first: bool
) -> None:
    shop = Shop(connect)
    schedule, kind = shop.schedule(16), shop.ticket_type(limit)
    shop.admin.reserve(schedule, ticket_type=kind)
    one, other = shop.clients(2)
    changes: list[Any] = [(one.set_limit, kind, then), (other.set_capacity, schedule, 64)]
    if capacity_first:
        changes = [(one.set_capacity, schedule, 64), (other.set_limit, kind, then)]
    for client, change in zip((one, other), changes, strict=True):
        client.begin()
        client.start(*change)
        shop.waits(client, on=other if client is one else one)
    for client in (one, other):
        assert not isinstance(client.finish(), Refusal)
        client.commit()
    # from each bucket in turn, for a buyer begins with his own
    bought = 1
    for bucket in range(4):
        buyer = client_of_bucket(shop, bucket, 4)
        while not isinstance(buyer.reserve(schedule, ticket_type=kind), Refusal):
            bought += 1
        buyer.connection.close()
    assert bought == sold
    assert_consistent(shop)


def test_capacity_is_raised_while_the_type_makes_the_buckets_that_it_lacks(connect: Connect) -> None:
    """The first ticket was uncommitted when the occurrence got more buckets: the next buyer makes them."""
    shop = Shop(connect)
    schedule, kind = shop.schedule(16), shop.ticket_type(None)
    shop.admin.release(shop.admin.reserve(schedule).reservation_id)
    first, second, manager = (shop.hurried() for _ in range(3))
    first.begin()
    first.reserve(schedule, ticket_type=kind)
    assert shop.admin.set_capacity(schedule, 1024) == (1024,)
    first.commit()
    second.begin()
    held = second.reserve(schedule, ticket_type=kind)
    manager.start(manager.set_capacity, schedule, 1100)
    shop.waits(manager, on=second)
    assert second.confirm(held.reservation_id, "pay-1").status == "confirmed"
    second.commit()
    assert manager.finish() == (1100,)
    assert shop.client().reserve(schedule, 1098, ticket_type=kind).quantity == 1098
    assert_consistent(shop)


@dataclass
class Deleted:
    """What became of a deletion and a reservation, one of which met the other's uncommitted change."""

    shop: Shop
    waited: bool
    deleted: Any
    reserved: Any


def delete(client: Client, table: str, row: int) -> Any:
    return client.ask(f"delete from public.{table} where id = %s returning true as gone", row)


def reserve_and_delete(
    shop: Shop, table: str, *, sold_before: bool, reserve_first: bool, end: str
) -> Deleted:
    kind = shop.ticket_type(20)
    schedule = shop.schedule(40)
    of_type = {"ticket_type": kind} if table == "ticket_types" else {}
    if sold_before:
        # buckets remain, reservations do not
        shop.admin.reserve(schedule, **of_type)
        shop.admin.ask("delete from public.ticket_reservations")
    row = kind if of_type else schedule
    buyer, manager = shop.clients(2)
    if reserve_first:
        buyer.begin()
        reserved = buyer.reserve(schedule, **of_type)
        manager.start(delete, manager, table, row)
        waited = shop.waits(manager, on=buyer)
        buyer.ask(end)
        return Deleted(shop, waited, manager.finish(), reserved)
    manager.begin()
    deleted = delete(manager, table, row)
    buyer.start(buyer.reserve, schedule, **of_type)
    waited = shop.waits(buyer, on=manager)
    manager.ask(end)
    return Deleted(shop, waited, deleted, buyer.finish())


def check_no_orphans(race: Deleted) -> None:
    """No reservation without its occurrence or type, no bucket without its occurrence."""
    assert race.shop.admin.ask(
        """
        select
            (
                select count(*)
                from public.ticket_reservations as r
                left join public.event_schedules as s on s.id = r.schedule_id
                left join public.ticket_types as t on t.id = r.ticket_type_id
                where s.id is null or r.ticket_type_id is not null and t.id is null
            )::int as reservations,
            (
                select count(*)
                from ticketdb.seat_buckets as b
                left join public.event_schedules as s on s.id = b.schedule_id
                left join public.ticket_types as t on t.id = b.ticket_type_id
                where s.id is null or b.ticket_type_id <> 0 and t.id is null
            )::int as buckets
        """
    ) == (0, 0)
    assert_consistent(race.shop)


TABLES = pytest.mark.parametrize("table", ["event_schedules", "ticket_types"])


@TABLES
@pytest.mark.parametrize("sold_before", [False, True])
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_deletion_waits_for_a_reservation_on_its_way(
    connect: Connect, table: str, sold_before: bool, end: str
) -> None:
    race = reserve_and_delete(Shop(connect), table, sold_before=sold_before, reserve_first=True, end=end)
    assert race.waited
    assert race.deleted == (HAS_RESERVATIONS if end == "commit" else (True,))
    check_no_orphans(race)


@TABLES
@pytest.mark.parametrize("sold_before", [False, True])
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_reservation_waits_for_a_deletion_on_its_way(
    connect: Connect, table: str, sold_before: bool, end: str
) -> None:
    race = reserve_and_delete(Shop(connect), table, sold_before=sold_before, reserve_first=False, end=end)
    assert race.waited
    if end == "rollback":
        assert race.reserved.status == "held"
    else:
        assert race.reserved == (SCHEDULE_GONE if table == "event_schedules" else TYPE_GONE)
    check_no_orphans(race)


@TABLES
@pytest.mark.parametrize("sold_before", [False, True])
def test_reservation_is_orphaned_without_the_triggers(
    connect: Connect, table: str, sold_before: bool
) -> None:
    shop = Shop(connect)
    plant(
        shop,
        "drop trigger refuse_reserved on ticketdb.seat_buckets",
        "drop trigger refuse_reserved on public.ticket_types",
    )
    race = reserve_and_delete(shop, table, sold_before=sold_before, reserve_first=True, end="commit")
    with pytest.raises(AssertionError):
        check_no_orphans(race)
