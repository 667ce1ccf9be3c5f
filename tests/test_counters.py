"""Counters and capacities: who may write them, and that they follow every statement."""

from __future__ import annotations

import psycopg
import pytest
from factories import (
    change,
    define,
    expect_constraint,
    expect_error,
    insert,
    lapsed_hold,
    pool,
    reserve,
    row,
    schedule,
    sell,
    ticket_type,
    value,
)

DERIVED = ("PT409", "tickets_sold_is_derived")


pytestmark = pytest.mark.usefixtures("sound")


def sold(tx: psycopg.Connection, schedule_id: int) -> int:
    return value(tx, "select tickets_sold from public.event_schedules where id = %s", schedule_id)


def be_anybody_else(tx: psycopg.Connection) -> None:
    """From here on the session is a role that may write schedules and is no superuser."""
    tx.execute(
        """
        create role ticketdb_test_clerk;
        grant usage on schema public to ticketdb_test_clerk;
        grant select, insert, update on all tables in schema public to ticketdb_test_clerk;
        create policy clerk on public.event_schedules to ticketdb_test_clerk using (true);
        set local role ticketdb_test_clerk;
        """
    )


@pytest.mark.parametrize("by_superuser", [True, False])
@pytest.mark.parametrize("number", [0, 1, 3, 5, 6, -1, None])
def test_tickets_sold_cannot_be_updated_by_hand(
    tx: psycopg.Connection, number: int | None, by_superuser: bool
) -> None:
    class_ = schedule(tx)
    sell(tx, class_, 2)
    if not by_superuser:
        be_anybody_else(tx)
    with expect_error(tx, *DERIVED, tickets_sold=2):
        change(tx, "event_schedules", class_, tickets_sold=number)
    tx.execute("reset role")
    assert sold(tx, class_) == 2


@pytest.mark.parametrize("number", [1, -1, None])
def test_an_occurrence_cannot_be_inserted_with_sold_tickets(
    tx: psycopg.Connection, number: int | None
) -> None:
    with expect_error(tx, *DERIVED):
        schedule(tx, tickets_sold=number)


def test_tickets_sold_can_be_written_as_it_is(tx: psycopg.Connection) -> None:
    """An application that saves whole rows back is not refused."""
    class_ = schedule(tx, tickets_sold=0)
    sell(tx, class_, 2)
    change(tx, "event_schedules", class_, tickets_sold=2, ticket_price=7)
    assert sold(tx, class_) == 2


def add_trigger(tx: psycopg.Connection, name: str, event: str, body: str) -> None:
    """Somebody's own trigger before a row of event_schedules is written."""
    tx.execute(
        f"""
        create function pg_temp.{name}() returns trigger language plpgsql as $$
        begin {body}; return new; end $$;
        create trigger {name} before {event} on public.event_schedules
        for each row execute function pg_temp.{name}();
        """
    )


@pytest.mark.parametrize("name", ["a_first", "zz_last"])
def test_a_trigger_cannot_write_tickets_sold_into_the_row(tx: psycopg.Connection, name: str) -> None:
    class_ = schedule(tx)
    sell(tx, class_, 2)
    add_trigger(tx, name, "update", "new.tickets_sold := 4")
    with expect_error(tx, *DERIVED):
        change(tx, "event_schedules", class_, is_blocked=True)


@pytest.mark.parametrize("name", ["a_first", "zz_last"])
def test_a_trigger_cannot_write_tickets_sold_into_a_new_row(tx: psycopg.Connection, name: str) -> None:
    event = define(tx)
    add_trigger(tx, name, "insert", "new.tickets_sold := 4")
    with expect_error(tx, *DERIVED):
        schedule(tx, event)


def test_a_trigger_cannot_update_tickets_sold(tx: psycopg.Connection) -> None:
    other, class_ = schedule(tx), schedule(tx)
    tx.execute("select set_config('test.other', %s, true)", (str(other),))
    body = """
        if new.id <> current_setting('test.other')::int then
            update public.event_schedules set tickets_sold = 1
            where id = current_setting('test.other')::int;
        end if
    """
    add_trigger(tx, "own", "update", body)
    with expect_error(tx, *DERIVED):
        change(tx, "event_schedules", class_, is_blocked=True)


