"""Files as the world writes them: other names of zones, lines folded anywhere, and nothing guessed."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from factories import rows, value
from test_calendar_import import FAR_AWAY, LONG_AGO

from ticketdb import TicketDB
from ticketdb.cli._failure import CommandError
from ticketdb.cli._icalendar import read_events

BEGIN = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
END = "END:VCALENDAR\r\n"
# as Outlook describes the zone of Berlin
DESCRIBED = """\
BEGIN:VTIMEZONE
TZID:{}
{}BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def event(*lines: str, uid: str = "1") -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:Jazz", *lines, "END:VEVENT", ""))


def read(text: str | bytes) -> list[dict[str, Any]]:
    data = text if isinstance(text, bytes) else text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    return read_events(data, "file.ics")


def take_in(tx: psycopg.Connection, *parts: str) -> list[str]:
    """What takes place of the one event of a file, at local times; said again, it is the same."""
    (seen,) = read(BEGIN + "".join(parts) + END)
    made = TicketDB(tx).import_event({"event_category": "other"} | seen)
    assert TicketDB(tx).import_event(seen).result == "unchanged"
    found = rows(
        tx,
        "select * from ticketdb.definition_occurrences(%s, %s, %s) order by 1, 2",
        made.event_definition_id,
        LONG_AGO,
        FAR_AWAY,
    )
    return [f"{o.schedule_date:%m-%d} {o.start_time:%H:%M}-{o.end_time:%H:%M}" for o in found]


