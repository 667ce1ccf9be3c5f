"""check-in, ticket and ics from the command line."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import zxingcpp
from icalendar import Calendar
from PIL import Image
from typer.testing import CliRunner, Result

from ticketdb import TicketDB
from ticketdb.cli import app

TOMORROW = datetime.now(UTC).date() + timedelta(days=1)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("TICKETDB_") and not name.startswith("TICKETDB_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def code(db: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The code of a ticket for tomorrow's class, in the database that the environment names."""
    monkeypatch.setenv("TICKETDB_DSN", db)
    with TicketDB(db) as client:
        client.connection.execute(
            """
            insert into public.event_definitions (
                event_code, title, event_category, event_type, recurrence_type, default_start_time, timezone
            ) values ('yoga', 'Yoga', 'wellness', 'yoga', 'daily', '07:00', 'Asia/Kolkata')
            """
        )
        client.generate_recurring_schedules(1, TOMORROW, TOMORROW)
        held = client.reserve_tickets(1, contact={"name": "Asha Rao"})
        return str(client.confirm_reservation(held.reservation_id, "pay_1").ticket_codes[0])


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=text)


def rows(*arguments: str, text: str | None = None, status: int = 0) -> list[dict[str, Any]]:
    result = run(*arguments, "--json", text=text)
    assert result.exit_code == status, result.stderr
    return json.loads(result.stdout)


# -- check-in


def test_ticket_is_let_in_once_and_the_status_says_so(code: str) -> None:
    (first,) = rows("check-in", code, "--gate", "north", "--schedule", "1")
    assert (first["result"], first["name"]) == ("admitted", "Asha Rao")
    (second,) = rows("check-in", code, status=1)
    assert (second["result"], second["first_scanned_at"]) == ("already_used", first["first_scanned_at"])
    assert rows("check-in", str(uuid4()), status=1)[0]["result"] == "unknown"


def test_scan_id_makes_a_repetition_harmless(code: str) -> None:
    scan = str(uuid4())
    assert rows("check-in", code, "--scan-id", scan) == rows("check-in", code, "--scan-id", scan)


