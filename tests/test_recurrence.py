"""Generating the occurrences of a recurring event, and the preview of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import psycopg
import pytest
from factories import (
    assert_sound,
    call,
    change,
    define,
    expect_error,
    insert,
    reserve,
    row,
    rows,
    schedule,
    value,
    weekday_dates,
)

MONDAY = date(2030, 1, 7)
SUNDAY = date(2030, 1, 20)

# The four statements of the seed's phases 2 and 3, as they are written there.
SEED = [
    """
-- Create Yoga event definition
INSERT INTO event_definitions (
    event_code, title, description, event_category, event_type,
    recurrence_type, recurrence_days, default_start_time, default_end_time,
    max_tickets, default_ticket_price, space_id, is_active
) VALUES (
    'yoga-morning', 'Morning Yoga Session', 'Daily yoga class',
    'wellness', 'yoga', 'daily', '1,2,3,4,5,6,7',
    '07:00:00', '08:00:00', 30, 0.00, 1, TRUE
);
""",
    """
-- Create Zumba event definition
INSERT INTO event_definitions (
    event_code, title, description, event_category, event_type,
    recurrence_type, recurrence_days, default_start_time, default_end_time,
    max_tickets, default_ticket_price, space_id, is_active
) VALUES (
    'zumba-morning', 'Morning Zumba Class', 'Daily zumba fitness class',
    'wellness', 'zumba', 'daily', '1,2,3,4,5,6,7',
    '08:00:00', '09:00:00', 30, 0.00, 1, TRUE
);
""",
    """
-- Generate schedules for next 30 days
SELECT generate_recurring_schedules(
    (SELECT id FROM event_definitions WHERE event_code = 'yoga-morning'),
    CURRENT_DATE,
    CURRENT_DATE + INTERVAL '30 days'
);
""",
    """
