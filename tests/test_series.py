"""A pass for a period: a place on every occurrence, or on none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
    call,
    change,
    counters,
    define,
    expect_error,
    lapse,
    pay,
    pool,
    reserve,
    rows,
    schedule,
    sell,
    status,
    user,
    value,
)

from ticketdb import TicketDB
from ticketdb.models import Reservation

pytestmark = pytest.mark.usefixtures("sound")

DAY = timedelta(days=1)
LAST = NEXT_WEEK + 2 * DAY


def three_days(tx: psycopg.Connection, **columns: Any) -> tuple[int, list[int]]:
    """A daily event with occurrences on three days of next week; their ids in order of time."""
    event = define(tx, **columns)
    return event, [schedule(tx, event, schedule_date=NEXT_WEEK + n * DAY) for n in range(3)]


def series(
    tx: psycopg.Connection, event: Any, first: Any = NEXT_WEEK, last: Any = LAST, **named: Any
) -> list[Any]:
    """The rows of reserve_series; a named argument leaves out its p_."""
    more = "".join(f", p_{name} => %s" for name in named)
    return rows(
        tx,
        f"select * from public.reserve_series(%s, %s::timestamp, %s::timestamp{more})",
        event, first, last, *named.values(),
    )  # fmt: skip


def untouched(tx: psycopg.Connection, schedules: list[int]) -> bool:
    return [pool(tx, class_) for class_ in schedules] == [(0, 0)] * len(schedules)


# -- all of them


def test_a_series_holds_every_occurrence_of_the_period_and_no_other(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    outside = [schedule(tx, event, schedule_date=day) for day in (NEXT_WEEK - DAY, LAST + DAY)]
    buyer = user(tx)
    held = series(tx, event, quantity=2, user_id=buyer, contact='{"name": "Asha"}')
    assert [row.schedule_id for row in held] == days
    assert {(r.quantity, r.ticket_type_id, r.unit_price, r.total_amount, r.status) for r in held} == {
        (2, None, Decimal(100), Decimal(200), "held")
    }
    assert len({row.reservation_code for row in held}) == 3
    left = {row.expires_at - datetime.now(UTC) for row in held}
    assert all(timedelta(minutes=14) < span <= timedelta(minutes=15) for span in left)
    assert [counters(tx, day) for day in days] == [(3, 2, 0)] * 3
    assert untouched(tx, outside)
    assert rows(
        tx,
        """
        select distinct user_id, contact ->> 'name', series_id from public.ticket_reservations
        where schedule_id = any (%s)
        """,
        days,
    ) == [(buyer, "Asha", held[0].reservation_id)]


def test_a_series_of_one_occurrence_is_one(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    assert [row.schedule_id for row in series(tx, event, LAST, LAST)] == [days[2]]


def test_rows_come_in_order_of_time_however_the_occurrences_were_made(tx: psycopg.Connection) -> None:
    event = define(tx)
    third, first, second = (schedule(tx, event, schedule_date=NEXT_WEEK + n * DAY) for n in (2, 0, 1))
    noon = schedule(tx, event, schedule_date=NEXT_WEEK, start_time="12:00", end_time="13:00")
    assert [row.schedule_id for row in series(tx, event)] == [first, noon, second, third]


def test_each_occurrence_has_its_own_price(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    change(tx, "event_schedules", days[1], ticket_price="80.50")
    assert [(r.unit_price, r.total_amount) for r in series(tx, event, quantity=2)] == [
        (100, 200),
        (Decimal("80.50"), 161),
        (100, 200),
    ]


def test_what_is_cancelled_or_blocked_is_left_out(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    change(tx, "event_schedules", days[0], status="cancelled")
    change(tx, "event_schedules", days[2], is_blocked=True)
    assert [row.schedule_id for row in series(tx, event)] == [days[1]]
    assert untouched(tx, [days[0], days[2]])


# -- or none


@pytest.mark.parametrize("full", [0, 1, 2])
def test_one_sold_out_occurrence_leaves_nothing_held(tx: psycopg.Connection, full: int) -> None:
    event, days = three_days(tx)
    sell(tx, days.pop(full), 4)
    with expect_error(tx, "PT409", "sold_out", available=1, requested=2):
        series(tx, event, quantity=2)
    assert untouched(tx, days)
    assert len(series(tx, event)) == 3


@pytest.mark.parametrize("full", [0, 1, 2])
def test_a_refusal_names_the_occurrence_that_is_sold_out(tx: psycopg.Connection, full: int) -> None:
    event, days = three_days(tx)
    sell(tx, days[full], 5)
    with expect_error(tx, "PT409", "sold_out", schedule_id=days[full]):
        series(tx, event)


def test_an_occurrence_that_is_not_on_sale_leaves_nothing_held_and_is_named(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    change(tx, "event_schedules", days[1], sales_open_at=datetime.now(UTC) + DAY)
    with expect_error(tx, "PT409", "not_on_sale", schedule_id=days[1]):
        series(tx, event)
    assert untouched(tx, days)


def test_an_occurrence_that_is_over_leaves_nothing_held(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    over = schedule(tx, event, schedule_date=NEXT_WEEK - 20 * DAY)
    with expect_error(tx, "PT409", "schedule_completed", schedule_id=over):
        series(tx, event, NEXT_WEEK - 20 * DAY)
    assert untouched(tx, days)


def test_a_series_of_an_inactive_event_is_refused(tx: psycopg.Connection) -> None:
    event, days = three_days(tx, is_active=False)
    with expect_error(tx, "PT409", "not_on_sale"):
        series(tx, event)
    assert untouched(tx, days)


def test_a_period_without_an_occurrence_is_refused(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    with expect_error(tx, "PT404", "schedule_not_found", event_definition_id=event):
        series(tx, event, LAST + DAY, LAST + 9 * DAY)
    for day in days:
        change(tx, "event_schedules", day, status="cancelled")
    with expect_error(tx, "PT404", "schedule_not_found", event_definition_id=event):
        series(tx, event)


def test_an_unknown_event_is_refused(tx: psycopg.Connection) -> None:
    with expect_error(tx, "PT404", "definition_not_found", event_definition_id=999_999_999):
        series(tx, 999_999_999)


@pytest.mark.parametrize(
    "period",
    [
        (None, LAST),
        (NEXT_WEEK, None),
        (LAST, NEXT_WEEK),
        ("-infinity", LAST),
        (NEXT_WEEK, "infinity"),
        (NEXT_WEEK, NEXT_WEEK + 4000 * DAY),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(tx: psycopg.Connection, period: tuple[Any, Any]) -> None:
    event, days = three_days(tx)
    with expect_error(tx, "PT400", "invalid_argument"):
        series(tx, event, *period)
    with expect_error(tx, "PT400", "invalid_argument"):
        series(tx, None)
    assert untouched(tx, days)


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"quantity": 0}, "invalid_quantity"),
        ({"quantity": None}, "invalid_quantity"),
        ({"quantity": 10_001}, "invalid_quantity"),
        ({"user_id": 999_999_999}, "invalid_argument"),
        ({"contact": "[]"}, "invalid_argument"),
        ({"idempotency_key": ""}, "invalid_argument"),
        ({"idempotency_key": "k" * 256}, "invalid_argument"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    tx: psycopg.Connection, named: dict[str, Any], reason: str
) -> None:
    event, days = three_days(tx)
    with expect_error(tx, "PT400", reason):
        series(tx, event, **named)
    assert untouched(tx, days)


def test_a_series_dearer_than_an_amount_can_be_is_refused(tx: psycopg.Connection) -> None:
    event, days = three_days(tx, default_ticket_price="50000000.00")
    with expect_error(tx, "PT400", "invalid_quantity", requested=2):
        series(tx, event, quantity=2)
    assert untouched(tx, days)


# -- limits


def test_a_series_keeps_the_limit_of_an_order_on_each_occurrence(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    change(tx, "event_schedules", days[2], max_per_order=1)
    with expect_error(tx, "PT400", "invalid_quantity", requested=2, max_per_order=1):
        series(tx, event, quantity=2)
    assert untouched(tx, days)
    assert len(series(tx, event, quantity=1)) == 3


def test_a_series_keeps_the_limit_of_a_user_on_each_occurrence(tx: psycopg.Connection) -> None:
    event, days = three_days(tx, limit_per_user=2)
    buyer = user(tx)
    other = reserve(tx, days[1], user_id=buyer).reservation_id
    with expect_error(tx, "PT409", "limit_per_user", requested=2, has=1, limit_per_user=2):
        series(tx, event, quantity=2, user_id=buyer)
    assert pool(tx, days[1]) == (1, 0)
    assert untouched(tx, [days[0], days[2]])
    call(tx, "release_reservation", other)
    assert len(series(tx, event, quantity=2, user_id=buyer)) == 3
    with expect_error(tx, "PT409", "limit_per_user"):
        series(tx, event, user_id=buyer)


# -- the same order sent again


def test_a_series_that_is_sent_again_is_answered_like_the_first(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    order = {"quantity": 3, "user_id": user(tx), "idempotency_key": "pass 1", "contact": '{"name": "Asha"}'}
    first = series(tx, event, **order)
    assert series(tx, event, **order) == first
    # a later occurrence is not part of what was ordered, and one that is called off stays in the answer
    schedule(tx, event, schedule_date=NEXT_WEEK, start_time="18:00", end_time="19:00")
    change(tx, "event_schedules", days[0], status="cancelled")
    assert series(tx, event, **order) == first
    assert [pool(tx, day) for day in days] == [(3, 0)] * 3


@pytest.mark.parametrize("other", ["event", "start", "end", "quantity", "user_id", "contact"])
def test_a_key_that_is_sent_with_other_arguments_is_refused(tx: psycopg.Connection, other: str) -> None:
    event, days = three_days(tx)
    series(tx, event, idempotency_key="pass 1")
    told = {"event": event, "first": NEXT_WEEK, "last": LAST, "idempotency_key": "pass 1"}
    told |= {
        "event": {"event": define(tx)},
        "start": {"first": NEXT_WEEK + DAY},
        "end": {"last": NEXT_WEEK},
        "quantity": {"quantity": 2},
        "user_id": {"user_id": user(tx)},
        "contact": {"contact": '{"name": "Ravi"}'},
    }[other]
    with expect_error(tx, "PT409", "idempotency_key_reused", idempotency_key="pass 1"):
        series(tx, told.pop("event"), told.pop("first"), told.pop("last"), **told)
    assert [pool(tx, day) for day in days] == [(1, 0)] * 3


def test_the_key_of_a_series_is_no_key_of_a_single_order_nor_the_other_way_round(
    tx: psycopg.Connection,
) -> None:
    event, days = three_days(tx)
    series(tx, event, idempotency_key="pass 1")
    with expect_error(tx, "PT409", "idempotency_key_reused"):
        reserve(tx, days[0], idempotency_key="pass 1")
    reserve(tx, days[0], idempotency_key="order 1")
    with expect_error(tx, "PT409", "idempotency_key_reused"):
        series(tx, event, idempotency_key="order 1")
    assert [pool(tx, day) for day in days] == [(2, 0), (1, 0), (1, 0)]


def test_without_a_key_every_call_is_a_series_of_its_own(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    first, second = series(tx, event), series(tx, event)
    assert not {row.reservation_id for row in first} & {row.reservation_id for row in second}
    assert [pool(tx, day) for day in days] == [(2, 0)] * 3


# -- afterwards


def test_each_reservation_of_a_series_goes_its_own_way(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    paid, released, lapsed = (row.reservation_id for row in series(tx, event, quantity=2))
    assert pay(tx, paid, amount=200).status == "confirmed"
    assert call(tx, "release_reservation", released).status == "released"
    lapse(tx, lapsed)
    assert [counters(tx, day) for day in days] == [(3, 0, 2), (5, 0, 0), (5, 0, 0)]
    assert call(tx, "cancel_reservation", paid).refund_due == 200
    assert [status(tx, one) for one in (paid, released, lapsed)] == ["cancelled", "released", "held"]
    assert value(tx, "select count(*) from public.ticket_payments where reservation_id = %s", paid) == 1


def test_lapsed_series_gives_its_seats_to_the_next(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    for row in series(tx, event, quantity=4):
        lapse(tx, row.reservation_id)
    assert len(series(tx, event, quantity=5)) == 3
    assert [counters(tx, day) for day in days] == [(0, 5, 0)] * 3


def test_the_wrapper_returns_reservations(tx: psycopg.Connection) -> None:
    event, days = three_days(tx)
    held = TicketDB(tx).reserve_series(event, NEXT_WEEK, LAST, 2, contact={"name": "Asha"})
    assert isinstance(held, list)
    assert [type(one) for one in held] == [Reservation] * 3
    assert [one.schedule_id for one in held] == days
