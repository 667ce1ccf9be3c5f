"""Whoever comes too late is told so at once: without a write, a lock or a wait, however many they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from race_faults import Fault, plant
from race_helpers import SOLD_OUT, TYPE_SOLD_OUT, Client, Connect, Refusal, crowd
from race_shop import Shop, assert_consistent

SEATS = 100


@dataclass
class SoldOut:
    """A sold-out occurrence of an event with two ticket types, one of which was never asked for."""

    shop: Shop
    schedule: int
    kind: int
    other_kind: int
    user: int


def sell_out(shop: Shop, *, limit: int | None = None, limit_per_user: int | None = None) -> SoldOut:
    """Half of it is paid, half is held. With a limit the type is sold out, and the occurrence is not."""
    kind = shop.ticket_type(limit)
    other_kind, user = (
        shop.admin.ask(statement, shop.event).id
        for statement in (
            """
            insert into public.ticket_types (event_definition_id, name, price)
            values (%s, 'Late', 100)
            returning id
            """,
            "insert into public.users (username) values ('late' || %s) returning id",
        )
    )
    schedule = shop.schedule(SEATS)
    shop.admin.ask(
        "update public.event_schedules set limit_per_user = %s where id = %s", limit_per_user, schedule
    )
    seats = limit or SEATS
    paid = shop.admin.reserve(schedule, seats // 2, ticket_type=kind).reservation_id
    assert shop.admin.confirm(paid, "pay-1").status == "confirmed"
    for _ in range(seats - seats // 2):
        shop.admin.reserve(schedule, ticket_type=kind)
    return SoldOut(shop, schedule, kind, other_kind, user)


# In how many ways one can come too late.
Late = Callable[[Client, SoldOut], Any]
LATE: dict[str, Late] = {
    "one": lambda c, s: c.reserve(s.schedule),
    "a party": lambda c, s: c.reserve(s.schedule, 6),
    "more than all seats": lambda c, s: c.reserve(s.schedule, SEATS + 1),
    "one of a type": lambda c, s: c.reserve(s.schedule, ticket_type=s.kind),
    "one of a type that was never sold": lambda c, s: c.reserve(s.schedule, ticket_type=s.other_kind),
    "one with a key": lambda c, s: c.reserve(s.schedule, key="late"),
    "a user": lambda c, s: c.ask(
        "select * from public.reserve_tickets(%s, p_user_id => %s)", s.schedule, s.user
    ),
}
WAYS = pytest.mark.parametrize("late", LATE.values(), ids=LATE.keys())


def writes(client: Client, action: Callable[[], Any]) -> tuple[Any, bool]:
    """What the action answers, and whether it got its transaction an id, as every write and row lock does."""
    client.begin()
    client.ask("savepoint before")
    answer = action()
    if isinstance(answer, Refusal):
        client.ask("rollback to savepoint before")
    written = client.ask("select pg_current_xact_id_if_assigned() is not null as written").written
    client.rollback()
    return answer, written


@WAYS
@pytest.mark.parametrize("limit_per_user", [None, 5])
def test_late_buyer_neither_writes_nor_locks_a_row(
    connect: Connect, late: Late, limit_per_user: int | None
) -> None:
    place, buyer = sell_out(Shop(connect), limit_per_user=limit_per_user), Client(connect())
    assert writes(buyer, lambda: late(buyer, place)) == (SOLD_OUT, False)


def test_buyer_of_a_type_that_is_sold_out_neither_writes_nor_locks_a_row(connect: Connect) -> None:
    place, buyer = sell_out(Shop(connect), limit=20), Client(connect())
    assert writes(buyer, lambda: buyer.reserve(place.schedule, ticket_type=place.kind)) == (
        TYPE_SOLD_OUT,
        False,
    )
    # the judge knows a write when it sees one
    answer, written = writes(buyer, lambda: buyer.reserve(place.schedule))
    assert (answer.status, written) == ("held", True)


@pytest.mark.parametrize(("seats", "asked"), [(0, 1), (5, 6)])
def test_buyer_of_more_than_there_ever_were_neither_writes_nor_locks_a_row(
    connect: Connect, seats: int, asked: int
) -> None:
    """Nothing was sold of it before: there are no buckets, and none are needed to refuse."""
    shop = Shop(connect)
    schedule, buyer = shop.schedule(seats), shop.client()
    assert writes(buyer, lambda: buyer.reserve(schedule, asked)) == (SOLD_OUT, False)


@pytest.mark.parametrize(("limit", "asked"), [(0, 1), (5, 6)])
def test_buyer_of_more_than_a_type_ever_had_neither_writes_nor_locks_a_row(
    connect: Connect, limit: int, asked: int
) -> None:
    shop = Shop(connect)
    schedule, kind, buyer = shop.schedule(SEATS), shop.ticket_type(limit), shop.client()
    shop.admin.reserve(schedule)
    assert writes(buyer, lambda: buyer.reserve(schedule, asked, ticket_type=kind)) == (TYPE_SOLD_OUT, False)


def lock_everything(place: SoldOut) -> Client:
    """Somebody has every row of the occurrence locked, and seats on their way that are not yet committed."""
    locker = place.shop.client()
    locker.begin()
    for statement in (
        "select from public.event_schedules as s where s.id = %s for update",
        "select from ticketdb.seat_buckets as b where b.schedule_id = %s for update",
        "select from public.ticket_reservations as r where r.schedule_id = %s for update",
        "update public.event_schedules set max_tickets = max_tickets + 50 where id = %s",
        "delete from public.ticket_reservations where schedule_id = %s and status = 'held'",
    ):
        assert not isinstance(locker.ask(statement, place.schedule), Refusal)
    return locker


def come_too_late(place: SoldOut, late: Late) -> Any:
    """What a buyer is told who waits for nobody."""
    locker, buyer = lock_everything(place), place.shop.client()
    buyer.ask("set statement_timeout = '1s'")
    answer = late(buyer, place)
    locker.rollback()
    return answer


@WAYS
def test_late_buyer_waits_for_nobody(connect: Connect, late: Late) -> None:
    assert come_too_late(sell_out(Shop(connect)), late) == SOLD_OUT


def test_late_buyer_waits_when_he_is_refused_with_the_buckets_locked(connect: Connect) -> None:
    shop = Shop(connect)
    place = sell_out(shop)
    plant(
        shop,
        Fault(
            "ticketdb.refuse_sold_out",
            r"\nbegin\n",
            "\nbegin perform ticketdb.lock_buckets(p_schedule_id);\n",
        ),
    )
    assert come_too_late(place, LATE["one"]) == Refusal("57014", None)


WRITTEN = """
select s.schemaname, s.relname, s.n_tup_ins, s.n_tup_upd, s.n_tup_del
from pg_stat_user_tables as s
order by 1, 2
"""


def tuples_written(shop: Shop) -> list[Any]:
    """Rows written so far in each table, those of refused statements included."""
    shop.admin.ask("select pg_stat_force_next_flush()")
    return shop.admin.connection.execute(WRITTEN).fetchall()


def sell_to_late_crowd(place: SoldOut, each: int) -> list[Any]:
    """What 16 clients are told, each time, and that nothing of it was written."""
    ways = list(LATE.values())

    def buy(client: Client, number: int) -> list[Any]:
        answers = [ways[(number + turn) % len(ways)](client, place) for turn in range(each)]
        client.ask("select pg_stat_force_next_flush()")
        return answers

    clients = place.shop.clients(16)
    answers = crowd([lambda c=c, n=n: buy(c, n) for n, c in enumerate(clients)])
    for client in clients:
        client.connection.close()
    return [answer for of_one in answers for answer in of_one]


def test_thousands_of_late_buyers_are_all_refused_and_nothing_is_written(connect: Connect) -> None:
    place = sell_out(Shop(connect))
    before = tuples_written(place.shop)
    answers = sell_to_late_crowd(place, 250)
    assert len(answers) == 4000
    assert set(answers) == {SOLD_OUT}
    assert tuples_written(place.shop) == before
    assert_consistent(place.shop)


def test_rows_are_written_when_late_buyers_take_first_and_look_then(connect: Connect) -> None:
    shop = Shop(connect)
    place = sell_out(shop)
    plant(
        shop,
        "alter table ticketdb.seat_buckets drop constraint seats_within_capacity",
        # refused only after it was written
        Fault("ticketdb.hold_tickets", r"and b\.held \+ b\.sold \+ p_quantity <= b\.capacity", ""),
        Fault(
            "ticketdb.hold_tickets",
            r"if not found then",
            "if found then perform ticketdb.refuse_sold_out(p_schedule_id, 0, 0, p_quantity); else",
        ),
    )
    before = tuples_written(shop)
    assert SOLD_OUT in sell_to_late_crowd(place, 7)
    assert tuples_written(shop) != before


@pytest.mark.parametrize("way", ["one", "one of a type", "one of a type that was never sold"])
def test_seat_that_comes_back_is_sold_to_the_next_buyer(connect: Connect, way: str) -> None:
    place = sell_out(Shop(connect))
    buyer = place.shop.client()
    assert LATE[way](buyer, place) == SOLD_OUT
    held = place.shop.admin.ask(
        "select max(r.id) as id from public.ticket_reservations as r where r.status = 'held'"
    ).id
    place.shop.admin.release(held)
    assert LATE[way](buyer, place).quantity == 1
    assert LATE[way](buyer, place) == SOLD_OUT
    assert_consistent(place.shop)


def lapsed_holds(shop: Shop, number: int) -> int:
    """A sold-out occurrence: each seat in a lapsed hold of its own."""
    schedule = shop.schedule(number)
    shop.admin.release(shop.admin.reserve(schedule).reservation_id)
    # with a bucket a row is not counted by trigger, and a thousand of them take no time
    for statement in (
        """
        insert into public.ticket_reservations (
            schedule_id, bucket, quantity, unit_price, total_amount, expires_at
        )
        select b.schedule_id, b.bucket, 1, 0, 0, clock_timestamp() - n * interval '1 second'
        from ticketdb.seat_buckets as b, generate_series(1, b.capacity) as n
        where b.schedule_id = %s
        """,
        "update ticketdb.seat_buckets set held = capacity where schedule_id = %s",
    ):
        shop.admin.ask(statement, schedule)
    assert shop.seats(schedule) == number
    assert_consistent(shop)
    return schedule


def expired(shop: Shop) -> int:
    return shop.admin.ask(
        "select count(*)::int as expired from public.ticket_reservations where status = 'expired'"
    ).expired


def buy_one_of_lapsed(shop: Shop) -> int:
    """How many of a thousand lapsed holds are reclaimed for one buyer."""
    assert shop.client().reserve(lapsed_holds(shop, 1000)).quantity == 1
    assert_consistent(shop)
    return expired(shop)


def test_a_buyer_reclaims_a_bounded_number_of_lapsed_holds(connect: Connect) -> None:
    assert 1 <= buy_one_of_lapsed(Shop(connect)) <= 100


def test_a_buyer_reclaims_all_lapsed_holds_without_the_bound(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, Fault("ticketdb.expire_lapsed_holds", r"limit p_limit", ""))
    assert buy_one_of_lapsed(shop) == 1000


def test_a_party_reclaims_as_many_lapsed_holds_as_it_needs(connect: Connect) -> None:
    shop = Shop(connect)
    assert shop.client().reserve(lapsed_holds(shop, 1000), 250).quantity == 250
    assert 250 <= expired(shop) <= 300
    assert_consistent(shop)


def test_a_party_that_does_not_fit_reclaims_nothing(connect: Connect) -> None:
    shop = Shop(connect)
    schedule, buyer = lapsed_holds(shop, 200), shop.client()
    assert writes(buyer, lambda: buyer.reserve(schedule, 201)) == (SOLD_OUT, False)
    assert expired(shop) == 0


def test_a_crowd_gets_every_seat_of_lapsed_holds(connect: Connect) -> None:
    shop = Shop(connect)
    schedule = lapsed_holds(shop, 240)
    buyers = shop.clients(16)
    answers = crowd([lambda c=c: [c.reserve(schedule) for _ in range(20)] for c in buyers])
    sold = [a for each in answers for a in each if not isinstance(a, Refusal)]
    refused = {a for each in answers for a in each if isinstance(a, Refusal)}
    assert (len(sold), refused) == (240, {SOLD_OUT})
    assert_consistent(shop)


@pytest.mark.parametrize("by_type", [False, True])
def test_refusal_names_whose_seats_are_missing_while_a_lapsed_hold_is_being_paid(
    connect: Connect, by_type: bool
) -> None:
    """The last seat of the type, or of the occurrence, is in a lapsed hold that its buyer has just locked."""
    shop = Shop(connect)
    schedule, kind, payer = shop.schedule(10 if by_type else 1), shop.ticket_type(1), shop.client()
    hold = shop.admin.reserve(schedule, ticket_type=kind).reservation_id
    shop.lapse(hold)
    payer.begin()
    payer.ask("select from public.ticket_reservations as r where r.id = %s for update", hold)
    answer = shop.client().reserve(schedule, ticket_type=kind)
    assert answer == (TYPE_SOLD_OUT if by_type else SOLD_OUT)
