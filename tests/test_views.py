"""v_event_availability and v_schedule_participants."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from factories import (
    book,
    change,
    define,
    insert,
    lapsed_hold,
    reserve,
    row,
    rows,
    schedule,
    sell,
    sweep,
    user,
    value,
)

AVAILABILITY = [
    "event_definition_id",
    "event_code",
    "title",
    "event_category",
    "event_type",
    "banner_image_url",
    "default_ticket_price",
    "schedule_id",
    "schedule_date",
    "start_time",
    "end_time",
    "start_datetime",
    "end_datetime",
    "max_tickets",
    "tickets_sold",
    "tickets_available",
    "effective_price",
    "status",
    "space_id",
    "venue_id",
]
PARTICIPANTS = [
    "schedule_id",
    "schedule_date",
    "event_title",
    "event_type",
    "participant_id",
    "name",
    "mobile",
    "ticket_quantity",
    "amount_paid",
    "is_verified",
    "scan_count",
    "joined_at",
    "booking_reference",
    "booking_status",
    "user_email",
    "first_name",
    "last_name",
]


def available(tx: psycopg.Connection, schedule_id: int) -> Any:
    return row(tx, "select * from public.v_event_availability where schedule_id = %s", schedule_id)


def is_listed(tx: psycopg.Connection, schedule_id: int) -> bool:
    query = "select exists (select from public.v_event_availability where schedule_id = %s)"
    return value(tx, query, schedule_id)


@pytest.mark.parametrize(
    ("view", "columns"), [("v_event_availability", AVAILABILITY), ("v_schedule_participants", PARTICIPANTS)]
)
def test_the_columns_of_the_seed_come_first_in_its_order(
    tx: psycopg.Connection, view: str, columns: list[str]
) -> None:
    cursor = tx.execute(f"select * from public.{view}")
    assert [column.name for column in cursor.description or []][: len(columns)] == columns


@pytest.mark.parametrize("view", ["v_event_availability", "v_schedule_participants"])
def test_the_views_run_with_the_rights_of_the_reader(tx: psycopg.Connection, view: str) -> None:
    options = value(tx, "select reloptions from pg_class where relname = %s", view)
    assert "security_invoker=true" in options


def test_live_holds_are_not_available_and_lapsed_ones_are(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=10)
    sell(tx, class_, 1)
    reserve(tx, class_, 2)
    lapsed_hold(tx, class_, 3)
    for _ in range(2):
        seen = available(tx, class_)
        assert (seen.max_tickets, seen.tickets_sold) == (10, 1)
        assert (seen.tickets_available, seen.tickets_held) == (7, 2)
        sweep(tx, class_)


def test_an_occurrence_shows_its_event_and_its_price(tx: psycopg.Connection) -> None:
    venue = insert(tx, "venues", name="Grant House")
    studio = insert(tx, "spaces", name="Studio", venue_id=venue)
    hall = insert(tx, "spaces", name="Hall", venue_id=venue)
    event = define(
        tx,
        event_code="yoga-1",
        title="Morning Yoga",
        space_id=studio,
        venue_id=venue,
        default_ticket_price=40,
    )
    plain = schedule(tx, event)
    special = schedule(tx, event, start_time="09:00", end_time="10:00", ticket_price=60, space_id=hall)
    seen = available(tx, plain)
    assert (seen.event_definition_id, seen.event_code, seen.title) == (event, "yoga-1", "Morning Yoga")
    assert (seen.default_ticket_price, seen.effective_price) == (40, 40)
    assert (seen.space_id, seen.venue_id, seen.timezone) == (studio, venue, "Asia/Kolkata")
    seen = available(tx, special)
    assert (seen.default_ticket_price, seen.effective_price, seen.space_id) == (40, 60, hall)


def test_a_free_occurrence_of_a_paid_event_is_free(tx: psycopg.Connection) -> None:
    assert available(tx, schedule(tx, ticket_price=0)).effective_price == 0


@pytest.mark.parametrize("status", ["cancelled", "completed"])
def test_what_is_closed_is_not_listed(tx: psycopg.Connection, status: str) -> None:
    assert not is_listed(tx, schedule(tx, status=status))


def test_an_inactive_event_is_not_listed(tx: psycopg.Connection) -> None:
    assert not is_listed(tx, schedule(tx, define(tx, is_active=False)))


def test_a_blocked_occurrence_is_listed_with_nothing_to_buy(tx: psycopg.Connection) -> None:
    seen = available(tx, schedule(tx, is_blocked=True))
    assert (seen.is_blocked, seen.tickets_available, seen.max_tickets) == (True, 0, 5)


def test_a_full_occurrence_is_listed_with_nothing_to_buy(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sell(tx, class_, 5)
    assert available(tx, class_).tickets_available == 0


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Kolkata", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("session_zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_today_is_today_where_the_event_takes_place(
    tx: psycopg.Connection, zone: str, session_zone: str
) -> None:
    tx.execute("select set_config('TimeZone', %s, true)", (session_zone,))
    event = define(tx, timezone=zone)
    today = value(tx, "select (now() at time zone %s)::date", zone)
    days = {"schedule_date": today, "start_time": "00:00", "end_time": "23:59:59"}
    assert is_listed(tx, schedule(tx, event, **days))
    assert not is_listed(tx, schedule(tx, event, **{**days, "schedule_date": today - timedelta(days=1)}))
    assert is_listed(tx, schedule(tx, event, **{**days, "schedule_date": today + timedelta(days=1)}))


def test_what_is_over_today_is_listed_with_nothing_to_buy(tx: psycopg.Connection) -> None:
    """In one of these zones it is past one in the morning."""
    zones = ["Asia/Kolkata", "Pacific/Kiritimati", "America/New_York"]
    zone, today = row(
        tx,
        """
        select z.name, (now() at time zone z.name)::date from unnest(%s::text[]) as z (name)
        where (now() at time zone z.name)::time > '00:02' limit 1
        """,
        zones,
    )
    over = schedule(tx, define(tx, timezone=zone), schedule_date=today, start_time="00:00", end_time="00:01")
    assert available(tx, over).tickets_available == 0


def people(tx: psycopg.Connection, schedule_id: int) -> list[Any]:
    query = "select * from public.v_schedule_participants where schedule_id = %s order by participant_id"
    return rows(tx, query, schedule_id)


def participant(tx: psycopg.Connection, **columns: Any) -> int:
    return insert(tx, "program_participants", **{"name": "Asha", "program_type": "yoga", **columns})


def test_an_occurrence_without_participants_has_no_rows(tx: psycopg.Connection) -> None:
    assert people(tx, schedule(tx)) == []
    assert rows(tx, "select * from public.v_schedule_participants") == []


def test_a_participant_shows_booking_and_user(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    buyer = user(tx, username="dev@example.org", first_name="Dev", last_name="Iyer")
    booking = book(tx, class_, user_id=buyer, booking_reference="BK-DEV", status="paid")
    entered = participant(
        tx, booking_id=booking, user_id=buyer, mobile="98450", ticket_quantity=2, amount_paid=300
    )
    (seen,) = people(tx, class_)
    assert (seen.participant_id, seen.name, seen.mobile) == (entered, "Asha", "98450")
    assert (seen.ticket_quantity, seen.amount_paid, seen.scan_count) == (2, 300, 0)
    assert (seen.event_title, seen.event_type, seen.is_verified) == ("Yoga", "yoga", False)
    assert (seen.booking_reference, seen.booking_status, seen.booking_id) == ("BK-DEV", "paid", booking)
    assert (seen.user_email, seen.first_name, seen.last_name) == ("dev@example.org", "Dev", "Iyer")


def test_a_buyer_by_function_is_listed(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sell(tx, class_, 2, user_id=user(tx))
    (seen,) = people(tx, class_)
    assert (seen.name, seen.ticket_quantity, seen.booking_reference) == ("Asha Rao", 2, None)


def announced(tx: psycopg.Connection) -> tuple[int, int]:
    """A show with the admin booking that announces it."""
    booking = book(tx, None, is_admin_booking=True, status="confirmed")
    return schedule(tx, booking_id=booking), booking


def test_those_linked_only_through_the_booking_of_the_occurrence_are_listed(tx: psycopg.Connection) -> None:
    show, booking = announced(tx)
    entered = participant(tx, booking_id=booking)
    assert [seen.participant_id for seen in people(tx, show)] == [entered]


def test_those_linked_both_ways_are_listed_once(tx: psycopg.Connection) -> None:
    show, booking = announced(tx)
    entered = participant(tx, booking_id=booking, event_schedule_id=show)
    assert [seen.participant_id for seen in people(tx, show)] == [entered]


def test_those_linked_to_another_occurrence_are_listed_only_there(tx: psycopg.Connection) -> None:
    show, booking = announced(tx)
    other = schedule(tx)
    participant(tx, booking_id=booking, event_schedule_id=other)
    assert (people(tx, show), len(people(tx, other))) == ([], 1)


def test_two_occurrences_of_one_booking_both_list_its_participants(tx: psycopg.Connection) -> None:
    show, booking = announced(tx)
    second = schedule(tx, booking_id=booking)
    participant(tx, booking_id=booking)
    assert (len(people(tx, show)), len(people(tx, second))) == (1, 1)


def test_whoever_gave_up_a_place_is_listed_as_inactive(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    entered = participant(tx, event_schedule_id=class_)
    change(tx, "program_participants", entered, is_active=False)
    assert [seen.is_active for seen in people(tx, class_)] == [False]


def test_a_participant_without_booking_and_occurrence_is_listed_nowhere(tx: psycopg.Connection) -> None:
    schedule(tx)
    participant(tx)
    assert rows(tx, "select * from public.v_schedule_participants") == []
