"""How many tickets one order and one user may have: as the occurrence says, or else the event."""

from __future__ import annotations

import psycopg
import pytest
from bookings import followed
from factories import (
    book,
    call,
    change,
    counters,
    define,
    expect_constraint,
    expect_error,
    lapse,
    lapsed_hold,
    pay,
    pool,
    reserve,
    row,
    schedule,
    sell,
    status,
    sweep,
    ticket_type,
    user,
)

pytestmark = pytest.mark.usefixtures("sound")

# what the event says, what the occurrence says, and what holds; the occurrence has five places
LEVELS = pytest.mark.parametrize(
    ("event", "occurrence", "most"),
    [
        (None, None, None),
        (2, None, 2),
        (None, 2, 2),
        (2, 4, 4),
        (4, 2, 2),
        (0, None, 0),
        (2, 0, 0),
        (0, 2, 2),
    ],
)


@LEVELS
@pytest.mark.parametrize("with_type", [False, True], ids=["general", "typed"])
def test_one_order_has_at_most_what_the_occurrence_or_else_the_event_says(
    tx: psycopg.Connection, event: int | None, occurrence: int | None, most: int | None, with_type: bool
) -> None:
    class_ = schedule(tx, define(tx, max_per_order=event), max_per_order=occurrence)
    kind = ticket_type(tx, class_) if with_type else None
    if most is not None:
        with expect_error(tx, "PT400", "invalid_quantity", requested=most + 1, max_per_order=most):
            reserve(tx, class_, most + 1, ticket_type_id=kind)
        assert pool(tx, class_) == (0, 0)
    if most != 0:
        assert reserve(tx, class_, most or 5, ticket_type_id=kind).status == "held"


@LEVELS
@pytest.mark.parametrize("with_type", [False, True], ids=["general", "typed"])
def test_one_user_has_at_most_what_the_occurrence_or_else_the_event_says(
    tx: psycopg.Connection, event: int | None, occurrence: int | None, most: int | None, with_type: bool
) -> None:
    class_ = schedule(tx, define(tx, limit_per_user=event), limit_per_user=occurrence)
    kind, buyer = ticket_type(tx, class_) if with_type else None, user(tx)
    if most is not None:
        told = {"requested": most + 1, "has": 0, "limit_per_user": most, "available": most}
        with expect_error(tx, "PT409", "limit_per_user", **told):
            reserve(tx, class_, most + 1, ticket_type_id=kind, user_id=buyer)
        assert pool(tx, class_) == (0, 0)
    if most != 0:
        assert reserve(tx, class_, most or 5, ticket_type_id=kind, user_id=buyer).status == "held"


def test_negative_limits_are_refused(tx: psycopg.Connection) -> None:
    class_, event = schedule(tx), define(tx)
    for column in ("max_per_order", "limit_per_user"):
        with expect_constraint(tx, "definition_limits_not_negative"):
            change(tx, "event_definitions", event, **{column: -1})
        with expect_constraint(tx, "schedule_limits_not_negative"):
            change(tx, "event_schedules", class_, **{column: -1})


def limited(tx: psycopg.Connection, limit: int = 2) -> tuple[int, int]:
    """An occurrence with a limit per user, and a user."""
    return schedule(tx, limit_per_user=limit), user(tx)


def test_held_and_paid_tickets_of_all_types_count_towards_the_limit_of_a_user(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx, 4)
    reserve(tx, class_, user_id=buyer)
    sell(tx, class_, 2, user_id=buyer, ticket_type_id=ticket_type(tx, class_))
    with expect_error(tx, "PT409", "limit_per_user", requested=2, has=3, limit_per_user=4, available=1):
        reserve(tx, class_, 2, user_id=buyer)
    assert reserve(tx, class_, 1, user_id=buyer).status == "held"
    with expect_error(tx, "PT409", "limit_per_user", has=4, available=0):
        reserve(tx, class_, 1, user_id=buyer)


def test_released_lapsed_expired_and_cancelled_tickets_do_not_count(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx)
    call(tx, "release_reservation", reserve(tx, class_, 2, user_id=buyer).reservation_id)
    call(tx, "cancel_reservation", sell(tx, class_, 2, user_id=buyer))
    lapsed_hold(tx, class_, 2, user_id=buyer)
    sweep(tx, class_)
    lapsed_hold(tx, class_, 2, user_id=buyer)
    assert reserve(tx, class_, 2, user_id=buyer).status == "held"


def test_a_payment_that_is_due_back_does_not_count(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx)
    late = lapsed_hold(tx, class_, 2, user_id=buyer)
    crowd = sell(tx, class_, 5)
    assert pay(tx, late).status == "refund_due"
    call(tx, "cancel_reservation", crowd)
    assert reserve(tx, class_, 2, user_id=buyer).status == "held"


def test_every_user_has_a_limit_of_his_own_and_guests_have_none(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx)
    reserve(tx, class_, 2, user_id=buyer)
    assert reserve(tx, class_, 2, user_id=user(tx)).status == "held"
    with expect_error(tx, "PT409", "limit_per_user"):
        reserve(tx, class_, user_id=buyer)
    assert reserve(tx, class_).status == "held"


def test_guests_may_buy_where_users_may_not(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx, 0)
    with expect_error(tx, "PT409", "limit_per_user"):
        reserve(tx, class_, user_id=buyer)
    assert reserve(tx, class_, 5).status == "held"


