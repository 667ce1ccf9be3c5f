"""A waiting list closes with the sale, and the daily round does what no transaction noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from factories import (
    call,
    change,
    define,
    lapse,
    lapsed_hold,
    reserve,
    schedule,
    status,
    value,
)
from waitlists import end_transaction, free, join, place, sold_out, statuses, waiting

pytestmark = pytest.mark.usefixtures("sound")
AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


def maintain(tx: psycopg.Connection) -> tuple[int, int]:
    """How many places a round closed, and how many offers it made."""
    counts = call(tx, "run_maintenance", 0).run_maintenance
    end_transaction(tx)
    return counts["waitlist_closed"], counts["waitlist_offers"]


@pytest.mark.parametrize("closing", [{"status": "cancelled"}, {"status": "completed"}, {"is_blocked": True}])
def test_a_waiting_list_closes_with_its_schedule(tx: psycopg.Connection, closing: dict[str, object]) -> None:
    show, sales = sold_out(tx)
    entry = join(tx, show)
    change(tx, "event_schedules", show, **closing)
    free(tx, sales[0])
    closed = place(tx, entry.entry_id)
    assert (closed.status, closed.position, closed.reservation_id) == ("closed", None, None)
    assert call(tx, "leave_waitlist", entry.entry_id).status == "closed"


def test_an_offer_that_is_released_because_its_schedule_is_called_off_is_closed(
    tx: psycopg.Connection,
) -> None:
    show, sales = sold_out(tx)
    entry = join(tx, show)
    free(tx, sales[0])
    change(tx, "event_schedules", show, status="cancelled")
    call(tx, "release_reservation", place(tx, entry.entry_id).reservation_id)
    assert statuses(tx, entry) == ["closed"]


def test_nothing_is_offered_once_the_sale_has_closed_and_the_round_closes_the_list(
    tx: psycopg.Connection,
) -> None:
    show, sales = sold_out(tx)
    entry = join(tx, show)
    change(tx, "event_schedules", show, sales_close_at=AN_HOUR_AGO)
    free(tx, sales[0])
    assert statuses(tx, entry) == ["waiting"]
    assert maintain(tx) == (1, 0)
    assert statuses(tx, entry) == ["closed"]
    assert maintain(tx) == (0, 0)


def test_those_who_wait_for_an_inactive_event_are_served_when_it_is_active_again(
    tx: psycopg.Connection,
) -> None:
    event = define(tx, recurrence_type="none")
    show, sales = sold_out(tx, event_definition_id=event)
    entry = join(tx, show)
    change(tx, "event_definitions", event, is_active=False)
    free(tx, sales[0])
    assert maintain(tx) == (0, 0)
    change(tx, "event_definitions", event, is_active=True)
    assert maintain(tx) == (0, 1)
    assert statuses(tx, entry) == ["offered"]


def test_a_round_passes_on_what_has_lapsed(tx: psycopg.Connection) -> None:
    show = schedule(tx, define(tx, recurrence_type="none"), max_tickets=2)
    hold = reserve(tx, show, 2).reservation_id
    first, second, third = join(tx, show), join(tx, show), join(tx, show)
    lapse(tx, hold)
    assert maintain(tx) == (0, 2)
    assert statuses(tx, first, second, third) == ["offered", "offered", "waiting"]
    lapse(tx, place(tx, first.entry_id).reservation_id)
    assert maintain(tx) == (0, 1)
    assert statuses(tx, first, second, third) == ["lapsed", "offered", "offered"]
    assert maintain(tx) == (0, 0)


def test_a_round_leaves_a_full_schedule_and_a_party_too_big_alone(tx: psycopg.Connection) -> None:
    event = define(tx, recurrence_type="none")
    show, sales = sold_out(tx, event_definition_id=event)
    party = join(tx, show, 3)
    free(tx, sales[0])
    assert value(tx, "select count(*) from ticketdb.servable_waitlists(10)") == 0
    assert maintain(tx) == (0, 0)
    assert statuses(tx, party) == ["waiting"]


def test_a_lower_capacity_takes_lapsed_seats_before_they_are_offered(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=5)
    hold = reserve(tx, show, 5).reservation_id
    first, second = join(tx, show), join(tx, show)
    lapse(tx, hold)
    change(tx, "event_schedules", show, max_tickets=1)
    end_transaction(tx)
    assert (statuses(tx, first, second), status(tx, hold)) == (["offered", "waiting"], "expired")


def test_a_schedule_without_reservations_is_deleted_with_its_waiting_list(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=1)
    hold = lapsed_hold(tx, show)
    change(tx, "ticket_reservations", hold, expires_at=datetime.now(UTC) + timedelta(hours=1))
    join(tx, show)
    change(tx, "event_schedules", show, is_blocked=True)
    tx.execute("delete from public.ticket_reservations where id = %s", (hold,))
    tx.execute("delete from public.event_schedules where id = %s", (show,))
    assert waiting(tx, show) == 0