@pytest.mark.parametrize("name", ["a_first", "zz_last"])
def test_a_capacity_that_a_trigger_sets_reaches_the_seats(tx: psycopg.Connection, name: str) -> None:
    class_ = schedule(tx)
    add_trigger(tx, name, "update", "new.max_tickets := 8")
    change(tx, "event_schedules", class_, is_blocked=False)
    assert value(tx, "select max_tickets from public.event_schedules where id = %s", class_) == 8
    reserve(tx, class_, 8)


def test_a_raised_capacity_can_be_sold(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sell(tx, class_, 5)
    change(tx, "event_schedules", class_, max_tickets=7)
    reserve(tx, class_, 2)
    with expect_error(tx, "PT409", "sold_out", available=0, requested=1):
        reserve(tx, class_)


def test_capacity_goes_down_to_what_is_sold_and_held_and_no_further(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sell(tx, class_, 2)
    reserve(tx, class_, 1)
    with expect_error(tx, "PT409", "capacity_below_sold", sold=2, held=1, requested=2):
        change(tx, "event_schedules", class_, max_tickets=2)
    change(tx, "event_schedules", class_, max_tickets=3)
    with expect_error(tx, "PT409", "sold_out", available=0, requested=1):
        reserve(tx, class_)


def test_lapsed_holds_do_not_keep_the_capacity_up(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sell(tx, class_, 2)
    lapsed_hold(tx, class_, 3)
    change(tx, "event_schedules", class_, max_tickets=2)
    assert pool(tx, class_) == (0, 2)
    with expect_error(tx, "PT409", "capacity_below_sold", sold=2, held=0, requested=1):
        change(tx, "event_schedules", class_, max_tickets=1)


def test_a_capacity_below_zero_is_refused(tx: psycopg.Connection) -> None:
    class_, new = schedule(tx), schedule(tx)
    lapsed_hold(tx, class_)
    with expect_error(tx, "PT409", "capacity_below_sold"):
        change(tx, "event_schedules", class_, max_tickets=-1)
    with expect_constraint(tx, "tickets_sold_within_capacity"):
        change(tx, "event_schedules", new, max_tickets=-1)
    with expect_constraint(tx, "tickets_sold_within_capacity"):
        schedule(tx, max_tickets=-1)


@pytest.mark.parametrize("limit", [4, None])
def test_a_raised_limit_of_a_ticket_type_can_be_sold(tx: psycopg.Connection, limit: int | None) -> None:
    class_ = schedule(tx)
    vip = ticket_type(tx, class_, max_quantity=2)
    reserve(tx, class_, 2, ticket_type_id=vip)
    change(tx, "ticket_types", vip, max_quantity=limit)
    assert reserve(tx, class_, 2, ticket_type_id=vip).status == "held"


def test_the_limit_of_a_ticket_type_goes_down_to_what_is_sold_and_no_further(tx: psycopg.Connection) -> None:
    event = define(tx)
    class_, other = schedule(tx, event), schedule(tx, event, start_time="09:00", end_time="10:00")
    vip = ticket_type(tx, class_)
    sell(tx, class_, 2, ticket_type_id=vip)
    lapsed_hold(tx, class_, 2, ticket_type_id=vip)
    reserve(tx, other, 3, ticket_type_id=vip)
    with expect_error(tx, "PT409", "capacity_below_sold", schedule_id=other, requested=2):
        change(tx, "ticket_types", vip, max_quantity=2)
    change(tx, "ticket_types", vip, max_quantity=3)
    with expect_error(tx, "PT409", "ticket_type_sold_out", available=0, requested=1):
        reserve(tx, other, 1, ticket_type_id=vip)
    assert reserve(tx, class_, 1, ticket_type_id=vip).status == "held"


def test_a_hold_deleted_by_hand_gives_its_seats_back(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    vip = ticket_type(tx, class_, max_quantity=3)
    held = reserve(tx, class_, 3, ticket_type_id=vip).reservation_id
    tx.execute("delete from public.ticket_reservations where id = %s", (held,))
    assert (pool(tx, class_), pool(tx, class_, vip)) == ((0, 0), (0, 0))
    assert reserve(tx, class_, 3, ticket_type_id=vip).status == "held"


def test_statements_by_hand_over_many_reservations_are_counted(tx: psycopg.Connection) -> None:
    event = define(tx)
    first, second = (
        schedule(tx, event, max_tickets=20),
        schedule(tx, event, start_time="09:00", max_tickets=20),
    )
    vip = ticket_type(tx, first, max_quantity=12)
    tx.execute(
        """
        insert into public.ticket_reservations (
            schedule_id, ticket_type_id, quantity, unit_price, total_amount, expires_at
        )
        select s.id, t.id, 2, 0, 0, now() + interval '1 hour'
        from unnest(%s::int[]) as s (id), (values (%s), (null)) as t (id), generate_series(1, 3)
        """,
        ([first, second], vip),
    )
    seats = [pool(tx, s, t) for s in (first, second) for t in (0, vip)]
    assert seats == [(12, 0), (6, 0), (12, 0), (6, 0)]
    tx.execute("update public.ticket_reservations set quantity = 1 where ticket_type_id is null")
    seats = [pool(tx, s, t) for s in (first, second) for t in (0, vip)]
    assert seats == [(9, 0), (6, 0), (9, 0), (6, 0)]
    tx.execute(
        "update public.ticket_reservations set schedule_id = %s where schedule_id = %s", (first, second)
    )
    seats = [pool(tx, s, t) for s in (first, second) for t in (0, vip)]
    assert seats == [(18, 0), (12, 0), (0, 0), (0, 0)]
    tx.execute("update public.ticket_reservations set status = 'released' where ticket_type_id = %s", (vip,))
    assert [pool(tx, first), pool(tx, first, vip)] == [(6, 0), (0, 0)]
    tx.execute("delete from public.ticket_reservations")
    assert pool(tx, first) == (0, 0)


def test_sales_written_by_hand_are_counted(tx: psycopg.Connection) -> None:
    first, second = schedule(tx), schedule(tx)
    held = [reserve(tx, s, n).reservation_id for s in (first, second) for n in (1, 2)]
    tx.execute("update public.ticket_reservations set status = 'confirmed' where id = any(%s)", (held,))
    assert [(pool(tx, s), sold(tx, s)) for s in (first, second)] == [((0, 3), 3)] * 2
    tx.execute("update public.ticket_reservations set status = 'cancelled' where id = any(%s)", (held,))
    assert [(pool(tx, s), sold(tx, s)) for s in (first, second)] == [((0, 0), 0)] * 2


def test_a_statement_by_hand_cannot_oversell(tx: psycopg.Connection) -> None:
    class_, full = schedule(tx), schedule(tx, max_tickets=2)
    sell(tx, full, 2)
    other = reserve(tx, class_, 2).reservation_id
    with expect_error(tx, "PT409", "sold_out", available=0, requested=2):
        change(tx, "ticket_reservations", other, schedule_id=full)
    with expect_error(tx, "PT409", "sold_out", available=3, requested=4):
        change(tx, "ticket_reservations", other, quantity=6)
    assert (pool(tx, class_), pool(tx, full)) == ((2, 0), (0, 2))


def test_the_counters_hold_against_whoever_writes_them(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    reserve(tx, class_)
    for written, constraint in [
        ("held = 6", "seats_within_capacity"),
        ("sold = 4, held = 2", "seats_within_capacity"),
        ("held = -1", "seats_within_capacity"),
    ]:
        with expect_constraint(tx, constraint):
            tx.execute(f"update ticketdb.seat_buckets set {written} where schedule_id = %s", (class_,))


def test_reservations_are_not_truncated_behind_the_counters(tx: psycopg.Connection) -> None:
    """Either the counters follow, or it is refused."""
    class_ = schedule(tx)
    reserve(tx, class_, 2)
    try:
        with tx.transaction():
            tx.execute("truncate public.ticket_reservations cascade")
    except psycopg.Error:
        assert pool(tx, class_) == (2, 0)
    else:
        assert pool(tx, class_) == (0, 0)


def test_updated_at_follows_a_change(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    event = value(tx, "select event_definition_id from public.event_schedules where id = %s", class_)
    for table, row_id in (("event_schedules", class_), ("event_definitions", event)):
        change(tx, table, row_id, updated_at="2020-01-01")
        made, updated = row(tx, f"select created_at, updated_at from public.{table} where id = %s", row_id)
        assert updated > made


def test_two_bookings_may_announce_the_same_start_and_be_deleted(tx: psycopg.Connection) -> None:
    event = define(tx)
    announced = []
    for number in (1, 2):
        announced.append(
            insert(
                tx,
                "bookings",
                booking_reference=f"SHOW-{number}",
                start_datetime="2040-01-01 20:00",
                end_datetime="2040-01-01 22:00",
                is_admin_booking=True,
            )
        )
        schedule(tx, event, booking_id=announced[-1])
    for booking in announced:
        tx.execute("delete from public.bookings where id = %s", (booking,))
