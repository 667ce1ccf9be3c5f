"""Midnight as 24:00, which PostgreSQL writes and many clients cannot read; hours that clocks pass over."""

from __future__ import annotations

from datetime import time

import psycopg
import pytest
from factories import call, change, define, expect_error, insert, row, rows, schedule, value
from spaces import DAY

pytestmark = pytest.mark.usefixtures("sound")


def test_an_occurrence_that_ends_at_24_00_ends_at_midnight(tx: psycopg.Connection) -> None:
    event = define(tx)
    late = schedule(tx, event, start_time="22:00", end_time="24:00")
    moved = call(tx, "move_schedule", late, start_time="21:00", end_time="24:00")
    assert (moved.start_time, moved.end_time) == (time(21), time(0))
    assert (moved.ends_at - moved.starts_at).total_seconds() == 3 * 3600
    call(tx, "change_schedules", event, '{"end_time": "24:00", "start_time": "20:00"}', include_changed=True)
    found = row(tx, "select end_time, ends_at - starts_at as length from event_schedules where id = %s", late)
    assert (found.end_time, found.length.total_seconds()) == (time(0), 4 * 3600)


def test_no_occurrence_starts_at_24_00(tx: psycopg.Connection) -> None:
    event = define(tx)
    late = schedule(tx, event)
    with expect_error(tx, "PT400", "invalid_argument"):
        schedule(tx, event, start_time="24:00")
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "move_schedule", late, start_time="24:00")
    with expect_error(tx, "PT400", "invalid_argument", key="start_time"):
        call(tx, "change_schedules", event, '{"start_time": "24:00"}')
    with expect_error(tx, "PT400", "invalid_argument"):
        change(tx, "event_schedules", late, start_time="24:00")
    assert value(tx, "select start_time from event_schedules where id = %s", late) == time(7)


def test_a_slot_that_the_clocks_pass_over_is_not_free(tx: psycopg.Connection) -> None:
    hall = insert(tx, "spaces", name="Hall")
    name = value(tx, "select current_database()")
    tx.execute(f"alter database \"{name}\" set timezone = 'Europe/Berlin'")
    free = {
        day: [
            slot.slot_start.strftime("%H:%M")
            for slot in rows(
                tx, "select * from get_available_time_slots(%s, %s, 30, '01:00', '04:00')", hall, day
            )
            if slot.is_available
        ]
        for day in ("2031-03-30", str(DAY))
    }
    whole = ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]
    assert free == {"2031-03-30": [start for start in whole if start != "02:30"], str(DAY): whole}
