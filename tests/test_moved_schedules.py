"""After an update of the time zones: schedules whose instants are not what the rules say now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
    call,
    define,
    expect_error,
    lapsed_hold,
    reserve,
    row,
    rows,
    schedule,
    sell,
    value,
)
from race_faults import Fault, plant
from race_shop import Shop
from roles import acting


def displace(tx: psycopg.Connection, *schedules: int) -> None:
    """As if the zone's rules had been others when these were saved."""
    tx.execute("alter table public.event_schedules disable trigger derive_schedule_times")
    tx.execute(
        """
        update public.event_schedules as s
        set starts_at = s.starts_at + interval '1 hour', ends_at = s.ends_at + interval '1 hour'
        where s.id = any (%s)
        """,
        (list(schedules),),
    )
    tx.execute("alter table public.event_schedules enable trigger derive_schedule_times")


def listed(tx: psycopg.Connection) -> list[tuple[int, int]]:
    return rows(tx, "select schedule_id, tickets_taken from public.list_moved_schedules()")


def test_nothing_has_moved(tx: psycopg.Connection) -> None:
    schedule(tx)
    assert listed(tx) == []
    assert call(tx, "move_unsold_schedules") == (0,)


def test_what_moved_is_listed_with_both_instants_and_its_tickets(tx: psycopg.Connection) -> None:
    moved, sold, held = schedule(tx), schedule(tx), schedule(tx)
    sell(tx, sold, 2)
    reserve(tx, held)
    schedule(tx)
    displace(tx, moved, sold, held)
    assert sorted(listed(tx)) == [(moved, 0), (sold, 2), (held, 1)]
    found = row(tx, "select * from public.list_moved_schedules() where schedule_id = %s", moved)
    assert found.starts_at - found.starts_at_now == timedelta(hours=1)
    assert found.ends_at - found.ends_at_now == timedelta(hours=1)


@pytest.mark.parametrize("columns", [{"schedule_date": "2020-01-01"}, {"status": "cancelled"}])
def test_what_is_over_or_called_off_stays_as_it_was(tx: psycopg.Connection, columns: dict) -> None:
    displace(tx, schedule(tx, **columns))
    assert listed(tx) == []


def test_only_what_nobody_has_a_ticket_for_is_moved(tx: psycopg.Connection) -> None:
    event = define(tx)
    free, sold, held, lapsed, released = (
        schedule(tx, event, schedule_date=NEXT_WEEK + timedelta(days=n)) for n in range(5)
    )
    sell(tx, sold)
    reserve(tx, held)
    lapsed_hold(tx, lapsed)
    call(tx, "release_reservation", reserve(tx, released).reservation_id)
    displace(tx, free, sold, held, lapsed, released)
    assert call(tx, "move_unsold_schedules") == (2,)
    assert sorted(schedule for schedule, _ in listed(tx)) == [sold, held, lapsed]
    starts = value(
        tx, "select starts_at at time zone 'Asia/Kolkata' from public.event_schedules where id = %s", free
    )
    assert f"{starts:%H:%M}" == "07:00"


@pytest.fixture
def admin_and_visitor(connect: Callable[..., psycopg.Connection]) -> psycopg.Connection:
    connection = connect()
    connection.execute("select ticketdb.create_roles()")
    connection.execute("select ticketdb.grant_roles()")
    return connection


def test_moving_takes_an_admin(admin_and_visitor: psycopg.Connection) -> None:
    for function in ("list_moved_schedules", "move_unsold_schedules"):
        with acting(admin_and_visitor, "authenticated", app_metadata={"role": "admin"}) as admin:
            admin.execute(f"select public.{function}()")
        with acting(admin_and_visitor, "authenticated") as buyer, expect_error(buyer, "PT403", "not_allowed"):
            buyer.execute(f"select public.{function}()")


@pytest.fixture
def shop(connect: Callable[..., psycopg.Connection]) -> Shop:
    return Shop(connect)


def move_while_selling(shop: Shop) -> tuple[bool, int]:
    """Somebody takes a ticket while the schedule is moved: whether the move waited, and how many it moved."""
    buyer, manager = shop.clients(2)
    sold = shop.schedule(5)
    # the buckets are there
    shop.admin.release(shop.admin.reserve(sold).reservation_id)
    displace(shop.admin.connection, sold)
    buyer.begin()
    buyer.reserve(sold)
    manager.start(manager.ask, "select public.move_unsold_schedules() as moved")
    waited = shop.waits(manager, on=buyer)
    buyer.commit()
    return waited, manager.finish().moved


def test_a_schedule_that_is_just_being_sold_stays(shop: Shop) -> None:
    assert move_while_selling(shop) == (True, 0)


def test_without_the_lock_it_would_be_moved(shop: Shop) -> None:
    plant(shop, Fault("ticketdb.move_unsold", r"perform ticketdb\.lock_buckets\(v_schedule_id\);", ""))
    assert move_while_selling(shop) == (False, 1)
