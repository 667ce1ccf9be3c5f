"""When sales open and close: relative to the start or at a moment; of event, occurrence and ticket type."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from bookings import followed
from factories import (
    book,
    call,
    change,
    define,
    expect_constraint,
    expect_error,
    lapse,
    pay,
    reserve,
    row,
    schedule,
    ticket_type,
    value,
)

pytestmark = pytest.mark.usefixtures("sound")

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def from_now(away: timedelta) -> datetime:
    return datetime.now(UTC) + away


def starting(
    tx: psycopg.Connection, away: timedelta, event: dict[str, Any] | None = None, **columns: Any
) -> int:
    """An occurrence of an hour that starts so long from now, where it is about noon now."""
    offset = 12 - datetime.now(UTC).hour
    local = from_now(away).astimezone(ZoneInfo(zone := f"Etc/GMT{-offset:+d}"))
    return schedule(
        tx,
        define(tx, timezone=zone, **(event or {})),
        schedule_date=local.date(),
        start_time=local.time(),
        end_time=(local + timedelta(hours=1)).time(),
        **columns,
    )


def is_on_sale(tx: psycopg.Connection, class_: int, kind: int | None = None) -> bool:
    """What reserve_tickets does about it; those who only look must say the same."""
    refusal = None
    try:
        with tx.transaction(force_rollback=True):
            assert reserve(tx, class_, ticket_type_id=kind).status == "held"
    except psycopg.Error as error:
        refusal = error.sqlstate
    answer = {None: True, "PT409": False}[refusal]
    look = call(tx, "check_ticket_availability", class_, 1, kind)
    assert (look.is_available, look.tickets_available) == ((True, 5) if answer else (False, 0))
    if kind is None:
        seen = "select tickets_available from public.v_event_availability where schedule_id = %s"
        assert value(tx, seen, class_) == (5 if answer else 0)
    return answer


# a window, how far the start is, and whether that is on sale
WINDOWS = [
    ({}, 3 * DAY, True),
    ({}, -30 * MINUTE, True),
    ({"sales_open_before": 2 * DAY}, 3 * DAY, False),
    ({"sales_open_before": 2 * DAY}, 1 * DAY, True),
    ({"sales_open_before": timedelta(0)}, 10 * MINUTE, False),
    ({"sales_open_before": timedelta(0)}, -10 * MINUTE, True),
    ({"sales_open_before": -20 * MINUTE}, -10 * MINUTE, False),
    ({"sales_close_before": 2 * DAY}, 3 * DAY, True),
    ({"sales_close_before": 2 * DAY}, 1 * DAY, False),
    ({"sales_close_before": timedelta(0)}, 10 * MINUTE, True),
    ({"sales_close_before": timedelta(0)}, -10 * MINUTE, False),
    ({"sales_close_before": -20 * MINUTE}, -10 * MINUTE, True),
    ({"sales_close_before": -20 * MINUTE}, -30 * MINUTE, False),
    ({"sales_open_before": 4 * DAY, "sales_close_before": 2 * DAY}, 3 * DAY, True),
    # it closes before it opens
    ({"sales_open_before": 2 * DAY, "sales_close_before": 4 * DAY}, 3 * DAY, False),
]


@pytest.mark.parametrize("level", ["event", "occurrence", "type"])
@pytest.mark.parametrize(("window", "away", "on_sale"), WINDOWS)
def test_sales_open_and_close_relative_to_the_start(
    tx: psycopg.Connection, level: str, window: dict[str, timedelta], away: timedelta, on_sale: bool
) -> None:
    class_ = starting(
        tx, away, window if level == "event" else {}, **(window if level == "occurrence" else {})
    )
    kind = ticket_type(tx, class_, **(window if level == "type" else {}))
    assert is_on_sale(tx, class_, kind) is on_sale
    assert is_on_sale(tx, class_) is (on_sale or level == "type")


@pytest.mark.parametrize("level", ["event", "occurrence", "type"])
@pytest.mark.parametrize(
    ("column", "away", "on_sale"),
    [
        ("sales_open_at", -MINUTE, True),
        ("sales_open_at", MINUTE, False),
        ("sales_close_at", -MINUTE, False),
        ("sales_close_at", MINUTE, True),
    ],
)
def test_sales_open_and_close_at_a_moment(
    tx: psycopg.Connection, level: str, column: str, away: timedelta, on_sale: bool
) -> None:
    window = {column: from_now(away)}
    class_ = starting(
        tx, 3 * DAY, window if level == "event" else {}, **(window if level == "occurrence" else {})
    )
    kind = ticket_type(tx, class_, **(window if level == "type" else {}))
    assert is_on_sale(tx, class_, kind) is on_sale
    assert is_on_sale(tx, class_) is (on_sale or level == "type")


@pytest.mark.parametrize(("column", "before"), [("sales_open_at", False), ("sales_close_at", True)])
def test_the_sale_turns_at_its_moment_within_a_transaction_too(
    tx: psycopg.Connection, column: str, before: bool
) -> None:
    class_ = starting(tx, 3 * DAY, **{column: from_now(timedelta(seconds=1))})
    assert is_on_sale(tx, class_) is before
    tx.execute("select pg_sleep(1)")
    assert is_on_sale(tx, class_) is not before


def test_without_a_window_the_sale_closes_when_the_occurrence_ends(tx: psycopg.Connection) -> None:
    class_ = starting(tx, -61 * MINUTE)
    with expect_error(tx, "PT409", "schedule_completed"):
        reserve(tx, class_)
    assert is_on_sale(tx, class_) is False
    change(tx, "event_schedules", class_, sales_close_before=-2 * DAY)
    assert is_on_sale(tx, class_) is False


OPEN, SHUT = 4 * DAY, 2 * DAY  # of an occurrence in three days


@pytest.mark.parametrize(
    ("event", "occurrence", "on_sale"),
    [
        ({"sales_open_before": SHUT}, {"sales_open_before": OPEN}, True),
        ({"sales_open_before": OPEN}, {"sales_open_before": SHUT}, False),
        ({"sales_open_before": SHUT}, {"sales_open_at": -DAY}, True),
        ({"sales_open_at": -DAY}, {"sales_open_before": SHUT}, False),
        ({"sales_open_at": DAY}, {"sales_open_at": -DAY}, True),
        ({"sales_close_before": OPEN}, {"sales_close_before": SHUT}, True),
        ({"sales_close_before": SHUT}, {"sales_close_before": OPEN}, False),
        ({"sales_close_before": OPEN}, {"sales_close_at": DAY}, True),
        ({"sales_close_at": DAY}, {"sales_close_before": OPEN}, False),
        ({"sales_close_at": DAY}, {"sales_close_at": -DAY}, False),
        # the opening is the occurrence's own, the closing still that of the event
        ({"sales_open_before": SHUT, "sales_close_at": -DAY}, {"sales_open_before": OPEN}, False),
        ({"sales_open_before": SHUT, "sales_close_at": DAY}, {"sales_open_before": OPEN}, True),
    ],
)
def test_what_the_occurrence_says_of_a_window_goes_before_what_the_event_says(
    tx: psycopg.Connection, event: dict[str, timedelta], occurrence: dict[str, timedelta], on_sale: bool
) -> None:
    def at(window: dict[str, timedelta]) -> dict[str, Any]:
        return {name: from_now(away) if name.endswith("_at") else away for name, away in window.items()}

    assert is_on_sale(tx, starting(tx, 3 * DAY, at(event), **at(occurrence))) is on_sale


@pytest.mark.parametrize("verb", ["open", "close"])
@pytest.mark.parametrize(
    ("table", "name"),
    [("event_definitions", "definition"), ("event_schedules", "schedule"), ("ticket_types", "ticket_type")],
)
def test_one_level_names_one_opening_and_one_closing(
    tx: psycopg.Connection, table: str, name: str, verb: str
) -> None:
    class_ = schedule(tx)
    ids = {
        "event_definitions": value(
            tx, "select event_definition_id from public.event_schedules where id = %s", class_
        ),
        "event_schedules": class_,
        "ticket_types": ticket_type(tx, class_),
    }
    change(tx, table, ids[table], **{f"sales_{verb}_before": DAY})
    with expect_constraint(tx, f"{name}_sale_{verb}s_once"):
        change(tx, table, ids[table], **{f"sales_{verb}_at": from_now(DAY)})


# -- what a refusal and the view tell


def test_a_refusal_says_when_the_sale_opens_and_closes_as_the_view_does(tx: psycopg.Connection) -> None:
    event = define(tx, sales_open_before=2 * DAY, sales_close_before=timedelta(hours=1))
    class_ = schedule(tx, event)
    seen = row(
        tx,
        """
        select starts_at, sales_open_at, sales_close_at
        from public.v_event_availability where schedule_id = %s
        """,
        class_,
    )
    assert seen.sales_open_at == seen.starts_at - 2 * DAY
    assert seen.sales_close_at == seen.starts_at - timedelta(hours=1)
    told = value(tx, "select to_jsonb(%s::timestamptz)", seen.sales_open_at)
    until = value(tx, "select to_jsonb(%s::timestamptz)", seen.sales_close_at)
    with expect_error(tx, "PT409", "not_on_sale", schedule_id=class_, opens_at=told, closes_at=until):
        reserve(tx, class_)


def test_without_a_window_the_view_names_none(tx: psycopg.Connection) -> None:
    seen = "select sales_open_at, sales_close_at from public.v_event_availability where schedule_id = %s"
    assert row(tx, seen, schedule(tx)) == (None, None)


# -- the venue's calendar

PARIS = ZoneInfo("Europe/Paris")
SPRING, AUTUMN = date(2031, 3, 30), date(2031, 10, 26)  # summer time begins and ends early on these Sundays


def opening(tx: psycopg.Connection, day: date, start: time, before: str) -> datetime:
    """When the sale of an occurrence in Paris opens, and closes, so long before its start."""
    # neither the venue's zone nor that of the machine
    tx.execute("set local timezone = 'America/New_York'")
    class_ = schedule(
        tx,
        define(tx, timezone="Europe/Paris", sales_open_before=before),
        schedule_date=day, start_time=start, end_time=time(23, 0), sales_close_before=before,
    )  # fmt: skip
    seen = row(
        tx,
        "select sales_open_at, sales_close_at from public.v_event_availability where schedule_id = %s",
        class_,
    )
    kind = ticket_type(tx, class_, sales_open_before=before)
    assert value(tx, "select opens_at from ticketdb.type_offer(%s, %s)", class_, kind) == seen.sales_open_at
    assert seen.sales_open_at == seen.sales_close_at
    return seen.sales_open_at


@pytest.mark.parametrize(
    ("before", "opens"),
    [("7 days", timedelta(days=7)), ("1 day", timedelta(days=1)), ("-1 day", timedelta(days=-1))],
)
@pytest.mark.parametrize("day", [SPRING, SPRING + DAY, AUTUMN, AUTUMN + DAY, date(2031, 7, 1)])
def test_days_are_counted_on_the_calendar_of_the_venue(
    tx: psycopg.Connection, day: date, before: str, opens: timedelta
) -> None:
    assert opening(tx, day, time(19, 0), before) == datetime.combine(day - opens, time(19, 0), PARIS)


def test_months_are_counted_on_the_calendar_of_the_venue(tx: psycopg.Connection) -> None:
    assert opening(tx, date(2031, 4, 15), time(19, 0), "1 month") == datetime(2031, 3, 15, 19, tzinfo=PARIS)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_hours_are_hours_also_while_the_clock_changes(tx: psycopg.Connection, day: date) -> None:
    start = datetime.combine(day, time(3, 30), PARIS).astimezone(UTC)
    assert opening(tx, day, time(3, 30), "2 hours") == start - timedelta(hours=2)


def test_a_window_that_no_calendar_holds_does_not_hide_the_other_events(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    event = define(tx)
    schedule(tx, event)
    # to be refused where it is typed in is as good
    with suppress(psycopg.errors.IntegrityError), tx.transaction():
        tx.execute(
            "update public.event_definitions set sales_open_before = '400000 years' where id = %s", (event,)
        )
    assert value(tx, "select sum(tickets_available) from public.v_event_availability") >= 5
    assert is_on_sale(tx, class_) is True


# -- early birds


def test_an_early_bird_type_has_a_window_of_its_own(tx: psycopg.Connection) -> None:
    class_ = starting(tx, 3 * DAY)
    early = ticket_type(tx, class_, price=80, sales_close_before=7 * DAY)
    standard = ticket_type(tx, class_, price=100)
    door = ticket_type(tx, class_, price=120, sales_open_before=timedelta(hours=2))
    for kind, on_sale in [(early, False), (standard, True), (door, False), (None, True)]:
        assert is_on_sale(tx, class_, kind) is on_sale
    closed, opens = (
        value(tx, "select to_jsonb(starts_at - %s) from public.event_schedules where id = %s", before, class_)
        for before in (7 * DAY, timedelta(hours=2))
    )
    with expect_error(tx, "PT409", "not_on_sale", ticket_type_id=early, closes_at=closed, opens_at=None):
        reserve(tx, class_, ticket_type_id=early)
    with expect_error(tx, "PT409", "not_on_sale", ticket_type_id=door, opens_at=opens, closes_at=None):
        reserve(tx, class_, ticket_type_id=door)


def test_the_window_of_a_type_opens_no_occurrence(tx: psycopg.Connection) -> None:
    class_ = starting(tx, 3 * DAY, sales_open_before=2 * DAY)
    kind = ticket_type(tx, class_, sales_open_before=7 * DAY)
    with expect_error(tx, "PT409", "not_on_sale", schedule_id=class_):
        reserve(tx, class_, ticket_type_id=kind)


# -- the application's bookings, and payments


def test_a_pending_booking_outside_the_window_is_refused(tx: psycopg.Connection) -> None:
    class_ = starting(tx, 3 * DAY, sales_open_before=2 * DAY)
    with expect_error(tx, "PT409", "not_on_sale", schedule_id=class_):
        book(tx, class_)
    # the venue itself enters who paid elsewhere: the money is on record, and due back
    assert followed(tx, book(tx, class_, status="paid"))[0] == "refund_due"


def test_a_hold_is_paid_after_the_sale_has_closed(tx: psycopg.Connection) -> None:
    class_ = starting(tx, 3 * DAY)
    live, late = (reserve(tx, class_, 2).reservation_id for _ in range(2))
    lapse(tx, late)
    change(tx, "event_schedules", class_, sales_close_at=from_now(-MINUTE))
    assert pay(tx, live).status == "confirmed"
    # nobody took its seats
    assert pay(tx, late).status == "confirmed"


def test_a_hold_that_was_given_up_is_not_seated_after_the_sale_has_closed(tx: psycopg.Connection) -> None:
    class_ = starting(tx, 3 * DAY)
    gone = reserve(tx, class_, 2).reservation_id
    call(tx, "release_reservation", gone)
    change(tx, "event_schedules", class_, sales_close_at=from_now(-MINUTE))
    answer = pay(tx, gone)
    assert (answer.status, answer.refund_due) == ("refund_due", 200)
