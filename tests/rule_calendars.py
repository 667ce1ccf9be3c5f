"""An event as a calendar, as icalendar and dateutil read it, and as it comes in again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

import psycopg
from dateutil.rrule import rruleset, rrulestr
from factories import call, define, rows
from icalendar import Calendar, Event

from ticketdb import TicketDB
from ticketdb.cli._icalendar import read_events

Spans = list[tuple[datetime, datetime]]
OCCURRENCES = "select * from ticketdb.definition_occurrences(%s, %s, %s) order by 1, 2"
HOUR = timedelta(hours=1)


def export(tx: psycopg.Connection, event: int) -> str:
    return call(tx, "definition_ics", event)[0]


def vevent(text: str) -> Event:
    (seen,) = Calendar.from_ical(text).walk("VEVENT")
    assert not seen.errors
    return seen


def listed(seen: Event, name: str) -> list[Any]:
    found = seen.get(name, [])
    return [day.dt for days in (found if isinstance(found, list) else [found]) for day in days.dts]


def theirs(text: str, first: date, last: date) -> Spans:
    """What dateutil makes of a calendar in a period: local starts and ends."""
    seen = vevent(text)
    start, length = seen["DTSTART"].dt, seen["DURATION"].dt
    lengths = {}
    dates = rruleset()
    dates.rrule(rrulestr(seen["RRULE"].to_ical().decode(), dtstart=start))
    for day in listed(seen, "EXDATE"):
        dates.exdate(day)
    for day in listed(seen, "RDATE"):
        begins = day[0] if isinstance(day, tuple) else day
        dates.rdate(begins)
        if isinstance(day, tuple):
            lengths[begins] = day[1]
    found = takewhile(lambda at: at.date() <= last, dates)
    # on the clock, as ours
    local = [(at.replace(tzinfo=None), lengths.get(at, length)) for at in found if at.date() >= first]
    return [(at, at + lasts) for at, lasts in local]


def ours(tx: psycopg.Connection, event: int, first: date, last: date) -> Spans:
    found = []
    for one in rows(tx, OCCURRENCES, event, first, last):
        start = datetime.combine(one.schedule_date, one.start_time)
        end = datetime.combine(one.schedule_date, one.end_time)
        days = timedelta(days=one.extra_days + (end <= start))
        found.append((start, end + days))
    return found


def bring_in(tx: psycopg.Connection, text: str, uid: str | None = None, **columns: Any) -> Any:
    """Imports a calendar of one event, under another UID if one is given."""
    (event,) = read_events(text.encode(), "test.ics")
    if uid is not None:
        event["uid"] = uid
    return TicketDB(tx).import_event(event | columns)


def recurring(tx: psycopg.Connection, rule: str, start: datetime, **columns: Any) -> int:
    return define(
        tx,
        recurrence_type="rrule",
        rrule=rule,
        recurrence_starts_on=start.date(),
        default_start_time=start.time(),
        default_end_time=(start + HOUR).time(),
        **columns,
    )
