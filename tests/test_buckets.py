"""The seats of an occurrence lie in buckets: how they are dealt, and that nobody need know."""

from __future__ import annotations

import re

import psycopg
import pytest
from factories import (
    assert_sound,
    change,
    define,
    expect_error,
    insert,
    lapsed_hold,
    pool,
    reserve,
    rows,
    schedule,
    sell,
    ticket_type,
    value,
)

pytestmark = pytest.mark.usefixtures("sound")

BY_HAND = """
insert into public.ticket_reservations (
    schedule_id, ticket_type_id, quantity, status, unit_price, total_amount, expires_at
)
values (%s, %s, %s, %s, 0, 0, now() + interval '1 hour')
returning id
"""

BUCKETS = (
    "select b.*, b.xmin, b.ctid from ticketdb.seat_buckets as b where b.schedule_id = %s order by b.bucket"
)
RESERVATIONS = "select r.* from public.ticket_reservations as r where r.schedule_id = %s order by r.id"


def capacities(tx: psycopg.Connection, schedule_id: int, ticket_type_id: int = 0) -> list[int | None]:
    """The seats dealt to each bucket."""
    query = """
    select b.capacity
    from ticketdb.seat_buckets as b
    where b.schedule_id = %s and b.ticket_type_id = %s
    order by b.bucket
    """
    return [dealt.capacity for dealt in rows(tx, query, schedule_id, ticket_type_id)]


def free_in_buckets(tx: psycopg.Connection, schedule_id: int, ticket_type_id: int = 0) -> list[int]:
    query = """
    select b.capacity - b.held - b.sold as free
    from ticketdb.seat_buckets as b
    where b.schedule_id = %s and b.ticket_type_id = %s
    order by b.bucket
    """
    return [bucket.free for bucket in rows(tx, query, schedule_id, ticket_type_id)]


def left(tx: psycopg.Connection, schedule_id: int) -> int:
    return value(tx, "select tickets_available from public.check_ticket_availability(%s)", schedule_id)


def buy_all(tx: psycopg.Connection, schedule_id: int, **named: int) -> int:
    """One ticket after the other until no more is sold; how many were."""
    for bought in range(10_000):
        try:
            with tx.transaction():
                reserve(tx, schedule_id, **named)
        except psycopg.Error as error:
            if error.sqlstate == "PT409":
                return bought
            raise
    raise AssertionError("it never ends")


def test_an_occurrence_has_no_buckets_before_its_first_reservation(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=100)
    assert left(tx, class_) == 100
    change(tx, "event_schedules", class_, max_tickets=200)
    assert capacities(tx, class_) == []
    reserve(tx, class_)
    assert sum(capacities(tx, class_)) == 200


@pytest.mark.parametrize(
    ("seats", "buckets"),
    [(1, 1), (30, 1), (32, 2), (100, 6), (1023, 63), (2047, 127), (2048, 128), (2100, 128), (100_000, 128)],
)
def test_the_number_of_buckets_follows_the_capacity(tx: psycopg.Connection, seats: int, buckets: int) -> None:
    class_ = schedule(tx, max_tickets=seats)
    reserve(tx, class_)
    dealt = capacities(tx, class_)
    assert (len(dealt), sum(dealt)) == (buckets, seats)
    assert max(dealt) - min(dealt) <= 1


def test_a_ticket_type_lies_in_the_buckets_of_its_occurrence(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=100)
    dealt = {}
    for limit in (40, 200, 3, None):
        kind = ticket_type(tx, class_, max_quantity=limit)
        assert capacities(tx, class_, kind) == []
        reserve(tx, class_, ticket_type_id=kind)
        dealt[limit] = capacities(tx, class_, kind)
    assert {limit: len(seats) for limit, seats in dealt.items()} == dict.fromkeys(dealt, 6)
    assert {limit: sum(seats) for limit, seats in dealt.items() if limit} == {40: 40, 200: 200, 3: 3}
    assert dealt[None] == [None] * 6


def test_a_ticket_type_is_dealt_on_each_occurrence_by_itself(tx: psycopg.Connection) -> None:
    event = define(tx)
    small = schedule(tx, event, max_tickets=20)
    large = schedule(tx, event, start_time="09:00", end_time="10:00", max_tickets=64)
    kind = ticket_type(tx, small, max_quantity=10)
    for class_ in (small, large):
        assert buy_all(tx, class_, ticket_type_id=kind) == 10
    assert [len(capacities(tx, class_, kind)) for class_ in (small, large)] == [1, 4]


def test_capacities_add_up_after_every_change(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=40)
    kind = ticket_type(tx, class_, max_quantity=20)
    sell(tx, class_, 3)
    sell(tx, class_, 2, ticket_type_id=kind)
    for seats, limit in [(20, 30), (1500, None), (1500, 900), (7, 5), (64, None), (64, 2), (2000, 2000)]:
        change(tx, "event_schedules", class_, max_tickets=seats)
        change(tx, "ticket_types", kind, max_quantity=limit)
        assert sum(capacities(tx, class_)) == seats
        of_type = capacities(tx, class_, kind)
        assert set(of_type) == {None} if limit is None else sum(of_type) == limit
        assert_sound(tx)


