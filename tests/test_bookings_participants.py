"""Participants of the application's own bookings are linked, and never doubled."""

from __future__ import annotations

import psycopg
import pytest
from bookings import followed, reservation
from factories import (
    book,
    change,
    insert,
    pay,
    pool,
    rows,
    schedule,
    value,
)

pytestmark = pytest.mark.usefixtures("sound")


def participate(tx: psycopg.Connection, booking: int, *names: str) -> None:
    """The application enters who comes with a booking."""
    for name in names:
        insert(tx, "program_participants", name=name, program_type="yoga", booking_id=booking)


def come(tx: psycopg.Connection, schedule_id: int | None) -> list[str]:
    query = """
        select name from public.program_participants
        where event_schedule_id is not distinct from %s order by name
    """
    return [found.name for found in rows(tx, query, schedule_id)]


def test_participants_that_the_application_enters_are_linked_and_never_doubled(
    tx: psycopg.Connection,
) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_)
    change(tx, "bookings", booking, status="paid")
    assert come(tx, class_) == []
    participate(tx, booking, "Asha", "Dev")
    change(tx, "bookings", booking, status="confirmed")
    assert come(tx, class_) == ["Asha", "Dev"]
    event = "select distinct event_definition_id from public.program_participants"
    sold = "select event_definition_id from public.event_schedules where id = %s"
    assert value(tx, event) == value(tx, sold, class_)


def test_participants_entered_before_the_booking_names_its_class_are_linked(tx: psycopg.Connection) -> None:
    first, second = schedule(tx), schedule(tx)
    booking = book(tx, None)
    participate(tx, booking, "Asha", "Dev")
    assert come(tx, None) == ["Asha", "Dev"]
    for class_ in (first, second, None):
        change(tx, "bookings", booking, event_schedule_id=class_)
        assert come(tx, class_) == ["Asha", "Dev"]
    change(tx, "bookings", booking, event_schedule_id=first, status="paid")
    assert come(tx, first) == ["Asha", "Dev"]
    assert value(tx, "select count(*) from public.program_participants") == 2


def test_a_payment_by_function_for_a_booking_leaves_participants_to_the_application(
    tx: psycopg.Connection,
) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_)
    assert pay(tx, reservation(tx, booking), "upi-1", amount=300).status == "confirmed"
    participate(tx, booking, "Asha", "Dev")
    change(tx, "bookings", booking, status="paid")
    assert come(tx, class_) == ["Asha", "Dev"]
    assert (followed(tx, booking), pool(tx, class_)) == (("confirmed", 2, 2, 0), (0, 2))


def test_people_named_with_a_payment_are_not_doubled(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_)
    participate(tx, booking, "Asha", "Dev")
    pay(tx, reservation(tx, booking), participants='[{"name": "Asha"}, {"name": "Dev"}]')
    assert come(tx, class_) == ["Asha", "Dev"]


def test_people_of_a_booking_are_left_to_the_application_that_enters_them_later(
    tx: psycopg.Connection,
) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_)
    pay(tx, reservation(tx, booking), participants='[{"name": "Asha"}, {"name": "Dev"}]')
    assert come(tx, class_) == []
    participate(tx, booking, "Asha", "Dev")
    assert come(tx, class_) == ["Asha", "Dev"]


def test_an_empty_list_of_people_names_nobody(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_)
    pay(tx, reservation(tx, booking), participants="[]")
    participate(tx, booking, "Asha", "Dev")
    assert come(tx, class_) == ["Asha", "Dev"]