@pytest.mark.parametrize("arguments", [["check-in"], ["check-in", "no-uuid"], ["ticket", "no-uuid"], ["ics"]])
@pytest.mark.usefixtures("code")
def test_what_names_nothing_is_wrong_usage(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_batch_comes_from_a_file_of_json_or_csv_or_from_stdin(code: str, tmp_path: Path) -> None:
    one, two = str(uuid4()), str(uuid4())
    scans = [
        {"ticket_code": code, "scan_id": one, "scanned_at": "2031-03-01T10:00:00Z", "gate": "north"},
        {"ticket_code": code, "scan_id": two, "scanned_at": "2031-03-01T10:05:00Z", "gate": "south"},
    ]
    as_json, as_csv = tmp_path / "scans.json", tmp_path / "scans.csv"
    as_json.write_text(json.dumps(scans))
    names = ["gate", "scanned_at", "scan_id", "ticket_code", "schedule_id"]
    as_csv.write_text(
        "\n".join([",".join(names), *(",".join(scan.get(name, "") for name in names) for scan in scans)])
    )
    told = rows("check-in", "--file", str(as_json))
    assert [(seen["line"], seen["result"], seen["conflict"]) for seen in told] == [
        (1, "admitted", False), (2, "already_used", True)
    ]  # fmt: skip
    assert rows("check-in", "--file", str(as_csv)) == told
    assert rows("check-in", "--file", "-", text=as_csv.read_text()) == told
    said = run("check-in", "--file", str(as_json))
    assert "1 admitted" in said.stderr
    assert "conflict" in said.stderr


def test_batch_of_any_size_is_sent_in_parts(code: str) -> None:
    scans = [{"ticket_code": code, "scan_id": str(uuid4()), "scanned_at": "2031-03-01T10:00:00Z"}] * 2
    scans += [{"ticket_code": "x", "scan_id": str(uuid4()), "scanned_at": "2031-03-01T10:00:00Z"}] * 2100
    told = rows("check-in", "--file", "-", text=json.dumps(scans))
    assert [seen["line"] for seen in told] == list(range(1, 2103))
    assert {seen["result"] for seen in told} == {"admitted", "unknown"}


@pytest.mark.usefixtures("code")
def test_file_that_is_no_list_of_scans_is_told() -> None:
    result = run("check-in", "--file", "-", text="[{")
    assert result.exit_code == 1
    assert "JSON" in result.stderr
    assert rows("check-in", "--file", "-", text="[7]")[0]["result"] == "invalid"


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize(
    "text",
    [
        '{"ticket_code": "x"}',
        '{"ticket_code": "x"}\n{"ticket_code": "y"}',
        "8626ad90-6954-4805-a776-dc40c3f6e334,5e0b7a0c-3a5e-4a55-9d0e-6f0d6a3f1c11,2031-03-01T10:00:00Z",
        f'ticket_code,scan_id\n"{"x" * 200000}",7',
        b"\xff\xfet",
    ],
    ids=["one object", "lines of objects", "no names", "a field without end", "not UTF-8"],
)
def test_file_of_which_a_scan_would_be_lost_is_told(text: str | bytes) -> None:
    result = CliRunner().invoke(app, ["check-in", "--file", "-"], input=text)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: the file is"), result.stderr


# -- ticket


def decoded(picture: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(picture)
    return found.text


def test_ticket_is_shown_with_a_code_that_a_scanner_reads(code: str, tmp_path: Path) -> None:
    png, svg = tmp_path / "ticket.png", tmp_path / "ticket.svg"
    (shown,) = rows("ticket", code, "--png", str(png), "--svg", str(svg))
    assert (shown["title"], shown["name"], shown["status"]) == ("Yoga", "Asha Rao", "valid")
    assert decoded(Image.open(BytesIO(png.read_bytes()))) == code
    assert svg.read_text().lstrip().startswith("<?xml")
    assert "Asha Rao" in run("ticket", code).stdout


@pytest.mark.parametrize("kind", ["--png", "--svg"])
def test_picture_that_cannot_be_written_is_named(code: str, tmp_path: Path, kind: str) -> None:
    result = run("ticket", code, kind, str(tmp_path / "missing" / "ticket"))
    assert result.exit_code == 1
    assert result.stderr.startswith("error: cannot write")


def test_code_that_is_drawn_in_the_terminal_can_be_scanned(code: str) -> None:
    drawn = [line for line in run("ticket", code, "--qr").stdout.splitlines() if set(line) & set("█▀▄")]
    drawn = [line for line in drawn if set(line) <= set("█▀▄ ")]
    # a block is light, as on a terminal with a dark ground; each character is two dots, one above the other
    picture = Image.new("L", (len(drawn[0]), 2 * len(drawn)), 0)
    for y, line in enumerate(drawn):
        for x, block in enumerate(line):
            picture.putpixel((x, 2 * y), 255 * (block in "█▀"))
            picture.putpixel((x, 2 * y + 1), 255 * (block in "█▄"))
    assert decoded(picture.resize((picture.width * 8, picture.height * 8), Image.Resampling.NEAREST)) == code


def test_unknown_ticket_and_two_wishes_at_once_are_told(code: str) -> None:
    assert run("ticket", str(uuid4())).exit_code == 1
    assert run("ticket", code, "--qr", "--json").exit_code == 2


# -- ics


@pytest.mark.usefixtures("code")
def test_calendar_is_printed_or_written_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "yoga.ics"
    assert run("ics", "yoga", "--output", str(file)).exit_code == 0
    printed = run("ics", "yoga", "--from", str(TOMORROW), "--to", str(TOMORROW))
    assert printed.stdout_bytes == file.read_bytes()
    (event,) = Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    assert (event["SUMMARY"], event["DTSTART"].params["TZID"]) == ("Yoga", "Asia/Kolkata")
    assert run("ics", "nothing").exit_code == 1
    assert run("ics", "yoga", "--space", "1").exit_code == 2
    unwritable = run("ics", "yoga", "--output", str(tmp_path))
    assert (unwritable.exit_code, unwritable.stderr.splitlines()[0][:19]) == (1, "error: cannot write")
    assert run("ics", "--space", "7").exit_code == 1