SELECT generate_recurring_schedules(
    (SELECT id FROM event_definitions WHERE event_code = 'zumba-morning'),
    CURRENT_DATE,
    CURRENT_DATE + INTERVAL '30 days'
);
""",
]


def generate(tx: psycopg.Connection, definition_id: int, first: date, last: date) -> int:
    return call(tx, "generate_recurring_schedules", definition_id, first, last)[0]


def dates(tx: psycopg.Connection, definition_id: int) -> list[date]:
    query = """
        select schedule_date from public.event_schedules where event_definition_id = %s order by schedule_date
    """
    return [found.schedule_date for found in rows(tx, query, definition_id)]


def test_the_statements_of_the_seed_run_as_written(tx: psycopg.Connection) -> None:
    tx.execute("insert into public.spaces (id, name) values (1, 'Studio')")
    yoga, zumba, *generated = (tx.execute(statement) for statement in SEED)
    assert (yoga.rowcount, zumba.rowcount) == (1, 1)
    assert [cursor.fetchone() for cursor in generated] == [(31,), (31,)]
    first, last = row(tx, "select current_date, current_date + 30")
    found = rows(
        tx,
        """
        select d.event_code, min(s.schedule_date), max(s.schedule_date), sum(s.max_tickets)
        from public.event_schedules as s join public.event_definitions as d on d.id = s.event_definition_id
        group by 1 order by 1
        """,
    )
    assert found == [("yoga-morning", first, last, 930), ("zumba-morning", first, last, 930)]


def test_daily_includes_both_ends(tx: psycopg.Connection) -> None:
    yoga = define(tx)
    assert generate(tx, yoga, MONDAY, MONDAY + timedelta(days=6)) == 7
    assert dates(tx, yoga) == [MONDAY + timedelta(days=n) for n in range(7)]
    assert generate(tx, yoga, SUNDAY, SUNDAY) == 1


@pytest.mark.parametrize("recurrence_type", ["daily", "weekly"])
@pytest.mark.parametrize("days", [(1,), (7,), (1, 3, 5), (5, 1), (1, 2, 3, 4, 5, 6, 7)])
def test_recurrence_days_are_iso_weekdays(
    tx: psycopg.Connection, recurrence_type: str, days: tuple[int, ...]
) -> None:
    yoga = define(tx, recurrence_type=recurrence_type, recurrence_days=",".join(map(str, days)))
    expected = weekday_dates(MONDAY, SUNDAY, *days)
    assert generate(tx, yoga, MONDAY, SUNDAY) == len(expected) > 0
    assert dates(tx, yoga) == expected


def test_a_period_without_a_matching_day_gives_nothing(tx: psycopg.Connection) -> None:
    yoga = define(tx, recurrence_type="weekly", recurrence_days="3")
    assert generate(tx, yoga, MONDAY, MONDAY) == 0


def test_an_event_that_does_not_recur_is_refused(tx: psycopg.Connection) -> None:
    show = define(tx, recurrence_type="none")
    with expect_error(tx, "PT400", "not_recurring"):
        generate(tx, show, MONDAY, SUNDAY)
    with expect_error(tx, "PT400", "not_recurring"):
        call(tx, "preview_recurring_schedules", show, MONDAY, SUNDAY)


def test_only_what_is_missing_is_inserted(tx: psycopg.Connection) -> None:
    yoga = define(tx)
    assert generate(tx, yoga, MONDAY, SUNDAY) == 14
    assert generate(tx, yoga, MONDAY, SUNDAY) == 0
    tx.execute(
        "delete from public.event_schedules where event_definition_id = %s and schedule_date = %s",
        (yoga, MONDAY),
    )
    assert generate(tx, yoga, MONDAY, SUNDAY + timedelta(days=1)) == 2
    assert_sound(tx)


def test_what_is_there_stays_as_it_is(tx: psycopg.Connection) -> None:
    yoga = define(tx)
    cancelled = schedule(tx, yoga, schedule_date=MONDAY, status="cancelled", max_tickets=3)
    change(tx, "event_definitions", yoga, max_tickets=40)
    assert generate(tx, yoga, MONDAY, MONDAY) == 0
    assert row(tx, "select status, max_tickets from public.event_schedules where id = %s", cancelled) == (
        "cancelled",
        3,
    )


def test_an_occurrence_takes_capacity_price_and_times_from_its_event(tx: psycopg.Connection) -> None:
    yoga = define(tx, max_tickets=7, default_ticket_price="12.50", default_end_time="08:15")
    generate(tx, yoga, MONDAY, MONDAY)
    made = row(tx, "select * from public.event_schedules where event_definition_id = %s", yoga)
    assert (made.max_tickets, made.tickets_sold, made.tickets_available) == (7, 0, 7)
    assert (made.ticket_price, made.status, made.is_blocked) == (Decimal("12.50"), "scheduled", False)
    assert (made.start_time, made.end_time) == (time(7), time(8, 15))
    assert made.start_datetime == datetime(2030, 1, 7, 7)
    assert made.end_datetime == datetime(2030, 1, 7, 8, 15)
    assert made.booking_id is None


def test_a_generated_occurrence_can_be_sold(tx: psycopg.Connection) -> None:
    yoga = define(tx, max_tickets=2)
    generate(tx, yoga, MONDAY, MONDAY)
    made = value(tx, "select id from public.event_schedules where event_definition_id = %s", yoga)
    assert reserve(tx, made, 2).quantity == 2
    with expect_error(tx, "PT409", "sold_out", available=0, requested=1):
        reserve(tx, made)


def test_generation_is_one_insert_statement(tx: psycopg.Connection) -> None:
    tx.execute(
        """
        create temporary table statements (n int) on commit drop;
        create function pg_temp.note_statement() returns trigger language plpgsql as $$
        begin
            insert into pg_temp.statements select count(*) from new_rows;
            return null;
        end $$;
        create trigger note_statement after insert on public.event_schedules
        referencing new table as new_rows for each statement execute function pg_temp.note_statement();
        """
    )
    yoga = define(tx)
    assert generate(tx, yoga, MONDAY, SUNDAY) == 14
    assert rows(tx, "select n from statements") == [(14,)]


def test_the_preview_is_what_generation_then_inserts(tx: psycopg.Connection) -> None:
    yoga = define(tx, recurrence_type="weekly", recurrence_days="1,6", timezone="Europe/Paris")
    generate(tx, yoga, MONDAY, MONDAY)
    query = """
        select schedule_date, start_time, end_time, starts_at, ends_at
        from public.{} order by schedule_date
    """
    arguments = (yoga, MONDAY, SUNDAY)
    preview = rows(tx, "select * from public.preview_recurring_schedules(%s, %s, %s)", *arguments)
    assert [seen.already_exists for seen in preview] == [True, False, False, False]
    assert generate(tx, yoga, MONDAY, SUNDAY) == 3
    made = rows(tx, query.format("event_schedules where event_definition_id = %s"), yoga)
    assert [seen[:5] for seen in preview] == made
    again = rows(tx, "select * from public.preview_recurring_schedules(%s, %s, %s)", *arguments)
    assert all(seen.already_exists for seen in again)
    assert len(again) == 4


def test_the_preview_writes_nothing(tx: psycopg.Connection) -> None:
    yoga = define(tx)
    with tx.transaction(force_rollback=True):
        tx.execute("set transaction read only")
        assert call(tx, "preview_recurring_schedules", yoga, MONDAY, SUNDAY) is not None
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), tx.transaction():
            generate(tx, yoga, MONDAY, SUNDAY)
    assert dates(tx, yoga) == []
    volatility = "select provolatile::text from pg_proc where proname = 'preview_recurring_schedules'"
    assert value(tx, volatility) == "s"


@pytest.mark.parametrize(
    ("times", "changes", "conflicts"),
    [
        (("07:30", "09:00"), {}, True),
        (("06:00", "07:01"), {}, True),
        (("06:00", "07:00"), {}, False),
        (("08:00", "09:00"), {}, False),
        (("23:00", "07:30"), {"schedule_date": MONDAY - timedelta(days=1)}, True),
        (("07:30", "09:00"), {"status": "cancelled"}, False),
        (("07:30", "09:00"), {"schedule_date": MONDAY + timedelta(days=1)}, False),
    ],
)
def test_the_preview_names_another_event_in_the_same_space(
    tx: psycopg.Connection, times: tuple[str, str], changes: dict, conflicts: bool
) -> None:
    space = insert(tx, "spaces", name="Studio")
    yoga = define(tx, space_id=space)
    other = define(tx, space_id=space, event_code="zumba-other")
    columns = {"schedule_date": MONDAY, "start_time": times[0], "end_time": times[1], **changes}
    schedule(tx, other, **columns)
    told = call(tx, "preview_recurring_schedules", yoga, MONDAY, MONDAY).conflict
    assert (told is not None) == conflicts
    if conflicts:
        assert "zumba-other" in told


def test_an_occurrence_moved_to_another_space_does_not_conflict(tx: psycopg.Connection) -> None:
    studio, hall = insert(tx, "spaces", name="Studio"), insert(tx, "spaces", name="Hall")
    yoga = define(tx, space_id=studio)
    moved = schedule(tx, define(tx, space_id=studio), schedule_date=MONDAY, space_id=hall)
    assert call(tx, "preview_recurring_schedules", yoga, MONDAY, MONDAY).conflict is None
    change(tx, "event_schedules", moved, space_id=studio)
    assert call(tx, "preview_recurring_schedules", yoga, MONDAY, MONDAY).conflict is not None