@pytest.mark.parametrize("limit", [None, 1000])
def test_a_ticket_type_is_sold_in_buckets_that_came_with_a_higher_capacity(
    tx: psycopg.Connection, limit: int | None
) -> None:
    class_ = schedule(tx, max_tickets=16)
    kind = ticket_type(tx, class_, max_quantity=limit)
    assert buy_all(tx, class_, ticket_type_id=kind) == 16
    change(tx, "event_schedules", class_, max_tickets=200)
    assert len(capacities(tx, class_)) == 12
    assert buy_all(tx, class_, ticket_type_id=kind) == 184


@pytest.mark.parametrize("limit", [None, 5])
def test_a_new_limit_counts_from_the_next_ticket_on(tx: psycopg.Connection, limit: int | None) -> None:
    """From no limit to one, and the other way about."""
    class_ = schedule(tx, max_tickets=64)
    kind = ticket_type(tx, class_, max_quantity=limit)
    reserve(tx, class_, 3, ticket_type_id=kind)
    change(tx, "ticket_types", kind, max_quantity=None if limit else 5)
    assert buy_all(tx, class_, ticket_type_id=kind) == (61 if limit else 2)


# 96 seats lie in six buckets of 16. A party of 15 has room in an untouched one only: six parties leave one
# seat in each.
@pytest.mark.parametrize(
    ("limit", "others_of_type", "free_of_type"),
    [
        (96, True, [1] * 6),  # the last seats of the type are scattered like those of the occurrence
        (6, False, [6, 0, 0, 0, 0, 0]),  # they lie together
        (None, False, [None] * 6),
    ],
)
@pytest.mark.parametrize("by_type", [False, True])
def test_a_party_gets_the_last_seats_though_they_lie_in_six_buckets(
    tx: psycopg.Connection, limit: int | None, others_of_type: bool, free_of_type: list[int], by_type: bool
) -> None:
    class_ = schedule(tx, max_tickets=96)
    kind = ticket_type(tx, class_, max_quantity=limit)
    tx.execute("select public.release_reservation(%s)", (reserve(tx, class_, ticket_type_id=kind)[0],))
    for _ in range(6):
        sell(tx, class_, 15, ticket_type_id=kind if others_of_type else None)
    assert free_in_buckets(tx, class_) == [1] * 6
    assert free_in_buckets(tx, class_, kind) == free_of_type
    party = {"ticket_type_id": kind if by_type else None}
    with expect_error(tx, "PT409", "sold_out", available=6, requested=7):
        reserve(tx, class_, 7, **party)
    assert reserve(tx, class_, 6, **party).quantity == 6
    assert free_in_buckets(tx, class_) == [0] * 6


def test_a_party_gets_seats_that_are_partly_in_lapsed_holds(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=96)
    for _ in range(6):
        sell(tx, class_, 14)
        lapsed_hold(tx, class_, 1)
    assert sum(free_in_buckets(tx, class_)) == 6
    assert reserve(tx, class_, 12).quantity == 12
    assert left(tx, class_) == 0


def test_a_party_that_does_not_fit_takes_nothing(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=96)
    for _ in range(6):
        sell(tx, class_, 15)
    lapsed_hold(tx, class_, 1)
    before = [rows(tx, query, class_) for query in (BUCKETS, RESERVATIONS)]
    with expect_error(tx, "PT409", "sold_out", available=6, requested=8):
        reserve(tx, class_, 8)
    assert [rows(tx, query, class_) for query in (BUCKETS, RESERVATIONS)] == before


@pytest.mark.parametrize("limit", [None, 40])
def test_one_buyer_after_the_other_gets_every_seat_of_all_buckets(
    tx: psycopg.Connection, limit: int | None
) -> None:
    class_ = schedule(tx, max_tickets=100)
    if limit:
        assert buy_all(tx, class_, ticket_type_id=ticket_type(tx, class_, max_quantity=limit)) == limit
    assert buy_all(tx, class_) == 100 - (limit or 0)
    assert free_in_buckets(tx, class_) == [0] * 6
    with expect_error(tx, "PT409", "sold_out", available=0, requested=1):
        reserve(tx, class_)


@pytest.mark.parametrize("state", ["held", "confirmed"])
def test_a_reservation_written_by_hand_gets_a_bucket(tx: psycopg.Connection, state: str) -> None:
    class_ = schedule(tx, max_tickets=96)
    kind = ticket_type(tx, class_, max_quantity=50)
    written = [
        tx.execute(BY_HAND, (class_, of, 10, state)).fetchone()[0] for of in (None, kind, None, kind, kind)
    ]
    seats = (50, 0) if state == "held" else (0, 50)
    assert pool(tx, class_) == seats
    assert sum(pool(tx, class_, kind)) == 30
    unplaced = "select count(*) from public.ticket_reservations where id = any(%s) and bucket is null"
    assert value(tx, unplaced, written) == 0
    # a confirmed one has no tickets yet, which is what `sound` would tell
    tx.execute("update public.ticket_reservations set status = 'held' where id = any(%s)", (written,))