@pytest.mark.parametrize(
    ("named", "zone"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        # whatever the file says of it
        ("Eastern Standard Time", "America/New_York"),
        ("India Standard Time", "Asia/Kolkata"),
        ("UTC", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20050126_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        # a name that was given up, and is one for ever
        ("Asia/Calcutta", "Asia/Calcutta"),
    ],
)
def test_zone_is_known_by_the_names_that_programs_give_it(
    tx: psycopg.Connection, named: str, zone: str
) -> None:
    quoted = f'"{named}"' if ":" in named else named
    times = (f"DTSTART;TZID={quoted}:20310314T193000", f"DTEND;TZID={quoted}:20310314T220000")
    assert take_in(tx, DESCRIBED.format(named, ""), event(*times)) == ["03-14 19:30-22:00"]
    assert value(tx, "select timezone from event_definitions") == zone


def test_zone_that_only_the_file_describes_is_known_by_the_place_that_it_names(
    tx: psycopg.Connection,
) -> None:
    lines = event(
        "DTSTART;TZID=Home:20310314T193000", "EXDATE;TZID=Home:20310321T193000", "RRULE:FREQ=WEEKLY;COUNT=3"
    )
    placed = DESCRIBED.format("Home", "X-LIC-LOCATION:Europe/Berlin\n")
    assert take_in(tx, placed, lines) == ["03-14 19:30-20:30", "03-28 19:30-20:30"]
    assert value(tx, "select timezone from event_definitions") == "Europe/Berlin"
    (unknown,) = read(BEGIN + DESCRIBED.format("Home", "") + lines + END)
    assert unknown["timezone"] == "Home"


def test_zone_of_the_calendar_has_outlooks_names_too() -> None:
    text = BEGIN + "X-WR-TIMEZONE:W. Europe Standard Time\n" + event("DTSTART:20310314T193000") + END
    assert read(text)[0]["calendar_timezone"] == "Europe/Berlin"


def test_line_is_unfolded_within_a_character_and_at_any_line_break() -> None:
    text = (BEGIN + event("DTSTART:20310303T070000Z") + END).replace("Jazz", "Frühstück €")
    folded = text.encode().replace(b"\xc3", b"\xc3\r\n ").replace(b"\xe2\x82", b"\xe2\r\n\t\x82\r\n ")
    for data in (
        folded,
        folded.replace(b"\r\n", b"\n"),
        folded.replace(b"\r\n", b"\r"),
        b"\xef\xbb\xbf" + folded,
    ):
        assert [seen["title"] for seen in read(data)] == ["Frühstück €"]


def test_control_characters_are_left_out(tx: psycopg.Connection) -> None:
    take_in(tx, event("DTSTART:20310303T070000Z", "DESCRIPTION:a\x00b\x07\\nc"))
    assert value(tx, "select description from event_definitions") == "ab\nc"


def test_dates_are_left_out_and_added_in_whatever_zone_they_are_given(tx: psycopg.Connection) -> None:
    assert take_in(
        tx,
        event(
            "DTSTART;TZID=Europe/Paris:20310303T190000",
            "DTEND;TZID=America/New_York:20310303T143000",
            "RRULE:FREQ=WEEKLY;UNTIL=20310414",
            "EXDATE;TZID=Europe/Paris:20310310T190000,20310317T190000",
            "EXDATE;TZID=America/New_York:20310324T140000",
            "EXDATE;VALUE=DATE:20310331",
            "EXDATE:20310407T170000Z",
            "RDATE;TZID=Europe/Paris;VALUE=PERIOD:20310305T100000/PT2H,20310306T100000/20310306T133000",
            "RDATE;TZID=America/New_York:20310307T140000",
        ),
    ) == [
        "03-03 19:00-20:30",
        "03-05 10:00-12:00",
        "03-06 10:00-13:30",
        "03-07 20:00-21:30",
        "04-14 19:00-20:30",
    ]


def test_occurrence_is_changed_where_it_was_whatever_comes_first_and_says_so_how(
    tx: psycopg.Connection,
) -> None:
    def instead(of: str, *lines: str) -> str:
        return event(f"RECURRENCE-ID{of}", *lines)

    assert take_in(
        tx,
        instead(":20310317T180000Z", "DTSTART;TZID=America/New_York:20310317T150000", "DURATION:PT2H"),
        event("DTSTART;TZID=Europe/Paris:20310303T190000", "RRULE:FREQ=WEEKLY;COUNT=5"),
        # by its date alone
        instead(";VALUE=DATE:20310310", "DTSTART;TZID=Europe/Paris:20310311T210000"),
        instead(";TZID=Europe/Paris:20310324T190000", "DTSTART:20310324T180000Z", "STATUS:CANCELLED"),
    ) == ["03-03 19:00-20:00", "03-11 21:00-22:00", "03-17 20:00-22:00", "03-31 19:00-20:00"]


def test_occurrence_in_an_hour_that_a_clock_change_leaves_out_is_found(tx: psycopg.Connection) -> None:
    assert take_in(
        tx,
        event("DTSTART;TZID=Europe/Paris:20310329T023000", "RRULE:FREQ=DAILY;COUNT=3"),
        event("RECURRENCE-ID;TZID=Europe/Paris:20310330T023000", "DTSTART;TZID=Europe/Paris:20310330T113000"),
    ) == ["03-29 02:30-03:30", "03-30 11:30-12:30", "03-31 02:30-03:30"]


def test_date_that_ends_as_it_begins_is_that_day(tx: psycopg.Connection) -> None:
    lines = event("DTSTART;VALUE=DATE:20310303", "DTEND;VALUE=DATE:20310303")
    assert take_in(tx, lines) == ["03-03 00:00-00:00"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (event("DTSTART:20310303T070000Z").replace("Jazz", "Fr\xfch").encode("latin1"), "UTF-8"),
        (event("DTSTART:20310303T070000Z", "RRULE:FREQ=DAILY;COUNT=2;COUNT=3"), "COUNT"),
        (event("DTSTART:20310303T070000Z", "DTEND:20310303T080000Z", "DTEND:20310303T090000Z"), "DTEND"),
        (event("DTSTART:20310303T070000Z", "SUMMARY:Other"), "SUMMARY"),
        (event("DTSTART:20310303T070000Z", "DURATION:P99999999999W"), "DURATION"),
        (event("DTSTART:20310303T070000Z").replace("UID:1\r\n", ""), "UID"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused_by_name(text: str | bytes, named: str) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(CommandError) as refused:
        read(BEGIN.encode() + data + END.encode())
    assert named in refused.value.message + (refused.value.hint or "")
    assert refused.value.hint
