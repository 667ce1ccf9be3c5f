"""Passes are sold once: a place on every occurrence of a period or none, or a number of visits."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from factories import (
    call,
    change,
    counters,
    define,
    expect_constraint,
    expect_error,
    pay,
    reserve,
    row,
    rows,
    sell,
    status,
    sweep,
    user,
    value,
)
from pass_helpers import (
    DAY,
    START,
    TODAY,
    buy,
    days,
    lapse_pass,
    occurrence,
    pass_row,
    pass_type,
    pay_pass,
    places,
    sell_pass,
    visits_type,
)

pytestmark = pytest.mark.usefixtures("sound")
PERIOD = days(START, 10)


def payments(tx: psycopg.Connection, pass_id: int) -> list[tuple[float, float]]:
    return rows(
        tx, "select amount, refund_due from public.ticket_payments where pass_id = %s order by id", pass_id
    )


def test_monthly_pass_holds_a_place_on_every_occurrence_of_its_period(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    held = buy(tx, type_id)
    assert (held.status, held.starts_on, held.ends_on, held.visits) == ("held", START, START + 9 * DAY, 10)
    assert (held.kind, held.price, held.refund_due, held.visits_left) == ("monthly", 1000, 0, 0)
    assert places(tx, held.pass_id, "held") == PERIOD
    assert counters(tx, occurrence(tx, type_id, START)) == (4, 1, 0)
    paid = pay_pass(tx, held.pass_id, amount=1000)
    assert (paid.status, paid.visits_left, paid.pass_code) == ("active", 10, held.pass_code)
    assert places(tx, held.pass_id, "confirmed") == PERIOD
    assert counters(tx, occurrence(tx, type_id, START)) == (4, 0, 1)
    assert payments(tx, held.pass_id) == [(1000, 0)]


def test_each_place_has_a_ticket_and_costs_nothing_more(tx: psycopg.Connection) -> None:
    paid = sell_pass(tx, pass_type(tx), contact='{"name": "Asha Rao"}')
    found = row(
        tx,
        """
        select count(*) as tickets, sum(r.total_amount) as total, count(distinct pp.id) as people,
            min(pp.name) as name
        from public.ticket_reservations as r
        inner join public.event_tickets as t on t.reservation_id = r.id and t.status = 'valid'
        inner join public.program_participants as pp on pp.id = t.participant_id
        where r.pass_id = %s and r.origin = 'pass'
        """,
        paid.pass_id,
    )
    assert found == (10, 0, 10, "Asha Rao")


def test_monthly_pass_is_refused_whole_where_one_day_is_full(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    sell(tx, occurrence(tx, type_id, START + 4 * DAY), 5)
    with expect_error(tx, "PT409", "sold_out"):
        buy(tx, type_id)
    assert rows(tx, "select from public.event_passes") == []
    assert counters(tx, occurrence(tx, type_id, START)) == (5, 0, 0)


def test_occurrences_that_do_not_take_place_are_left_out(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    change(tx, "event_schedules", occurrence(tx, type_id, PERIOD[1]), status="cancelled")
    change(tx, "event_schedules", occurrence(tx, type_id, PERIOD[3]), is_blocked=True)
    held = buy(tx, type_id)
    assert held.visits == 8
    assert places(tx, held.pass_id) == [d for d in PERIOD if d not in (PERIOD[1], PERIOD[3])]


def test_period_of_a_month_ends_the_day_before_its_date(tx: psycopg.Connection) -> None:
    held = buy(tx, visits_type(tx, valid_for="1 month"))
    following = (START.replace(day=1) + timedelta(days=32)).replace(day=1)
    last_of_following = (following + timedelta(days=32)).replace(day=1) - DAY
    assert held.ends_on == following.replace(day=min(START.day, last_of_following.day)) - DAY


def test_visits_pass_takes_no_place_until_it_is_used(tx: psycopg.Connection) -> None:
    paid = sell_pass(tx, visits_type(tx))
    assert (paid.visits, paid.visits_left, places(tx, paid.pass_id)) == (3, 3, [])


def test_pass_begins_as_soon_as_it_can(tx: psycopg.Connection) -> None:
    definition = define(tx, default_start_time="00:00:00", default_end_time="00:00:01")
    type_id = visits_type(tx, definition)
    occurrence(tx, type_id, TODAY)
    assert buy(tx, type_id, starts_on=None).starts_on == TODAY + DAY


@pytest.mark.parametrize("start", [TODAY - DAY, TODAY + 400 * DAY])
def test_pass_that_begins_in_the_past_or_too_late_is_refused(tx: psycopg.Connection, start: object) -> None:
    with expect_error(tx, "PT400", "invalid_argument"):
        buy(tx, visits_type(tx), starts_on=start)


def test_unknown_type_user_and_inactive_type_are_refused(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx, is_active=False)
    with expect_error(tx, "PT409", "not_on_sale"):
        buy(tx, type_id)
    with expect_error(tx, "PT404", "pass_not_found", pass_type_id=2_000_000_000):
        buy(tx, 2_000_000_000)
    with expect_error(tx, "PT404", "pass_not_found"):
        buy(tx, None)
    with expect_error(tx, "PT400", "invalid_argument", user_id=-1):
        buy(tx, type_id, user_id=-1)
    with expect_error(tx, "PT404", "pass_not_found"):
        pay_pass(tx, -1)


def test_same_key_is_the_same_pass_and_other_arguments_are_refused(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    first = buy(tx, type_id, idempotency_key="order 1")
    assert buy(tx, type_id, idempotency_key="order 1") == first
    with expect_error(tx, "PT409", "idempotency_key_reused"):
        buy(tx, type_id, idempotency_key="order 1", renews=True)
    with expect_error(tx, "PT400", "invalid_argument"):
        buy(tx, type_id, idempotency_key="")


def test_same_payment_again_is_answered_the_same(tx: psycopg.Connection) -> None:
    held = buy(tx, pass_type(tx))
    paid = pay_pass(tx, held.pass_id, "pay 1")
    assert pay_pass(tx, held.pass_id, "pay 1") == paid
    assert pay_pass(tx, held.pass_id, "pay 1", amount=1000) == paid
    assert payments(tx, held.pass_id) == [(1000, 0)]


def test_reference_of_another_payment_is_refused_both_ways(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    held, paid = buy(tx, type_id), sell_pass(tx, type_id)
    single = reserve(tx, occurrence(tx, type_id, START)).reservation_id
    pay_pass(tx, held.pass_id, "pay 1")
    with expect_error(tx, "PT409", "payment_reference_reused"):
        pay_pass(tx, paid.pass_id, "pay 1")
    with expect_error(tx, "PT409", "payment_reference_reused"):
        pay_pass(tx, held.pass_id, "pay 1", amount=299)
    with expect_error(tx, "PT409", "payment_reference_reused"):
        pay(tx, single, "pay 1")
    pay(tx, single, "pay 2")
    with expect_error(tx, "PT409", "payment_reference_reused"):
        pay_pass(tx, held.pass_id, "pay 2")


def test_wrong_amount_is_refused_and_a_second_payment_is_due_back(tx: psycopg.Connection) -> None:
    held = buy(tx, visits_type(tx))
    with expect_error(tx, "PT400", "amount_mismatch"):
        pay_pass(tx, held.pass_id, amount=299)
    assert pay_pass(tx, held.pass_id).status == "active"
    second = pay_pass(tx, held.pass_id, "again")
    assert (second.status, second.refund_due) == ("refund_due", 300)
    assert pay_pass(tx, held.pass_id, "again") == second
    assert payments(tx, held.pass_id) == [(300, 0), (300, 300)]
    assert pass_row(tx, held.pass_id).state == "active"
    with expect_error(tx, "PT400", "invalid_argument"):
        pay_pass(tx, held.pass_id, "x" * 256)


def test_late_payment_gets_the_places_while_they_are_free(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    held = buy(tx, type_id)
    lapse_pass(tx, held.pass_id)
    sweep(tx, occurrence(tx, type_id, START))
    assert pass_row(tx, held.pass_id).state == "lapsed"
    assert pay_pass(tx, held.pass_id).status == "active"
    assert places(tx, held.pass_id, "confirmed") == PERIOD


def test_late_payment_without_one_of_the_places_is_due_back(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    held = buy(tx, type_id)
    lapse_pass(tx, held.pass_id)
    sell(tx, occurrence(tx, type_id, PERIOD[6]), 5)
    late = pay_pass(tx, held.pass_id)
    assert (late.status, late.refund_due) == ("refund_due", 1000)
    assert payments(tx, held.pass_id) == [(1000, 1000)]
    assert places(tx, held.pass_id) == []
    assert counters(tx, occurrence(tx, type_id, START)) == (5, 0, 0)
    assert pay_pass(tx, held.pass_id).status == "refund_due"


def test_what_is_called_off_before_the_payment_has_no_place(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    held = buy(tx, type_id)
    change(tx, "event_schedules", occurrence(tx, type_id, PERIOD[2]), status="cancelled")
    assert pay_pass(tx, held.pass_id).status == "active"
    assert places(tx, held.pass_id) == [d for d in PERIOD if d != PERIOD[2]]


def test_place_is_not_paid_by_itself(tx: psycopg.Connection) -> None:
    held = buy(tx, pass_type(tx))
    place = value(tx, "select min(id) from public.ticket_reservations where pass_id = %s", held.pass_id)
    with expect_error(tx, "PT400", "amount_mismatch", pass_id=held.pass_id):
        pay(tx, place)
    assert status(tx, place) == "held"


def test_free_pass_is_confirmed_too(tx: psycopg.Connection) -> None:
    held = buy(tx, visits_type(tx, price=0))
    assert pay_pass(tx, held.pass_id).status == "active"
    assert pay_pass(tx, held.pass_id).status == "active"


def test_limit_of_one_user_counts_the_places_of_passes(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx, define(tx, limit_per_user=1))
    asha = user(tx)
    buy(tx, type_id, user_id=asha)
    with expect_error(tx, "PT409", "limit_per_user"):
        reserve(tx, occurrence(tx, type_id, START), user_id=asha)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"kind": "weekly"}, "pass_type_kind_known"),
        ({"visits": 3}, "pass_type_visits_counted"),
        ({"kind": "visits"}, "pass_type_visits_counted"),
        ({"kind": "visits", "visits": 0}, "pass_type_visits_counted"),
        ({"valid_for": "36 hours"}, "pass_type_period_of_days"),
        ({"valid_for": "2 years"}, "pass_type_period_of_days"),
        ({"price": -1}, "pass_type_price_not_negative"),
        ({"renew_before_days": 29}, "pass_type_renewal_within_a_month"),
    ],
)
def test_type_that_makes_no_sense_is_refused(
    tx: psycopg.Connection, columns: dict[str, object], constraint: str
) -> None:
    with expect_constraint(tx, constraint):
        pass_type(tx, **columns)


def test_payment_is_of_a_reservation_or_a_pass(tx: psycopg.Connection) -> None:
    with expect_constraint(tx, "payment_of_one_sale"):
        tx.execute("insert into public.ticket_payments (payment_reference, amount) values ('x', 1)")


def test_old_places_of_a_pass_that_came_to_nothing_may_be_gone(tx: psycopg.Connection) -> None:
    held = buy(tx, pass_type(tx))
    call(tx, "cancel_pass", held.pass_id)
    tx.execute(
        "update public.ticket_reservations set closed_at = now() - interval '91 days' where pass_id = %s",
        (held.pass_id,),
    )
    call(tx, "run_maintenance", 0)
    assert pay_pass(tx, held.pass_id).status == "refund_due"


def test_a_pass_does_not_begin_with_an_occurrence_that_is_over_before_it_is_made(
    tx: psycopg.Connection,
) -> None:
    early = define(tx, default_start_time="00:00", default_end_time="00:01")
    monthly = pass_type(tx, early, valid_for="3 days")
    with expect_error(tx, "PT400", "invalid_argument"):
        buy(tx, monthly, starts_on=TODAY)
    assert buy(tx, monthly, starts_on=None).starts_on == TODAY + DAY
    late = define(tx, default_start_time="23:59:59", default_end_time="00:01")
    assert buy(tx, visits_type(tx, late), starts_on=None).starts_on == TODAY
