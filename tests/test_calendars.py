"""Schedules as iCalendar: read by a library, in zones with every kind of clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from factories import NEXT_WEEK, call, change, define, expect_error, insert, row, rows, schedule, sell, value
from icalendar import Calendar, Component
from roles import acting

from ticketdb import TicketDB

pytestmark = pytest.mark.usefixtures("sound")

ZONES = [
    "Asia/Kolkata", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
    "America/St_Johns", "Pacific/Chatham", "UTC",
]  # fmt: skip


def ics(tx: psycopg.Connection, event: int | None = None, **named: Any) -> str:
    named = {"event_definition_id": event, **named}
    return call(tx, "schedules_ics", **named)[0]


def read(text: str) -> Calendar:
    calendar = Calendar.from_ical(text)
    assert not calendar.errors
    assert all(not part.errors for part in calendar.walk())
    return calendar


def events(text: str) -> list[Component]:
    return list(read(text).walk("VEVENT"))


def instants(event: Component, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Start and end as a reader with that zone's rules understands them."""
    start, end = (event[name].dt.replace(tzinfo=zone) for name in ("DTSTART", "DTEND"))
    return start.astimezone(UTC), end.astimezone(UTC)


def offset_by_calendar(zone: Component, local: datetime) -> timedelta:
    """What the calendar's own VTIMEZONE says of a local time: the newest part that began by then."""
    begun = [part for part in zone.subcomponents if part["DTSTART"].dt <= local]
    newest = max(begun, key=lambda part: part["DTSTART"].dt)
    return newest["TZOFFSETTO"].td


@pytest.mark.parametrize("zone", ZONES)
def test_instants_are_right_across_clock_changes(tx: psycopg.Connection, zone: str) -> None:
    # at 02:30 clocks are put forward, or back, in most of these
    event = define(tx, timezone=zone, default_start_time="02:30", default_end_time="04:00")
    first, last = date(2031, 1, 1), date(2032, 3, 31)
    call(tx, "generate_recurring_schedules", event, first, last)
    expected = rows(
        tx,
        """
        select s.starts_at, s.ends_at from public.event_schedules as s
        where s.event_definition_id = %s
        order by s.starts_at
        """,
        event,
    )
    calendar = read(ics(tx, event, from_date=first, to_date=last))
    (described,) = calendar.walk("VTIMEZONE")
    assert described["TZID"] == zone
    listed = list(calendar.walk("VEVENT"))
    assert len(listed) == len(expected) == 456
    for seen, (starts_at, ends_at) in zip(listed, expected, strict=True):
        assert seen["DTSTART"].params["TZID"] == zone
        assert instants(seen, ZoneInfo(zone)) == (starts_at, ends_at)
        for name, instant in (("DTSTART", starts_at), ("DTEND", ends_at)):
            local = seen[name].dt.replace(tzinfo=None)
            assert local - offset_by_calendar(described, local) == instant.replace(tzinfo=None) or (
                twice(local, ZoneInfo(zone))
            )


