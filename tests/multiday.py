"""Occurrences that last for days."""

from __future__ import annotations

from typing import Any

import psycopg
from factories import define, row

FESTIVAL = {"start_time": "10:00", "end_time": "18:00", "extra_days": 2}


def weekly_festival(tx: psycopg.Connection, hall: int) -> int:
    """Every Friday from 10:00 until Sunday, 18:00."""
    return define(
        tx,
        event_code="festival",
        space_id=hall,
        timezone="UTC",
        recurrence_type="weekly",
        recurrence_days="5",
        default_start_time="10:00",
        default_end_time="18:00",
        default_extra_days=2,
    )


def times(tx: psycopg.Connection, schedule_id: int) -> Any:
    return row(
        tx,
        "select start_datetime, end_datetime, starts_at, ends_at from public.event_schedules where id = %s",
        schedule_id,
    )