def test_the_limit_of_a_user_is_that_of_each_occurrence(tx: psycopg.Connection) -> None:
    event, buyer = define(tx, limit_per_user=2), user(tx)
    for start in ("07:00", "08:00"):
        assert reserve(tx, schedule(tx, event, start_time=start, end_time="09:00"), 2, user_id=buyer)


def test_a_changed_limit_holds_for_the_next_order(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx)
    reserve(tx, class_, 2, user_id=buyer)
    change(tx, "event_schedules", class_, limit_per_user=3)
    reserve(tx, class_, 1, user_id=buyer)
    change(tx, "event_schedules", class_, limit_per_user=1)
    with expect_error(tx, "PT409", "limit_per_user", has=3, limit_per_user=1, available=0):
        reserve(tx, class_, 1, user_id=buyer)


def test_an_order_that_is_repeated_at_the_limit_is_answered_like_the_first(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx)
    first = reserve(tx, class_, 2, user_id=buyer, idempotency_key="order 1")
    assert reserve(tx, class_, 2, user_id=buyer, idempotency_key="order 1") == first
    with expect_error(tx, "PT409", "limit_per_user"):
        reserve(tx, class_, 2, user_id=buyer, idempotency_key="order 2")


def test_availability_tells_the_limits_and_refuses_more_than_an_order_may_have(
    tx: psycopg.Connection,
) -> None:
    event = define(tx, max_per_order=3, limit_per_user=4)
    class_ = schedule(tx, event, max_per_order=2)
    seen = "select max_per_order, limit_per_user from public.v_event_availability where schedule_id = %s"
    assert row(tx, seen, class_) == (2, 4)
    assert call(tx, "check_ticket_availability", class_, 2).is_available is True
    assert call(tx, "check_ticket_availability", class_, 3).is_available is False
    # as many can still be bought, in several orders
    assert counters(tx, class_) == (5, 0, 0)


# -- the application's bookings


def test_pending_bookings_keep_the_limits(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx, 3)
    change(tx, "event_schedules", class_, max_per_order=2)
    with expect_error(tx, "PT400", "invalid_quantity", requested=3, max_per_order=2):
        book(tx, class_, user_id=buyer, attendees=3)
    booking = book(tx, class_, user_id=buyer, attendees=2)
    with expect_error(tx, "PT409", "limit_per_user", requested=2, has=2):
        book(tx, class_, user_id=buyer, attendees=2)
    assert followed(tx, booking)[:2] == ("held", 2)
    assert pool(tx, class_) == (2, 0)


def test_a_booking_that_is_pending_again_keeps_the_limits(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx)
    booking = book(tx, class_, user_id=buyer, attendees=2)
    change(tx, "bookings", booking, status="cancelled")
    other = reserve(tx, class_, 1, user_id=buyer)
    with expect_error(tx, "PT409", "limit_per_user", requested=2, has=1):
        change(tx, "bookings", booking, status="pending")
    call(tx, "release_reservation", other.reservation_id)
    change(tx, "event_schedules", class_, max_per_order=1)
    with expect_error(tx, "PT400", "invalid_quantity"):
        change(tx, "bookings", booking, status="pending")
    change(tx, "event_schedules", class_, max_per_order=None)
    change(tx, "bookings", booking, status="pending")
    assert followed(tx, booking)[:2] == ("held", 2)


def test_a_pending_booking_that_grows_keeps_the_limits(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx, 3)
    change(tx, "event_schedules", class_, max_per_order=4)
    booking = book(tx, class_, user_id=buyer, attendees=1)
    with expect_error(tx, "PT409", "limit_per_user"):
        change(tx, "bookings", booking, attendees=4)
    with expect_error(tx, "PT400", "invalid_quantity"):
        change(tx, "bookings", booking, attendees=5)
    # its own tickets are not counted twice
    change(tx, "bookings", booking, attendees=3)
    assert followed(tx, booking)[:2] == ("held", 3)


def test_a_pending_booking_that_moves_keeps_the_limits_of_its_new_occurrence(tx: psycopg.Connection) -> None:
    event, buyer = define(tx), user(tx)
    first = schedule(tx, event)
    strict = schedule(tx, event, start_time="08:00", end_time="09:00", limit_per_user=2, max_per_order=3)
    booking = book(tx, first, user_id=buyer, attendees=3)
    with expect_error(tx, "PT409", "limit_per_user"):
        change(tx, "bookings", booking, event_schedule_id=strict)
    assert followed(tx, booking)[:2] == ("held", 3)


# -- a payment is never refused for a limit


def test_a_payment_is_taken_whatever_the_limits_have_become(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx)
    hold = reserve(tx, class_, 2, user_id=buyer).reservation_id
    change(tx, "event_schedules", class_, limit_per_user=0, max_per_order=0)
    assert pay(tx, hold).status == "confirmed"


def test_late_payments_are_seated_beyond_the_limit(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx)
    late = reserve(tx, class_, 2, user_id=buyer).reservation_id
    lapse(tx, late)
    second = sell(tx, class_, 2, user_id=buyer)
    assert pay(tx, late).status == "confirmed"
    assert (status(tx, late), status(tx, second)) == ("confirmed", "confirmed")
    assert counters(tx, class_) == (1, 0, 4)


def test_paid_bookings_are_seated_beyond_the_limits(tx: psycopg.Connection) -> None:
    class_, buyer = limited(tx)
    change(tx, "event_schedules", class_, max_per_order=1)
    booking = book(tx, class_, user_id=buyer, attendees=3, status="paid")
    assert followed(tx, booking) == ("confirmed", 3, 3, 0)
