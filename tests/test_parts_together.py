"""Where the parts meet: passes, waiting lists, classes, refunds, messages and reports of the same seats."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from factories import (
    call,
    change,
    counters,
    define,
    expect_error,
    insert,
    row,
    rows,
    schedule,
    sell,
    status,
    user,
    value,
)
from outbox import claim, kinds
from pass_helpers import (
    DAY,
    START,
    days,
    occurrence,
    pass_row,
    pass_type,
    pay_pass,
    places,
    sell_pass,
    visits_type,
)
from waitlists import end_transaction, free, join, place, sold_out, statuses, told, waiting

pytestmark = pytest.mark.usefixtures("sound")
Money = tuple[int, int, Decimal, Decimal]


def redeem(tx: psycopg.Connection, pass_id: int, show: int) -> int:
    return int(call(tx, "redeem_pass", pass_id, show).reservation_id)


def call_off(tx: psycopg.Connection, show: int) -> Any:
    answer = call(tx, "cancel_schedule", show, "flood")
    end_transaction(tx)
    return answer


def full_with_a_pass(tx: psycopg.Connection, capacity: int = 3) -> tuple[int, int, int, int]:
    """A class that is full: the pass, its place, the class, and the sale of another seat."""
    type_id = visits_type(tx, define(tx, max_tickets=capacity))
    paid, show = sell_pass(tx, type_id).pass_id, occurrence(tx, type_id, START)
    seat = redeem(tx, paid, show)
    others = [sell(tx, show) for _ in range(capacity - 1)]
    return paid, seat, show, others[0]


# -- called off, with passes and a waiting list


def test_calling_off_settles_with_passes_and_with_those_who_wait(tx: psycopg.Connection) -> None:
    paid, seat, show, sale = full_with_a_pass(tx)
    offered, waits = join(tx, show), join(tx, show, 2)
    free(tx, sale)
    assert statuses(tx, offered, waits) == ["offered", "waiting"]
    answer = call_off(tx, show)
    # of two sales one was given back before
    assert answer == (show, 1, 1, 100)
    assert call_off(tx, show) == answer
    assert statuses(tx, offered, waits) == ["closed", "closed"]
    assert (status(tx, seat), pass_row(tx, paid).visits_left) == ("cancelled", 3)
    assert kinds(tx, seat) == ["ticket_confirmation", "schedule_cancelled"]
    assert len(told(tx)) == 1
    assert value(tx, "select sum(refund_due) from public.v_refunds_due") == 200
    assert call(tx, "cancel_pass", paid).refund_due == 300


def test_what_is_put_on_again_is_sold_to_passes_and_those_who_wait_anew(tx: psycopg.Connection) -> None:
    paid, seat, show, _ = full_with_a_pass(tx, capacity=2)
    call_off(tx, show)
    change(tx, "event_schedules", show, status="scheduled")
    again = redeem(tx, paid, show)
    assert again != seat
    sell(tx, show)
    entry = join(tx, show)
    call(tx, "return_visit", again)
    end_transaction(tx)
    assert statuses(tx, entry) == ["offered"]
    with expect_error(tx, "PT409", "sold_out"):
        call(tx, "redeem_pass", paid, show)


# -- a place of a pass moves


def test_place_moves_within_the_pass_and_keeps_its_visit(tx: psycopg.Connection) -> None:
    paid, seat, show, _ = full_with_a_pass(tx)
    entry = join(tx, show)
    there = occurrence(tx, row(tx, "select pass_type_id from public.event_passes").pass_type_id, START + DAY)
    moved = call(tx, "move_reservation", seat, there)
    end_transaction(tx)
    assert (moved.status, moved.refund_due, pass_row(tx, paid).visits_left) == ("confirmed", 0, 2)
    assert places(tx, paid) == [START + DAY]
    assert statuses(tx, entry) == ["offered"]
    assert kinds(tx, seat) == ["ticket_confirmation", "schedule_moved"]


def test_place_of_what_was_called_off_moves_and_takes_its_visit_again(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx, visits=1)
    paid = sell_pass(tx, type_id).pass_id
    here, there = (occurrence(tx, type_id, day) for day in days(START, 2))
    seat = redeem(tx, paid, here)
    call_off(tx, here)
    codes = call(tx, "move_reservation", seat, there).ticket_codes
    assert (pass_row(tx, paid).visits_left, counters(tx, there)) == (0, (4, 0, 1))
    assert call(tx, "check_in", codes[0], there).result == "admitted"


def another_place(tx: psycopg.Connection, paid: int, there: int) -> None:
    redeem(tx, paid, there)


def another_event(tx: psycopg.Connection, paid: int, _: int) -> None:
    change(tx, "event_passes", paid, event_definition_id=define(tx))


def shorter(tx: psycopg.Connection, paid: int, _: int) -> None:
    change(tx, "event_passes", paid, ends_on=START)


def paused(tx: psycopg.Connection, paid: int, _: int) -> None:
    call(tx, "pause_pass", paid, START + DAY, START + DAY)


@pytest.mark.parametrize(
    ("problem", "happens"),
    [
        ("has_place", another_place),
        ("other_event", another_event),
        ("outside_period", shorter),
        ("paused", paused),
    ],
)
@pytest.mark.parametrize("called_off", [False, True])
def test_place_moves_only_where_the_pass_is_good(
    tx: psycopg.Connection,
    problem: str,
    happens: Callable[[psycopg.Connection, int, int], None],
    *,
    called_off: bool,
) -> None:
    type_id = visits_type(tx)
    paid = sell_pass(tx, type_id).pass_id
    here, there = (occurrence(tx, type_id, day) for day in days(START, 2))
    seat = redeem(tx, paid, here)
    if called_off:
        call_off(tx, here)
    happens(tx, paid, there)
    with expect_error(tx, "PT409", "pass_not_valid", problem=problem, pass_id=paid, schedule_id=there):
        call(tx, "move_reservation", seat, there)
    assert status(tx, seat) == ("cancelled" if called_off else "confirmed")


def test_place_that_was_given_back_does_not_move_without_a_visit_or_a_pass(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx, visits=1)
    paid = sell_pass(tx, type_id).pass_id
    first, second, third = (occurrence(tx, type_id, day) for day in days(START, 3))
    seat = redeem(tx, paid, first)
    call_off(tx, first)
    redeem(tx, paid, second)
    with expect_error(tx, "PT409", "pass_not_valid", problem="used_up"):
        call(tx, "move_reservation", seat, third)
    call(tx, "cancel_pass", paid)
    with expect_error(tx, "PT409", "pass_not_valid", problem="cancelled"):
        call(tx, "move_reservation", seat, third)


# -- money and messages of a pass


def money(tx: psycopg.Connection, source: str) -> Money:
    """Payments, tickets that stayed sold, money in and money back."""
    sums = "sum(payments)::int, sum(tickets_sold - tickets_returned)::int, sum(gross), sum(refunds)"
    found = tx.execute(f"select {sums} from public.{source}").fetchone()
    assert found is not None
    return found


def test_payment_of_a_pass_is_reported_due_back_and_settled_once(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    paid = call(tx, "buy_pass", type_id, starts_on=START).pass_id
    pay_pass(tx, paid, "pay-1")
    pay_pass(tx, paid, "pay-2")
    redeem(tx, paid, occurrence(tx, type_id, START))
    for report in (
        "report_sales()",
        "report_revenue()",
        "v_ticket_sales_by_event",
        "v_revenue_by_event_type",
    ):
        assert money(tx, report) == (2, 1, 600, 300)
    (due,) = rows(tx, "select * from public.v_refunds_due")
    assert (due.payment_reference, due.refund_due, due.pass_id, due.reservation_id) == (
        "pay-2",
        300,
        paid,
        None,
    )
    settled = call(tx, "settle_refund", "pay-2", "back-2")
    assert (settled.reservation_id, settled.refunded, settled.refund_due) == (None, 300, 0)
    assert call(tx, "settle_refund", "pay-2", "back-2") == settled
    # what went back for the second payment is not taken from the first
    assert call(tx, "cancel_pass", paid).refund_due == 300
    assert call(tx, "settle_refund", "pay-1", "back-1").refunded == 300
    with expect_error(tx, "PT400", "amount_mismatch"):
        call(tx, "settle_refund", "pay-1", "back-3")
    assert rows(tx, "select * from public.v_refunds_due") == []
    assert money(tx, "report_sales()") == (2, 0, 600, 600)


def test_holder_of_a_pass_is_told_what_is_still_so(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    buyer = user(tx, username="asha@example.org")
    paid = sell_pass(tx, type_id, user_id=buyer, contact='{"mobile": "98"}').pass_id
    (one,) = claim(tx)
    assert (one.kind, one.pass_id, one.pass_status, one.pass_starts_on) == (
        "ticket_confirmation", paid, "active", START
    )  # fmt: skip
    assert (one.contact_email, one.contact_mobile, one.total_amount) == ("asha@example.org", "98", 1000)
    late = sell_pass(tx, pass_type(tx)).pass_id
    call(tx, "cancel_pass", late)
    (refund,) = claim(tx)
    assert (refund.kind, refund.pass_id, refund.refund_due) == ("refund_due", late, 1000)


# -- an offer is paid


def test_offer_that_is_paid_is_a_sale_like_any_other(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx, 2)
    first, second = join(tx, show), join(tx, show)
    free(tx, sales[0])
    offer = place(tx, first.entry_id).reservation_id
    assert call(tx, "confirm_reservation", offer, "pay-offer", 100).status == "confirmed"
    assert kinds(tx, offer) == ["waitlist_offer", "ticket_confirmation"]
    event = value(tx, "select event_definition_id from public.event_schedules where id = %s", show)
    there = schedule(tx, event, schedule_date=START + 30 * DAY)
    call(tx, "move_reservation", offer, there)
    end_transaction(tx)
    assert statuses(tx, first, second) == ["taken", "offered"]
    call(tx, "cancel_reservation", place(tx, second.entry_id).reservation_id)
    assert (statuses(tx, first, second), waiting(tx, show)) == (["taken", "left"], 0)
    assert money(tx, "report_sales()") == (3, 2, 300, 100)


# -- generating, with everything that keeps an event from its recurrence


def test_generating_goes_by_exceptions_conflicts_and_moves_together(tx: psycopg.Connection) -> None:
    hall = insert(tx, "spaces", name="Hall")
    # the application's bookings are in the database's own zone
    event = define(tx, space_id=hall, timezone=value(tx, "select ticketdb.database_time_zone()"))
    week = days(START, 6)
    span = (event, week[0], week[-1])

    def on(day: int) -> int:
        tx.execute("select public.generate_recurring_schedules(%s, %s, %s)", (event, week[day], week[day]))
        query = "select id from public.event_schedules where event_definition_id = %s and schedule_date = %s"
        return int(value(tx, query, event, week[day]))

    # an extra class where the first was moved away, and one where it was called off
    call(tx, "move_schedule", on(0), start_time="18:00")
    call_off(tx, on(1))
    for day in week[:2]:
        extra = {"kind": "added", "exception_date": day, "start_time": "07:30"}
        insert(tx, "schedule_exceptions", event_definition_id=event, **extra)
    # a holiday, somebody else's hour, and a class of the event's own that was moved there
    insert(tx, "schedule_exceptions", event_definition_id=event, exception_date=week[2])
    insert(
        tx, "bookings",
        booking_reference="HIRE", space_id=hall, start_datetime=f"{week[3]} 07:30",
        end_datetime=f"{week[3]} 09:00", status="confirmed",
    )  # fmt: skip
    call(tx, "move_schedule", on(4), schedule_date=week[5], start_time="07:30")

    preview = rows(tx, "select * from public.preview_recurring_schedules(%s, %s, %s)", *span)
    missing = [
        ((one.schedule_date - START) // timedelta(days=1), f"{one.start_time:%H:%M}", one.conflict is None)
        for one in preview if not one.already_exists
    ]  # fmt: skip
    assert missing == [(0, "07:30", True), (1, "07:30", True), (3, "07:00", False), (5, "07:00", False)]
    made = [value(tx, "select public.generate_recurring_schedules(%s, %s, %s)", *span) for _ in range(2)]
    assert made == [2, 0]
    assert rows(tx, "select * from public.v_space_conflicts") == []