def twice(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock shows this time twice: then a reader must know that the first is meant."""
    return local.replace(tzinfo=zone).utcoffset() != local.replace(tzinfo=zone, fold=1).utcoffset()


@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_is_described_as_its_rules_have_it(tx: psycopg.Connection, zone: str) -> None:
    text = value(tx, "select ticketdb.ics_zone(%s, '2031-01-15 00:00Z', '2034-01-15 00:00Z')", zone)
    described = Component.from_ical(text)
    rules = ZoneInfo(zone)
    changes = []
    moment = datetime(2031, 1, 15, tzinfo=UTC)
    while moment < datetime(2034, 1, 15, tzinfo=UTC):
        later = moment + timedelta(minutes=30)
        before, after = (m.astimezone(rules).utcoffset() for m in (moment, later))
        if before != after:
            changes.append((before, after, (later + before).replace(tzinfo=None)))
        moment = later
    _, *parts = described.subcomponents
    assert [(p["TZOFFSETFROM"].td, p["TZOFFSETTO"].td, p["DTSTART"].dt) for p in parts] == changes
    assert [part.name == "DAYLIGHT" for part in parts] == [after > before for before, after, _ in changes]


# -- what a calendar program relies on


def test_moved_occurrence_keeps_its_uid_and_its_sequence_rises(tx: psycopg.Connection) -> None:
    event = define(tx)
    class_, other = schedule(tx, event), schedule(tx, event, start_time="09:00", end_time="10:00")
    # calendars have seconds: as if it had been made a while ago
    ago = datetime.now(UTC) - timedelta(hours=1)
    for made in (class_, other):
        change(tx, "event_schedules", made, created_at=ago)
    before = {event["UID"]: event for event in events(ics(tx, event))}
    change(tx, "event_schedules", class_, schedule_date=NEXT_WEEK + timedelta(days=1), start_time="06:00")
    after = {event["UID"]: event for event in events(ics(tx, event))}
    assert before.keys() == after.keys()
    (moved,) = (uid for uid in before if uid.startswith(f"{class_}-"))
    (kept,) = (uid for uid in before if uid.startswith(f"{other}-"))
    assert after[moved]["DTSTART"].dt != before[moved]["DTSTART"].dt
    assert (before[moved]["SEQUENCE"], after[moved]["SEQUENCE"]) == (0, 1)
    assert after[moved]["LAST-MODIFIED"].dt > before[moved]["LAST-MODIFIED"].dt
    assert after[kept] == before[kept]


def test_sale_is_no_change(tx: psycopg.Connection) -> None:
    event = define(tx)
    class_ = schedule(tx, event)
    before = ics(tx, event)
    sell(tx, class_, 2)
    assert ics(tx, event) == before


@pytest.mark.parametrize(
    ("table", "columns", "counts"),
    [
        ("event_schedules", {"start_time": "06:00"}, True),
        ("event_schedules", {"end_time": "09:00"}, True),
        ("event_schedules", {"status": "cancelled"}, True),
        ("event_schedules", {"status": "completed"}, False),
        ("event_schedules", {"start_time": "07:00"}, False),
        ("event_schedules", {"max_tickets": 9}, False),
        ("event_definitions", {"title": "Zumba"}, True),
        ("event_definitions", {"description": "New"}, True),
        ("event_definitions", {"max_tickets": 9}, False),
        ("event_definitions", {"default_ticket_price": 9}, False),
    ],
)
def test_sequence_rises_with_what_calendars_show_alone(
    tx: psycopg.Connection, table: str, columns: dict[str, Any], counts: bool
) -> None:
    event = define(tx)
    class_ = schedule(tx, event)
    change(tx, table, class_ if table == "event_schedules" else event, **columns)
    (seen,) = events(ics(tx, event))
    assert seen["SEQUENCE"] == int(counts)


def test_new_time_zone_of_an_event_moves_what_is_to_come(tx: psycopg.Connection) -> None:
    event = define(tx)
    schedule(tx, event)
    change(tx, "event_definitions", event, timezone="Europe/Paris")
    (seen,) = events(ics(tx, event))
    assert seen["DTSTART"].params["TZID"] == "Europe/Paris"
    assert seen["SEQUENCE"] >= 1


def test_cancelled_occurrence_says_so(tx: psycopg.Connection) -> None:
    event = define(tx)
    schedule(tx, event, status="cancelled")
    schedule(tx, event, start_time="09:00", end_time="10:00")
    assert [seen["STATUS"] for seen in events(ics(tx, event))] == ["CANCELLED", "CONFIRMED"]


def test_text_comes_back_as_it_was(tx: psycopg.Connection) -> None:
    title = "Yoga; früh, am \\Strand\\n 🏖"
    description = "Zeile 1\nZeile 2, mit Komma; und: Doppelpunkt\n" + "sehr lang und 🧘🏽‍♀️ " * 40
    venue = insert(tx, "venues", name="Mühle, alt", address="Gasse 7\n12345 Ort")
    space = insert(tx, "spaces", name="Saal; oben", venue_id=venue)
    event = define(tx, title=title, description=description, venue_id=venue, space_id=space)
    schedule(tx, event)
    text = ics(tx, event)
    (seen,) = events(text)
    assert (seen["SUMMARY"], seen["DESCRIPTION"]) == (title, description)
    assert seen["LOCATION"] == "Saal; oben, Mühle, alt, Gasse 7\n12345 Ort"


def test_lines_are_folded_between_characters_and_end_as_the_format_says(tx: psycopg.Connection) -> None:
    event = define(tx, title="ж" * 200, description="🏖" * 300 + "a" * 500)
    schedule(tx, event)
    lines = ics(tx, event).encode().split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert max(map(len, lines)) == 75
    for line in lines:
        line.decode()


@pytest.mark.parametrize("length", [74, 75, 76, 149, 150, 400])
def test_folded_line_is_the_line(tx: psycopg.Connection, length: int) -> None:
    line = "x" * length
    folded = value(tx, "select ticketdb.ics_fold(%s)", line)
    assert folded.endswith("\r\n")
    assert folded[:-2].replace("\r\n ", "") == line
    assert folded.count("\r\n") == 1 + (length - 2) // 74 if length > 75 else folded == line + "\r\n"


def test_control_characters_do_not_break_a_calendar(tx: psycopg.Connection) -> None:
    event = define(tx, title="a\x07b\r\nBEGIN:VALARM\rc")
    schedule(tx, event)
    (seen,) = events(ics(tx, event))
    assert seen["SUMMARY"] == "ab\nBEGIN:VALARM\nc"
    assert not seen.subcomponents


# -- which occurrences


def test_calendar_of_a_space_has_all_events_there_and_no_other(tx: psycopg.Connection) -> None:
    hall, studio = (insert(tx, "spaces", name=name) for name in ("Hall", "Studio"))
    yoga = define(tx, title="Yoga", space_id=hall)
    show = define(tx, title="Show", space_id=studio, timezone="Europe/Paris")
    schedule(tx, yoga)
    schedule(tx, show, start_time="09:00", end_time="10:00", space_id=hall)
    schedule(tx, show)
    schedule(tx, yoga, space_id=studio, start_time="15:00", end_time="16:00")
    schedule(tx, yoga, is_blocked=True, start_time="17:00", end_time="18:00")
    calendar = read(ics(tx, space_id=hall))
    assert {seen["SUMMARY"] for seen in calendar.walk("VEVENT")} == {"Yoga", "Show"}
    assert len(list(calendar.walk("VEVENT"))) == 2
    assert {zone["TZID"] for zone in calendar.walk("VTIMEZONE")} == {"Asia/Kolkata", "Europe/Paris"}
    assert calendar["X-WR-CALNAME"] == "Hall"


def test_period_is_of_local_dates_with_both_ends(tx: psycopg.Connection) -> None:
    event = define(tx, timezone="Asia/Kolkata", default_start_time="00:15")
    call(tx, "generate_recurring_schedules", event, "2031-03-01", "2031-03-10")
    text = ics(tx, event, from_date=date(2031, 3, 3), to_date=date(2031, 3, 5))
    assert [seen["DTSTART"].dt.day for seen in events(text)] == [3, 4, 5]


def test_without_a_period_it_goes_from_last_month_to_next_year(tx: psycopg.Connection) -> None:
    today = datetime.now(UTC).date()
    event = define(tx, timezone="UTC")
    for days in (-40, -20, 0, 300, 400):
        schedule(tx, event, schedule_date=today + timedelta(days=days))
    assert len(events(ics(tx, event))) == 3


def test_empty_calendar_is_still_one(tx: psycopg.Connection) -> None:
    calendar = read(ics(tx, define(tx)))
    assert [part.name for part in calendar.subcomponents] == ["VTIMEZONE"]
    assert read(ics(tx, space_id=insert(tx, "spaces", name="Hall"))).subcomponents


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"event_definition_id": 1, "space_id": 1},
        {"space_id": 1, "from_date": date(2031, 3, 2), "to_date": date(2031, 3, 1)},
        {"space_id": 1, "from_date": date(2031, 3, 2), "to_date": date(2042, 3, 1)},
        {"space_id": 1, "from_date": "-infinity"},
        {"space_id": 1, "to_date": "infinity"},
        # their years have four digits
        {"space_id": 1, "from_date": "5874897-12-31"},
        {"space_id": 1, "to_date": "5874897-12-31"},
        {"space_id": 1, "from_date": "0044-03-15 BC", "to_date": "0043-03-15 BC"},
        {"space_id": 1, "from_date": "9998-12-01", "to_date": "9999-01-01"},
    ],
)
def test_what_makes_no_calendar_is_refused(tx: psycopg.Connection, arguments: dict[str, Any]) -> None:
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "schedules_ics", **arguments)


@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
def test_space_that_does_not_exist_has_no_calendar(tx: psycopg.Connection, role: str) -> None:
    tx.execute("select ticketdb.create_roles(), ticketdb.grant_roles()")
    with acting(tx, role), expect_error(tx, "PT404", "space_not_found", space_id=2_000_000_000):
        ics(tx, space_id=2_000_000_000)


def test_visitor_has_the_calendar_of_what_is_public(tx: psycopg.Connection) -> None:
    tx.execute("select ticketdb.create_roles(), ticketdb.grant_roles()")
    space = insert(tx, "spaces", name="Hall")
    public = define(tx, title="Public", space_id=space)
    draft = define(tx, title="Draft", space_id=space, is_active=False)
    schedule(tx, public)
    schedule(tx, draft, start_time="09:00", end_time="10:00")
    with acting(tx, "anon"):
        assert [seen["SUMMARY"] for seen in events(ics(tx, space_id=space))] == ["Public"]
        assert [seen["LOCATION"] for seen in events(ics(tx, public))] == ["Hall"]
        for hidden in (draft, 2_000_000_000):
            with expect_error(tx, "PT404", "definition_not_found", event_definition_id=hidden):
                ics(tx, hidden)
    with acting(tx, "authenticated", app_metadata={"role": "admin"}):
        assert len(events(ics(tx, space_id=space))) == 2
        assert len(events(ics(tx, draft))) == 1


def test_calendar_is_the_same_whatever_zone_the_session_has(tx: psycopg.Connection) -> None:
    event, nothing = define(tx, timezone="Asia/Kolkata"), define(tx)
    # the day after the clock change in New York
    schedule(tx, event, schedule_date=date(2031, 3, 10), start_time="00:30", end_time="02:00")
    period = {"from_date": date(2031, 3, 1), "to_date": date(2031, 3, 31)}
    texts = set()
    for zone in ("Pacific/Apia", "America/New_York"):
        tx.execute("select set_config('TimeZone', %s, true)", (zone,))
        texts.add((ics(tx, event, **period), ics(tx, nothing, **period)))
    assert len(texts) == 1


def test_wrapper_returns_the_text(tx: psycopg.Connection) -> None:
    event = define(tx)
    schedule(tx, event)
    text = TicketDB(tx).schedules_ics(event, from_date=NEXT_WEEK, to_date=NEXT_WEEK)
    assert text == row(tx, "select public.schedules_ics(%s, null, %s, %s)", event, NEXT_WEEK, NEXT_WEEK)[0]
    assert len(events(text)) == 1
