"""Spaces and who is in them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import psycopg
from factories import book, expect_error, rows

DAY = date(2031, 3, 3)


def hire(tx: psycopg.Connection, space: int, start: str, end: str, **columns: Any) -> int:
    """A booking of a space on DAY, as the application makes it."""
    times = {"start_datetime": f"{DAY} {start}", "end_datetime": f"{DAY} {end}"}
    return book(tx, None, **{"space_id": space, **times, **columns})


def conflict(tx: psycopg.Connection, **detail: Any) -> AbstractContextManager[None]:
    """What is done inside must be refused, for the space is taken."""
    return expect_error(tx, "PT409", "slot_conflict", **detail)


def occupied(tx: psycopg.Connection, space: int) -> list[Any]:
    """Who has a space when."""
    return rows(tx, "select * from public.v_space_calendar where space_id = %s order by starts_at", space)


def overlaps(tx: psycopg.Connection) -> list[tuple[str, str]]:
    """The references of each pair that has a space at the same time."""
    found = rows(tx, "select reference, other_reference from public.v_space_conflicts")
    return sorted((min(one), max(one)) for one in found)
