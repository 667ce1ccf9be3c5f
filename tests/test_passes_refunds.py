"""What a cancelled pass gives back: the share that was not used, to the paisa, never more than was paid."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import psycopg
import pytest
from factories import assert_sound, call, counters, define, expect_error, rows, value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pass_helpers import (
    DAY,
    START,
    buy,
    days,
    occurrence,
    pass_row,
    pass_type,
    pay_pass,
    places,
    sell_pass,
    visits_type,
)

pytestmark = pytest.mark.usefixtures("sound")


def begin(tx: psycopg.Connection, pass_id: int, number: int) -> None:
    """The first places of a pass are over: their occurrences were forty days earlier."""
    tx.execute(
        """
        update public.event_schedules
        set schedule_date = schedule_date - 40
        where id in (
            select r.schedule_id
            from public.ticket_reservations as r
            where r.pass_id = %s and r.status = 'confirmed'
            order by r.schedule_id
            limit %s
        )
        """,
        (pass_id, number),
    )


def due(tx: psycopg.Connection, pass_id: int) -> Decimal:
    return value(tx, "select sum(refund_due) from public.ticket_payments where pass_id = %s", pass_id)


def test_monthly_pass_gives_back_the_share_of_what_has_not_begun(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    paid = sell_pass(tx, type_id)
    begin(tx, paid.pass_id, 3)
    gone = call(tx, "cancel_pass", paid.pass_id, "moved away")
    assert (gone.status, gone.refund_due, gone.visits_left) == ("cancelled", 700, 0)
    assert call(tx, "cancel_pass", paid.pass_id) == gone
    assert due(tx, paid.pass_id) == 700
    assert places(tx, paid.pass_id) == days(START - 40 * DAY, 3)
    assert counters(tx, occurrence(tx, type_id, START + 4 * DAY)) == (5, 0, 0)
    assert pass_row(tx, paid.pass_id).close_reason == "moved away"


def test_visits_pass_gives_back_unused_visits_and_those_to_come(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx, price=100)
    paid = sell_pass(tx, type_id)
    for n in range(2):
        call(tx, "redeem_pass", paid.pass_id, occurrence(tx, type_id, START + n * DAY))
    begin(tx, paid.pass_id, 1)
    gone = call(tx, "cancel_pass", paid.pass_id)
    # two of three visits, 66.666...
    assert gone.refund_due == Decimal("66.67")
    assert pass_row(tx, paid.pass_id).visits_used == 1


def test_unpaid_pass_is_released_and_owes_nothing(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    held = buy(tx, type_id)
    gone = call(tx, "cancel_pass", held.pass_id)
    assert (gone.status, gone.refund_due) == ("released", 0)
    assert call(tx, "cancel_pass", held.pass_id) == gone
    assert counters(tx, occurrence(tx, type_id, START)) == (5, 0, 0)
    assert pay_pass(tx, held.pass_id).status == "active"


def test_payment_after_the_cancellation_goes_back_whole(tx: psycopg.Connection) -> None:
    paid = sell_pass(tx, visits_type(tx))
    call(tx, "cancel_pass", paid.pass_id)
    late = pay_pass(tx, paid.pass_id)
    assert (late.status, late.refund_due) == ("refund_due", 600)


def test_called_off_and_given_up_places_are_not_used(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    paid = sell_pass(tx, type_id)
    ids = rows(tx, "select id from public.ticket_reservations where pass_id = %s order by id", paid.pass_id)
    call(tx, "cancel_reservation", ids[0].id, "called off")
    call(tx, "return_visit", ids[1].id)
    begin(tx, paid.pass_id, 2)
    assert call(tx, "cancel_pass", paid.pass_id).refund_due == 800


def test_extension_is_a_gift_that_is_not_refunded(tx: psycopg.Connection) -> None:
    paid = sell_pass(tx, pass_type(tx))
    call(tx, "extend_pass", paid.pass_id, START + 14 * DAY)
    begin(tx, paid.pass_id, 12)
    assert call(tx, "cancel_pass", paid.pass_id).refund_due == 0


def test_unknown_pass_is_not_cancelled(tx: psycopg.Connection) -> None:
    with expect_error(tx, "PT404", "pass_not_found"):
        call(tx, "cancel_pass", -1)


prices = st.decimals(0, 99999, places=2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    price=prices,
    visits=st.integers(1, 7),
    history=st.lists(st.sampled_from(["redeem", "return", "begin", "pay again", "extend"]), max_size=9),
    monthly=st.booleans(),
)
def test_refund_after_any_history_is_the_unused_share_to_the_paisa(
    tx: psycopg.Connection, price: Decimal, visits: int, history: list[str], monthly: bool
) -> None:
    with tx.transaction(force_rollback=True):
        definition = define(tx)
        type_id = (
            pass_type(tx, definition, price=price, valid_for=f"{visits} days")
            if monthly
            else visits_type(tx, definition, visits, price=price)
        )
        paid = sell_pass(tx, type_id)
        twice = 0
        for n, step in enumerate(history):
            mine = rows(
                tx,
                """
                select r.id, s.starts_at <= now() as begun
                from public.ticket_reservations as r
                inner join public.event_schedules as s on s.id = r.schedule_id
                where r.pass_id = %s and r.status = 'confirmed'
                order by s.schedule_date
                """,
                paid.pass_id,
            )
            coming = [place.id for place in mine if not place.begun]
            if step == "redeem" and not monthly and len(mine) < visits:
                with_room = pass_row(tx, paid.pass_id).starts_on + n * DAY
                call(tx, "redeem_pass", paid.pass_id, occurrence(tx, type_id, with_room))
            elif step == "return" and coming:
                call(tx, "return_visit", coming[0])
            elif step == "begin":
                begin(tx, paid.pass_id, len(mine) - len(coming) + 1)
            elif step == "pay again" and price:
                pay_pass(tx, paid.pass_id)
                twice += 1
            elif step == "extend":
                call(tx, "extend_pass", paid.pass_id, pass_row(tx, paid.pass_id).ends_on + DAY)
        used = value(
            tx,
            """
            select count(*)
            from public.ticket_reservations as r
            inner join public.event_schedules as s on s.id = r.schedule_id
            where r.pass_id = %s and r.status = 'confirmed' and s.starts_at <= now()
            """,
            paid.pass_id,
        )
        gone = call(tx, "cancel_pass", paid.pass_id)
        share = price * max(visits - used, 0) / visits
        assert gone.refund_due - twice * price == share.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert due(tx, paid.pass_id) == gone.refund_due <= price * (twice + 1)
        assert_sound(tx)


def test_payments_of_an_imported_pass_stand_with_its_places(tx: psycopg.Connection) -> None:
    paid = sell_pass(tx, pass_type(tx))
    first = value(tx, "select min(id) from public.ticket_reservations where pass_id = %s", paid.pass_id)
    tx.execute("update public.ticket_payments set pass_id = null, reservation_id = %s", (first,))
    begin(tx, paid.pass_id, 4)
    assert call(tx, "cancel_pass", paid.pass_id).refund_due == 600
    assert value(tx, "select refund_due from public.ticket_payments") == 600


def test_cancelling_all_places_before_they_begin_gives_an_imported_payment_back_once(
    tx: psycopg.Connection,
) -> None:
    paid = sell_pass(tx, pass_type(tx))
    first = value(tx, "select min(id) from public.ticket_reservations where pass_id = %s", paid.pass_id)
    tx.execute("update public.ticket_payments set pass_id = null, reservation_id = %s", (first,))
    assert call(tx, "cancel_pass", paid.pass_id).refund_due == 1000
