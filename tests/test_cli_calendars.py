"""ics --rule and import-ics from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from icalendar import Calendar
from typer.testing import CliRunner, Result

from ticketdb import TicketDB
from ticketdb.cli import app

GOOGLE = Path(__file__).parent / "calendars" / "google.ics"


@pytest.fixture(autouse=True)
def house(db: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TICKETDB_DSN", db)
    monkeypatch.delenv("COLUMNS", raising=False)
    return db


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def events(dsn: str) -> int:
    with TicketDB(dsn) as db:
        return db.connection.execute("select count(*) from event_definitions").fetchone()[0]


def test_calendar_comes_in_once_and_goes_out_as_a_rule(house: str, tmp_path: Path) -> None:
    tried = run("import-ics", str(GOOGLE), "--category", "wellness", "--type", "yoga", "--dry-run", "--json")
    assert [event["result"] for event in json.loads(tried.stdout)] == ["created", "created"]
    assert events(house) == 0
    done = run("import-ics", str(GOOGLE), "--category", "wellness", "--type", "yoga", "--json")
    assert [event["event_code"] for event in json.loads(done.stdout)] == ["morning-yoga", "open-evening"]
    assert "drafts" in done.stderr
    again = run("import-ics", str(GOOGLE), "--json")
    assert [event["result"] for event in json.loads(again.stdout)] == ["unchanged", "unchanged"]
    assert events(house) == 2
    file = tmp_path / "rule.ics"
    assert run("ics", "morning-yoga", "--rule", "--output", str(file)).exit_code == 0
    (event,) = Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    assert event["UID"] == "4k2j1h0g9f8e7d6c@google.com"
    assert run("import-ics", str(file)).exit_code == 0
    assert run("ics", "morning-yoga", "--rule", "--from", "2031-01-01").exit_code == 2
    assert run("ics", "--space", "1", "--rule").exit_code == 2


def test_one_event_that_is_refused_keeps_the_whole_file_out(house: str, tmp_path: Path) -> None:
    file = tmp_path / "two.ics"
    text = GOOGLE.read_text().replace("WKST=SU;UNTIL", "WKST=SU;COUNT=3;UNTIL")
    file.write_text(text)
    refused = run("import-ics", str(file), "--category", "wellness")
    assert refused.exit_code == 1
    assert "Morning Yoga" in refused.stderr
    assert events(house) == 0
    assert run("import-ics", str(GOOGLE)).exit_code == 1
    assert run("import-ics", str(tmp_path / "none.ics")).exit_code == 2


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    refused = run("import-ics", str(GOOGLE))
    assert refused.exit_code == 1
    assert "ticketdb[calendars]" in refused.stderr
