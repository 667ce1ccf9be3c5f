"""v_attendance and v_tickets: who came, in numbers, and what stands on a ticket."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from factories import book, call, change, define, insert, pay, reserve, row, rows, schedule, user
from roles import acting

from ticketdb import TicketDB

pytestmark = pytest.mark.usefixtures("sound")

LONG_AGO = date(2020, 5, 4)


def sold(tx: psycopg.Connection, class_: int, quantity: int = 1, **named: Any) -> tuple[int, list[UUID]]:
    """A paid order and the codes of its tickets."""
    held = reserve(tx, class_, quantity, contact='{"name": "Asha Rao"}')
    return held.reservation_id, pay(tx, held.reservation_id, **named).ticket_codes


def scan(tx: psycopg.Connection, code: UUID, gate: str | None = None, **named: Any) -> None:
    call(tx, "check_in", code, gate=gate, **named)


def attendance(tx: psycopg.Connection, class_: int) -> Any:
    return row(tx, "select * from public.v_attendance where schedule_id = %s", class_)


def test_occurrence_without_a_sale_has_a_row_of_noughts(tx: psycopg.Connection) -> None:
    seen = attendance(tx, schedule(tx))
    assert (seen.tickets_sold, seen.tickets_admitted, seen.attended, seen.entries) == (0, 0, 0, 0)
    assert (seen.no_shows, seen.inside_now, seen.first_scanned_at) == (None, None, None)
    assert seen.entries_by_gate == {}


def test_tickets_that_admitted_are_counted_once_and_by_gate(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, define(tx, admission_policy="n_entries", max_entries=2))
    _, (one, two, _) = sold(tx, class_, 3)
    scan(tx, one, "north", scanned_at="2031-03-01T10:00Z")
    scan(tx, one, "south", scanned_at="2031-03-01T11:00Z")
    scan(tx, one, "south")
    scan(tx, two, None, scanned_at="2031-03-01T09:00Z")
    seen = attendance(tx, class_)
    assert (seen.tickets_sold, seen.tickets_admitted, seen.attended) == (3, 2, 2)
    assert (seen.entries, seen.exits, seen.refused_scans) == (3, 0, 1)
    assert seen.entries_by_gate == {"": 1, "north": 1, "south": 1}
    # it is not over
    assert seen.no_shows is None


def test_who_is_inside_is_who_came_and_did_not_leave(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, define(tx, admission_policy="in_and_out"))
    _, (one, two, three) = sold(tx, class_, 3)
    for code in (one, two, three, two, three, three):
        scan(tx, code)
    seen = attendance(tx, class_)
    assert (seen.tickets_admitted, seen.entries, seen.exits, seen.inside_now) == (3, 4, 2, 2)


def test_no_shows_are_counted_once_it_is_over(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    _, (code, *_) = sold(tx, class_, 3)
    scan(tx, code)
    assert attendance(tx, class_).no_shows is None
    change(tx, "event_schedules", class_, schedule_date=LONG_AGO)
    assert attendance(tx, class_).no_shows == 2
    change(tx, "event_schedules", class_, status="cancelled")
    assert attendance(tx, class_).no_shows is None


def test_cancelled_tickets_are_nobody(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    _, (code,) = sold(tx, class_)
    reservation, (gone,) = sold(tx, class_)
    scan(tx, code)
    scan(tx, gone)
    call(tx, "cancel_reservation", reservation)
    scan(tx, gone)
    seen = attendance(tx, class_)
    assert (seen.tickets_sold, seen.tickets_admitted, seen.entries, seen.refused_scans) == (1, 1, 2, 1)


def test_participants_that_the_application_verified_itself_count_apart(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    _, (code, _) = sold(tx, class_, 2, participants='[{"name": "Ravi"}, {"name": "Mina"}]')
    scan(tx, code)
    tx.execute(
        "update public.program_participants set is_verified = true where event_schedule_id = %s", (class_,)
    )
    seen = attendance(tx, class_)
    assert (seen.tickets_admitted, seen.verified_without_scan, seen.attended) == (1, 1, 2)


def test_booking_whose_ticket_was_scanned_does_not_count_its_participants_again(
    tx: psycopg.Connection,
) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, user_id=user(tx), attendees=2, status="paid")
    insert(
        tx, "program_participants", booking_id=booking, event_schedule_id=class_, program_type="yoga",
        ticket_quantity=2, is_verified=True,
    )  # fmt: skip
    assert attendance(tx, class_).verified_without_scan == 2
    codes = rows(
        tx,
        """
        select t.ticket_code from public.event_tickets as t
        join public.ticket_reservations as r on r.id = t.reservation_id where r.booking_id = %s
        """,
        booking,
    )
    scan(tx, codes[0].ticket_code)
    seen = attendance(tx, class_)
    assert (seen.tickets_admitted, seen.verified_without_scan, seen.attended) == (1, 0, 1)


def test_attendance_is_for_staff_alone(tx: psycopg.Connection) -> None:
    tx.execute("select ticketdb.create_roles(), ticketdb.grant_roles()")
    class_, buyer = schedule(tx), user(tx)
    held = reserve(tx, class_, 1, user_id=buyer)
    (code,) = pay(tx, held.reservation_id).ticket_codes
    seen = "select * from public.v_attendance where schedule_id = %s"
    with acting(tx, "authenticated", user_id=buyer):
        assert rows(tx, seen, class_) == []
    with acting(tx, "authenticated", app_metadata={"role": "admin"}):
        assert len(rows(tx, seen, class_)) == 1
    with acting(tx, "service_role"):
        assert rows(tx, seen, class_)[0].tickets_sold == 1
    own = "select ticket_code from public.v_tickets"
    with acting(tx, "authenticated", user_id=buyer):
        assert rows(tx, own) == [(code,)]
    with acting(tx, "authenticated", user_id=user(tx)):
        assert rows(tx, own) == []
    with acting(tx, "authenticated"):
        assert rows(tx, own) == []


def test_wrapper_lists_attendance_in_order_of_time(tx: psycopg.Connection) -> None:
    event = define(tx)
    days = [date(2033, 1, day) for day in (3, 1, 2)]
    ids = [schedule(tx, event, schedule_date=day) for day in days]
    client = TicketDB(tx)
    listed = [seen.schedule_id for seen in client.attendance(from_date=days[1], to_date=days[2])]
    assert listed == [ids[1], ids[2]]
    assert [seen.schedule_id for seen in client.attendance(ids[0])] == [ids[0]]


# -- what stands on a ticket


def test_ticket_says_where_when_and_whose(tx: psycopg.Connection) -> None:
    venue = insert(tx, "venues", name="Old Mill")
    space = insert(tx, "spaces", name="Loft", venue_id=venue)
    class_ = schedule(tx, define(tx, title="Yoga", venue_id=venue, space_id=space))
    reservation, (one, two) = sold(tx, class_, 2, participants='[{"name": "Ravi"}]')
    client = TicketDB(tx)
    listed = list(client.tickets(reservation))
    assert [(seen.ticket_code, seen.name) for seen in listed] == [(one, "Ravi"), (two, "Asha Rao")]
    scan(tx, one)
    (seen,) = client.tickets(ticket_code=one)
    assert (seen.title, seen.venue_name, seen.space_name) == ("Yoga", "Old Mill", "Loft")
    assert (seen.status, seen.scan_count, seen.admission_policy) == ("valid", 1, "once")
    assert seen.first_scanned_at is not None
    assert list(client.tickets(ticket_code=UUID(int=0))) == []


def test_reports_count_whom_the_application_let_in_as_v_attendance_does(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status="paid", attendees=3)
    guest = insert(
        tx, "program_participants", booking_id=booking, program_type="daily", name="Asha", ticket_quantity=3
    )
    change(tx, "program_participants", guest, is_verified=True)
    half, (code, _) = sold(tx, class_, 2)
    scan(tx, code)
    tx.execute("set constraints all immediate")
    change(tx, "event_schedules", class_, schedule_date=LONG_AGO)
    seen = attendance(tx, class_)
    assert (seen.tickets_sold, seen.attended, seen.no_shows) == (5, 4, 1)
    (told,) = rows(tx, "select * from public.report_attendance() where schedule_id = %s", class_)
    assert (told.tickets_sold, told.admitted, told.no_shows) == (5, 4, 1)
    missing = rows(tx, "select * from public.report_no_shows() where schedule_id = %s", class_)
    assert [(one.reservation_id, one.tickets, one.no_shows) for one in missing] == [(half, 2, 1)]


def test_participant_of_a_month_whom_the_application_verified_came_to_no_one_day(
    tx: psycopg.Connection,
) -> None:
    class_ = schedule(tx)
    member = insert(tx, "program_participants", program_type="monthly", name="Asha", is_verified=True)
    sale, _ = sold(tx, class_)
    change(tx, "ticket_reservations", sale, participant_id=member)
    change(tx, "event_schedules", class_, schedule_date=LONG_AGO)
    assert attendance(tx, class_).attended == 0
    (told,) = rows(tx, "select * from public.report_attendance() where schedule_id = %s", class_)
    assert (told.admitted, told.no_shows) == (0, 1)