def test_a_reservation_by_hand_that_finds_no_seat_is_refused(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=96)
    kind = ticket_type(tx, class_, max_quantity=5)
    with expect_error(tx, "PT409", "sold_out", available=96, requested=97):
        tx.execute(BY_HAND, (class_, None, 97, "held"))
    with expect_error(tx, "PT409", "ticket_type_sold_out", available=5, requested=6):
        tx.execute(BY_HAND, (class_, kind, 6, "held"))


def test_a_closed_reservation_by_hand_gets_a_bucket_when_it_is_opened(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=96)
    closed = tx.execute(BY_HAND, (class_, None, 4, "released")).fetchone()[0]
    bucket = "select bucket from public.ticket_reservations where id = %s"
    assert value(tx, bucket, closed) is None
    assert pool(tx, class_) == (0, 0)
    change(tx, "ticket_reservations", closed, status="held")
    assert value(tx, bucket, closed) is not None
    assert pool(tx, class_) == (4, 0)


def test_a_reservation_is_moved_between_buckets_by_hand(tx: psycopg.Connection) -> None:
    """The bucket need not have room for it: seats are brought there."""
    class_ = schedule(tx, max_tickets=96)
    first, second = (reserve(tx, class_, 15).reservation_id for _ in range(2))
    taken_of = "select bucket from public.ticket_reservations where id = %s"
    change(tx, "ticket_reservations", first, bucket=value(tx, taken_of, second))
    assert sorted(free_in_buckets(tx, class_))[-1] > 0
    assert sum(free_in_buckets(tx, class_)) == 66


@pytest.mark.parametrize("state", ["held", "released"])
def test_what_has_reservations_is_not_deleted(tx: psycopg.Connection, state: str) -> None:
    class_ = schedule(tx, max_tickets=96)
    kind = ticket_type(tx, class_)
    held = reserve(tx, class_, ticket_type_id=kind).reservation_id
    if state == "released":
        tx.execute("select public.release_reservation(%s)", (held,))
    event = value(tx, "select event_definition_id from public.event_schedules where id = %s", class_)
    for table, of in (("event_schedules", class_), ("ticket_types", kind), ("event_definitions", event)):
        with pytest.raises(psycopg.errors.ForeignKeyViolation), tx.transaction():
            tx.execute(f"delete from public.{table} where id = %s", (of,))
    assert sum(capacities(tx, class_)) == 96


def test_buckets_go_with_an_occurrence_whose_reservations_are_gone(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=96)
    kind = ticket_type(tx, class_, max_quantity=7)
    reserve(tx, class_, ticket_type_id=kind)
    tx.execute("delete from public.ticket_reservations where schedule_id = %s", (class_,))
    tx.execute("delete from public.ticket_types where id = %s", (kind,))
    assert capacities(tx, class_, kind) == []
    tx.execute("delete from public.event_schedules where id = %s", (class_,))
    assert capacities(tx, class_) == []


@pytest.mark.parametrize("column", ["schedule_id", "ticket_type_id"])
def test_a_closed_reservation_belongs_to_what_there_is(tx: psycopg.Connection, column: str) -> None:
    """Whether it is written by hand or changed."""
    class_ = schedule(tx)
    columns = {"quantity": 1, "unit_price": 0, "total_amount": 0, "status": "released", "expires_at": "now"}
    kept = insert(tx, "ticket_reservations", schedule_id=class_, **columns)
    with expect_error(tx, "PT404", column.replace("_id", "_not_found")):
        insert(tx, "ticket_reservations", **{"schedule_id": class_, column: 2_000_000_000, **columns})
    with expect_error(tx, "PT404", column.replace("_id", "_not_found")):
        change(tx, "ticket_reservations", kept, **{column: 2_000_000_000})


def test_an_occurrence_that_a_closed_reservation_was_moved_to_is_not_deleted(tx: psycopg.Connection) -> None:
    first, second = schedule(tx), schedule(tx)
    moved = reserve(tx, first).reservation_id
    tx.execute("select public.release_reservation(%s)", (moved,))
    change(tx, "ticket_reservations", moved, schedule_id=second)
    with pytest.raises(psycopg.errors.ForeignKeyViolation), tx.transaction():
        tx.execute("delete from public.event_schedules where id = %s", (second,))


def test_fast_path_guesses_a_bucket_by_the_rule_of_bucket_count(tx: psycopg.Connection) -> None:
    """The rule stands twice: hold_tickets has it written out, for a call would cost as much as the search."""
    source = value(tx, "select prosrc from pg_proc where oid = 'ticketdb.hold_tickets'::regproc")
    (rule,) = re.findall(r"pg_backend_pid\(\) % (.+)", source)
    differing = """
    select o.max_tickets
    from generate_series(0, 3000) as o (max_tickets)
    where {} <> ticketdb.bucket_count(o.max_tickets)
    """
    assert rows(tx, differing.format(rule)) == []
    assert rows(tx, differing.format(rule.replace("16", "17"))) != []
