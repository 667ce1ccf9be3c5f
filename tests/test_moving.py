"""Moving an occurrence with its holders, and a holder to another occurrence."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
    book,
    call,
    change,
    counters,
    define,
    expect_error,
    insert,
    lapsed_hold,
    reserve,
    row,
    rows,
    schedule,
    sell,
    status,
    ticket_type,
    user,
    value,
)
from house import House
from roles import acting
from shops import UNKNOWN

from ticketdb import Confirmation, MovedSchedule, TicketDB

pytestmark = pytest.mark.usefixtures("sound")
LATER = date(2033, 5, 6)


def moved(tx: psycopg.Connection) -> list[Any]:
    return rows(
        tx,
        """
        select n.reservation_id, n.details
        from public.ticket_notifications as n where n.kind = 'schedule_moved' order by n.id
        """,
    )


def codes(tx: psycopg.Connection, reservation: int, state: str = "valid") -> list[Any]:
    return rows(
        tx,
        "select ticket_code from public.event_tickets where reservation_id = %s and status = %s order by id",
        reservation,
        state,
    )


def test_moved_occurrence_keeps_tickets_and_tells_every_holder(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    sold, held = sell(tx, show, 2), reserve(tx, show).reservation_id
    lapsed_hold(tx, show)
    hall = insert(tx, "spaces", name="Hall")
    answer = call(
        tx, "move_schedule", show, schedule_date=LATER, start_time="18:00", space_id=hall, reason="flood"
    )
    assert answer[:5] == (show, LATER, time(18), time(19), hall)
    assert answer.starts_at == datetime.fromisoformat("2033-05-06T18:00+05:30")
    assert [one.reservation_id for one in moved(tx)] == [sold, held]
    details = moved(tx)[0].details
    assert details["reason"] == "flood"
    assert (details["old"]["start"], details["new"]["start"]) == (
        f"{NEXT_WEEK}T07:00:00",
        "2033-05-06T18:00:00",
    )
    assert details["new"]["space_id"] == hall
    assert call(tx, "check_in", codes(tx, sold)[0].ticket_code, show).result == "admitted"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"schedule_date": LATER}, (LATER, time(7), time(8))),
        ({"start_time": "23:30"}, (NEXT_WEEK, time(23, 30), time(0, 30))),
        ({"end_time": "09:15"}, (NEXT_WEEK, time(7), time(9, 15))),
        ({}, (NEXT_WEEK, time(7), time(8))),
    ],
)
def test_what_is_not_given_stays(tx: psycopg.Connection, arguments: dict[str, Any], expected: Any) -> None:
    show = schedule(tx)
    sell(tx, show)
    assert call(tx, "move_schedule", show, **arguments)[1:4] == expected
    assert len(moved(tx)) == bool(arguments)


def test_who_moves_the_row_himself_tells_the_holders_too(tx: psycopg.Connection) -> None:
    hall = insert(tx, "spaces", name="Hall")
    show = schedule(tx, define(tx, space_id=hall))
    sell(tx, show)
    change(tx, "event_schedules", show, start_time="07:30")
    assert len(moved(tx)) == 1
    # where it takes place anyway, what sells, and what is over are no news
    change(tx, "event_schedules", show, space_id=hall)
    change(tx, "event_schedules", show, max_tickets=50, ticket_price=70)
    change(tx, "event_schedules", show, status="cancelled")
    change(tx, "event_schedules", show, start_time="07:00")
    assert len(moved(tx)) == 1


def test_occurrence_is_not_moved_where_that_makes_no_sense(tx: psycopg.Connection) -> None:
    event = define(tx)
    show, other = schedule(tx, event), schedule(tx, event, schedule_date=LATER)
    with expect_error(tx, "PT409", "slot_conflict", schedule_id=show):
        call(tx, "move_schedule", show, schedule_date=LATER)
    with expect_error(tx, "PT404", "space_not_found", space_id=UNKNOWN):
        call(tx, "move_schedule", show, space_id=UNKNOWN)
    with expect_error(tx, "PT404", "schedule_not_found"):
        call(tx, "move_schedule", UNKNOWN, schedule_date=LATER)
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "move_schedule", show, schedule_date="infinity")
    call(tx, "cancel_schedule", other)
    with expect_error(tx, "PT409", "schedule_cancelled"):
        call(tx, "move_schedule", other, start_time="09:00")
    with expect_error(tx, "PT409", "schedule_completed"):
        call(tx, "move_schedule", schedule(tx, event, schedule_date="2020-01-01"), schedule_date=LATER)


@pytest.fixture
def two(tx: psycopg.Connection) -> tuple[int, int]:
    """Two occurrences of one event, the second at another price."""
    event = define(tx)
    return schedule(tx, event), schedule(tx, event, schedule_date=LATER, ticket_price=300)


def test_holder_gets_a_place_in_another_occurrence(tx: psycopg.Connection, two: tuple[int, int]) -> None:
    here, there = two
    sold = sell(tx, here, 2, contact='{"name": "Asha"}')
    old = codes(tx, sold)
    answer = call(tx, "move_reservation", sold, there)
    assert answer == (sold, "confirmed", 2, [one.ticket_code for one in old], 0)
    assert (counters(tx, here), counters(tx, there)) == ((5, 0, 0), (3, 0, 2))
    assert value(tx, "select total_amount from public.ticket_reservations where id = %s", sold) == 200
    (person,) = rows(tx, "select schedule_id, starts_at from public.v_schedule_participants")
    assert person.schedule_id == there
    assert value(tx, "select start_date::date from public.program_participants") == LATER
    assert call(tx, "check_in", old[0].ticket_code, here).result == "wrong_schedule"
    assert call(tx, "check_in", old[0].ticket_code, there).result == "admitted"
    (message,) = moved(tx)
    assert (message.details["old"]["schedule_id"], message.details["new"]["schedule_id"]) == two
    # once more answers the same, and tells nobody
    assert call(tx, "move_reservation", sold, there) == answer
    assert len(moved(tx)) == 1


def test_holder_of_a_cancelled_occurrence_gets_a_place_instead_of_the_refund(
    tx: psycopg.Connection, two: tuple[int, int]
) -> None:
    here, there = two
    sold = sell(tx, here, 2)
    old = codes(tx, sold)
    call(tx, "cancel_schedule", here)
    answer = call(tx, "move_reservation", sold, there)
    assert answer == (sold, "confirmed", 2, [one.ticket_code for one in old], 0)
    assert value(tx, "select sum(refund_due) from public.ticket_payments") == 0
    assert value(tx, "select is_active from public.program_participants")
    closed = row(tx, "select closed_at, close_reason from public.ticket_reservations where id = %s", sold)
    assert closed == (None, None)
    # and has its refund if that one does not take place either
    assert call(tx, "cancel_schedule", there).refund_amount == 200


def test_refund_that_was_paid_out_pays_for_no_place(tx: psycopg.Connection, two: tuple[int, int]) -> None:
    here, there = two
    sold = sell(tx, here)
    call(tx, "cancel_schedule", here)
    call(tx, "settle_refund", value(tx, "select payment_reference from public.ticket_payments"), "refund-1")
    with expect_error(tx, "PT410", "reservation_cancelled", reservation_id=sold):
        call(tx, "move_reservation", sold, there)


def test_late_payer_without_a_seat_gets_one_elsewhere(tx: psycopg.Connection, two: tuple[int, int]) -> None:
    here, there = two
    late = lapsed_hold(tx, here)
    sell(tx, here, 5)
    assert call(tx, "confirm_reservation", late, "late").status == "refund_due"
    answer = call(tx, "move_reservation", late, there)
    assert (answer.status, answer.refund_due, len(answer.ticket_codes)) == ("confirmed", 0, 1)


def test_free_ticket_is_moved(tx: psycopg.Connection) -> None:
    event = define(tx, default_ticket_price=0)
    here, there = schedule(tx, event), schedule(tx, event, schedule_date=LATER)
    sold = sell(tx, here)
    call(tx, "cancel_schedule", here)
    assert call(tx, "move_reservation", sold, there).status == "confirmed"


def test_nothing_changes_where_there_is_no_place(tx: psycopg.Connection, two: tuple[int, int]) -> None:
    here, there = two
    kind = ticket_type(tx, here, max_quantity=1)
    sold = sell(tx, here, 2)
    typed = sell(tx, here, ticket_type_id=kind)
    sell(tx, there, ticket_type_id=kind)
    with expect_error(tx, "PT409", "ticket_type_sold_out"):
        call(tx, "move_reservation", typed, there)
    sell(tx, there, 3)
    with expect_error(tx, "PT409", "sold_out"):
        call(tx, "move_reservation", sold, there)
    call(tx, "cancel_schedule", there)
    with expect_error(tx, "PT409", "schedule_cancelled"):
        call(tx, "move_reservation", sold, there)
    with expect_error(tx, "PT404", "schedule_not_found"):
        call(tx, "move_reservation", sold, UNKNOWN)
    with expect_error(tx, "PT404", "ticket_type_not_found"):
        call(tx, "move_reservation", typed, schedule(tx, schedule_date=LATER))
    assert counters(tx, here) == (2, 0, 3)
    assert moved(tx) == []


def test_limit_of_the_other_occurrence_holds(tx: psycopg.Connection) -> None:
    event = define(tx, limit_per_user=2)
    here, there = schedule(tx, event), schedule(tx, event, schedule_date=LATER)
    asha = user(tx)
    sell(tx, there, 1, user_id=asha)
    sold = sell(tx, here, 2, user_id=asha)
    with expect_error(tx, "PT409", "limit_per_user"):
        call(tx, "move_reservation", sold, there)


def test_imported_participant_has_one_place_on_an_occurrence_and_gets_that_back(
    tx: psycopg.Connection, two: tuple[int, int]
) -> None:
    here, there = two
    wednesday, thursday = sell(tx, here), sell(tx, there)
    person = insert(tx, "program_participants", name="Asha", program_type="yoga")
    tx.execute("update public.ticket_reservations set origin = 'legacy', participant_id = %s", (person,))
    for is_cancelled in (False, True):
        if is_cancelled:
            call(tx, "cancel_reservation", thursday)
        with expect_error(tx, "PT400", "invalid_argument", reservation_id=thursday):
            call(tx, "move_reservation", wednesday, there)
    assert call(tx, "move_reservation", thursday, there).status == "confirmed"


def test_only_what_is_paid_and_not_a_bookings_is_moved(tx: psycopg.Connection, two: tuple[int, int]) -> None:
    here, there = two
    hold = reserve(tx, here).reservation_id
    with expect_error(tx, "PT400", "invalid_argument", reservation_id=hold):
        call(tx, "move_reservation", hold, there)
    with expect_error(tx, "PT410", "reservation_expired"):
        call(tx, "move_reservation", lapsed_hold(tx, here), there)
    with expect_error(tx, "PT404", "reservation_not_found"):
        call(tx, "move_reservation", UNKNOWN, there)
    booking = book(tx, here, status="paid")
    with expect_error(tx, "PT400", "invalid_argument"):
        call(
            tx,
            "move_reservation",
            value(tx, "select id from public.ticket_reservations where booking_id = %s", booking),
            there,
        )
    # which the application moves itself, called off or not
    call(tx, "cancel_schedule", here)
    change(tx, "bookings", booking, event_schedule_id=there)
    assert counters(tx, there)[2] == 2
    assert value(tx, "select sum(refund_due) from public.ticket_payments") == 0
    assert status(tx, hold) == "released"


def test_refund_is_settled_once(tx: psycopg.Connection, two: tuple[int, int]) -> None:
    sold = sell(tx, two[0], 2)
    reference = value(tx, "select payment_reference from public.ticket_payments")
    with expect_error(tx, "PT400", "amount_mismatch", due=0):
        call(tx, "settle_refund", reference, "refund-1")
    call(tx, "cancel_reservation", sold)
    with expect_error(tx, "PT400", "amount_mismatch", due=200, paid=100):
        call(tx, "settle_refund", reference, "refund-1", 100)
    first = call(tx, "settle_refund", reference, "refund-1", 200)
    assert first[:6] == (reference, sold, 200, 200, 0, "refund-1")
    assert call(tx, "settle_refund", reference, "refund-1") == first
    with expect_error(tx, "PT400", "amount_mismatch", due=0):
        call(tx, "settle_refund", reference, "refund-2")
    # the payment itself is answered as it was, and cancelling again makes nothing due
    assert call(tx, "confirm_reservation", sold, reference).status == "refund_due"
    assert call(tx, "cancel_reservation", sold).refund_due == 0
    for bad in (("unknown", "refund-1"), (reference, ""), (reference, None)):
        with expect_error(tx, "PT400", "invalid_argument"):
            call(tx, "settle_refund", *bad)


def test_admin_moves_occurrences_and_the_payment_server_moves_holders(
    tx: psycopg.Connection, two: Any
) -> None:
    tx.execute("select ticketdb.create_roles()")
    tx.execute("select ticketdb.grant_roles()")
    here, there = two
    sold = sell(tx, here)
    with acting(tx, "authenticated", user_id=user(tx)), expect_error(tx, "PT403", "not_allowed"):
        call(tx, "move_schedule", here, start_time="09:00")
    with acting(tx, "authenticated", app_metadata={"role": "admin"}):
        assert call(tx, "move_schedule", here, start_time="09:00").start_time == time(9)
        for function, arguments in (("move_reservation", (sold, there)), ("settle_refund", ("a", "b"))):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
                call(tx, function, *arguments)
    with acting(tx, "service_role"):
        assert call(tx, "move_reservation", sold, there).status == "confirmed"
    assert len(moved(tx)) == 2


def test_clients_move_over_http_and_in_python(house: House, db: str) -> None:
    event = define(house.shop)
    here, there = (schedule(house.shop, event, schedule_date=f"2031-01-0{n}") for n in (1, 2))
    sold = sell(house.shop, here)
    answer = house.admin().post("/rpc/move_schedule", {"p_schedule_id": here, "p_start_time": "10:00"})
    assert (answer.body["start_time"], answer.body["end_time"]) == ("10:00:00", "11:00:00")
    named = {"p_reservation_id": sold, "p_schedule_id": there}
    assert house.payment_server().post("/rpc/move_reservation", named).body["status"] == "confirmed"
    with TicketDB(db) as client:
        assert isinstance(client.move_reservation(sold, here), Confirmation)
        place = client.move_schedule(here, date(2031, 1, 3), time(6))
        assert isinstance(place, MovedSchedule)
        assert (place.start_time, place.end_time) == (time(6), time(7))
        client.cancel_schedule(here)
        (payment,) = rows(house.shop, "select payment_reference from public.ticket_payments")
        refund = client.settle_refund(payment.payment_reference, "refund-1")
        assert (refund.refunded, refund.refund_due) == (Decimal(100), Decimal(0))
