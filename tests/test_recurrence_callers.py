"""Recurrence rules over HTTP, from Python and on the command line."""

from __future__ import annotations

from datetime import date, datetime

import psycopg
import pytest
from factories import define, schedule
from house import House
from postgrest import assert_refused
from typer.testing import CliRunner, Result

from ticketdb import TicketDB
from ticketdb.cli import app
from ticketdb.errors import InvalidRecurrence

RULE = "FREQ=MONTHLY;BYDAY=2TU;BYHOUR=19;BYMINUTE=0"
WORDS = "every second Tuesday of the month at 19:00"
EXPANSION = {
    "p_rrule": RULE,
    "p_dtstart": "2027-01-01T09:00:00",
    "p_from": "2027-01-01",
    "p_to": "2027-02-28",
}


def test_a_rule_over_http(house: House) -> None:
    assert house.visitor().post("/rpc/describe_rrule", {"p_rrule": RULE}).body == WORDS
    answer = house.admin().post("/rpc/expand_rrule", EXPANSION)
    assert answer.body == ["2027-01-12T19:00:00", "2027-02-09T19:00:00"]
    assert house.visitor().post("/rpc/expand_rrule", EXPANSION).status == 401
    refused = house.admin().post("/rpc/expand_rrule", EXPANSION | {"p_rrule": "FREQ=NEVER"})
    assert_refused(refused, 400, "invalid_recurrence")


def test_an_event_with_a_rule_is_posted_and_generated_over_http(house: House) -> None:
    admin = house.admin()
    event = {
        "event_code": "jazz",
        "title": "Jazz",
        "event_category": "live-show",
        "event_type": "concert",
        "recurrence_type": "rrule",
        "rrule": "byday=2tu;freq=monthly",
        "recurrence_starts_on": "2031-01-01",
        "default_start_time": "19:00",
    }
    made = admin.post("/event_definitions", event, Prefer="return=representation")
    assert (made.status, made.body[0]["rrule"]) == (201, "FREQ=MONTHLY;BYDAY=2TU")
    period = {"p_start_date": "2031-01-01", "p_end_date": "2031-03-31"}
    ask = {"p_event_definition_id": made.body[0]["id"], **period}
    assert admin.post("/rpc/generate_recurring_schedules", ask).body == 3
    wrong = admin.post("/event_definitions", event | {"event_code": "rock", "rrule": "FREQ=DAILY;BYDAY=2TU"})
    assert_refused(wrong, 400, "invalid_recurrence")


def test_a_rule_from_python(db: str) -> None:
    january = datetime(2027, 1, 1, 9)
    with TicketDB(db) as client:
        assert client.describe_rrule(RULE) == WORDS
        starts = client.expand_rrule(RULE, january, january, datetime(2027, 2, 28))
        assert starts == [datetime(2027, 1, 12, 19), datetime(2027, 2, 9, 19)]
        with pytest.raises(InvalidRecurrence) as refused:
            client.expand_rrule("FREQ=DAILY;COUNT=0", january, january, january)
        assert refused.value.detail["part"] == "COUNT=0"
        assert client.list_moved_schedules() == []
        assert client.move_unsold_schedules() == 0


def preview(db: str, *arguments: str) -> Result:
    period = ("--from", "2027-01-01", "--to", "2027-02-28")
    return CliRunner().invoke(app, ["generate", "jazz", *period, "--preview", "--dsn", db, *arguments])


def test_the_preview_is_a_calendar(db: str) -> None:
    with psycopg.connect(db, autocommit=True) as shop:
        event = define(
            shop,
            event_code="jazz",
            recurrence_type="rrule",
            rrule="FREQ=MONTHLY;BYDAY=2TU;BYHOUR=11,19",
            recurrence_starts_on="2027-01-01",
        )
        schedule(shop, event, schedule_date=date(2027, 1, 12), start_time="11:00", end_time="12:00")
    shown = preview(db)
    assert shown.exit_code == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert [line.strip() for line in lines if "2027" in line] == ["January 2027", "February 2027"]
    # Monday comes first, and Tuesday the 12th has two shows under it, of which one is there
    (week,) = (number for number, line in enumerate(lines) if "11" in line and "12" in line and "17" in line)
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines[week : week + 3]]
    assert [line[1] for line in cells] == ["12", "11:00 =", "19:00"]
    assert "4 occurrences, 1 of them" in shown.stderr
    assert '"already_exists": true' in preview(db, "--json").stdout
